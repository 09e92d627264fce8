"""How product codes look under blur: digits, guard bars, and what neighbours have in common."""

import functools
import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Modules of the digits 0 to 9 in set A; C is its complement, B is C mirrored (ISO/IEC 15420).
_A = (
    *("0001101", "0011001", "0010011", "0111101", "0100011"),
    *("0110001", "0101111", "0111011", "0110111", "0001011"),
)
MODULES, DIGIT = 95, 7
GUARDS = (0, 2, 46, 48, 92, 94)  # modules that are always bars
SLOTS = (3, 10, 17, 24, 31, 38, 50, 57, 64, 71, 78, 85)  # modules at which digits begin

FINE = 4  # samples a module
QUIET = 4  # modules on both sides that belong to the fit
REACH = 4  # modules around a digit on which its bars' blur falls
BLURS = tuple(0.3 * 1.17**step for step in range(13))  # standard deviation in modules


def _normal(values: Floats) -> Floats:
    """The normal distribution (Abramowitz & Stegun 7.1.26, to 1.5e-7)."""
    x = np.abs(values) / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * x)
    poly = t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )
    half = poly * np.exp(-x * x) / 2
    return np.where(values < 0, half, 1 - half)


def soft(bars: Floats, first: float, count: int, blur: float, fine: int = FINE) -> Floats:
    """Darkness of modules (rows x modules, 1 is a bar) at `count` samples from module `first`."""
    at = first + (np.arange(count) + 0.5) / fine
    places = np.arange(bars.shape[1])
    part = _normal((at[None] - places[:, None]) / blur)
    part = part - _normal((at[None] - places[:, None] - 1) / blur)
    return np.asarray(bars @ part, float)


@functools.cache
def digits() -> Floats:
    """Twenty patterns (A, B) and then ten (C): rows of seven modules."""
    a = np.array([[int(one) for one in row] for row in _A], float)
    c = 1 - a
    return np.vstack([a, c[:, ::-1], c])


@functools.cache
def bank(blur: int) -> tuple[Floats, Floats, Floats]:
    """For one of BLURS: the 30 patterns (30 x samples, from REACH modules before the digit), what
    two neighbours have in common (30 x 30), and the same over the middle guard."""
    count = (DIGIT + 2 * REACH) * FINE
    rows = soft(digits(), -REACH, count, BLURS[blur])
    pairs = []
    for apart in (DIGIT, DIGIT + 5):
        step = apart * FINE
        pairs.append(2 * rows[:, step:] @ rows[:, : count - step].T)
    return rows, pairs[0], pairs[1]


@functools.cache
def guards(blur: int) -> Floats:
    """Darkness of the guard bars of a whole code, with QUIET modules on both sides."""
    bars = np.zeros((1, MODULES))
    bars[0, list(GUARDS)] = 1
    dark: Floats = soft(bars, -QUIET, (MODULES + 2 * QUIET) * FINE, BLURS[blur])[0]
    return dark


def drawn(symbols: tuple[int, ...], blur: int) -> Floats:
    """Darkness of a whole code, given the patterns (0 to 29) of its twelve digits."""
    dark = guards(blur).copy()
    rows = bank(blur)[0]
    for slot, symbol in zip(SLOTS, symbols, strict=True):
        begin = (slot - REACH + QUIET) * FINE
        low, high = max(0, begin), min(len(dark), begin + rows.shape[1])
        dark[low:high] += rows[symbol, low - begin : high - begin]
    return dark
