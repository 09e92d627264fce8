"""What a reader's word is worth: whether the code is whole, and how much of it says the same.

Interleaved 2 of 5 has so plain a start and stop, two thin bars, that a part of a code reads as a
shorter number (ISO/IEC 16390). And a line that slants over a fold, or over the edge of a label that
lies on another, reads as a mixture: so a text must stand in two bands that share no pixel.
"""

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from core.intake.decode import grid, readers, stages
from core.intake.decode.readers import NEEDS_TWO, ReaderFound
from core.intake.decode.regions import Region
from core.intake.types import Code, Corners, Gray

DIGIT, ENDS = 8.0, 8.5  # modules of a digit, and of start with stop; wide is 2.5 times narrow
QUIET = 4.0  # modules on both sides that the picture must show; the standard has 10
THINNEST = 0.1  # of the length: a slanting line crosses some bars of a code, and few lines agree
PARTED = frozenset({"ITF", "Code39", "Codabar"})
# Modules of kinds that a cut or covered one of another kind reads as, start and stop included.
SHORT = {"UPCE": 51, "EAN8": 67}
TALLEST = 1.5  # times the length: so far above and below is looked for what an end belongs to
ROWS = 96
ASIDE = 24  # samples to either side of a line: its ground

Worth = Literal["sure", "weak"]


def whole(found: ReaderFound, gray: Gray) -> bool:
    """Whether a code (corners in pixels of `gray`) shows quiet zones and bars of some height, and
    neither end is a longer line: the edge of what covers the rest of it."""
    corners = np.array(found.corners)
    left, right = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
    across, down = right - left, (corners[2] + corners[3] - corners[0] - corners[1]) / 2
    length = math.hypot(*across)
    if not length or math.hypot(*down) < THINNEST * length:
        return False
    if not _quiet_in_view(found, gray, DIGIT * len(found.text) + ENDS):
        return False
    x, y = (left + right) / 2
    return not _longer_ends(gray, Region(x, y, math.atan2(across[1], across[0]), length, length))


def _quiet_in_view(found: ReaderFound, gray: Gray, modules: float) -> bool:
    """Whether the picture shows QUIET modules beyond both ends of a code of so many."""
    corners = np.array(found.corners)
    left, right = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
    quiet = (right - left) * QUIET / modules
    height, width = gray.shape
    return all(0 <= x < width and 0 <= y < height for x, y in (left - quiet, right + quiet))


def may_be_part(found: ReaderFound, gray: Gray) -> bool:
    """Whether a short code may be a part of a longer one (corners in pixels of `gray`): it shows no
    quiet zones, or is a UPC-E of number system 1. The left half of an EAN-13, its middle guard and
    one bar more are the bars of such a UPC-E, check digit included, for one code in eleven; nobody
    is given one (GS1 General Specifications, 5.2.2.4: UPC-E has number system 0)."""
    if found.format not in SHORT:
        return False
    if found.format == "UPCE" and found.text.zfill(8)[-12:][0] == "1":
        return True
    return not _quiet_in_view(found, gray, SHORT[found.format])


def _longer_ends(gray: Gray, region: Region) -> bool:
    """Whether an end of the bars goes on above or below them all, as a line on lighter ground."""
    tall = Region(region.x, region.y, region.angle, region.length, TALLEST * region.length)
    cut = stages.cut_out(gray, tall, 2.0, ROWS, cubic=False)
    top, bottom = (round(row) for row in stages.bar_rows(cut.rows))
    dark, light = np.percentile(cut.rows[top:bottom], (5, 95))
    reach = (bottom - top) // 3
    first = region.length * stages.MARGIN * cut.zoom
    for beyond in (cut.rows[max(0, top - reach) : top - 2], cut.rows[bottom + 2 : bottom + reach]):
        for x in (round(first), round(cut.rows.shape[1] - first)):
            ground = np.median(beyond[:, max(0, x - ASIDE) : x + ASIDE], axis=1)
            line = beyond[:, max(0, x - 4) : x + 5].min(axis=1)
            if len(beyond) > 2 and bool((ground - line > (light - dark) / 3).all()):
                return True
    return False


# ---------------------------------------------------------------- how much of a code says it


def region_of(found: ReaderFound, gray: Gray) -> Region | None:
    """The place of a code that a reader saw in the whole picture (corners in its pixels), as high
    as its bars go on; None for a sliver: bars less than THINNEST of their length high."""
    corners = np.array(found.corners)
    left, right = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
    across = right - left
    length = math.hypot(*across)
    if length < 16:
        return None
    x, y = (left + right) / 2
    angle = math.atan2(across[1], across[0])
    tall = Region(x, y, angle, length, 2 * TALLEST * length)
    rows = stages.cut_out(gray, tall, 1.0, 2 * ROWS, cubic=False).rows
    top, bottom = stages.rows_around(rows, 0, rows.shape[1], ROWS - 2, ROWS + 2)
    step = tall.height * stages.CUT_SHARE / (2 * ROWS)
    down = ((top + bottom) / 2 - ROWS) * step
    height = (bottom - top) * step
    if height < THINNEST * length:
        return None
    at = (x - down * math.sin(angle), y + down * math.cos(angle))
    return Region(*at, angle, length, height / stages.CUT_SHARE)


def witnessed(found: ReaderFound, gray: Gray, formats: Collection[str]) -> Worth | None:
    """What a word about the whole picture is worth: sure where the upper and the lower half of the
    bars, each with a reader of its own choice, say the same and nothing else."""
    region = region_of(found, gray)
    if region is None:
        return None
    cut = stages.cut_out(gray, region, 2.0, 4 * stages.STRIPS, cubic=False)
    half = len(cut.rows) // 2
    texts_by_half = [_texts_in(part, formats) for part in (cut.rows[:half], cut.rows[half:])]
    texts = set().union(*texts_by_half)
    if texts - {plain(found.text)}:
        return None
    if all(texts_by_half):
        return "sure"
    return "weak" if texts and found.format not in NEEDS_TWO else None


def _texts_in(rows: Gray, formats: Collection[str]) -> set[str]:
    strips = stages.sharpen(stages.in_strips(rows, stages.STRIPS // 2), 2.0, 2.0)
    found = readers.zxing(strips, readers.LINEAR, thorough=False)
    found = found or readers.zbar(np.repeat(rows, 2, axis=0))
    return {plain(one.text) for one in found if one.format in formats}


def plain(text: str) -> str:
    """UPC-A is an EAN-13 with a leading zero, and readers differ on whether they say it."""
    return text.lstrip("0")


def placed(found: ReaderFound, region: Region) -> ReaderFound:
    """The same word with the corners of the whole code."""
    corners = tuple((float(x), float(y)) for x, y in region.corners())
    return replace(found, corners=corners)


# ---------------------------------------------------------------- what the text itself says

FEWEST_PIXELS = 1.5  # a module: below, one word may be two symbols away with its check agreeing
S10 = re.compile(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}")  # UPU S10: weights 8 6 4 2 3 5 9 7, modulo 11
UPS = re.compile(r"1Z([0-9A-Z]{15})(\d)")
UNHEARD_OF = frozenset("\"'<>\\^`{}~!")  # no courier prints these


def doubtful(text: str, kind: str) -> bool:
    """Whether a courier's own check digit fails, or a sign stands there that none of them uses."""
    if kind in readers.SQUARE_NAMES:
        return False
    if match := S10.fullmatch(text):
        weights = (8, 6, 4, 2, 3, 5, 9, 7)
        rest = sum(int(d) * w for d, w in zip(match[1], weights, strict=True)) % 11
        return int(match[2]) != {0: 5, 1: 0}.get(rest, 11 - rest)
    if match := UPS.fullmatch(text):
        values = [int(c) if c.isdigit() else (ord(c) - 63) % 10 for c in match[1]]
        return int(match[2]) != -(sum(values[::2]) + 2 * sum(values[1::2])) % 10
    return not UNHEARD_OF.isdisjoint(text)


def proved(text: str, kind: str) -> bool:
    """Whether a text holds more than its bars do: a check digit, where kinds of code have none of
    their own and a part of one, or two halves of two, are a code again. ITF: GTIN-14."""
    if kind not in PARTED:
        return True
    if kind == "ITF":
        weighed = sum(int(d) * (3, 1)[place % 2] for place, d in enumerate(text))
        return len(text) == 14 and weighed % 10 == 0
    return bool(S10.fullmatch(text) or UPS.fullmatch(text)) and not doubtful(text, kind)


def worth(found: ReaderFound, gray: Gray, *, strong: bool = False) -> Worth | None:
    """What a text that readers agree on is worth, by itself and by where its bars stand (corners in
    pixels of `gray`). None: no text. `strong`: read symbol by symbol, a seam shows in its check."""
    if may_be_part(found, gray):
        return None
    torn = None if strong else grid.seam(found, gray)
    if torn is not None and torn.real:
        return None if found.format in PARTED else "weak"
    good = proved(found.text, found.format) and not doubtful(found.text, found.format)
    return "sure" if good else "weak"


def fine(found: ReaderFound, corners: Corners) -> bool:
    """Whether a Code 128 has under FEWEST_PIXELS a module (corners in pixels of the picture)."""
    return found.format == "Code128" and module(found.text, corners) < FEWEST_PIXELS


def module(text: str, corners: Corners) -> float:
    """The pixels of a module of a Code 128 (corners in pixels of the picture)."""
    digits = sum(len(run) // 2 for run in re.findall(r"\d{4,}", text))
    symbols = len(text) - digits + 3
    (x0, y0), (x1, y1) = corners[:2]
    return math.hypot(x1 - x0, y1 - y0) / (11 * symbols + 2)


def without_parts(codes: Sequence[Code]) -> list[Code]:
    """Codes without those of ITF, Code 39 and Codabar whose text is a part of another one's at the
    same place: a covered end reads as a shorter number."""
    kept = []
    for code in codes:
        longer = [
            other
            for other in codes
            if code.format in PARTED and other.format == code.format and other is not code
            and len(other.text) > len(code.text) and _ends(code.text, other.text)
        ]  # fmt: skip
        if not any(_near(code, other) for other in longer):
            kept.append(code)
    return kept


def _ends(part: str, text: str) -> bool:
    return text.startswith(part) or text.endswith(part)


def _near(code: Code, other: Code) -> bool:
    """Whether the middle of a code lies within another's length of that one's middle."""
    here, there = (np.mean(one.corners, axis=0) for one in (code, other))
    length = math.dist(other.corners[0], other.corners[1])
    return float(np.hypot(*(here - there))) < length
