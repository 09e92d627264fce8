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
    samples of the twelve digits (12 x 14), and the ends and the middle with their samples' weights
    at their places in a row (3 x row)."""
    known = digits()
    rows = _unit(soft(np.vstack([known, known[:10, ::-1]]), 0, DIGIT * HALF, BLURS[COARSE], HALF))
    at = np.array([[(slot + QUIET) * HALF + one for one in range(DIGIT * HALF)] for slot in SLOTS])
    bars = np.zeros((1, MODULES))
    bars[0, list(GUARDS)] = 1
    wide = (MODULES + 2 * QUIET) * HALF
    drawn = soft(bars, -QUIET, wide, BLURS[COARSE], HALF)[0]
    places = np.zeros((3, wide), np.float32)
    for number, (first, count) in enumerate(_guard_spans()):
        places[number, first : first + count] = _unit(drawn[None, first : first + count])[0]
    return rows.astype(np.float32), at, places


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
    steps = (np.arange(-QUIET * HALF, (MODULES + QUIET) * HALF) + 0.5) / HALF
    at = np.clip(begins[:, None] + steps[None] * modules[:, None], 0, size - 1.001)
    low = at.astype(np.int32)
    part = (at - low).astype(np.float32)
    values = row[low] * (1 - part) + row[low + 1] * part
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
    bank, at, guards = _search()
    parts = values[:, at]
    like = -(parts @ bank.T)
    left, right = like[:, :6], like[:, 6:]
    ways = (
        (left[..., :20].max(axis=-1), right[..., 20:30].max(axis=-1)),
        (left[..., 10:20].max(axis=-1), right[..., 20:].max(axis=-1)),
    )
    power = (parts**2).sum(axis=(1, 2)) - (parts.sum(axis=2) ** 2).sum(axis=1) / (DIGIT * HALF)
    known = np.maximum(-(values @ guards.T), 0)
    for first, count in _guard_spans():
        part = values[:, first : first + count]
        power = power + (part**2).sum(axis=1) - part.sum(axis=1) ** 2 / count
    known = (known**2).sum(axis=1)
    power = np.maximum(power, 1.0)
    fits = [
        1 - (known + sum((np.maximum(one, 0) ** 2).sum(axis=1) for one in way)) / power
        for way in ways
    ]
    return fits[0], fits[1]
