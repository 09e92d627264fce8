"""Finds the paper around a bar code, so that a label is read without its neighbours."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.intake.types import Corners, Gray
from core.intake.vision import cv2

SEARCH_SIDE = 900  # pixels of the longer side while the paper is looked for
BRIGHT = (0.82, 0.74, 0.66, 0.58)  # of the paper's own white, around the bars
WELL_FILLED, FILLED = 0.85, 0.62  # of its rectangle, by paper: at once, and if nothing is better
MOST_WIDE, MOST_HIGH = 2.6, 4.5  # times the code's length, one label
MARGIN = 0.01  # of a side, around the paper


@dataclass(frozen=True)
class Paper:
    """A label's rectangle: middle, half axes (pixels), and the angle in which its text runs."""

    x: float
    y: float
    angle: float
    width: float
    height: float

    def corners(self) -> NDArray[np.float32]:
        """4 x 2, clockwise from the top left of the upright label."""
        c, s = math.cos(self.angle), math.sin(self.angle)
        u, v = np.array([c, s]) * self.width / 2, np.array([-s, c]) * self.height / 2
        m = np.array([self.x, self.y])
        return np.array([m - u - v, m + u - v, m + u + v, m - u + v], np.float32)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point of the picture lies on the label."""
        c, s = math.cos(self.angle), math.sin(self.angle)
        dx, dy = x - self.x, y - self.y
        along, across = abs(dx * c + dy * s), abs(-dx * s + dy * c)
        return along <= self.width / 2 and across <= self.height / 2


def paper_around(gray: Gray, anchor: Corners | None) -> Paper | None:
    """The label on which a code lies, None where its edge is not seen; without a code, the whole
    picture."""
    high, wide = gray.shape
    if anchor is None:
        return Paper(wide / 2, high / 2, 0.0, wide, high)
    points = np.array(anchor, np.float32)
    along = points[1] - points[0] + points[2] - points[3]
    angle = math.atan2(float(along[1]), float(along[0]))
    length = float(np.hypot(*along)) / 2
    scale = min(1.0, SEARCH_SIDE / max(gray.shape))
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = _bright(np.asarray(small, np.uint8), points * scale, angle)
    if found is not None:
        x, y, turn, width, height = found
        if width / scale < MOST_WIDE * length and height / scale < MOST_HIGH * length:
            return Paper(x / scale, y / scale, turn, width / scale, height / scale)
    return None


def guessed(gray: Gray, anchor: Corners, *, alone: bool) -> Paper:
    """Where no edge of the paper is seen: what a label takes around its code; where the code is
    the only one, the whole picture turned."""
    points = np.array(anchor, np.float32)
    along = points[1] - points[0] + points[2] - points[3]
    angle, length = math.atan2(float(along[1]), float(along[0])), float(np.hypot(*along)) / 2
    if not alone:
        x, y = points.mean(axis=0)
        return Paper(float(x), float(y), angle, 1.5 * length, 2.6 * length)
    high, wide = gray.shape
    c, s = abs(math.cos(angle)), abs(math.sin(angle))
    return Paper(wide / 2, high / 2, angle, wide * c + high * s, wide * s + high * c)


def _bright(
    small: Gray, points: NDArray[np.float32], angle: float
) -> tuple[float, float, float, float, float] | None:
    """The bright patch that holds the code, as a rectangle along the code."""
    mask = np.zeros(small.shape, np.uint8)
    cv2.fillConvexPoly(mask, np.round(points).astype(np.int32), 1)
    under = small[mask > 0]
    if under.size < 20:
        return None
    around = cv2.dilate(mask, np.ones((25, 25), np.uint8))
    white = float(np.percentile(small[around > 0], 90))
    soft = cv2.GaussianBlur(small, (0, 0), 1.0)
    best, best_filled = None, FILLED
    for share in BRIGHT:
        found = _patch((soft > share * white).astype(np.uint8), mask, points)
        if found is None:
            continue
        filled, (x, y), (w, h), turn = found
        if filled > best_filled:
            best = (x, y, *_along(math.radians(turn), w, h, angle))
            best_filled = filled
        if filled > WELL_FILLED:
            break
    return best


def _patch(
    bright: Gray, mask: Gray, points: NDArray[np.float32]
) -> tuple[float, tuple[float, float], tuple[float, float], float] | None:
    """How well the patch fills its rectangle, and that: middle, sides, degrees."""
    bright[mask > 0] = 1
    closed = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    opened[mask > 0] = 1
    _, labels = cv2.connectedComponents(opened)
    middle = points.mean(axis=0)
    row = min(max(int(middle[1]), 0), bright.shape[0] - 1)
    column = min(max(int(middle[0]), 0), bright.shape[1] - 1)
    member = (labels == labels[row, column]).astype(np.uint8)
    outline, _ = cv2.findContours(member, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max(outline, key=cv2.contourArea)
    area = float(cv2.contourArea(largest))  # print inside counts as paper
    if area < 1.3 * float(mask.sum()):
        return None
    (x, y), (w, h), turn = cv2.minAreaRect(largest)
    return area / max(1.0, w * h), (x, y), (w, h), turn


def _along(turn: float, w: float, h: float, angle: float) -> tuple[float, float, float]:
    """The rectangle's angle that is nearest to the code's, with width and height to it."""
    quarters = round((angle - turn) / (math.pi / 2))
    turned = turn + quarters * math.pi / 2
    return (turned, h, w) if quarters % 2 else (turned, w, h)


def upright(gray: Gray, paper: Paper, most: int) -> tuple[Gray, float]:
    """The label cut out and turned, its longer side at most so many pixels; and the scale."""
    width, height = paper.width * (1 + 2 * MARGIN), paper.height * (1 + 2 * MARGIN)
    scale = min(1.0, most / max(width, height))
    size = max(8, round(width * scale)), max(8, round(height * scale))
    source = Paper(paper.x, paper.y, paper.angle, width, height).corners()[:3]
    target = np.array([(0, 0), (size[0], 0), size], np.float32)
    matrix = cv2.getAffineTransform(source, target)
    if scale < 0.7:  # soften before pixels are left out
        gray = np.asarray(cv2.GaussianBlur(gray, (0, 0), 0.4 / scale), np.uint8)
    cut = cv2.warpAffine(gray, matrix, size, flags=cv2.INTER_LINEAR, borderValue=128)
    return np.asarray(cut, np.uint8), scale
