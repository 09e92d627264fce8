"""What a reader process does with a label's print; called by name from core.intake.doors."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.intake.codes import PictureCode
from core.intake.opening import open_page
from core.intake.text.paper import Paper, guessed, paper_around, upright
from core.intake.text.reader import SIDE, read_upright
from core.intake.types import Corners, Gray, PictureError, Print, middle
from core.intake.vision import cv2

JPEG = 80
NOT_INSTALLED = PictureCode.NO_PRINT_HERE


def find_papers(path: Path, page: int, anchors: Sequence[Corners | None]) -> list[Print]:
    """The labels on which these codes lie, without their print: it costs no reading."""
    gray = _gray(path, page)
    found: list[tuple[Paper, list[int]]] = []
    for at, anchor in enumerate(anchors):
        x, y = middle(anchor) if anchor else (-1.0, -1.0)
        there = next((one for one in found if anchor and one[0].holds(x, y)), None)
        if there:
            there[1].append(at)
            continue
        paper = paper_around(gray, anchor)
        if paper is None:
            assert anchor is not None
            paper = guessed(gray, anchor, alone=len(anchors) == 1)
        found.append((paper, [at]))
    return [
        Print(_corners_of(paper), tuple(members), (), round(paper.width), round(paper.height))
        for paper, members in found
    ]


def read_print(path: Path, page: int, corners: Corners) -> Print:
    """Cut one label out, turn it upright, read its print."""
    gray = _gray(path, page)
    paper = _paper(corners)
    cut, _ = upright(gray, paper, SIDE)
    try:
        lines, turns = read_upright(cut)
    except ImportError as error:
        raise PictureError(NOT_INSTALLED) from error
    paper = _turned(paper, turns)
    high, wide = (cut.shape[1], cut.shape[0]) if turns % 2 else cut.shape
    return Print(_corners_of(paper), (), tuple(lines), wide, high)


def cut_out(
    path: Path, page: int, corners: Corners, marks: Sequence[tuple[float, ...]], side: int
) -> bytes:
    """A label upright as a JPEG; `marks`: boxes in shares of its width and height to draw."""
    cut, _ = upright(_gray(path, page), _paper(corners), side)
    image = cv2.cvtColor(cut, cv2.COLOR_GRAY2BGR)
    high, wide = cut.shape
    for x0, y0, x1, y1 in marks:
        first = round(x0 * wide) - 3, round(y0 * high) - 3
        cv2.rectangle(image, first, (round(x1 * wide) + 3, round(y1 * high) + 3), (60, 150, 30), 3)
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG])
    if not done:
        raise PictureError(PictureCode.NO_CUT_OUT)
    return bytes(data)


def _gray(path: Path, page: int) -> Gray:
    try:
        return open_page(path.read_bytes(), page).gray
    except OSError as error:
        raise PictureError(
            PictureCode.CANNOT_BE_OPENED, name=path.name, said=error.strerror
        ) from error


def _corners_of(paper: Paper) -> Corners:
    return tuple((float(x), float(y)) for x, y in paper.corners())


def _paper(corners: Corners) -> Paper:
    points = np.array(corners, float)
    along, down = points[1] - points[0], points[3] - points[0]
    x, y = points.mean(axis=0)
    angle = math.atan2(along[1], along[0])
    return Paper(float(x), float(y), angle, float(np.hypot(*along)), float(np.hypot(*down)))


def _turned(paper: Paper, turns: int) -> Paper:
    """The same paper as it stands after so many quarter turns to the left."""
    angle = paper.angle + turns * math.pi / 2
    if turns % 2:
        return replace(paper, angle=angle, width=paper.height, height=paper.width)
    return replace(paper, angle=angle)
