"""Two-dimensional codes: one thorough look at a reduced picture, and looks at patches of the whole
one that are as full of edges as such a code."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.intake.decode import readers, stages
from core.intake.decode.fitted import aztec, bent
from core.intake.decode.places import Places
from core.intake.decode.readers import PATCHES, PDF417, SQUARE, SQUARE_ALONE, ReaderFound
from core.intake.decode.regions import Patch, Region, RegionSearch
from core.intake.types import Code, Corners, Gray
from core.intake.vision import cv2

SMALL = 2_500_000  # pixels: a picture that is looked at in its own size
REDUCED = 1_700_000  # pixels of the reduced picture, at the most
AFAR = ((640, True), (320, False))  # pixels of the longer side, and whether streaks are closed
MARGIN = 0.15  # of a patch, around it: its quiet zone
SHARPEST = 240  # pixels of a patch's longer side: larger ones are halved
MOST_PATCHES = 250
FAST_PATCHES, FAST_SIDE = 4, 80  # in a live frame; pixels of the shorter side
DOUBLED = 160_000  # pixels: a smaller picture is looked at twice its size as well
DOUBLED_PATCH = 130  # pixels of a patch's longer side: a smaller one is looked at at twice its size
SHORTEST_PDF417 = 90  # pixels of a patch's longer side
FINE_PDF417 = 220  # pixels of its diagonal: in a smaller one a row may have two pixels
UNSHARP = 3.0  # samples of blur that are undone at twice the size, and how much of it
EVENED = (3.0, (4, 4))  # the steepest rise of contrast, and tiles
PREVAILS = 0.4  # of a patch's edges, by which those of one direction do: in PDF417 0.5 to 0.7
# Of a patch's edges, by which those of one direction prevail in PDF417 (.5 to .7), and in the other
# kinds (of 126 on drawn photos .57 at most): no kind is looked for where none can be.
LEAST_PDF417, MOST_SQUARE = 0.3, 0.7
MOST_LEVEL, LONGEST_LEVEL = 6, 480  # patches that are turned level; pixels of the longer side
# Of a patch's edges, by which those of squares prevail: print and texture have less.
LEAST_LEVEL = 0.4
AROUND, DARKER = 41, 4  # pixels around each, of such a patch enlarged; grey levels below their mean
UNGUARDED = frozenset({"MicroQRCode"})
PATCH_PIXELS = 5_000_000  # of all patches together, at the most
BENT_PATCHES, BENT_LONGEST = 12, 1.6  # that a bent QR code is looked for in; times its height


def look(gray: Gray, search: RegionSearch, wanted: frozenset[str]) -> list[Code]:
    """The whole picture; a large one reduced."""
    if not wanted & readers.SQUARE_NAMES:
        return []
    if gray.size <= SMALL:
        return coded(readers.zxing(gray, SQUARE, thorough=True), 1.0, wanted, "2-D")
    small, scale = next(one for one in search.pictures if one[0].size < REDUCED)
    # Turned as well, most of the time would go into Data Matrix codes, whose patches are turned.
    found = readers.zxing(small, SQUARE, thorough=True, shrinks=False, turns=False)
    found += _lying_pdf417(small, wanted)
    return coded(found, scale, wanted, "2-D") or _from_afar(small, scale, wanted)


def _lying_pdf417(small: Gray, wanted: frozenset[str]) -> list[ReaderFound]:
    """What zxing-cpp sees of PDF417 only where its rows lie."""
    if "PDF417" not in wanted:
        return []
    upright = np.asarray(cv2.rotate(small, cv2.ROTATE_90_CLOCKWISE), np.uint8)
    last = upright.shape[1] - 1
    return [
        replace(one, corners=tuple((y, last - x) for x, y in one.corners))
        for one in readers.zxing(upright, PDF417, thorough=False)
    ]


def _from_afar(small: Gray, scale: float, wanted: frozenset[str]) -> list[Code]:
    """A large code with white streaks across, as a worn print head leaves them: they close from
    afar, thicker ones when what is thin and bright is painted over."""
    for longest, closed in AFAR:
        share = longest / max(small.shape)
        far = cv2.resize(small, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        if closed:
            far = cv2.morphologyEx(far, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        found = readers.zxing(
            np.asarray(far, np.uint8),
            SQUARE,
            thorough=True,
            shrinks=False,
            one_threshold=not closed,
        )
        if found:
            return coded(found, scale / share, wanted, "2-D")
    return []


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
    gray: Gray, search: RegionSearch, wanted: frozenset[str], known: Places, *, fast: bool = False
) -> list[Code]:
    """Patches that look like a code and hold none yet, in the picture's own pixels. `fast`: the few
    most like one, as a camera that is held over a label sees it."""
    codes: list[Code] = []
    if not wanted & readers.SQUARE_NAMES:
        return codes
    left = PATCH_PIXELS
    levels, bendable = (0, 0) if fast else (MOST_LEVEL, BENT_PATCHES)
    found = search.dense_patches()
    if fast:
        found = [one for one in found if min(one.width, one.height) >= FAST_SIDE][:FAST_PATCHES]
    for one in found[:MOST_PATCHES]:
        if known.cover(one.x + one.width / 2, one.y + one.height / 2):
            continue
        left -= round(one.width * one.height * (1 + 2 * MARGIN) ** 2)
        if left < 0:
            break
        seen = _straight(gray, one, wanted) or ([] if fast else _closer(gray, one, wanted))
        if not seen and levels:
            levels -= 1
            seen = _level(gray, one, wanted)
        if not seen and bendable and _squarish(one):
            bendable -= 1
            seen = _by_rings(gray, one, wanted) or _bent(gray, one, wanted)
        codes += seen
    return codes


def _squarish(patch: Patch) -> bool:
    longest, shortest = max(patch.width, patch.height), min(patch.width, patch.height)
    return shortest >= 21 * bent.SMALLEST and longest <= BENT_LONGEST * shortest


def _by_rings(gray: Gray, patch: Patch, wanted: frozenset[str]) -> list[Code]:
    """An Aztec code whose modules are washed or blurred, in a picture that is not large.

    Not in a patch that is: where print fills a picture the search takes ten times zxing-cpp's time.
    """
    large = gray.size > SMALL or max(patch.width, patch.height) > SHARPEST
    if large or "Aztec" not in wanted:
        return []
    part, x0, y0 = _cut(gray, patch)
    return [
        Code(
            one.text,
            "Aztec",
            tuple((x + x0, y + y0) for x, y in one.corners),
            "sure" if one.certain else "weak",
            "rings",
        )
        for one in aztec.read(np.ascontiguousarray(part))
    ]


def _bent(gray: Gray, patch: Patch, wanted: frozenset[str]) -> list[Code]:
    part, x0, y0 = _cut(gray, patch)
    found = bent.read(np.ascontiguousarray(part))
    return coded(found, 1.0, wanted, "bent", (x0, y0))


def _straight(gray: Gray, patch: Patch, wanted: frozenset[str]) -> list[Code]:
    """As it lies in the picture and turned by a quarter, as some Data Matrix codes need; a large
    one reduced."""
    part, x0, y0 = _cut(gray, patch)
    small, scale = reduced(part, SHARPEST) if max(part.shape) > SHARPEST else (part, 1.0)
    kinds = _kinds(patch) if gray.size > SMALL else PATCHES
    found = readers.zxing(np.ascontiguousarray(small), kinds, thorough=False, turns=True)
    return coded(found, scale, wanted, "2-D patch", (x0, y0))


def _kinds(patch: Patch) -> list[Any]:
    """What a patch may be. In a large picture only: there are dozens of patches, mostly print."""
    if patch.prevails < LEAST_PDF417:
        return SQUARE_ALONE
    return PDF417 if patch.prevails > MOST_SQUARE else PATCHES


def _closer(gray: Gray, patch: Patch, wanted: frozenset[str]) -> list[Code]:
    """PDF417 turned upright, which zxing-cpp finds in no other way, where the edges of one
    direction prevail; in a picture that is not large, a small patch at twice its size."""
    longest = max(patch.width, patch.height)
    if patch.prevails > PREVAILS and longest > SHORTEST_PDF417 and "PDF417" in wanted:
        return _upright(gray, patch)
    if longest > SHARPEST or gray.size > SMALL:
        return []
    part, x0, y0 = _cut(gray, patch)
    double = cv2.resize(part, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    for worked, one_threshold in _worked_over(np.asarray(double, np.uint8), longest):
        found = readers.zxing(
            worked, PATCHES, thorough=False, turns=True, one_threshold=one_threshold
        )
        if found:
            return coded(found, 0.5, wanted, "2-D patch", (x0, y0))
    return []


def _worked_over(double: Gray, longest: float) -> Iterator[tuple[Gray, bool]]:
    """A patch as a blurred, washed or dim one is read, and whether one brightness parts it: as it
    is, sharpened, and with its contrast evened out (Zuiderveld, Graphics Gems IV, 1994: CLAHE)."""
    if longest <= DOUBLED_PATCH:
        yield double, False
    soft = cv2.GaussianBlur(double, (0, 0), UNSHARP)
    sharp = cv2.addWeighted(double, 1 + UNSHARP, soft, -UNSHARP, 0)
    yield np.asarray(sharp, np.uint8), False
    yield np.asarray(cv2.createCLAHE(*EVENED).apply(double), np.uint8), True


def _level(gray: Gray, patch: Patch, wanted: frozenset[str]) -> list[Code]:
    """Turned level, enlarged and parted by the brightness around: patchy, streaked or glaring
    print. In a picture that is not large."""
    longest = max(patch.width, patch.height)
    if longest > LONGEST_LEVEL or gray.size > SMALL or patch.prevails > MOST_SQUARE:
        return []
    part, x0, y0 = _cut(gray, patch)
    tilt, prevails = _tilt(part)
    if prevails < LEAST_LEVEL:
        return []
    zoom = 3.0 if longest <= SHARPEST else 2.0
    size = round(longest * (1 + 2 * MARGIN) * zoom)
    x, y = patch.x - x0 + patch.width / 2, patch.y - y0 + patch.height / 2
    turn = cv2.getRotationMatrix2D((x, y), math.degrees(tilt), zoom)
    turn += np.array([[0, 0, size / 2 - x], [0, 0, size / 2 - y]])
    level = cv2.warpAffine(
        part, turn, (size, size), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    parted = cv2.adaptiveThreshold(
        level, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, AROUND, DARKER
    )
    back = cv2.invertAffineTransform(turn)
    found = [
        replace(one, corners=tuple(map(tuple, np.array(one.corners) @ back[:, :2].T + back[:, 2])))
        for one in readers.zxing(np.asarray(parted, np.uint8), PATCHES, thorough=False)
    ]
    return coded(found, 1.0, wanted, "2-D level", (x0, y0))


def _tilt(part: Gray) -> tuple[float, float]:
    """Radians, to a quarter turn, from the rows to the directions that the edges of squares have,
    and how much they prevail: 1 = all edges have them, 0 = none more than others."""
    gx, gy = cv2.spatialGradient(part)
    x, y = np.float32(gx), np.float32(gy)
    energy, apart, both = x * x + y * y, x * x - y * y, 2 * x * y
    share = 1 / np.maximum(energy, 1)
    cos, sin = ((apart * apart - both * both) * share).sum(), (2 * apart * both * share).sum()
    return math.atan2(sin, cos) / 4, math.hypot(cos, sin) / max(1.0, float(energy.sum()))


def _upright(gray: Gray, patch: Patch) -> list[Code]:
    longest = math.hypot(patch.width, patch.height)
    x, y = patch.x + patch.width / 2, patch.y + patch.height / 2
    region = Region(x, y, patch.angle, 1.3 * longest, longest)
    small = longest < FINE_PDF417
    rows = max(8, round((0.9 if small else 0.6) * longest))
    cut = stages.cut_out(gray, region, 1.0, rows, cubic=small)
    found = readers.zxing(cut.rows, PDF417, thorough=False)
    return [
        Code(one.text, one.format, cut.placed(one.corners), "sure", "2-D patch") for one in found
    ]


def _cut(gray: Gray, patch: Patch) -> tuple[Gray, int, int]:
    """A patch with a margin around it, and the picture's pixel at its upper left: x, y."""
    edge = MARGIN * max(patch.width, patch.height)
    x0, y0 = max(0, int(patch.x - edge)), max(0, int(patch.y - edge))
    x1, y1 = int(patch.x + patch.width + edge), int(patch.y + patch.height + edge)
    return gray[y0:y1, x0:x1], x0, y0


def again(gray: Gray, wanted: frozenset[str]) -> list[Code]:
    """A small picture in which nothing was read: at half its size, a very small one at twice, and
    a QR code that is bent."""
    if not wanted & readers.SQUARE_NAMES or gray.size > SMALL:
        return []
    half = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    found = readers.zxing(
        np.asarray(half, np.uint8), SQUARE, thorough=True, one_threshold=True, shrinks=False
    )
    if found:
        return coded(found, 2.0, wanted, "2-D again")
    if gray.size <= DOUBLED:
        double = cv2.resize(gray, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        found = readers.zxing(np.asarray(double, np.uint8), SQUARE, thorough=False)
    codes = coded(found, 0.5, wanted, "2-D again")
    return codes or coded(bent.read(gray), 1.0, wanted, "bent")


def coded(
    found: Sequence[ReaderFound], scale: float, wanted: frozenset[str], stage: str,
    begin: tuple[int, int] = (0, 0),
) -> list[Code]:  # fmt: skip
    """What was found in a part of the picture that begins there, in the picture's pixels. A Micro
    QR code is weak: one finder pattern and few check words, so that stripes and print read as one
    (ISO/IEC 18004: version M1 only detects errors)."""
    return [
        Code(
            one.text,
            one.format,
            _placed(one.corners, scale, begin),
            "weak" if one.format in UNGUARDED else "sure",
            stage,
        )
        for one in found
        if one.format in wanted
    ]


def _placed(corners: Corners, scale: float, begin: tuple[int, int]) -> Corners:
    return tuple((x * scale + begin[0], y * scale + begin[1]) for x, y in corners)
