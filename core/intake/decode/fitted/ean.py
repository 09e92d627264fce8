"""Reads EAN-13 and UPC-A from one averaged brightness profile by fitting the blurred code to it.

Thresholding readers need to see every narrow bar; of a defocused photo they see none. But the code
has one length (95 modules), its guard bars stand at known places and each digit is one of twenty
patterns (ISO/IEC 15420), so the whole code can be drawn as it looks under blur and compared. Blur
makes neighbours overlap, and brightness adds up: the sum of squares is a chain of digits and of
pairs of neighbours, whose cheapest way with a right check digit is found exactly (Viterbi). Place,
width, bend, light and blur are then fitted to that text, and the digits looked for again.
Source of the idea: Gallo & Manduchi, "Reading 1D Barcodes with Mobile Phones Using Deformable
Templates" (IEEE PAMI 33, 2011); Kresic-Juric et al. on blurred bars; nothing of theirs is used.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.intake.decode.fitted.ean_drawn import (
    BLURS,
    FINE,
    MODULES,
    QUIET,
    REACH,
    SLOTS,
    Floats,
    bank,
    drawn,
    guards,
)
from core.intake.decode.fitted.ean_places import NARROWEST, Place, places

# The first digit is told by the sets of the six digits after it (ISO/IEC 15420).
_FIRST = (
    *("AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB"),
    *("ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA"),
)
WEIGHTS = (3, 1) * 6

FIRST_BLUR = 4  # of BLURS: with which a fit begins
UNLIKE = 0.38  # of the variance, left by the likeliest patterns at the best place: no code
HOPELESS = 0.4  # of the variance, left after two turns
FAINTEST = 4.0  # grey levels between bars and spaces
ENDING = 2  # fits that are followed to the end
TURNS = 4
ALOOF = 5  # pairs of modules on both sides of a seam, with the quiet zones
SEAM_GAIN = 0.2  # of what is left, explained by a seam
FOLD = 14  # modules: where a fold or a stain lies, more is left than elsewhere
MOST_FOLDED = 2.0  # times the mean, what is left there of a code without one


@dataclass(frozen=True)
class Fit:
    """One text. `rest`: share of the profile's variance that it leaves unexplained; `clear`: how
    much more the next best text leaves, in times of what this one would if all of it were as the
    FOLD modules that fit least; `free`: the check digit and the sets of the first six digits agreed
    though nothing made them; `begin`, `end`: samples; `blur` in modules; `seam`:
    modules by which a part of the bars stands aside, as of two codes glued to each other."""

    text: str
    rest: float
    clear: float
    free: bool
    begin: float
    end: float
    blur: float
    seam: float = 0.0


def decode(profile: NDArray[np.float32], narrowest: float = NARROWEST) -> Fit | None:
    """The best text of a row of brightness in which a code stands with its quiet zones, either way
    round; None where nothing is like one. `narrowest`: share of the row that a code takes."""
    row = np.asarray(profile, np.float32)
    likely = places(row, narrowest)
    if not likely or likely[0].rest > UNLIKE:
        return None
    models = [_Model(row, place) for place in likely]
    for kept in (ENDING + 1, ENDING):
        for model in models:
            model.improve(1)
        models = sorted(models, key=lambda one: one.rest)[:kept]
    ended = (model.fit() for model in models if model.rest < HOPELESS)
    fits = [fit for fit in ended if fit is not None]
    best = min(fits, key=lambda fit: fit.rest, default=None)
    for fit in fits:
        if best is not None and fit.text != best.text:
            best = replace(best, clear=min(best.clear, (fit.rest / best.rest - 1) / MOST_FOLDED))
    return best


class _Model:
    """A code fitted to a row: its digits, then place, bend, light and blur, by turns."""

    def __init__(self, row: NDArray[np.float32], place: Place) -> None:
        """Begin at a place, as if the bars were as dark and as soft as they are at most."""
        self._size, self._backwards = len(row), place.backwards
        self._row = np.asarray(row[::-1] if place.backwards else row, float)
        count = (MODULES + 2 * QUIET) * FINE
        at = -QUIET + (np.arange(count) + 0.5) / FINE
        t = (at - MODULES / 2) / (MODULES / 2)
        self._powers = np.stack([np.ones(count), t, t**2, t**3])
        begin = place.begin
        if place.backwards:
            begin = len(row) - 1 - (place.begin + MODULES * place.module)
        self._spots = begin + at * place.module
        self._look()
        low, high = np.percentile(self._values, (4, 96))
        self._white, self._contrast = np.full(count, high), np.full(count, max(high - low, 1.0))
        self._blur = FIRST_BLUR
        self._turns = 0
        self.rest = math.inf

    def _look(self) -> None:
        self._values = np.interp(self._spots, np.arange(len(self._row)), self._row)

    @property
    def _dark(self) -> Floats:
        return np.asarray((self._white - self._values) / self._contrast)

    def improve(self, turns: int) -> None:
        """So many turns more. `rest`, the share of variance that is left, is infinite where there
        is no contrast."""
        for _ in range(turns):
            symbols = _cheapest(self._dark, self._blur)
            self._lit(symbols)
            dark = drawn(symbols, self._blur)
            mean = float(self._contrast.mean())
            if mean < FAINTEST or self._contrast.min() < 0.1 * mean:
                self.rest = math.inf
                return
            off = self._values - self._white + self._contrast * dark
            self.rest = float((off @ off) / (len(off) * self._values.var() + 1e-9))
            moves = self._powers * (-self._contrast * np.gradient(dark) * FINE)[None]
            stiff = np.diag([1.0, 1.0, 4.0, 4.0]) * 1e-3 * float(moves[0] @ moves[0])
            by = np.linalg.solve(moves @ moves.T + stiff + 1e-6 * np.eye(4), moves @ off)
            self._spots = self._spots - np.clip(by @ self._powers, -0.7, 0.7) * _module(self._spots)
            self._look()
            self._turns += 1

    def _lit(self, symbols: tuple[int, ...]) -> None:
        """The blur and the light (white and contrast, each a curve) that explain the row best."""
        some = range(0, len(BLURS), 2) if not self._turns else range(self._blur - 1, self._blur + 2)
        best = math.inf
        powers = self._powers[:3]
        for blur in some:
            if not 0 <= blur < len(BLURS):
                continue
            terms = np.vstack([powers, powers * drawn(symbols, blur)[None]])
            solved = np.linalg.solve(terms @ terms.T + 1e-6 * np.eye(6), terms @ self._values)
            rest = float(((self._values - solved @ terms) ** 2).sum())
            if rest < best:
                best, self._blur = rest, blur
                self._white, self._contrast = solved[:3] @ powers, -(solved[3:] @ powers)

    def _seam(self, symbols: tuple[int, ...]) -> float:
        """Modules by which one side is likeliest off the other's grid, where that explains much."""
        dark = drawn(symbols, self._blur)
        off = self._values - self._white + self._contrast * dark
        slope = -self._contrast * np.gradient(dark) * FINE
        known = np.vstack([self._powers * slope, self._powers[:3], self._powers[:3] * dark])
        aside = np.tri(len(off))[:, :: 2 * FINE].T[ALOOF:-ALOOF] * slope
        base = np.linalg.qr(known.T)[0]
        off, aside = off - base @ (base.T @ off), aside - (aside @ base) @ base.T
        power = np.maximum((aside**2).sum(axis=1), 1e-9)
        sizes = aside @ off / power
        gains = sizes**2 * power / max(float(off @ off), 1e-9)
        best = int(gains.argmax())
        return abs(float(sizes[best])) if gains[best] > SEAM_GAIN else 0.0

    def fit(self) -> Fit | None:
        """The text, after some turns more; None where there is no contrast."""
        self.improve(TURNS)
        if math.isinf(self.rest):
            return None
        symbols = _cheapest(self._dark, self._blur)
        fit = replace(
            _judged(self._dark, symbols, self._blur, self._spots), seam=self._seam(symbols)
        )
        if not self._backwards:
            return fit
        return replace(fit, begin=self._size - 1 - fit.begin, end=self._size - 1 - fit.end)


def _module(spots: Floats) -> float:
    return float(spots[-1] - spots[0]) / (len(spots) - 1) * FINE


def _costs(dark: Floats, blur: int) -> Floats:
    """What each pattern adds to the sum of squares at each of the twelve places (12 x 30)."""
    rows = bank(blur)[0]
    rest = dark - guards(blur)
    wide = rows.shape[1]
    padded = np.pad(rest, (REACH * FINE, REACH * FINE))
    parts = np.stack([padded[(slot + QUIET) * FINE :][:wide] for slot in SLOTS])
    return np.asarray((rows**2).sum(axis=1)[None] - 2 * parts @ rows.T, float)


def _cheapest(dark: Floats, blur: int) -> tuple[int, ...]:
    """The patterns that fit best, whatever the check digit says."""
    costs = _costs(dark, blur)
    _, pairs, middle = bank(blur)
    best, ways = costs[0, :20], []
    for slot in range(1, 12):
        old, new = (slice(0, 20) if one < 6 else slice(20, 30) for one in (slot - 1, slot))
        total = best[:, None] + (middle if slot == 6 else pairs)[old, new]
        ways.append(total.argmin(axis=0))
        best = total.min(axis=0) + costs[slot, new]
    now = int(best.argmin())
    backwards = [now + 20]
    for slot in range(10, -1, -1):
        now = int(ways[slot][now])
        backwards.append(now if slot < 6 else now + 20)
    return tuple(reversed(backwards))


@functools.cache
def _sets() -> NDArray[np.int64]:
    """For each first digit and place the patterns of the digits 0 to 9: 10 x 12 x 10."""
    digits = np.arange(10)
    return np.array(
        [
            [digits + (10 if one == "B" else 0) for one in sets] + [digits + 20] * 6
            for sets in _FIRST
        ]
    )


def _judged(dark: Floats, symbols: tuple[int, ...], blur: int, spots: Floats) -> Fit:
    """The cheapest text whose check digit is right, and how much dearer any other one is."""
    costs = _costs(dark, blur)
    _, pairs, middle = bank(blur)
    sets = _sets()
    own = costs[np.arange(12)[None, :, None], sets]  # first digit x place x digit
    links = [
        (middle if slot == 6 else pairs)[sets[:, slot - 1, :, None], sets[:, slot, None, :]]
        for slot in range(1, 12)
    ]
    begun = np.full((10, 10, 10), np.inf)  # first digit x digit x sum
    first = np.arange(10)
    for digit in range(10):
        begun[first, digit, (first + WEIGHTS[0] * digit) % 10] = own[:, 0, digit]
    forward = [begun]
    for slot in range(1, 12):
        came = (forward[-1][:, :, None, :] + links[slot - 1][..., None]).min(axis=1)
        forward.append(_summed(came, slot, 1) + own[:, slot, :, None])
    backward = [np.where(np.arange(10)[None, None] == 0, 0.0, np.inf) + np.zeros((10, 10, 1))]
    for slot in range(11, 0, -1):
        goes = _summed(backward[-1] + own[:, slot, :, None], slot, -1)
        backward.append((links[slot - 1][..., None] + goes[:, None]).min(axis=2))
    backward.reverse()
    whole = np.stack([(a + b).min(axis=2) for a, b in zip(forward, backward, strict=True)])
    best = float(whole[0].min())
    lead = int(whole[0].min(axis=1).argmin())
    digits = whole[:, lead].argmin(axis=1)
    others = whole[:, lead].copy()
    others[np.arange(12), digits] = np.inf
    next_best = min(float(others.min()), float(np.delete(whole[0], lead, axis=0).min()))
    power = float(((dark - guards(blur)) ** 2).sum())
    rest, other = max(best + power, 1e-6), max(next_best + power, 1e-6)
    spread = float(((dark - dark.mean()) ** 2).sum())
    text = f"{lead}" + "".join(map(str, digits))
    right = tuple(int(sets[lead, slot, digit]) for slot, digit in enumerate(digits))
    off = (dark - drawn(right, blur)) ** 2
    wide = FOLD * FINE
    most = float(np.convolve(off, np.ones(wide), "valid").max()) * len(off) / wide
    free = symbols == right
    module = _module(spots)
    begin = float(spots[QUIET * FINE]) - module / FINE / 2
    end = float(spots[-QUIET * FINE - 1]) + module / FINE / 2
    return Fit(text, rest / spread, (other - rest) / most, free, begin, end, BLURS[blur])


def _summed(costs: Floats, slot: int, way: int) -> Floats:
    """Costs by the sum after (way 1) or before (way -1) the digit at a place."""
    digit = np.arange(10)[:, None]
    sums = np.arange(10)[None]
    before = (sums - way * WEIGHTS[slot] * digit) % 10
    return np.asarray(np.take_along_axis(costs, np.broadcast_to(before[None], costs.shape), axis=2))
