"""The upper part of a picture whose file ends too early (a copy or an upload that was broken off).

A decoder fills what is missing with one shade: libjpeg (jdhuff.c, `insufficient_data`) with gray
from where the data end, a row of blocks perhaps in part; Pillow leaves a PNG's rows empty. What is
not certain to be the photo is taken for missing, and painted white like paper. Progressive and
interlaced files have no upper part: a cut one is coarse all over, and stays refused.
"""

import io
from dataclasses import replace

import numpy as np
import simplejpeg
from PIL import Image

from core.intake.codes import PictureCode
from core.intake.jpeg import is_progressive
from core.intake.types import Box, Code, Gray, Reading, Unread

FILLED = 128  # libjpeg's shade for blocks without data
BLOCK = 8  # pixels
MOST_ROWS = 32  # pixels: the tallest row of blocks that belong together
LEAST_SHARE = 0.05  # of the picture's height: less is not worth a look
NEAR = 0.5  # of a code's longer side: so near to the cut it may be half of another code
WHITE = 255


def jpeg(data: bytes) -> tuple[Gray, int] | None:
    """What there is of a JPEG without its end, and how many of its rows are certain.

    None where the file is damaged otherwise, or has no upper part.
    """
    try:
        simplejpeg.decode_jpeg(data, "GRAY")
    except ValueError as error:
        if "Premature end" not in str(error) or is_progressive(data):
            return None
    try:
        gray = np.ascontiguousarray(simplejpeg.decode_jpeg(data, "GRAY", strict=False)[..., 0])
    except ValueError:
        return None
    last = _rows_before(gray, FILLED)
    height = gray.shape[0]
    if last == height and not (gray[-BLOCK:, -BLOCK:] == FILLED).all():
        return gray, height  # only the mark of its end is missing
    rows = (last - 1) // MOST_ROWS * MOST_ROWS
    return (gray, rows) if _is_worth_a_look(rows, height) else None


def png(data: bytes) -> tuple[Image.Image, int] | None:
    """The same of a PNG: the picture with its missing rows empty, and how many are there."""
    if not data.startswith(b"\x89PNG"):
        return None
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        if image.info.get("interlace") or getattr(image, "n_frames", 1) > 1:
            return None
        try:
            image.load()
        except OSError as error:
            if "truncated" not in str(error):
                return None
        image.tile = []  # so that it is taken as it is
        whole = image.copy()
    values = np.asarray(whole)
    rows = _rows_before(values.reshape(values.shape[0], -1), 0)
    return (whole, rows) if _is_worth_a_look(rows, whole.height) else None


def _rows_before(values: np.ndarray, fill: int) -> int:
    """How many rows there are before the last ones that are nothing but the filling."""
    there = np.flatnonzero((values != fill).any(axis=1))
    return int(there[-1]) + 1 if there.size else 0


def _is_worth_a_look(rows: int, height: int) -> bool:
    return rows >= max(1, LEAST_SHARE * height)


def with_paper(gray: Gray, rows: int) -> Gray:
    """The picture with white paper from this row on."""
    gray = gray.copy()
    gray[rows:] = WHITE
    return gray


def with_missing(reading: Reading, missing: Box | None) -> Reading:
    """The reading with the missing part as a place that was not read.

    A code that lies at the cut is believed only where it is the number of an order; one that
    reaches into what is missing is none.
    """
    if missing is None:
        return reading
    left, top, right, bottom = missing
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    codes = tuple(
        replace(code, confidence="weak") if _gap(code, missing) <= NEAR * _side(code) else code
        for code in reading.codes
        if not _in(code, missing)
    )
    gone = Unread(corners, PictureCode.CUT_OFF)
    return replace(reading, codes=codes, unread=(*reading.unread, gone))


def _in(code: Code, box: Box) -> bool:
    left, top, right, bottom = box
    return any(left + 1 < x < right - 1 and top + 1 < y < bottom - 1 for x, y in code.corners)


def _gap(code: Code, box: Box) -> float:
    across, down = ([one[axis] for one in code.corners] for axis in (0, 1))
    left, top, right, bottom = box
    return max(left - max(across), min(across) - right, top - max(down), min(down) - bottom)


def _side(code: Code) -> float:
    across, down = ([one[axis] for one in code.corners] for axis in (0, 1))
    return max(max(across) - min(across), max(down) - min(down))
