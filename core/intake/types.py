"""What a reader gives: codes with their corners, and what was seen but not read."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.reasons import Reason

Gray = NDArray[np.uint8]  # a picture: height x width
Corners = tuple[tuple[float, float], ...]


def middle(corners: Corners) -> tuple[float, float]:
    """The mean of four corners."""
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4


Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Code:
    """One code read. `corners`: 4 (x, y) in pixels of the upright picture, clockwise from the
    code's top left. `weak`: read by a low-quality stage, to be believed only if it is known."""

    text: str
    format: str
    corners: Corners
    confidence: Literal["sure", "weak"]
    stage: str


@dataclass(frozen=True)
class Unread:
    """A barcode-like region that gave no code; `guesses` are texts that readers disagreed on."""

    corners: Corners
    reason: str
    guesses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """Everything about one picture (one page of a PDF). Sizes in pixels, `ms` of CPU time.

    `error`: why this page could not be read while others of its file were."""

    codes: tuple[Code, ...]
    unread: tuple[Unread, ...]
    width: int
    height: int
    ms: float
    error: Reason | None = None


@dataclass(frozen=True)
class PrintLine:
    """One printed line: its text, its box in pixels of the cut-out, and the reader's score."""

    text: str
    box: Box
    score: float


@dataclass(frozen=True)
class Print:
    """One label's print. `paper`: its corners in the picture, clockwise from the upright label's
    top left; `anchors`: which of the codes asked for lie on it."""

    paper: Corners
    anchors: tuple[int, ...]
    lines: tuple[PrintLine, ...]
    width: int
    height: int


class PictureError(UserError):
    """The file cannot be used; the message says what to do."""
