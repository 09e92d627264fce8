"""Whether the bars of a code stand on one grid, as one printer set them.

Halves of two codes glued to each other, and a fold that hides a piece of paper, read like one
number where a reader is generous with widths. Bars on the two sides of such a seam stand a part of
a module apart: edges are measured and compared with where the text has them.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from core.intake.decode import stages
from core.intake.decode.readers import ReaderFound
from core.intake.decode.regions import Region
from core.intake.types import Gray
from core.intake.vision import cv2

Floats = NDArray[np.float64]

STRIPS = 12
SAMPLES = 8.0  # a module, at least two a pixel
AGREEING = 1.5  # times the best strip's misfit: others see a scratch, or run out of the code
MISFIT = 2.5  # modules: what lies farther off is no such code
FEWEST_STRIPS = 3
ALOOF = 8  # edges that must lie on each side of a seam
# All of 14 codes glued off the grid and read as one had steps from .48 modules, gains from 1.38;
# of 80 drawn ones in one piece none came near, of 280 on curved goods one in 20 did.
STEP, GAIN = 0.4, 1.35

# Elements of a character after which a gap of any width may stand (ISO/IEC 16388; EN 798).
PER_CHARACTER = {"Code39": 10, "Codabar": 8}
TWO_WIDTHS = frozenset({"Code39", "Codabar", "ITF"})


@dataclass(frozen=True)
class Seam:
    """The likeliest seam: modules that one side of it is away from where it should be, and how many
    times better (squares of misfits) the edges are explained with than without it."""

    step: float
    gain: float

    @property
    def real(self) -> bool:
        """Whether the code is no single print lying flat."""
        return self.step >= STEP and self.gain >= GAIN


def seam(found: ReaderFound, gray: Gray) -> Seam | None:
    """The likeliest seam of a code (corners in pixels of `gray`); None where its edges cannot be
    told apart or what a printer makes of its text is not known."""
    widths = _widths(found.text, found.format)
    if widths is None or len(widths) < 4 * ALOOF:
        return None
    model = _Model(widths, found.format)
    edges = _edges(found, gray, model)
    return None if edges is None else model.seam(edges)


@functools.lru_cache(256)
def _widths(text: str, kind: str) -> NDArray[np.int64] | None:
    """The widths of bars and spaces in modules, as a printer sets them."""
    try:
        code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
        image = np.array(code.to_image(add_quiet_zones=False))
    except ValueError:
        return None
    dark = image[image.shape[0] // 3] < 128
    turns = np.flatnonzero(np.diff(np.r_[False, dark, False]))
    return np.diff(turns)


class _Model:
    """Where edges lie as a sum of unknowns: the widths of a printer's elements, how much its ink
    runs, and paper that is seen aslant or bends (powers of the place)."""

    def __init__(self, widths: NDArray[np.int64], kind: str) -> None:
        count = len(widths)
        parts = [np.ones(count, bool)]
        if kind in TWO_WIDTHS:
            gap = np.zeros(count, bool)
            if kind in PER_CHARACTER:
                gap[PER_CHARACTER[kind] - 1 :: PER_CHARACTER[kind]] = True
            wide = (widths > widths.min()) & ~gap
            parts = [part for part in (~wide & ~gap, wide, gap) if part.any()]
        units = [widths / (widths[part].min() if kind in TWO_WIDTHS else 1) for part in parts]
        ways = [np.r_[0, np.cumsum(unit * part)] for unit, part in zip(units, parts, strict=True)]
        self.modules = float(widths.sum())
        place = np.linspace(-1, 1, count + 1)
        ink = np.where(np.arange(count + 1) % 2, -0.5, 0.5)
        self.terms = np.stack([*ways, np.ones(count + 1), ink, place**2, place**3, place**4], 1)
        self._base = np.linalg.qr(self.terms)[0]

    def misfit(self, edges: Floats) -> Floats:
        """What of each edge's place is not explained; edges x anything."""
        rest: Floats = edges - self._base @ (self._base.T @ edges)
        return rest

    def seam(self, edges: Floats) -> Seam:
        """The step that explains most of the misfit; edges in modules."""
        rest = self.misfit(edges)
        count = len(rest)
        after = np.tri(count, dtype=float)[:, ALOOF : count - ALOOF]
        steps = self.misfit(after)
        power = (steps**2).sum(axis=0)
        sizes = steps.T @ rest / power
        total = float(rest @ rest)
        left = np.maximum(total - sizes**2 * power, 1e-6)
        best = int(np.argmin(left))
        return Seam(abs(float(sizes[best])), total / float(left[best]))


def _edges(found: ReaderFound, gray: Gray, model: _Model) -> Floats | None:
    """The places of all edges in modules, the median of the strips that agree best."""
    corners = np.array(found.corners)
    left, right = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
    down = (corners[2] + corners[3] - corners[0] - corners[1]) / 2
    length = math.hypot(*(right - left))
    if length < model.modules / 2:
        return None
    (x, y), angle = (left + right) / 2, math.atan2(*(right - left)[::-1])
    zoom = max(2.0, SAMPLES * model.modules / length)
    region = Region(x, y, angle, length, math.hypot(*down))
    cut = stages.cut_out(gray, region, zoom, 4 * STRIPS, cubic=True)
    strips = stages.sharpen(stages.in_strips(cut.rows, STRIPS), cut.zoom, 2.0)
    module = length / model.modules * cut.zoom
    matched = _matched([turns / module for turns in _turns(strips, module)], model)
    if len(matched) < FEWEST_STRIPS:
        return None
    best = max(min(misfit for misfit, _ in matched), 0.05)
    agreeing = [edges for misfit, edges in matched if misfit <= AGREEING * best]
    return np.asarray(np.median(agreeing, axis=0), float)


def _matched(strips: Sequence[Floats], model: _Model) -> list[tuple[float, Floats]]:
    """Of each strip the edges that fit best, either way round, from the first one on, and their
    misfit; in modules. None of a strip in which nothing fits."""
    count = len(model.terms)
    strips = [places for places in strips if len(places) >= count]
    if not strips:
        return []
    inside = np.arange(count)[:, None]
    forwards = [places[inside + np.arange(len(places) - count + 1)] for places in strips]
    ways = np.hstack([way for one in forwards for way in (one, -one[::-1])])
    ways -= ways[0]
    misfits = np.sqrt((model.misfit(ways) ** 2).mean(axis=0))
    ends = np.cumsum([2 * one.shape[1] for one in forwards])
    begins = [0, *ends[:-1].tolist()]
    best = [
        begin + int(np.argmin(misfits[begin:end]))
        for begin, end in zip(begins, ends.tolist(), strict=True)
    ]
    return [(float(misfits[one]), ways[:, one]) for one in best if misfits[one] < MISFIT]


def _turns(strips: Gray, module: float) -> list[Floats]:
    """The samples, with fractions, at which each strip crosses the middle between bar and space."""
    sigma = max(0.6, 0.15 * module)
    soft = cv2.GaussianBlur(strips.astype(np.float32), (0, 0), sigmaX=sigma, sigmaY=0.01)
    size = int(7 * module) | 1
    high, low = (way(soft, np.ones((1, size), np.uint8)) for way in (cv2.dilate, cv2.erode))
    values = soft - cv2.blur((high + low) / 2, (size, 1))
    turned = np.signbit(values[:, 1:]) != np.signbit(values[:, :-1])
    found: list[Floats] = []
    for value, turns in zip(values, turned, strict=True):
        at = np.flatnonzero(turns)
        found.append(np.asarray(at + value[at] / (value[at] - value[at + 1]), float))
    return found
