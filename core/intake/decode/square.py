"""Two-dimensional codes: one thorough look at a reduced picture, and looks at patches of the whole
one that are as full of edges as such a code."""

from collections.abc import Sequence

import numpy as np

from core.intake.decode import readers
from core.intake.decode.places import Places
from core.intake.decode.readers import SQUARE, Found
from core.intake.decode.regions import Search
from core.intake.types import Code, Corners, Gray
from core.intake.vision import cv2

SMALL = 2_500_000  # pixels: a picture that is looked at in its own size
REDUCED = 1_700_000  # pixels of the reduced picture, at the most
MARGIN = 0.15  # of a patch, around it: its quiet zone
SHARPEST = 240  # pixels of a patch's longer side: larger ones are halved
MOST_PATCHES = 250
FAST_PATCHES, FAST_SIDE = 4, 80  # in a live frame; pixels of the shorter side
DOUBLED = 700_000  # pixels: a smaller picture is looked at twice its size as well
PATCH_PIXELS = 5_000_000  # of all patches together, at the most


def look(gray: Gray, search: Search, wanted: frozenset[str]) -> list[Code]:
    """The whole picture, reduced when it is large."""
    if not wanted & readers.SQUARE_NAMES:
        return []
    small, scale = gray, 1.0
    if gray.size > SMALL:
        small, scale = next(one for one in search.pictures if one[0].size < REDUCED)
    found = readers.zxing(small, SQUARE, thorough=True, shrinks=scale == 1.0)
    return coded(found, scale, wanted, "2-D")


def reduced(gray: Gray, longest: int) -> tuple[Gray, float]:
    """The picture at about `longest` pixels, by a whole number (much faster than by another), and
    the picture's pixels in each of its pixels."""
    step = max(1, round(max(gray.shape) / longest))
    if step == 1:
        return gray, 1.0
    height, width = (size // step * step for size in gray.shape)
    size = (width // step, height // step)
    small = cv2.resize(gray[:height, :width], size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), float(step)


def patches(
    gray: Gray, search: Search, wanted: frozenset[str], known: Places, *, fast: bool = False
) -> list[Code]:
    """Patches that look like a code and hold none yet, in the picture's own pixels. `fast`: the few
    most like one, as a camera that is held over a label sees it."""
    codes: list[Code] = []
    if not wanted & readers.SQUARE_NAMES:
        return codes
    left = PATCH_PIXELS
    boxes = search.dense_patches()
    if fast:
        boxes = [box for box in boxes if min(box[2:]) >= FAST_SIDE][:FAST_PATCHES]
    for x, y, width, height in boxes[:MOST_PATCHES]:
        if known.cover(x + width / 2, y + height / 2):
            continue
        edge = MARGIN * max(width, height)
        x0, y0 = max(0, int(x - edge)), max(0, int(y - edge))
        part = gray[y0 : int(y + height + edge), x0 : int(x + width + edge)]
        left -= part.size
        if left < 0:
            break
        small, scale = reduced(part, SHARPEST) if max(part.shape) > SHARPEST else (part, 1.0)
        found = readers.zxing(np.ascontiguousarray(small), SQUARE, thorough=True, shrinks=False)
        codes += coded(found, scale, wanted, "2-D patch", (x0, y0))
    return codes


def again(gray: Gray, wanted: frozenset[str]) -> list[Code]:
    """A small picture in which nothing was read: at half its size, and a very
    small one at twice."""
    if not wanted & readers.SQUARE_NAMES or gray.size > SMALL:
        return []
    half = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    found = readers.zxing(
        np.asarray(half, np.uint8), SQUARE, thorough=True, one_threshold=True, shrinks=False
    )
    if found:
        return coded(found, 2.0, wanted, "2-D again")
    if gray.size > DOUBLED:
        return []
    double = cv2.resize(gray, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    found = readers.zxing(np.asarray(double, np.uint8), SQUARE, thorough=True, shrinks=False)
    return coded(found, 0.5, wanted, "2-D again")


def coded(
    found: Sequence[Found], scale: float, wanted: frozenset[str], stage: str,
    begin: tuple[int, int] = (0, 0),
) -> list[Code]:  # fmt: skip
    """What was found in a part of the picture that begins there, in the picture's pixels."""
    return [
        Code(one.text, one.format, _placed(one.corners, scale, begin), "sure", stage)
        for one in found
        if one.format in wanted
    ]


def _placed(corners: Corners, scale: float, begin: tuple[int, int]) -> Corners:
    return tuple((x * scale + begin[0], y * scale + begin[1]) for x, y in corners)
