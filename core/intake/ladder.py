"""Reads a picture rung by rung, and stops when every barcode-like region is read."""

import math
import time
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from core.intake import readers, regions, rungs
from core.intake.opening import open_picture
from core.intake.readers import LINEAR, NEEDS_TWO, RETAIL, SQUARE, Found
from core.intake.regions import Gray, Region
from core.intake.types import Code, Corners, Reading, Unread
from core.intake.vision import cv2

SQUARE_LONG_SIDE = 2000  # pixels at which two-dimensional codes are looked for
SMALL = 2_500_000  # pixels: such a picture is looked at whole, and thoroughly, as well
SMALLEST_UNREAD = 0.08  # of the picture's longer side: a person is asked about no smaller place
MOST_REGIONS = 60


def read_pages(data: bytes) -> list[Reading]:
    """Every page of a picture or PDF. Raises PictureError."""
    return [read_gray(page.gray) for page in open_picture(data)]


def read(data: bytes) -> Reading:
    """The first page. Raises PictureError."""
    return read_gray(open_picture(data)[0].gray)


def read_frame(data: bytes) -> Reading:
    """The fast path for webcam frames: no second thoughts. Raises PictureError."""
    return read_gray(open_picture(data)[0].gray, fast=True)


def read_gray(gray: Gray, *, fast: bool = False) -> Reading:
    """Climb the ladder on one upright gray picture."""
    began = time.process_time()
    codes: list[Code] = [] if fast else _square(gray)
    unread: list[Unread] = []
    witnesses = Witnesses(gray)
    for region in regions.find(gray)[:MOST_REGIONS]:
        if _inside_any(region, codes):
            continue
        read_one = _region(gray, region, witnesses, fast=fast)
        if isinstance(read_one, Code):
            codes.append(read_one)
        elif read_one is not None:
            unread.append(read_one)
    if fast and not codes and regions.has_dense_patch(gray):
        codes += _square(gray)
    if not fast and (gray.size <= SMALL or not codes or unread):
        codes += _whole_frame(gray, codes)
    unread = [
        one
        for one in unread
        if not _covered(one.corners, codes) and (one.guesses or _large_enough(one.corners, gray))
    ]
    height, width = gray.shape
    ms = (time.process_time() - began) * 1000
    return Reading(tuple(_once(codes)), tuple(unread), width, height, ms)


def _large_enough(corners: Corners, gray: Gray) -> bool:
    """Whether an unread place is as long as a label's code could be: print looks like bars too."""
    (x0, y0), (x1, y1) = corners[0], corners[1]
    return bool(math.hypot(x1 - x0, y1 - y0) >= SMALLEST_UNREAD * max(gray.shape))


class Witnesses:
    """The whole frame, straight: a second source for codes whose check digit is weak. Looked at
    only when such a code turns up."""

    def __init__(self, gray: Gray) -> None:
        """Keep the picture for later."""
        self._gray = gray
        self._texts: set[str] | None = None

    def __contains__(self, text: str) -> bool:
        """Whether the straight look at the whole frame gave this text, too."""
        if self._texts is None:
            found = readers.zxing(self._gray, LINEAR, thorough=False)
            self._texts = {one.text for one in found}
        return text in self._texts


# ---------------------------------------------------------------- two-dimensional codes


def _square(gray: Gray) -> list[Code]:
    small, scale = _shrunk(gray)
    found = readers.zxing(small, SQUARE, thorough=gray.size <= SMALL)
    return [Code(one.text, one.format, _scaled(one.corners, scale), "sure", "2-D") for one in found]


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


# ---------------------------------------------------------------- one region


def _region(
    gray: Gray, region: Region, witnesses: Witnesses, *, fast: bool
) -> Code | Unread | None:
    """The code of one region; Unread where readers disagree or bars gave nothing."""
    corners = _corners(region)
    votes: Counter[tuple[str, str]] = Counter()
    for number, (name, view, weak) in enumerate(rungs.views(gray, region)):
        if fast and number >= 2:
            break
        if number == 0 and not rungs.bar_like(view):
            return None  # a box edge, a line of print or a texture
        for found in readers.zxing(view, LINEAR, thorough=False):
            votes[found.text, found.format] += 1
            if _believed(found, view, votes, witnesses):
                return _agreed(votes, found, corners, name, weak=weak)
    if not fast:
        for found in readers.zbar(rungs.tall(rungs.sharpen(rungs.cut_out(gray, region), 1.0, 2.0))):
            votes[found.text, found.format] += 1
            if votes[found.text, found.format] > 1 and found.format not in RETAIL:
                return _agreed(votes, found, corners, "second reader", weak=False)
    texts = tuple(sorted({text for text, _ in votes}))
    if texts:
        return Unread(corners, "The readers are not sure about this code.", texts)
    return Unread(corners, "This looks like a barcode and could not be read.")


def _believed(
    found: Found, view: Gray, votes: Counter[tuple[str, str]], witnesses: Witnesses
) -> bool:
    """Code 128 has a strong check; the others need a second look, product codes another source."""
    if found.format not in NEEDS_TWO:
        return True
    if found.format in RETAIL:
        if found.text in witnesses:
            return True
        second = {one.text.lstrip("0") for one in readers.zbar(rungs.tall(view, 4))}
        return found.text.lstrip("0") in second
    return votes[found.text, found.format] > 1 or found.text in witnesses


def _agreed(
    votes: Counter[tuple[str, str]], found: Found, corners: Corners, rung: str, *, weak: bool
) -> Code | Unread:
    others = {text for text, _ in votes} - {found.text}
    if others:
        texts = tuple(sorted(others | {found.text}))
        return Unread(corners, "The readers are not sure about this code.", texts)
    return Code(found.text, found.format, corners, "weak" if weak else "sure", rung)


def _corners(region: Region) -> Corners:
    return tuple((float(x), float(y)) for x, y in region.corners())


# ---------------------------------------------------------------- the whole frame


def _whole_frame(gray: Gray, codes: Sequence[Code]) -> list[Code]:
    """What no region showed: two readers must agree where the check is weak."""
    small, scale = _shrunk(gray)
    first = readers.zxing(small, LINEAR, thorough=True)
    second = {one.text.lstrip("0") for one in readers.zbar(small)} if first else set()
    return [
        Code(one.text, one.format, corners, "sure", "whole frame")
        for one in first
        if not _covered(corners := _scaled(one.corners, scale), codes)
        and (one.format not in NEEDS_TWO or one.text.lstrip("0") in second)
    ]


def _middle(corners: Corners) -> tuple[float, float]:
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4


def _inside_any(region: Region, codes: Iterable[Code]) -> bool:
    return any(region.contains(*_middle(code.corners)) for code in codes) or _covered(
        _corners(region), codes
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
