"""Where codes lie in a picture, so that no place is looked at twice."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.intake.decode.regions import Region
from core.intake.types import Code, middle
from core.intake.vision import cv2

SLACK = 8.0  # pixels around a code that count as part of it


class Places:
    """The outlines of codes, with their boxes and middles: a picture holds dozens of codes and a
    hundred regions, too few for arrays to pay."""

    def __init__(self, codes: Iterable[Code] = ()) -> None:
        """Begin with these codes."""
        self._outlines: list[NDArray[np.float32]] = []
        self._middles: list[tuple[float, float]] = []
        self._boxes: list[tuple[float, float, float, float]] = []
        for code in codes:
            self.add(code)

    def add(self, code: Code) -> None:
        """One code more."""
        xs, ys = [x for x, _ in code.corners], [y for _, y in code.corners]
        self._outlines.append(np.array(code.corners, np.float32))
        self._middles.append(middle(code.corners))
        self._boxes.append((min(xs) - SLACK, max(xs) + SLACK, min(ys) - SLACK, max(ys) + SLACK))

    def cover(self, x: float, y: float) -> bool:
        """Whether a point (pixels) lies in a code or SLACK beside it."""
        for number, (left, right, top, bottom) in enumerate(self._boxes):
            if left <= x <= right and top <= y <= bottom:
                outline = self._outlines[number]
                if cv2.pointPolygonTest(outline, (x, y), measureDist=True) > -SLACK:
                    return True
        return False

    def meet(self, region: Region) -> bool:
        """Whether the region holds a code's middle, or a code the region's."""
        cos, sin = math.cos(region.angle), math.sin(region.angle)
        length, height = region.length / 2, region.height / 2
        for x, y in self._middles:
            dx, dy = x - region.x, y - region.y
            if abs(dx * cos + dy * sin) <= length and abs(dy * cos - dx * sin) <= height:
                return True
        return self.cover(region.x, region.y)
