"""Where in a row of brightness a product code may stand: each place and width is compared with the
patterns its digits may have there, each by itself."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.intake.decode.fitted.ean_drawn import (
    BLURS,
    DIGIT,
    GUARDS,
    MODULES,
    QUIET,
    SLOTS,
    Floats,
    digits,
    soft,
)

COARSE = 5  # of BLURS: with which a place is looked for
HALF = 2  # samples a module
NARROWEST, WIDEST = 0.68, 1.0  # of the profile: a code
GRID, STEP = 1.012, 0.7  # from one width to the next, and modules from one begin to the next
STARTS = 6  # places that are told


@functools.cache
def _search() -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    """Patterns as the search compares them, without mean and of length 1 (A, B, C, A mirrored), the
    first samples of the twelve digits, and the ends and the middle with their samples' weights
    at their places in a row (3 x row)."""
    known = digits()
    rows = _unit(soft(np.vstack([known, known[:10, ::-1]]), 0, DIGIT * HALF, BLURS[COARSE], HALF))
    firsts = np.array([(slot + QUIET) * HALF for slot in SLOTS])
    bars = np.zeros((1, MODULES))
    bars[0, list(GUARDS)] = 1
    wide = (MODULES + 2 * QUIET) * HALF
    drawn = soft(bars, -QUIET, wide, BLURS[COARSE], HALF)[0]
    places = np.zeros((3, wide), np.float32)
    for number, (first, count) in enumerate(_guard_spans()):
        places[number, first : first + count] = _unit(drawn[None, first : first + count])[0]
    return rows.astype(np.float32), firsts, places


def _guard_spans() -> tuple[tuple[int, int], ...]:
    wide = (QUIET + 3) * HALF
    return (
        (0, wide),
        ((45 + QUIET) * HALF, 5 * HALF),
        ((MODULES + 2 * QUIET) * HALF - wide, wide),
    )


def _unit(rows: Floats) -> Floats:
    centred = rows - rows.mean(axis=-1, keepdims=True)
    return np.asarray(centred / np.maximum(np.sqrt((centred**2).sum(axis=-1, keepdims=True)), 1e-9))


@dataclass(frozen=True)
class Place:
    """Where a code may stand: the sample at which it begins, samples a module, whether it runs from
    right to left, and the share of the variance that the likeliest patterns leave."""

    begin: float
    module: float
    backwards: bool
    rest: float


def places(row: NDArray[np.float32], narrowest: float = NARROWEST) -> list[Place]:
    """Likely places, best first, at least half a module apart; `narrowest`: of the row, a code."""
    size = len(row)
    tried = []
    module = narrowest * size / MODULES
    while module < WIDEST * size / MODULES:
        slack = size - MODULES * module
        begins = np.arange(min(0.0, slack), max(0.0, slack) + 0.1, STEP * module)
        tried.append(np.stack([begins, np.full(len(begins), module)]))
        module *= GRID
    begins, modules = np.hstack(tried)
    steps = ((np.arange(-QUIET * HALF, (MODULES + QUIET) * HALF) + 0.5) / HALF).astype(np.float32)
    at = begins.astype(np.float32)[:, None] + steps[None] * modules.astype(np.float32)[:, None]
    at = np.clip(at, 0, np.float32(size - 1.001), out=at)
    low = at.astype(np.int32)
    at -= low
    values = np.take(row, low)
    at *= np.take(np.diff(row), low)
    values += at
    found: list[Place] = []
    for backwards, rest in enumerate(_unexplained(values)):
        for index in np.argsort(rest)[: 4 * STARTS]:
            place = Place(
                float(begins[index]), float(modules[index]), bool(backwards), float(rest[index])
            )
            if not any(_close(place, other) for other in found):
                found.append(place)
    return sorted(found, key=lambda one: one.rest)[:STARTS]


def _close(one: Place, other: Place) -> bool:
    ends = [two.begin + MODULES * two.module for two in (one, other)]
    apart = max(abs(one.begin - other.begin), abs(ends[0] - ends[1]))
    return one.backwards == other.backwards and apart < 0.6 * other.module


def _unexplained(values: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """For each row of samples the share of the variance, about each part's own mean, that is left:
    read forwards and backwards."""
    bank, firsts, guards = _search()
    columns = np.ascontiguousarray(values.T)
    power, ahead, back = np.zeros((3, len(values)), np.float32)
    for number, first in enumerate(firsts):
        part = columns[first : first + DIGIT * HALF]
        power += _power(part)
        like = (bank[:20] if number < 6 else bank[20:]) @ part  # negative: bars are dark
        upper, lower = like[:10].min(axis=0), like[10:].min(axis=0)
        both = np.minimum(upper, lower)
        ahead += np.minimum(both if number < 6 else upper, 0) ** 2
        back += np.minimum(lower if number < 6 else both, 0) ** 2
    known = (np.minimum(guards @ columns, 0) ** 2).sum(axis=0)
    for first, count in _guard_spans():
        power += _power(columns[first : first + count])
    power = np.maximum(power, 1.0)
    return 1 - (known + ahead) / power, 1 - (known + back) / power


def _power(part: NDArray[np.float32]) -> NDArray[np.float32]:
    """The variance of each column, times its samples."""
    centred = part - part.mean(axis=0)
    return np.asarray(np.einsum("ij,ij->j", centred, centred), np.float32)
