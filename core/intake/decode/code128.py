"""Reads Code 128 from one averaged brightness profile by fitting blurred symbols to it.

Thresholding readers need to see every narrow bar. Where blur has drowned them, a whole symbol
(11 modules, ISO/IEC 15417) can still be told from the 105 others by its shape: each place is
compared with every symbol as it looks under the same blur, and the cheapest chain of symbols from a
start to a stop character wins. The check character then has to agree.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.intake.decode.code128_text import STARTS, one_changed, text_of
from core.intake.vision import cv2

Floats = NDArray[np.float32]

# Bars and spaces of symbols 0 to 105, six widths each (ISO/IEC 15417, table 1).
_TABLE = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231"
    "113222123122123221223211221132221231213212223112312131311222321122321221312212322112322211"
    "212123212321232121111323131123131321112313132113132311211313231113231311112133112331132131"
    "113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111"
    "314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211"
    "241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214"
    "211232"
)
WIDTHS = [_TABLE[first : first + 6] for first in range(0, len(_TABLE), 6)]
STOP = "2331112"
MODULES = 11
FINE = 4  # samples a module
BLURS = (0.42, 0.55, 0.68, 0.82)  # standard deviation of the blur, in modules
USUAL = 1  # of BLURS: the one that places are looked for with
GRID = 1.03  # from one width that is tried to the next
BAND = 9  # widths to either side of the ends' own: wrinkles and slant change it along the code
ENDS_GRID = 1.07  # the same, while only the ends are looked for
LEAP = 4  # widths between neighbours
STIFF = 0.001  # cost of a leap of one width; it grows with the square
# Windows multiplied at once, and multiplications: a larger product is shared among threads by the
# algebra library (OpenBLAS from 262,144 or a million on), whose waiting for each other cost up to a
# second of CPU a code.
BLOCK, PRODUCT = 160, 240_000
LONGER = 1.1  # times the symbols that fit into the profile at the usual width: no chain has more
FEWEST, MOST = 5, 28  # symbols with start and check character, without stop
OPENING, CLOSING = 0.2, 0.7  # shares of the profile: starts lie before, stops after
ENDS_FIT = 1.65  # correlations of start and stop pattern, together
DEAREST = 0.085  # mean cost of a chain above which it is not worth a closer look
DEAREST_CHANGE = 0.1  # of likeness lost at one symbol so that the check character agrees
CHAINS = 3  # lengths of which the text is worked out


@dataclass(frozen=True)
class Fit:
    """One chain of symbols. `cost`: mean of 1 - correlation; `margin`: how much worse, at the
    least certain symbol, the next best one is (negative: that symbol had to give way to another
    for the check character to agree); `ends`: the cost of the start or stop pattern with
    its quiet zone, whichever is higher; `begin`, `end`: samples of the profile."""

    text: str
    cost: float
    margin: float
    ends: float
    begin: float
    end: float


@dataclass(frozen=True)
class Ends:
    """The start and stop pattern a profile holds: the width of symbols (samples) at which they fit
    best, how well both do (2 is perfect), and whether the code runs from right to left."""

    width: float
    fit: float
    backwards: bool = False


def find_ends(profile: Floats) -> Ends | None:
    """Whether a profile begins and ends like Code 128, in either direction; None if not."""
    forwards = _ends(_row(profile, backwards=False))
    backwards = _ends(_row(profile, backwards=True))
    best = max(forwards, replace(backwards, backwards=True), key=lambda ends: ends.fit)
    return best if best.fit >= ENDS_FIT else None


def decode(profile: Floats, ends: Ends | None = None) -> Fit | None:
    """The best chain whose check character agrees. The profile is a row of brightness with quiet
    zones, three samples or more a module; `ends` as found in it or in a row beside it."""
    ends = ends or find_ends(profile)
    if ends is None:
        return None
    fits = list(_chains(_row(profile, backwards=ends.backwards), ends))
    whole = [fit for fit in fits if fit.margin >= 0]
    best = min(whole or fits, key=lambda fit: fit.cost + fit.ends / len(fit.text), default=None)
    if best is None or not ends.backwards:
        return best
    size = len(profile) - 1
    return replace(best, begin=size - best.begin, end=size - best.end)


def _row(profile: Floats, *, backwards: bool) -> Row:
    return Row(np.ascontiguousarray(profile[::-1] if backwards else profile, np.float32))


# ---------------------------------------------------------------- what symbols look like


def _blurred(patterns: Sequence[str], before: int, after: int, blur: float) -> Floats:
    """Patterns of one length between a space of `before` and a bar of `after` modules, a row each;
    1 is white."""
    side = 5
    rows = []
    for pattern in patterns:
        modules = [0.0] * (side - before) + [1.0] * before
        for place, width in enumerate(pattern):
            modules += [float(place % 2)] * int(width)
        rows.append(modules + [0.0] * after + [1.0] * (side - after))
    fine = np.repeat(np.array(rows, np.float32), FINE, axis=1)
    soft = cv2.GaussianBlur(fine, (0, 0), sigmaX=blur * FINE, sigmaY=0.01)
    return np.ascontiguousarray(soft[:, side * FINE : -side * FINE])


def unit(rows: Floats) -> Floats:
    """Each row without its mean and of length 1."""
    centred = rows - rows.mean(axis=-1, keepdims=True)
    norm = np.sqrt((centred**2).sum(axis=-1, keepdims=True))
    return np.asarray(centred / np.maximum(norm, 1e-3), np.float32)


@functools.cache
def bank(blur: int, before: int, after: int) -> Floats:
    """103 data symbols x 44 samples, each of mean 0 and length 1."""
    return unit(_blurred(WIDTHS[:103], before, after, BLURS[blur]))


@functools.cache
def end_bank(blur: int) -> tuple[Floats, Floats]:
    """Three start patterns after two modules of quiet zone; the stop pattern before two."""
    starts = _blurred([WIDTHS[symbol] for symbol in STARTS], 5, 2, BLURS[blur])
    stop = _blurred([STOP], 2, 0, BLURS[blur])
    quiet = np.ones((3, 2 * FINE), np.float32)
    return unit(np.hstack([quiet, starts])), unit(np.hstack([stop, quiet[:1]]))


@functools.cache
def start_bank(blur: int) -> Floats:
    """The three start patterns without what stands before them."""
    return unit(end_bank(blur)[0][:, 2 * FINE :])


# ---------------------------------------------------------------- where the code begins and ends


def _sampled(profile: Floats, begins: NDArray[np.float64], steps: Floats) -> Floats:
    """The profile at begin + step for all pairs (linear): len(begins) x len(steps)."""
    places = np.clip(begins[:, None] + steps[None, :], 0, len(profile) - 1.001)
    low = places.astype(np.int32)
    part = (places - low).astype(np.float32)
    return np.asarray(profile[low] * (1 - part) + profile[low + 1] * part, np.float32)


def _steps(width: float, modules: float, first: float = 0.0) -> Floats:
    """Sample offsets for `modules` modules from module `first`, for symbols of this width."""
    count = round(modules * FINE)
    return np.asarray((first + (np.arange(count) + 0.5) / FINE) * width / MODULES, np.float32)


class Row:
    """A profile with its running sums, from which each window's mean and spread are read."""

    def __init__(self, values: Floats) -> None:
        self.values = np.ascontiguousarray(values, np.float32)
        self._sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
        self._squares = np.concatenate([[0.0], np.cumsum(np.square(values, dtype=np.float64))])

    def __len__(self) -> int:
        return len(self.values)

    def likeness(self, name: str, width: int, first: int = 0, last: int | None = None) -> Floats:
        """Correlation of each window of `width` samples between two samples with a bank's best
        row, by window start."""
        last = len(self) if last is None else min(last, len(self))
        size = last - first - width + 1
        if size < 1:
            return np.zeros(0, np.float32)
        rows = _drawn(name, width)
        step = self.values.itemsize
        windows = np.ndarray((size, width), np.float32, self.values, first * step, (step, step))
        best = np.empty(size, np.float32)
        most = max(1, min(BLOCK, PRODUCT // rows.size))
        for begin in range(0, size, most):
            count = min(most, size - begin)
            block = np.ascontiguousarray(windows[begin : begin + count])  # which BLAS can take
            best[begin : begin + count] = (rows @ block.T).max(axis=0)
        ends, starts = slice(first + width, last + 1), slice(first, last - width + 1)
        sums = self._sums[ends] - self._sums[starts]
        spread = self._squares[ends] - self._squares[starts] - sums * sums / width
        return np.asarray(best / np.sqrt(np.maximum(spread, 1.0)), np.float32)


@functools.lru_cache(maxsize=256)
def _drawn(name: str, width: int) -> Floats:
    """A bank's rows drawn with `width` samples each: rows x width."""
    starts, stop = end_bank(USUAL)
    drawn = {"data": bank(USUAL, 2, 2), "start": starts, "stop": stop}[name]
    fine = drawn.shape[1]
    places = (np.arange(width) + 0.5) * fine / width - 0.5
    low = np.clip(places.astype(np.int32), 0, fine - 2)
    part = np.clip(places - low, 0, 1).astype(np.float32)
    return np.ascontiguousarray(unit(drawn[:, low] * (1 - part) + drawn[:, low + 1] * part))


def _ends(profile: Row) -> Ends:
    """The width at which the left side looks most like a start and the right like a stop."""
    size = len(profile)
    best = Ends(0.0, 0.0)
    right = int(size * CLOSING)
    width = max(2.5 * MODULES, size * 0.75 / (MOST + 1.2))
    while width < size / (FEWEST + 1.2):
        module = width / MODULES
        left = int(size * OPENING + 13 * module)
        opening = profile.likeness("start", round(13 * module), 0, left).max(initial=0.0)
        closing = profile.likeness("stop", round(15 * module), right).max(initial=0.0)
        best = max(best, Ends(width, float(opening + closing)), key=lambda one: one.fit)
        width *= ENDS_GRID
    return best


# ---------------------------------------------------------------- the chain of symbols


@dataclass(frozen=True)
class _Costs:
    """What a symbol costs, by width (rows) and the sample it begins at (columns)."""

    widths: NDArray[np.int64]
    start: Floats
    data: Floats
    stop: Floats


def _costs(profile: Row, ends: Ends) -> _Costs:
    grid = ends.width * GRID ** np.arange(-BAND, BAND + 1)
    widths = np.unique(np.round(grid).astype(np.int64))
    size = len(profile)
    shape = (len(widths), size)
    costs = _Costs(widths, *(np.full(shape, np.inf, np.float32) for _ in range(3)))
    for row, width in enumerate(widths):
        module = float(width) / MODULES
        _fill(costs.data[row], profile.likeness("data", int(width)), 0)
        left = int(size * OPENING + 13 * module)
        quiet = round(2 * module)  # the pattern follows a quiet zone, the symbol begins after it
        _fill(costs.start[row], profile.likeness("start", round(13 * module), 0, left), quiet)
        first = int(size * CLOSING)
        _fill(costs.stop[row], profile.likeness("stop", round(15 * module), first), first)
    return costs


def _fill(costs: Floats, likeness: Floats, first: int) -> None:
    costs[first : first + len(likeness)] = 1 - likeness[: len(costs) - first]


def _chains(profile: Row, ends: Ends) -> Iterator[Fit]:
    """Texts of the cheapest chains, one for each of the likeliest numbers of symbols."""
    costs = _costs(profile, ends)
    totals, ways = _forward(costs)
    counts = sorted(totals, key=lambda count: totals[count][0])[:CHAINS]
    if not counts or totals[counts[0]][0] > DEAREST:
        return
    for count in counts:
        row, end = totals[count][1:]
        cuts, first = _backward(costs, ways, count, row, end)
        around = max(float(costs.start[first, int(cuts[0])]), float(costs.stop[row, end]))
        fit = _read(profile.values, cuts, around)
        if fit is not None:
            yield fit


def _step(costs: _Costs, best: Floats, own: Floats, low: int, high: int) -> Floats:
    """One symbol more: the cost of the cheapest way to each (width, end). Symbols before end
    between `low` and `high`."""
    rows, size = best.shape
    before = best[:, low:high]
    cheapest = before.copy()
    for leap in [*range(-LEAP, 0), *range(1, LEAP + 1)]:
        first, last = max(0, leap), min(rows, rows + leap)
        other = before[first - leap : last - leap] + STIFF * leap**2
        np.minimum(cheapest[first:last], other, out=cheapest[first:last])
    after = np.full(best.shape, np.inf, np.float32)
    for row, width in enumerate(costs.widths):
        end = min(size, high + width)
        count = max(0, end - width - low)
        after[row, end - count : end] = cheapest[row, :count] + own[row, low : low + count]
    return after


def _forward(costs: _Costs) -> tuple[dict[int, tuple[float, int, int]], list[Floats]]:
    """For each number of symbols the mean cost, and the width and end of the last symbol; and the
    cost of the way to each (width, end), by the number of symbols before it."""
    ways = [np.zeros(costs.data.shape, np.float32)]
    totals: dict[int, tuple[float, int, int]] = {}
    size = costs.data.shape[1]
    most = min(MOST, round(LONGER * size / float(np.median(costs.widths))))
    low, high = 0, round(size * OPENING + 15 * costs.widths[-1] / MODULES)
    for count in range(1, most + 1):
        ways.append(_step(costs, ways[-1], costs.data if count > 1 else costs.start, low, high))
        low, high = low + int(costs.widths[0]), min(size, high + int(costs.widths[-1]))
        closed = ways[-1] + costs.stop
        row, end = np.unravel_index(int(closed.argmin()), closed.shape)
        if count >= FEWEST and np.isfinite(closed[row, end]):
            totals[count] = (float(closed[row, end]) / (count + 1), int(row), int(end))
    return totals, ways


def _backward(
    costs: _Costs, ways: list[Floats], count: int, row: int, end: int
) -> tuple[list[float], int]:
    """Where each symbol of a chain begins and the last one ends; the first one's width (row)."""
    cuts = [end]
    for number in range(count - 1, -1, -1):
        cuts.append(cuts[-1] - int(costs.widths[row]))
        if number:
            first = max(0, row - LEAP)
            before = ways[number][first : row + LEAP + 1, cuts[-1]]
            leaps = np.arange(first - row, first - row + len(before))
            row += int(leaps[(before + STIFF * leaps**2).argmin()])
    return [float(cut) for cut in reversed(cuts)], row


def _read(profile: Floats, cuts: list[float], ends: float) -> Fit | None:
    """The symbols between the cuts, checked; None when they are no Code 128 text, and would not be
    with one symbol changed."""
    places = [
        _sampled(profile, np.array([a]), _steps(b - a, MODULES))
        for a, b in itertools.pairwise(cuts)
    ]
    segments = unit(np.concatenate(places))
    likeness = [(segments[1:] @ bank(blur, 2, 2).T).max(axis=1).sum() for blur in range(len(BLURS))]
    symbols, table = _in_context(segments, int(np.argmax(likeness)))
    ordered = np.partition(table, -2, axis=1)
    cost, margin = (
        float((1 - ordered[:, -1]).mean()),
        float((ordered[:, -1] - ordered[:, -2]).min()),
    )
    text = text_of(symbols)
    if text is None:
        loss, text = min(_mended(symbols, table), default=(0.0, None))
        margin = -loss
    if text is None or margin <= -DEAREST_CHANGE:
        return None
    end = cuts[-1] + (cuts[-1] - cuts[-2]) * 13 / MODULES
    return Fit(text, cost, margin, ends, cuts[0], end)


def _mended(symbols: list[int], table: Floats) -> Iterator[tuple[float, str]]:
    """The texts that one other symbol gives, and what it costs more than the likeliest."""
    for place, other, text in one_changed(symbols):
        yield float(table[place - 1].max() - table[place - 1, other]), text


def _in_context(segments: Floats, blur: int) -> tuple[list[int], Floats]:
    """Symbols, and the likeness of each place (rows, without the start) to each data symbol; each
    compared as it looks between its neighbours."""
    first = int((segments[0] @ start_bank(blur).T).argmax())
    symbols = [STARTS[first], *(segments[1:] @ bank(blur, 2, 2).T).argmax(axis=1)]
    table = np.zeros((0, 103), np.float32)
    for _ in range(2):
        scores = []
        for place in range(1, len(symbols)):
            before = int(WIDTHS[symbols[place - 1]][-1])
            after = int(WIDTHS[symbols[place + 1]][0]) if place + 1 < len(symbols) else 2
            scores.append(segments[place] @ bank(blur, before, after).T)
        table = np.array(scores, np.float32)
        symbols = [symbols[0], *(int(one) for one in table.argmax(axis=1))]
    return symbols, table
