"""Reads a picture rung by rung, and stops when every barcode-like region is read."""

import math
import time
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from core.intake.decode import readers
from core.intake.decode.frame import WholeFrame, shrunk, times
from core.intake.decode.linear import RegionReader
from core.intake.decode.places import Places, middle
from core.intake.decode.readers import SQUARE, Found
from core.intake.decode.regions import Gray, Region, Search
from core.intake.opening import open_picture
from core.intake.types import Code, Corners, Reading, Unread
from core.intake.vision import cv2

SMALL = 2_500_000  # pixels: such a picture is looked at whole, and thoroughly, as well
SMALLEST_UNREAD = 0.08  # of the picture's longer side: a person is asked about no smaller place
MOST_REGIONS = 60
DEAR = ("straightened", "model")

Seen = tuple[list[Code], list[Unread]]


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
    codes, unread = (_glance if fast else _climb)(gray, wanted)
    places = Places(codes)
    left = [one for one in unread if _worth_asking(one, gray)]
    left = [one for one in left if not places.cover(*middle(one.corners))]
    height, width = gray.shape
    ms = (time.process_time() - began) * 1000
    return Reading(tuple(_once(codes)), tuple(left), width, height, ms)


def _glance(gray: Gray, wanted: frozenset[str]) -> Seen:
    """Two-dimensional codes only where there are no bars, and something looks like one."""
    search = Search(gray)
    codes, unread = _linear(gray, search, WholeFrame(gray, wanted), wanted, [], fast=True)
    if not codes and not unread and search.has_dense_patch():
        codes = _square(gray, wanted, thorough=False)
    return codes, unread


def _climb(gray: Gray, wanted: frozenset[str]) -> Seen:
    frame = WholeFrame(gray, wanted)
    codes = _square(gray, wanted, thorough=gray.size <= SMALL)
    linear, unread = _linear(gray, Search(gray), frame, wanted, codes, fast=False)
    codes += linear
    if wanted & readers.LINEAR_NAMES and (not codes or _worth_whole(gray, unread)):
        heard = {text for one in unread for text in one.guesses}
        places = Places(codes)
        codes += [one for one in frame.codes(heard) if not places.cover(*middle(one.corners))]
    return codes or _square_again(gray, wanted), unread


def _linear(
    gray: Gray, search: Search, frame: WholeFrame, wanted: frozenset[str], square: Sequence[Code],
    *, fast: bool,
) -> Seen:  # fmt: skip
    """The bars of every region that holds no code yet."""
    codes: list[Code] = []
    unread: list[Unread] = []
    if not wanted & readers.LINEAR_NAMES:
        return codes, unread
    places = Places(square)

    def climb(some: Sequence[Region]) -> None:
        for region in some[:MOST_REGIONS]:
            if places.meet(region):
                continue
            one = RegionReader(gray, region, frame, wanted, fast).read()
            if isinstance(one, Code):
                codes.append(one)
                places.add(one)
            elif one is not None:
                unread.append(one)

    first = search.regions()
    climb(first)
    if not fast and _is_hard(gray, codes, unread):
        climb(search.more(first))
    return codes, unread


def _is_hard(gray: Gray, codes: Sequence[Code], unread: Sequence[Unread]) -> bool:
    """Whether bars may have been overlooked: some in full view were not read, or only by the dear
    rungs."""
    in_view = (one for one in unread if _inside(one.corners, gray))
    return not codes or any(in_view) or any(code.rung in DEAR for code in codes)


def _inside(corners: Corners, gray: Gray) -> bool:
    height, width = gray.shape
    edge = 0.01 * max(height, width)
    return all(edge < x < width - edge and edge < y < height - edge for x, y in corners)


def _worth_whole(gray: Gray, unread: Sequence[Unread]) -> bool:
    """The whole of a large picture is dear, and its regions are large enough to be found."""
    return bool(unread) and gray.size <= SMALL


def _worth_asking(one: Unread, gray: Gray) -> bool:
    """Whether an unread place is as long as a label's code could be: print looks like bars too."""
    (x0, y0), (x1, y1) = one.corners[0], one.corners[1]
    large = math.hypot(x1 - x0, y1 - y0) >= SMALLEST_UNREAD * max(gray.shape)
    return bool(one.guesses) or large


# ---------------------------------------------------------------- two-dimensional codes


def _square(gray: Gray, wanted: frozenset[str], *, thorough: bool) -> list[Code]:
    if not wanted & readers.SQUARE_NAMES:
        return []
    small, scale = shrunk(gray)
    found = readers.zxing(small, SQUARE, thorough=thorough)
    return _coded(found, scale, wanted, "2-D")


def _coded(found: Sequence[Found], scale: float, wanted: frozenset[str], rung: str) -> list[Code]:
    return [
        Code(one.text, one.format, times(one.corners, scale), "sure", rung)
        for one in found
        if one.format in wanted
    ]


def _square_again(gray: Gray, wanted: frozenset[str]) -> list[Code]:
    """A small picture in which nothing was read: at half its size, and at twice."""
    if not wanted & readers.SQUARE_NAMES or gray.size > SMALL:
        return []
    half = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    found = readers.zxing(np.asarray(half, np.uint8), SQUARE, thorough=True, one_threshold=True)
    if found:
        return _coded(found, 2.0, wanted, "2-D again")
    double = cv2.resize(gray, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    found = readers.zxing(np.asarray(double, np.uint8), SQUARE, thorough=True)
    return _coded(found, 0.5, wanted, "2-D again")


def _once(codes: Iterable[Code]) -> list[Code]:
    """The same text at the same place once; two labels with one text stay two."""
    kept: list[Code] = []
    for code in codes:
        same = Places(one for one in kept if one.text == code.text)
        if not same.cover(*middle(code.corners)):
            kept.append(code)
    return kept
