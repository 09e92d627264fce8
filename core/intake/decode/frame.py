"""The whole picture, straight: a second source for weak codes, and what no region showed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

import numpy as np

from core.intake.decode import belief, readers
from core.intake.decode.readers import LINEAR, NEEDS_TWO, Found
from core.intake.types import Code, Corners, Gray
from core.intake.vision import cv2

LONG_SIDE = 2000  # pixels at which the whole picture is looked at
DOUBLE_BELOW = 1000  # pixels of the longer side: such a picture is looked at twice its size, too
ALONE = 3  # looks of pyzbar that count without zxing-cpp: two were wrong together on real photos

Look = tuple[str, list[Found]]  # the reader's name, and what it found


class WholeFrame:
    """Two readers on the whole picture, as it is and worked over."""

    def __init__(self, gray: Gray, formats: Collection[str]) -> None:
        """Keep the picture (height x width) for later: most need no look at the whole."""
        self._gray, self._formats = gray, formats

    def __contains__(self, text: str) -> bool:
        """Whether a straight look at the whole picture gives this text, too."""
        return any(one.text == text for one in self.straight)

    @cached_property
    def straight(self) -> list[Found]:
        """What zxing-cpp sees in the whole picture at its own size, upright or lying."""
        return readers.zxing(self._gray, LINEAR, thorough=True)

    def believed(self, found: Found) -> Code | None:
        """A word about the whole picture as a code, when bands of it say the same."""
        region = belief.region_of(found, self._gray)
        if region is None or not self._whole("zxing-cpp", found):
            return None
        worth = belief.witnessed(found, self._gray, self._formats)
        if worth is None:
            return None
        corners = belief.placed(found, region).corners
        return Code(found.text, found.format, corners, worth, "whole frame")

    def codes(self, heard: Collection[str]) -> list[Code]:
        """Codes that the looks agree on. `heard`: texts that one look at a region gave."""
        votes: dict[str, list[tuple[str, Found]]] = defaultdict(list)
        known = {belief.plain(text) for text in heard}
        agreed: list[Code] = []
        for number, (reader, found) in enumerate(self._looks()):
            for one in found:
                if one.format in self._formats and self._whole(reader, one):
                    votes[belief.plain(one.text)].append((reader, one))
            if number == 0 and not votes and not known and not self._small:
                break
            agreed = [_code(told) for text, told in votes.items() if _enough(told, text in known)]
            if number and len(agreed) == len(votes) > 0:
                break
        return agreed

    def _whole(self, reader: str, found: Found) -> bool:
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


def _scaled(found: Sequence[Found], scale: float) -> list[Found]:
    return [Found(one.text, one.format, times(one.corners, scale)) for one in found]


def times(corners: Corners, scale: float) -> Corners:
    """Corners of a reduced picture in pixels of the picture it was made from."""
    return tuple((x * scale, y * scale) for x, y in corners)


def _enough(told: Sequence[tuple[str, Found]], heard: bool) -> bool:
    """Two looks that are not both pyzbar's; or one of zxing-cpp at a code with a strong check."""
    if not heard and {(reader, one.format) for reader, one in told} == {("pyzbar", "ITF")}:
        return False
    by_zxing = heard + sum(reader == "zxing-cpp" for reader, _ in told)
    by_zbar = sum(reader == "pyzbar" for reader, _ in told)
    strong = by_zxing > heard and any(one.format not in NEEDS_TWO for _, one in told)
    return bool(strong) or by_zbar >= ALONE or by_zxing + (by_zxing > 0) * by_zbar >= 2


def _code(told: Sequence[tuple[str, Found]]) -> Code:
    _, one = min(told, key=lambda vote: vote[0] != "zxing-cpp")  # its corners are the truer ones
    return Code(one.text, one.format, one.corners, "sure", "whole frame")
