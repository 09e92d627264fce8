"""Reads Code 128 around a fold: strip by strip from both ends, as far as each goes.

What lies at a fold is moved by up to several modules, and where the fold is slanted it crosses each
strip at another place. So each strip's symbols are followed on from the start character, and back
from the stop character, until a place is like no symbol. Together the strips have then seen most
places several times; the check character has to agree (ISO/IEC 15417).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.intake.decode import code128
from core.intake.decode.code128 import CLOSING, FEWEST, MODULES, MOST, OPENING, Ends, Floats
from core.intake.decode.code128_text import STARTS, text_of
from core.intake.vision import cv2

STRIPS = 8
SOFT = 0.25  # modules of blur that are added: the symbols compared with are no sharper
END_LIKE, SYMBOL_LIKE = 0.8, 0.9  # correlations with the start or stop pattern, and with a symbol
# Where the next symbol is looked for: modules from where the last one ended, and its width in the
# last one's; what it costs to be elsewhere, as correlation.
ASIDE = np.arange(-0.75, 0.76, 0.25)
WIDTHS = np.array([0.88, 0.94, 1.0, 1.06, 1.12])
OFF, WIDE = np.repeat(ASIDE, len(WIDTHS)), np.tile(WIDTHS, len(ASIDE))
COST = np.asarray(0.02 * OFF**2 + 0.3 * np.log(WIDE) ** 2, np.float32)
INERTIA = 0.7  # of the width so far, in the next one's
CLEAR = 0.05  # better than the next best symbol: then a place counts in full
FAINT = 0.85  # correlation that counts nothing
TOGETHER = 3  # strips that saw each two neighbours in one piece: then the text is certain

Symbols = list[tuple[int, float]]


@dataclass(frozen=True)
class Stitched:
    """A text, where its bars begin and end (samples of the strips), and the first strip that shows
    a part of it and the one after the last. ``certain``: each symbol and the one after it were seen
    in one piece, by TOGETHER strips; else a fold, or the edge of another label, parts all strips
    there."""

    text: str
    certain: bool
    begin: float
    end: float
    first: int
    last: int


@dataclass(frozen=True)
class _Text:
    """A text that strips give together, and the strips that show a part of it."""

    text: str
    certain: bool
    strips: list[int]


@dataclass(frozen=True)
class _Run:
    """The symbols that one strip shows in one piece, each with its weight; ``first``: the place of
    the first one in a code of the length that is tried."""

    strip: int
    first: int
    symbols: Symbols

    def has(self, place: int, symbol: int) -> bool:
        """Whether that symbol was seen at that place."""
        at = place - self.first
        return 0 <= at < len(self.symbols) and self.symbols[at][0] == symbol


def read(strips: Floats, ends: Ends) -> Stitched | None:
    """The text of strips of brightness (strips x samples, three samples or more a module), with
    `ends` as found in their average; None where none, or more than one, is read."""
    turned = np.ascontiguousarray(strips[:, ::-1] if ends.backwards else strips, np.float32)
    soft = cv2.GaussianBlur(turned, (0, 0), sigmaX=SOFT * ends.width / MODULES, sigmaY=0.01)
    rows = np.asarray(soft, np.float32)
    begins, stops = _ends_of(rows, ends.width)
    lengths = (stops - begins)[~np.isnan(stops - begins)]
    if not len(lengths):
        return None
    length = float(np.median(lengths)) / ends.width
    size = float(rows.shape[1] - 1)
    heads = _followed(rows, begins, np.nan_to_num(stops, nan=size), ends.width)
    tails = _followed(rows, stops, np.nan_to_num(begins, nan=0.0), -ends.width)
    seen = {one.text: one for one in _texts(heads, tails, length)}
    if len(seen) != 1:
        return None
    [one] = seen.values()
    begin = float(np.nanmedian(begins))
    end = float(np.nanmedian(stops)) + ends.width * 13 / MODULES
    along = (size - end, size - begin) if ends.backwards else (begin, end)
    return Stitched(one.text, one.certain, *along, one.strips[0], one.strips[-1] + 1)


def _ends_of(rows: Floats, width: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each strip's start character and stop character begin; NaN where none is seen."""
    module = width / MODULES
    size = rows.shape[1]
    found = np.full((2, len(rows)), np.nan)
    left, right = int(size * OPENING + 13 * module), int(size * CLOSING)
    for place, values in enumerate(rows):
        row = code128.Row(values)
        start = row.likeness("start", round(13 * module), 0, left)
        stop = row.likeness("stop", round(15 * module), right)
        if start.max(initial=0.0) > END_LIKE:  # its pattern has two modules of quiet zone
            found[0, place] = int(start.argmax()) + 2 * module
        if stop.max(initial=0.0) > END_LIKE:
            found[1, place] = int(stop.argmax()) + right
    return found[0], found[1]


def _followed(
    rows: Floats, begins: NDArray[np.float64], ends: NDArray[np.float64], width: float
) -> list[Symbols]:
    """The symbols of each strip from where its own begin (NaN: none) up to its end; from right to
    left where `width` is negative."""
    symbols: list[Symbols] = [[] for _ in rows]
    at, widths = begins.copy(), np.full(len(rows), abs(width))
    way = np.sign(width)
    going = np.flatnonzero(~np.isnan(at))
    for step in range(MOST):
        start = step == 0 and way > 0
        going = going[(way * (ends[going] - at[going])) > widths[going] / 2]
        if not len(going):
            break
        likeness, weight, symbol, wide, aside = _next(
            rows, going, at[going], widths[going], way, start=start
        )
        kept = likeness >= SYMBOL_LIKE
        going = going[kept]
        for strip, one, heavy in zip(going, symbol[kept], weight[kept], strict=True):
            symbols[strip].append((STARTS[one] if start else int(one), float(heavy)))
        at[going] += aside[kept] + way * wide[kept]
        widths[going] = INERTIA * widths[going] + (1 - INERTIA) * wide[kept]
    return symbols


def _next(
    rows: Floats, strips: NDArray[np.intp], at: NDArray[np.float64], widths: NDArray[np.float64],
    way: float, *, start: bool,
) -> tuple[Floats, Floats, NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """For each of these strips the likeliest symbol that begins (or, back from the stop, ends) near
    `at`: its correlation, weight, number, width, and samples from `at`."""
    known = code128.start_bank(code128.USUAL) if start else code128.bank(code128.USUAL, 2, 2)
    wide = widths[:, None] * WIDE
    aside = widths[:, None] * OFF / MODULES
    first = at[:, None] + aside - (wide if way < 0 else 0)
    steps = (np.arange(known.shape[1]) + 0.5) / known.shape[1]
    places = np.clip(first[..., None] + wide[..., None] * steps, 0, rows.shape[1] - 1.001)
    low = places.astype(np.int32)
    part = (places - low).astype(np.float32)
    of = strips[:, None, None]
    likeness = code128.unit(rows[of, low] * (1 - part) + rows[of, low + 1] * part) @ known.T
    worth = likeness - COST[:, None]
    best = worth.max(axis=1)
    each = np.arange(len(strips))
    symbol = best.argmax(axis=1)
    window = worth[each, :, symbol].argmax(axis=1)
    second = np.partition(best, -2, axis=1)[:, -2]
    alike = likeness[each, window, symbol]
    weight = np.maximum(alike - FAINT, 0) * np.minimum((best[each, symbol] - second) / CLEAR, 1)
    return alike, weight, symbol, wide[each, window], aside[each, window]


def _texts(heads: list[Symbols], tails: list[Symbols], length: float) -> Iterator[_Text]:
    """The texts that strips together give. A fold can hide or repeat most of a symbol, so codes one
    symbol shorter or longer are tried; only where all is seen in one piece, since of a hundred such
    texts one has a check character that agrees by chance."""
    usual = round(length)
    for count in range(max(FEWEST, usual - 1), usual + 2):
        runs = [_Run(strip, 0, one[:count]) for strip, one in enumerate(heads)]
        for strip, one in enumerate(tails):
            symbols = one[: count - 1]
            runs.append(_Run(strip, count - len(symbols), symbols[::-1]))
        most = _most(runs, count)
        text = text_of(most) if most else None
        if text is None:
            continue
        together = min(_together(runs, most, place) for place in range(1, count))
        if together or count == usual:
            yield _Text(text, together >= TOGETHER, _strips(runs, most))


def _most(runs: list[_Run], count: int) -> list[int]:
    """The symbol with most weight at each place; none at all where one place was not seen."""
    weights = np.zeros((count, max(STARTS) + 1))
    for run in runs:
        for place, (symbol, weight) in enumerate(run.symbols, run.first):
            weights[place, symbol] += weight
    return [int(one) for one in weights.argmax(axis=1)] if weights.any(axis=1).all() else []


def _together(runs: list[_Run], symbols: list[int], place: int) -> int:
    """The strips that show the symbol at a place and the one before it in one piece."""
    pair = ((place - 1, symbols[place - 1]), (place, symbols[place]))
    return sum(all(run.has(*one) for one in pair) for run in runs)


def _strips(runs: list[_Run], symbols: list[int]) -> list[int]:
    """The strips of which most symbols are these."""
    return sorted(
        run.strip
        for run in runs
        if 2 * sum(run.has(*one) for one in enumerate(symbols)) > len(run.symbols)
    )
