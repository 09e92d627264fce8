"""Where codes lie in a picture, so that no place is looked at twice."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.intake.decode.regions import Region
from core.intake.types import Code, Corners
from core.intake.vision import cv2

SLACK = 8.0  # pixels around a code that count as part of it


class Places:
    """The outlines of codes, with their boxes and middles in arrays: a picture holds dozens of
    codes and a hundred regions."""

    def __init__(self, codes: Iterable[Code] = ()) -> None:
        """Begin with these codes."""
        self._outlines: list[NDArray[np.float32]] = []
        self._middles = np.zeros((0, 2))
        self._boxes = np.zeros((0, 4))
        for code in codes:
            self.add(code)

    def add(self, code: Code) -> None:
        """One code more."""
        outline = np.array(code.corners, np.float32)
        low, high = outline.min(axis=0) - SLACK, outline.max(axis=0) + SLACK
        self._outlines.append(outline)
        self._middles = np.vstack([self._middles, outline.mean(axis=0)])
        self._boxes = np.vstack([self._boxes, np.concatenate([low, high])])

    def cover(self, x: float, y: float) -> bool:
        """Whether a point (pixels) lies in a code or SLACK beside it."""
        near = (self._boxes[:, :2] <= (x, y)).all(axis=1) & (self._boxes[:, 2:] >= (x, y)).all(
            axis=1
        )
        return any(
            cv2.pointPolygonTest(self._outlines[number], (x, y), measureDist=True) > -SLACK
            for number in np.flatnonzero(near)
        )

    def meet(self, region: Region) -> bool:
        """Whether the region holds a code's middle, or a code the region's."""
        moved = self._middles - (region.x, region.y)
        cos, sin = math.cos(region.angle), math.sin(region.angle)
        along = np.abs(moved @ (cos, sin)) <= region.length / 2
        across = np.abs(moved @ (-sin, cos)) <= region.height / 2
        return bool((along & across).any()) or self.cover(region.x, region.y)


def middle(corners: Corners) -> tuple[float, float]:
    """The mean of four corners."""
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4
