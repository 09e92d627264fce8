"""The whole picture, straight: a second source for weak codes, and what no region showed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from core.intake.decode import belief, readers
from core.intake.decode.readers import LINEAR, RETAIL, ReaderFound
from core.intake.types import Code, Corners, Gray
from core.intake.vision import cv2

LONG_SIDE = 2000  # pixels at which the whole picture is looked at
ROWS = 400  # of a large picture, for a look at its bars
DOUBLE_BELOW = 1000  # pixels of the longer side: such a picture is looked at twice its size, too

TINY = 400  # pixels of the longer side: a code in it may be too small for the search

ALONE = 3  # looks of pyzbar that count for a product code: two were wrong together on real photos

Look = tuple[str, list[ReaderFound]]  # the reader's name, and what it found


class WholeFrame:
    """Two readers on the whole picture, as it is and worked over."""

    def __init__(self, gray: Gray, formats: Collection[str]) -> None:
        """Keep the picture (height x width) for later: most need no look at the whole."""
        self._gray, self._formats = gray, formats

    def __contains__(self, text: str) -> bool:
        """Whether a straight look at the whole picture gives this text, too."""
        return any(one.text == text for one in self.straight)

    @cached_property
    def straight(self) -> list[ReaderFound]:
        """What zxing-cpp sees in the whole picture at its own size, upright or lying."""
        step = _step(self._gray.shape[1])
        columns = np.asarray(cv2.transpose(np.ascontiguousarray(self._gray[:, ::step])), np.uint8)
        lying = _in_rows(columns, step)
        step = _step(self._gray.shape[0])
        return [*_in_rows(self._gray[::step], step), *map(_turned_back, lying)]

    def believed(self, found: ReaderFound) -> Code | None:
        """A word about the whole picture as a code, when bands of it say the same."""
        region = belief.region_of(found, self._gray)
        if region is None or found.format in belief.PARTED:  # a fold changes both bands alike
            return None
        seen = belief.witnessed(found, self._gray, self._formats)
        code = None if seen is None else self._code(belief.placed(found, region))
        return code and replace(code, confidence="weak" if seen == "weak" else code.confidence)

    def codes(self, heard: Collection[str], *, bars: bool) -> list[Code]:
        """Codes that the looks agree on. `heard`: texts that one look at a region gave, by
        zxing-cpp: the same reader at the same pixels is one vote, however often. `bars`: some
        were seen. Where there are none and zxing-cpp sees nothing straight either, only TINY
        pictures are looked at: of 66 real ones in which that was so no other showed a code. Where
        two readers see nothing, there is no third look."""
        tiny = max(self._gray.shape) < TINY
        if not (bars or tiny or heard or self.straight):
            return []
        votes: dict[str, list[tuple[str, ReaderFound]]] = defaultdict(list)
        heard_texts = {belief.plain(text) for text in heard}
        agreed: dict[str, Code] = {}
        for number, (reader, found) in enumerate(self._looks()):
            for one in found:
                if one.format in self._formats and self._whole(reader, one):
                    votes[belief.plain(one.text)].append((reader, one))
            idle = not votes and not heard_texts
            if idle and (number or not self._small or not (bars or tiny)):
                break
            for text, sightings in votes.items():
                if text in agreed:
                    continue
                code = self._agreed(sightings, heard=text in heard_texts)
                if code is not None:
                    agreed[text] = code
            if number and len(agreed) == len(votes) > 0:
                break
        return list(agreed.values())

    def _agreed(self, sightings: Sequence[tuple[str, ReaderFound]], *, heard: bool) -> Code | None:
        """Two readers, or one in two bands; corners are truer where zxing-cpp gives them."""
        sayers = {reader for reader, _ in sightings} | ({"zxing-cpp"} if heard else set())
        by_zxing = [one for reader, one in sightings if reader == "zxing-cpp"]
        for one in by_zxing:
            both = len(sayers) > 1
            if both and (one.format in RETAIL or belief.region_of(one, self._gray) is not None):
                return self._code(one)
            if (code := self.believed(one)) is not None:
                return code
        one = (by_zxing or [sightings[-1][1]])[0]
        if not by_zxing and any(belief.may_be_part(way, self._gray) for way in _either_way(one)):
            return None
        if one.format in RETAIL and len(sightings) >= (2 if by_zxing else ALONE) and _high(one):
            return self._code(one)
        if by_zxing:
            return None
        if len(sayers) > 1:
            return self._code(one)
        return next((code for code in map(self.believed, _either_way(one)) if code), None)

    def _code(self, one: ReaderFound) -> Code | None:
        worth = belief.worth(one, self._gray)
        return worth and Code(one.text, one.format, one.corners, worth, "whole frame")

    def _whole(self, reader: str, found: ReaderFound) -> bool:
        """A part of an ITF code has no vote. pyzbar does not tell which way a code lies."""
        if found.format != "ITF" or reader == "pyzbar":
            return True
        return belief.whole(found, self._gray)

    @property
    def _small(self) -> bool:
        return bool(max(self._gray.shape) <= LONG_SIDE)

    def _looks(self) -> Iterator[Look]:
        """Cheapest first. Corners are in the picture's own pixels."""
        gray, scale = shrunk(self._gray)
        yield "zxing-cpp", _scaled(readers.zxing(gray, LINEAR, thorough=True), scale)
        yield "pyzbar", _scaled(readers.zbar(gray), scale)
        one_threshold = readers.zxing(gray, LINEAR, thorough=True, one_threshold=True)
        yield "zxing-cpp", _scaled(one_threshold, scale)
        soft = cv2.GaussianBlur(gray, (0, 0), 1.5)
        sharp = np.asarray(cv2.addWeighted(gray, 2.5, soft, -1.5, 0), np.uint8)
        yield "pyzbar", _scaled(readers.zbar(sharp), scale)
        if max(gray.shape) <= DOUBLE_BELOW:
            double = cv2.resize(gray, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
            yield "pyzbar", _scaled(readers.zbar(np.asarray(double, np.uint8)), scale / 2)


def shrunk(gray: Gray) -> tuple[Gray, float]:
    """At most LONG_SIDE pixels long, and the picture's pixels in each of its pixels."""
    scale = max(gray.shape) / LONG_SIDE
    if scale <= 1:
        return gray, 1.0
    size = (round(gray.shape[1] / scale), round(gray.shape[0] / scale))
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), scale


def _step(rows: int) -> int:
    """zxing-cpp looks at about 512 rows of a picture and works out all of them first: it is given
    fewer of a large one, each at its full length."""
    return max(1, rows // ROWS)


def _in_rows(rows: Gray, step: int) -> list[ReaderFound]:
    """Codes whose bars stand; `step` rows of the picture are one."""
    found = readers.zxing(np.ascontiguousarray(rows), LINEAR, thorough=False)
    return [
        ReaderFound(one.text, one.format, tuple((x, y * step) for x, y in one.corners))
        for one in found
    ]


def _turned_back(found: ReaderFound) -> ReaderFound:
    return ReaderFound(found.text, found.format, tuple((y, x) for x, y in found.corners))


def _scaled(found: Sequence[ReaderFound], scale: float) -> list[ReaderFound]:
    return [ReaderFound(one.text, one.format, times(one.corners, scale)) for one in found]


def times(corners: Corners, scale: float) -> Corners:
    """Corners of a reduced picture in pixels of the picture it was made from."""
    return tuple((x * scale, y * scale) for x, y in corners)


def _either_way(found: ReaderFound) -> tuple[ReaderFound, ReaderFound]:
    """Pyzbar gives the box of a code, and not which way its bars run."""
    a, b, c, d = found.corners
    return found, ReaderFound(found.text, found.format, (b, c, d, a))


def _high(found: ReaderFound) -> bool:
    """Whether a code is no sliver by the corners a reader gave."""
    a, b, _, d = found.corners
    sides = math.dist(a, b), math.dist(a, d)
    return min(sides) >= belief.THINNEST * max(sides)
