"""QR codes on cloth, film and bags: their modules are clear, and stand on no straight grid.

zxing-cpp finds such a code by its corners and takes the modules between them as if the paper were
flat. Here the grid follows the edges: how far they stand from where a flat code has them is the
phase of their strength at one wave a module (demodulation of a carrier, as in fringe analysis:
Takeda, Ina & Kobayashi, J. Opt. Soc. Am. 72, 1982). What stands on the straightened grid is given
to zxing-cpp as clean modules: its error correction says whether it is a code.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.intake.decode import readers
from core.intake.decode.readers import BrokenQR, ReaderFound
from core.intake.types import Gray
from core.intake.vision import cv2

Floats = NDArray[np.float32]

MODULE, RIM = 8, 4  # samples of a module, and modules around the code
# Modules of the windows (sigma): creased paper, whose edges may stand more than half a module away,
# from the three corners on, in one step (of 52 codes two more showed none); then, one after the
# other, cloth that moves softly, by ever narrower ones.
CREASED, SOFTLY = (1.2,), (6.0, 4.0, 3.0, 2.0, 1.5, 1.2)
NEAR = 9  # modules, in which the middle of the darkest and the lightest parts dark from light
MOST = 3  # places of one picture
SMALLEST = 2.0  # pixels of a module


def read(gray: Gray) -> list[ReaderFound]:
    """Bent QR codes of a picture in which zxing-cpp reads none; corners in its pixels."""
    found: list[ReaderFound] = []
    for place in readers.broken_qr(gray)[:MOST]:
        if place.side >= SMALLEST * place.modules:
            text = next(_texts(gray, place), None)
            found += [] if text is None else [ReaderFound(text, "QRCode", place.corners)]
    return found


def _texts(gray: Gray, place: BrokenQR) -> Iterator[str]:
    for windows, creased in ((CREASED, True), (SOFTLY, False)):
        sheet = _Sheet.flat(gray, place)
        for window in windows:
            sheet.follow(window, creased=creased)
        clean = np.where(np.pad(sheet.modules(), RIM), 0, 255).astype(np.uint8)
        clean = np.kron(clean, np.ones((3, 3), np.uint8))
        yield from (one.text for one in readers.zxing(clean, readers.QR, thorough=False))


@dataclass
class _Sheet:
    """A code of `count` modules a side on a grid: where (samples of a flat code's grid) each of its
    samples lies, and the map from there to the picture."""

    gray: Gray
    to_picture: NDArray[np.float64]
    count: int
    x: Floats
    y: Floats

    @classmethod
    def flat(cls, gray: Gray, place: BrokenQR) -> _Sheet:
        """As if nothing were bent."""
        first, last = RIM * MODULE, (RIM + place.modules) * MODULE
        flat = np.array([[first, first], [last, first], [last, last], [first, last]], np.float32)
        corners = np.array(place.corners, np.float32)
        size = (place.modules + 2 * RIM) * MODULE
        y, x = np.mgrid[0:size, 0:size].astype(np.float32) + 0.5
        matrix = np.asarray(cv2.getPerspectiveTransform(flat, corners), float)
        return cls(gray, matrix, place.modules, x, y)

    def look(self) -> Floats:
        """The picture on the grid."""
        m = self.to_picture.tolist()
        depth = m[2][0] * self.x + m[2][1] * self.y + m[2][2]
        x = (m[0][0] * self.x + m[0][1] * self.y + m[0][2]) / depth - 0.5
        y = (m[1][0] * self.x + m[1][1] * self.y + m[1][2]) / depth - 0.5
        seen = cv2.remap(self.gray, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, np.float32)

    def follow(self, window: float, *, creased: bool) -> None:
        """Move the grid to where the edges stand, by what they say within so many modules."""
        seen = self.look()
        self.x += self._off(np.abs(cv2.Sobel(seen, cv2.CV_32F, 1, 0)), window, creased=creased)
        self.y += self._off(np.abs(cv2.Sobel(seen, cv2.CV_32F, 0, 1)).T, window, creased=creased).T

    def _off(self, edges: Floats, window: float, *, creased: bool) -> Floats:
        """How far to the right of the grid the edges of each place stand (samples)."""
        size, modules, rim = len(edges), self.count + 2 * RIM, (RIM - 1) * MODULE
        inside = np.pad(edges[rim:-rim, rim:-rim], rim)
        angle = (2 * np.pi * (np.arange(size) + 0.5) / MODULE).astype(np.float32)
        along, aside = (
            cv2.GaussianBlur(_by_module(inside * wave, modules), (0, 0), window)
            for wave in (np.cos(angle), np.sin(angle))
        )
        turns: Floats = (np.arctan2(aside, along) / (2 * np.pi)).astype(np.float32)
        if creased:
            turns = _joined(turns, np.hypot(along, aside))
        smooth = cv2.GaussianBlur((turns * MODULE).astype(np.float32), (0, 0), window / 2)
        whole = cv2.resize(smooth, (size, size), interpolation=cv2.INTER_LINEAR)
        return np.asarray(whole, np.float32)

    def modules(self) -> NDArray[np.bool_]:
        """Which modules are dark."""
        seen = cv2.GaussianBlur(self.look(), (0, 0), 0.22 * MODULE)
        inside = slice(RIM * MODULE + MODULE // 2, (RIM + self.count) * MODULE, MODULE)
        middles = np.ascontiguousarray(seen[inside, inside])
        near = np.ones((NEAR, NEAR), np.uint8)
        middle = (cv2.dilate(middles, near) + cv2.erode(middles, near)) / 2
        dark: NDArray[np.bool_] = middles < cv2.blur(middle, (NEAR, NEAR))
        return dark


def _by_module(values: Floats, modules: int) -> Floats:
    mean = cv2.resize(values, (modules, modules), interpolation=cv2.INTER_AREA)
    return np.asarray(mean, np.float32)


def _joined(turns: Floats, clear: Floats) -> Floats:
    """Turns that are known but for whole ones, as neighbours have them: from the middles of the
    three corner squares on, where edges are clear first (phase unwrapping by quality)."""
    size = len(turns)
    first, last = RIM + 3, size - 4 - RIM
    wide = size + 2  # with an edge around: lists, as single elements of arrays are slow
    met, given = [True] * wide**2, [0.0] * wide**2  # met: known, or waiting
    sums, counts = [0.0] * wide**2, [0] * wide**2  # of the neighbours that are known
    turn_at, clear_at = (np.pad(values, 1).ravel().tolist() for values in (turns, clear))
    for row in range(1, size + 1):
        met[row * wide + 1 : row * wide + 1 + size] = [False] * size
    near = [row * wide + column for row in (-1, 0, 1) for column in (-1, 0, 1)]
    corners = ((first, first), (first, last), (last, first))
    waiting = [(-np.inf, (row + 1) * wide + column + 1) for row, column in corners]
    for _, at in waiting:
        met[at] = True
    while waiting:
        _, at = heapq.heappop(waiting)
        turn, count = turn_at[at], counts[at]
        turn += round(sums[at] / count - turn) if count else 0
        given[at] = turn
        for way in near:
            sums[at + way] += turn
            counts[at + way] += 1
        for way in (-wide, wide, -1, 1):
            if not met[at + way]:
                met[at + way] = True
                heapq.heappush(waiting, (-clear_at[at + way], at + way))
    return np.array(given, np.float32).reshape(wide, wide)[1:-1, 1:-1]
