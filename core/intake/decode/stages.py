"""The stages of the pipeline: ways to look at one region, cheapest first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.intake.decode.regions import Region
from core.intake.types import Corners, Gray
from core.intake.vision import cv2

STRIPS = 16
CUT_SHARE = 0.9  # of a region's height: the ends of its bars are ragged
MARGIN = 0.08  # of the length, on both ends: the quiet zone
FEWEST_EDGES = 18  # a code of four characters has 41; half of them may be blurred away
MANY_EDGES = 36  # of two thirds of a code at least; lines of print on each other have fewer
FLATTEST = 16.0  # grey levels between bars and spaces, after sharpening
ALIKE = 0.3  # of the brightness changes along the code, what all strips share: print has less
LEANS = (0, -36, -24, -12, -6, 6, 12, 24, 36)  # samples from the first strip to the middle one
LONGEST = 6000  # pixels of a cut-out
WINDOWS = ((81, 11), (47, 9), (33, 7))  # samples x rows in which bars lean one way
WIDER = 2.1  # times a region's length, in which the ends of its bars are looked for
BAR_ENDS = 0.4  # of the edges in a region's middle: fewer, and the bars have ended
QUIET = 1.06  # times the bars' length: half of a short code's quiet zones
REACH = 0.06  # of the length, over which the strength of bars is averaged
# In which a code is followed: times its length; of its heights and, as it may turn, of its length.
FAR, TALL, TURN = 2.4, 2.0, 0.5
CORE = 0.6  # of the region's length and height: bars, whatever its ends hold
REACHED = 0.6  # of REACH, by which the average of both ends' bars goes on beyond them
LOWEST = 8.0  # pixels of a code that is followed
AS_HIGH = 0.5  # of the usual height: where bars are lower, the code has ended
SAME_BARS = 0.5  # correlation of a row with a code's own: it goes on there
LOCAL = 89  # samples in which a row is compared with the others: about three symbols

WIDE_MODULE = 4.5  # pixels: wider narrow bars are looked at with fewer samples
SAMPLES = 3.0  # a module, in such looks

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Cut:
    """A region turned upright, `zoom` samples a picture pixel along the code; `to_picture` is the
    2 x 3 affine map from its (sample, row) to picture pixels."""

    rows: Gray
    zoom: float
    to_picture: NDArray[np.float32]

    def corners(self, left: float, right: float) -> Corners:
        """The code's own corners between two samples: as high as its bars reach."""
        return self.outline(left, right, *bar_rows(self.rows))

    def placed(self, corners: Corners) -> Corners:
        """Corners in the cut-out (samples, rows) in the picture's pixels."""
        points = [self.to_picture @ np.array([x, y, 1.0]) for x, y in corners]
        return tuple((float(x), float(y)) for x, y in points)

    def outline(self, left: float, right: float, top: float, bottom: float) -> Corners:
        """The picture's pixels for a rectangle of samples and rows."""
        return self.placed(((left, top), (right, top), (right, bottom), (left, bottom)))


def cut_out(
    gray: Gray, region: Region, zoom: float, rows: int, *, cubic: bool, turn: float = 0.0
) -> Cut:
    """The middle CUT_SHARE of the region's height, in `rows` rows; `turn` in radians."""
    angle = region.angle + turn
    length, height = region.length * (1 + 2 * MARGIN), region.height * CUT_SHARE
    width = int(min(LONGEST, max(64, length * zoom)))
    c, s = np.cos(angle), np.sin(angle)
    along, down = length / width, height / rows
    matrix = np.array(
        [
            [c * along, -s * down, region.x - c * length / 2 + s * height / 2],
            [s * along, c * down, region.y - s * length / 2 - c * height / 2],
        ],
        np.float32,
    )
    how = cv2.WARP_INVERSE_MAP | (cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR)
    cut = cv2.warpAffine(gray, matrix, (width, rows), flags=how, borderMode=cv2.BORDER_REPLICATE)
    return Cut(np.asarray(cut, np.uint8), width / length, matrix)


def in_strips(rows: Gray | Floats, strips: int = STRIPS) -> Floats:
    """The means of equally many rows: noise and scratches even out along the bars."""
    size = (rows.shape[1], strips)
    return np.asarray(cv2.resize(rows, size, interpolation=cv2.INTER_AREA), np.float32)


def sharpen(values: Floats, sigma: float, amount: float) -> Gray:
    """Unsharp across the bars only; sigma in samples."""
    soft = cv2.GaussianBlur(values, (0, 0), sigmaX=sigma, sigmaY=0.01)
    return np.asarray(np.clip(values + amount * (values - soft), 0, 255), np.uint8)


def bar_like(strips: Gray) -> bool:
    """Whether sharpened strips share FEWEST_EDGES strong edges, when bars may lean to a side."""
    values = strips.astype(np.float32)
    local = values - cv2.blur(values, (61, 1))
    squared = float(cv2.norm(local, cv2.NORM_L2SQR)) / local.size
    profile = max((_mean_row(local, lean) for lean in LEANS), key=lambda row: float(row @ row))
    low, high = np.percentile(profile, (5, 95))
    if high - low < FLATTEST or float(profile @ profile) < ALIKE * squared * len(profile):
        return False
    state = np.diff((profile > (low + high) / 2).astype(np.int8))
    return int(np.count_nonzero(state)) >= FEWEST_EDGES


def _mean_row(strips: Floats, lean: int) -> Floats:
    """The mean of strips moved by up to `lean` samples: the first one way, the last the other."""
    if lean:
        half = (len(strips) - 1) / 2
        shear = np.array([[1, lean / half, -lean], [0, 1, 0]], np.float32)
        size = (strips.shape[1], len(strips))
        moved = cv2.warpAffine(strips, shear, size, flags=cv2.INTER_NEAREST)
        strips = np.asarray(moved, np.float32)
    mean: Floats = np.asarray(cv2.reduce(strips, 0, cv2.REDUCE_AVG), np.float32)[0]
    return mean


def has_bars(gray: Gray, region: Region) -> bool:
    """Whether the middle of a region has as many edges as bars, when its rows are averaged: print
    and squares are grey then."""
    middle = replace(region, height=region.height / 3)
    profile = cut_out(gray, middle, 1.0, 8, cubic=False).rows.mean(axis=0)
    if profile.std() < FLATTEST / 2:
        return False
    state = profile > profile.mean()
    return int(np.count_nonzero(state[1:] != state[:-1])) >= MANY_EDGES


def bar_rows(rows: Gray) -> tuple[float, float]:
    """From which row of a cut-out to which (not included) rows look like those in its middle.

    All of them where none does.
    """
    values = rows.astype(np.float32)
    values = values - cv2.blur(values, (61, 1))
    count = len(values)
    middle = values[count // 4 : count - count // 4].mean(axis=0)
    norm = np.sqrt((values**2).sum(axis=1) * float((middle**2).sum())) + 1e-3
    alike = np.flatnonzero(values @ middle / norm > 0.5)
    return (float(alike[0]), float(alike[-1] + 1)) if len(alike) else (0.0, float(count))


def rows_around(rows: Gray, left: int, right: int, first: int, last: int) -> tuple[int, int]:
    """From the rows `first` to `last` up and down, as far as rows look like those, between two
    samples: where one code's bars begin and end though another stands right below."""
    values = rows[:, max(0, left) : max(left + 8, right)].astype(np.float32)
    values = values - values.mean(axis=1, keepdims=True)
    model = values[first : last + 1].mean(axis=0)
    norm = np.sqrt((values**2).sum(axis=1) * float((model**2).sum())) + 1e-3
    others = np.flatnonzero(values @ model / norm < SAME_BARS)
    above, below = others[others < first], others[others > last]
    return int(above.max(initial=-1)) + 1, int(below.min(initial=len(rows)))


# ---------------------------------------------------------------- bent and leaning bars


def grown(gray: Gray, region: Region) -> Region:
    """The region up to where its bars end: of a bent code the search often finds one part only."""
    wide = cut_out(gray, replace(region, length=region.length * WIDER), 1.0, STRIPS, cubic=False)
    strength = _bar_strength(wide.rows)
    size = len(strength)
    reach = max(5, int(region.length * wide.zoom * REACH))
    strength = cv2.blur(strength[None], (reach, 1))[0]
    half = region.length * wide.zoom / 2
    first, last = int(size / 2 - half * 0.9), int(size / 2 + half * 0.9)
    faint = np.flatnonzero(strength <= BAR_ENDS * float(np.median(strength[first:last])))
    left = max((int(x) for x in faint if x <= first), default=0) + reach // 2 - 1
    right = min((int(x) for x in faint if x >= last), default=size - 1) - reach // 2 + 1
    moved = ((left + right) / 2 - size / 2) / wide.zoom
    return replace(
        region,
        x=region.x + moved * math.cos(region.angle),
        y=region.y + moved * math.sin(region.angle),
        length=QUIET * (right - left) / wide.zoom,
    )


def _bar_strength(rows: Gray) -> Floats:
    """For each column how much stronger its edges across are than those along the bars."""
    strength: Floats = _strengths(rows).mean(axis=0)
    return strength


def _strengths(rows: Gray) -> Floats:
    """The same for each pixel but the outermost."""
    values = rows.astype(np.float32)
    across = np.abs(values[1:-1, 2:] - values[1:-1, :-2])
    along = np.abs(values[2:, 1:-1] - values[:-2, 1:-1])
    strengths: Floats = np.maximum(across - along, 0)
    return strengths


def followed(gray: Gray, region: Region) -> Region | None:
    """The region along its code, where that turns away from its bars' direction or goes on beyond
    the region; None where the region's middle shows no bars. The cells of the search are coarser
    than a code's own edges, and bars that lean turn a region away from its code."""
    height = (TALL * region.height + TURN * region.length) / CUT_SHARE
    wide = replace(region, length=FAR * region.length, height=height)
    cut = cut_out(gray, wide, 1.0, round(height * CUT_SHARE), cubic=False)
    reach = max(5, int(region.length * REACH))
    strengths = cv2.blur(_strengths(cut.rows), (reach | 1, max(3, reach // 2) | 1))
    rows, columns = strengths.shape
    high, long = (int(CORE / 2 * side) for side in (region.height, region.length))
    across = slice(columns // 2 - long, columns // 2 + long + 1)
    core = (slice(rows // 2 - high, rows // 2 + high + 1), across)
    bars = (strengths > BAR_ENDS * float(np.median(strengths[core]))).astype(np.uint8)
    count, labels = cv2.connectedComponents(bars, connectivity=4)
    sizes = np.bincount(labels[core].ravel(), minlength=count)
    sizes[0] = 0
    if not sizes.any():
        return None
    return _along(region, cut, labels == int(sizes.argmax()), across, reach)


def _along(
    region: Region, cut: Cut, bars: NDArray[np.bool_], across: slice, reach: int
) -> Region | None:
    """The rectangle of a code's bars in a cut-out, by the line that their middles lie on. Of the
    columns `across` most show its usual height."""
    heights = bars.sum(axis=0)
    usual = float(np.median(heights[across]))
    columns = np.flatnonzero(heights > AS_HIGH * usual)
    if len(columns) < 2:
        return None
    middles = np.arange(len(bars)) @ bars[:, columns] / heights[columns]
    slope, start = np.polyfit(columns, middles, 1)
    x = (columns[0] + columns[-1]) / 2
    at = cut.to_picture @ np.array([x + 1, slope * x + start + 1, 1.0])
    turn = math.atan(slope)
    length = float(columns[-1] - columns[0] + 1 - REACHED * reach) / cut.zoom / math.cos(turn)
    return replace(
        region,
        x=float(at[0]),
        y=float(at[1]),
        angle=region.angle + turn,
        length=QUIET * length,
        height=max(LOWEST, usual * math.cos(turn)),
    )


def straighten(rows: Gray) -> Floats:
    """Bars stood upright where film is wrinkled or the label is seen aslant: the lean of the edges
    (structure tensor) is measured in smaller and smaller windows and undone row by row."""
    source = rows.astype(np.float32)
    height, width = source.shape
    xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    shift, now = np.zeros_like(source), source
    for window in WINDOWS:
        soft = cv2.GaussianBlur(now, (0, 0), sigmaX=1.2, sigmaY=1)
        gx = cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=1)
        gy = cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=1)
        lean = -cv2.blur(gx * gy, window) / (cv2.blur(gx * gx, window) + 4)
        lean = cv2.blur(np.clip(lean, -2, 2), (window[0] // 2, 1))
        moved = np.cumsum(lean, axis=0)
        shift += moved - moved[height // 2]
        moved_to = cv2.remap(
            source, xs + shift, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        now = np.asarray(moved_to, np.float32)
    return now


def averaged(straight: Floats) -> Floats:
    """One row: at each place the mean of those rows that look like the others there, because a
    code seen aslant runs out of the cut-out at its ends."""
    strips = in_strips(straight, 2 * STRIPS)
    local = strips - cv2.blur(strips, (LOCAL, 1))
    power = cv2.blur(local * local, (LOCAL, 1)) + 4
    model = local[STRIPS // 2 : -STRIPS // 2].mean(axis=0, keepdims=True)
    weights = np.ones_like(local)
    for _ in range(3):
        norm = np.sqrt(power * (cv2.blur(model * model, (LOCAL, 1)) + 4))
        weights = np.clip(cv2.blur(local * model, (LOCAL, 1)) / norm - 0.4, 0.005, 1) ** 2
        model = (weights * local).sum(axis=0, keepdims=True) / weights.sum(axis=0, keepdims=True)
    return np.asarray((weights * strips).sum(axis=0) / weights.sum(axis=0), np.float32)


# ---------------------------------------------------------------- what the readers are given


@dataclass(frozen=True)
class RegionView:
    """One look at a region: sharpened strips, and the cut-out they come from."""

    name: str
    strips: Gray
    cut: Cut


def views(gray: Gray, region: Region) -> Iterator[RegionView]:
    """The cheap look first: a few rows of the region at twice its size. Then a finer one or, where
    a module has many pixels, coarser ones: sharpening those would sharpen the print's grain."""
    quick = cut_out(gray, region, 2.0, 2 * STRIPS, cubic=False)
    strips = in_strips(quick.rows)
    yield RegionView("upright", sharpen(strips, 2.0, 2.0), quick)
    module = narrow(strips) / quick.zoom
    if module > WIDE_MODULE:
        for samples in (SAMPLES, 2 * SAMPLES):
            coarse = coarser(quick, samples / module)
            yield RegionView("coarse", sharpen(in_strips(coarse.rows), 2.0, 2.0), coarse)
    fine = cut_out(gray, region, 3.0, 3 * STRIPS, cubic=True)
    yield RegionView("fine", sharpen(in_strips(fine.rows), 3.0, 2.0), fine)


def coarser(cut: Cut, zoom: float) -> Cut:
    """The same with fewer samples a pixel, each the mean of those it stands for."""
    size = (max(64, round(cut.rows.shape[1] * zoom / cut.zoom)), cut.rows.shape[0])
    if size[0] >= cut.rows.shape[1]:
        return cut
    rows = cv2.resize(cut.rows, size, interpolation=cv2.INTER_AREA)
    step = cut.rows.shape[1] / size[0]
    to_picture = cut.to_picture * np.array([[step, 1.0, 1.0]], np.float32)
    return Cut(np.asarray(rows, np.uint8), cut.zoom / step, to_picture)


def narrow(strips: Floats) -> float:
    """Samples of a narrow bar or space, about: the lower third of widths between clear edges."""
    row = cv2.GaussianBlur(strips.mean(axis=0)[None], (0, 0), 1.5)[0]
    local = row - cv2.blur(row[None], (81, 1))[0]
    clear = float(np.percentile(np.abs(local), 90)) * 0.3
    state = np.where(local > clear, 1, np.where(local < -clear, -1, 0))
    places = np.flatnonzero(state)
    turns = places[1:][np.diff(state[places]) != 0]
    return float(np.percentile(np.diff(turns), 30)) if len(turns) > FEWEST_EDGES else 0.0


@dataclass(frozen=True)
class Straightened:
    """The costly look: bars stood upright, as strips and as averages of rows (all, halves)."""

    view: RegionView
    profile: Floats
    upper: Floats
    lower: Floats

    def edges(self) -> int:
        """Changes between bar and space that are clear of a third of the local contrast."""
        local = self.profile - cv2.blur(self.profile[None], (41, 1))[0]
        clear = float(np.percentile(np.abs(local), 90)) * 0.3
        state = np.where(local > clear, 1, np.where(local < -clear, -1, 0))
        return int(np.count_nonzero(np.diff(state[state != 0])))

    def alike(self) -> float:
        """The correlation of the upper half's brightness along the code with the lower half's."""
        upper, lower = (
            row - cv2.blur(row[None], (LOCAL, 1))[0] for row in (self.upper, self.lower)
        )
        return float(upper @ lower) / (float(np.sqrt((upper @ upper) * (lower @ lower))) + 1e-3)


def straightened(gray: Gray, region: Region) -> Straightened:
    """Cut out with four rows a strip, so that bars can be followed from row to row."""
    cut = cut_out(gray, region, 2.0, 4 * STRIPS, cubic=True)
    module = narrow(in_strips(cut.rows)) / cut.zoom
    if module > 2 * WIDE_MODULE:  # blur makes two of one narrow bar and its neighbour
        cut = coarser(cut, 1.5 * SAMPLES / module)
    straight = straighten(cut.rows)
    view = RegionView("straightened", sharpen(in_strips(straight), 2.0, 2.0), cut)
    half = len(straight) // 2
    return Straightened(
        view, averaged(straight), averaged(straight[:half]), averaged(straight[half:])
    )


def tall(profile: Floats, amount: float) -> Gray:
    """A sharpened row as a picture: every line of it is the same, so it is one witness only."""
    line = sharpen(np.ascontiguousarray(profile[None]), 2.0, amount)
    return np.ascontiguousarray(np.repeat(line, STRIPS, axis=0))
