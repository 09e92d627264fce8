"""Reads a picture rung by rung, and stops when every barcode-like region is read."""

import math
import time
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from core.intake import readers, regions
from core.intake.linear import RegionReader, Witnesses
from core.intake.opening import open_picture
from core.intake.readers import LINEAR, NEEDS_TWO, SQUARE
from core.intake.regions import Gray, Region
from core.intake.types import Code, Corners, Reading, Unread
from core.intake.vision import cv2

SQUARE_LONG_SIDE = 2000  # pixels at which two-dimensional codes are looked for
SMALL = 2_500_000  # pixels: such a picture is looked at whole, and thoroughly, as well
SMALLEST_UNREAD = 0.08  # of the picture's longer side: a person is asked about no smaller place
MOST_REGIONS = 60


def read_pages(data: bytes, formats: Collection[str] | None = None) -> list[Reading]:
    """Every page of a picture or PDF. `formats` as in read(). Raises PictureError."""
    return [read_gray(page.gray, formats=formats) for page in open_picture(data)]


def read(data: bytes, formats: Collection[str] | None = None) -> Reading:
    """The first page. `formats`: names such as "Code128" or "QRCode" (readers.FORMATS), by default
    all. Raises PictureError, and ValueError for a format that is not known."""
    return read_gray(open_picture(data)[0].gray, formats=formats)


def read_frame(data: bytes, formats: Collection[str] | None = None) -> Reading:
    """The fast path for webcam frames: no second thoughts. Raises as read() does."""
    return read_gray(open_picture(data)[0].gray, fast=True, formats=formats)


def read_gray(gray: Gray, *, fast: bool = False, formats: Collection[str] | None = None) -> Reading:
    """Climb the ladder on one upright gray picture."""
    began = time.process_time()
    wanted = readers.wanted(formats)
    square = [] if fast else _square(gray, wanted, thorough=gray.size <= SMALL)
    linear, unread = _linear(gray, wanted, square, fast=fast)
    codes = square + linear
    if fast and not codes and not unread and regions.has_dense_patch(gray):
        codes += _square(gray, wanted, thorough=False)
    if not fast and (gray.size <= SMALL or not codes):
        codes += _whole_frame(gray, codes, wanted)
    height, width = gray.shape
    left = tuple(one for one in unread if _worth_asking(one, codes, gray))
    ms = (time.process_time() - began) * 1000
    return Reading(tuple(_once(codes)), left, width, height, ms)


def _linear(
    gray: Gray, wanted: frozenset[str], square: Sequence[Code], *, fast: bool
) -> tuple[list[Code], list[Unread]]:
    """The bars of every region that holds no code yet."""
    codes: list[Code] = []
    unread: list[Unread] = []
    if not wanted & readers.LINEAR_NAMES:
        return codes, unread
    witnesses = Witnesses(gray)
    for region in regions.find(gray)[:MOST_REGIONS]:
        if _inside_any(region, [*square, *codes]):
            continue
        one = RegionReader(gray, region, witnesses, wanted, fast).read()
        if isinstance(one, Code):
            codes.append(one)
        elif one is not None:
            unread.append(one)
    return codes, unread


def _worth_asking(one: Unread, codes: Sequence[Code], gray: Gray) -> bool:
    """Whether an unread place is as long as a label's code could be: print looks like bars too."""
    (x0, y0), (x1, y1) = one.corners[0], one.corners[1]
    large = math.hypot(x1 - x0, y1 - y0) >= SMALLEST_UNREAD * max(gray.shape)
    return bool((one.guesses or large) and not _covered(one.corners, codes))


# ---------------------------------------------------------------- two-dimensional codes


def _square(gray: Gray, wanted: frozenset[str], *, thorough: bool) -> list[Code]:
    if not wanted & readers.SQUARE_NAMES:
        return []
    small, scale = _shrunk(gray)
    found = readers.zxing(small, SQUARE, thorough=thorough)
    return [
        Code(one.text, one.format, _scaled(one.corners, scale), "sure", "2-D")
        for one in found
        if one.format in wanted
    ]


def _shrunk(gray: Gray) -> tuple[Gray, float]:
    """At most SQUARE_LONG_SIDE pixels long, and the picture's pixels in each of its pixels."""
    scale = max(gray.shape) / SQUARE_LONG_SIDE
    if scale <= 1:
        return gray, 1.0
    size = (round(gray.shape[1] / scale), round(gray.shape[0] / scale))
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), scale


def _scaled(corners: Corners, times: float) -> Corners:
    return tuple((x * times, y * times) for x, y in corners)


# ---------------------------------------------------------------- the whole frame


def _whole_frame(gray: Gray, codes: Sequence[Code], wanted: frozenset[str]) -> list[Code]:
    """What no region showed: two readers must agree where the check is weak."""
    if not wanted & readers.LINEAR_NAMES:
        return []
    small, scale = _shrunk(gray)
    first = readers.zxing(small, LINEAR, thorough=True)
    second = {one.text.lstrip("0") for one in readers.zbar(small)} if first else set()
    return [
        Code(one.text, one.format, corners, "sure", "whole frame")
        for one in first
        if one.format in wanted
        and not _covered(corners := _scaled(one.corners, scale), codes)
        and (one.format not in NEEDS_TWO or one.text.lstrip("0") in second)
    ]


def _middle(corners: Corners) -> tuple[float, float]:
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4


def _inside_any(region: Region, codes: Iterable[Code]) -> bool:
    return any(region.contains(*_middle(code.corners)) for code in codes) or _covered(
        tuple((float(x), float(y)) for x, y in region.corners()), codes
    )


def _covered(corners: Corners, codes: Iterable[Code]) -> bool:
    """Whether the middle of the corners lies in a code that was read."""
    x, y = _middle(corners)
    for code in codes:
        outline = np.array(code.corners, np.float32)
        if cv2.pointPolygonTest(outline, (x, y), measureDist=True) > -8:
            return True
    return False


def _once(codes: Iterable[Code]) -> list[Code]:
    """The same text at the same place once; two labels with one text stay two."""
    kept: list[Code] = []
    for code in codes:
        if not any(one.text == code.text and _covered(code.corners, [one]) for one in kept):
            kept.append(code)
    return kept
