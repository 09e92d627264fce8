"""Interleaved 2 of 5 has so plain a start and stop, two thin bars, that a part of a code reads as a
shorter number (ISO/IEC 16390). Here it is looked at whether a code is whole."""

import math

import numpy as np

from core.intake.decode import stages
from core.intake.decode.readers import Found
from core.intake.decode.regions import Gray, Region

DIGIT, ENDS = 8.0, 8.5  # modules of a digit, and of start with stop; wide is 2.5 times narrow
QUIET = 4.0  # modules on both sides that the picture must show; the standard has 10
THINNEST = 0.1  # of the length: a slanting line crosses some bars of a code, and few lines agree
TALLEST = 1.5  # times the length: so far above and below is looked for what an end belongs to
ROWS = 96
ASIDE = 24  # samples to either side of a line: its ground


def whole(found: Found, gray: Gray) -> bool:
    """Whether a code (corners in pixels of `gray`) shows quiet zones and bars of some height, and
    neither end is a longer line: the edge of what covers the rest of it."""
    corners = np.array(found.corners)
    left, right = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
    across, down = right - left, (corners[2] + corners[3] - corners[0] - corners[1]) / 2
    length = math.hypot(*across)
    if not length or math.hypot(*down) < THINNEST * length:
        return False
    quiet = across * QUIET / (DIGIT * len(found.text) + ENDS)
    height, width = gray.shape
    if not all(0 <= x < width and 0 <= y < height for x, y in (left - quiet, right + quiet)):
        return False
    x, y = (left + right) / 2
    return not _longer_ends(gray, Region(x, y, math.atan2(across[1], across[0]), length, length))


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
