"""Square modules that stand on a grid, whatever the light: where the grid lies is fitted to a part
of the code that is known (corner squares, rings), and that part also shows what blur and shade made
of a module, which is undone for all of them.

The fit is that of Evangelidis & Psarakis (IEEE TPAMI 30, 2008), which no change of brightness and
contrast disturbs. The undoing is a linear equaliser, trained on known modules and then on its own
decisions (Lucky, Bell System Technical Journal 45, 1966).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.intake.types import Gray
from core.intake.vision import cv2

Floats = NDArray[np.float32]
Signs = NDArray[np.int8]  # of modules: -1 dark, 1 light, 0 not known

FINE = 6  # samples of a module while the grid is fitted
SAMPLES = 8  # of a module, when its brightness is taken
SOFT = 0.3  # modules by which what is known is blurred for the fit
EVEN = 2.5  # modules (sigma) in which contrast is evened out for the fit, and
NEAR = 4.0  # for the modules' brightness
FLAT, DIM = 2.0, 1.0  # grey levels of contrast below which nothing is made of it
STEPS, NEARLY = 30, 1e-4  # of the fit, and the change at which it ends
RIDGE = 4.0  # known modules that say "no blur", before the others speak
ROUNDS = 2  # of training on decisions


@dataclass(frozen=True)
class Lattice:
    """`to_picture` (2 x 3, affine) is the map from modules (x, y) to pixels of `gray`; the middle
    of module (0, 0) is its origin."""

    gray: Gray
    to_picture: NDArray[np.float32]

    @classmethod
    def placed(cls, gray: Gray, x: float, y: float, module: float, angle: float) -> Lattice:
        """With the origin at a pixel, so many pixels a module, turned by `angle` (radians)."""
        c, s = np.cos(angle) * module, np.sin(angle) * module
        return cls(gray, np.array([[c, -s, x], [s, c, y]], np.float32))

    @property
    def module(self) -> float:
        """Pixels of a module's side."""
        return float(np.sqrt(abs(np.linalg.det(self.to_picture[:, :2]))))

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The pixel of a place given in modules."""
        place = self.to_picture @ np.array([x, y, 1.0])
        return float(place[0]), float(place[1])

    def fitted(self, known: Signs, middle: tuple[int, int]) -> tuple[Lattice, float] | None:
        """Moved to where known modules (rows x columns; the origin is at row and column `middle`)
        are seen, and their correlation with the picture; None where the fit goes astray."""
        pattern = drawn(known)
        row, column = ((place + 0.5) * FINE - 0.5 for place in middle)
        step = self.to_picture[:, :2] / FINE
        moved = self.to_picture[:, 2] - step @ np.array([column, row], np.float32)
        warp = np.column_stack([step, moved]).astype(np.float32)
        seen = evened(self.gray, EVEN * self.module, FLAT)
        mask = np.kron((known != 0).astype(np.uint8), np.ones((FINE, FINE), np.uint8))
        ends = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, STEPS, NEARLY)
        everywhere = np.ones(seen.shape, np.uint8)
        try:
            alike, found = cv2.findTransformECCWithMask(
                pattern, seen, mask, everywhere, warp, cv2.MOTION_AFFINE, ends, 3
            )
        except cv2.error:  # raised for a picture with which nothing correlates
            return None
        warp = np.asarray(found, np.float32)
        origin = warp[:, :2] @ np.array([column, row]) + warp[:, 2]
        matrix = np.column_stack([warp[:, :2] * FINE, origin]).astype(np.float32)
        return Lattice(self.gray, matrix), float(alike)

    def brightness(self, rows: range, columns: range, soft: float) -> Floats:
        """Of the modules of these rows and columns, blurred by so many modules."""
        x, y = (
            ((np.arange(len(one) * SAMPLES) + 0.5) / SAMPLES - 0.5 + one.start).astype(np.float32)
            for one in (columns, rows)
        )
        m = self.to_picture
        xs, ys = (
            np.asarray(m[i, 0] * x[None] + m[i, 1] * y[:, None] + m[i, 2], np.float32)
            for i in (0, 1)
        )
        seen = cv2.remap(self.gray, xs, ys, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        even = cv2.GaussianBlur(np.asarray(seen, np.float32), (0, 0), soft * SAMPLES)
        return np.asarray(even[SAMPLES // 2 :: SAMPLES, SAMPLES // 2 :: SAMPLES], np.float32)


def drawn(known: Signs) -> Floats:
    """Known modules as a picture of FINE samples each, a little soft."""
    sharp = np.repeat(np.repeat(known, FINE, axis=0), FINE, axis=1).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(sharp, (0, 0), SOFT * FINE), np.float32)


def evened(values: Gray | Floats, sigma: float, floor: float) -> Floats:
    """Brightness less the mean nearby, over the contrast nearby."""
    bright = np.asarray(values, np.float32)
    local = np.asarray(bright - cv2.GaussianBlur(bright, (0, 0), sigma), np.float32)
    spread = np.sqrt(cv2.GaussianBlur(local * local, (0, 0), sigma))
    return np.asarray(local / (spread + floor), np.float32)


def equalised(brightness: Floats, known: Signs, inside: NDArray[np.bool_]) -> Iterator[Floats]:
    """The modules (below 0: dark) as what became of the known ones says, round by round better:
    decisions on those `inside` are learned from as well."""
    seen = _with_neighbours(evened(brightness, NEAR, DIM))
    prior = np.zeros(seen.shape[-1], np.float32)
    prior[4] = 1.0  # the module itself
    learned, signs = known != 0, known.astype(np.float32)
    for _ in range(ROUNDS + 1):
        x = seen[learned]
        left = x.T @ x + RIDGE * np.eye(len(prior), dtype=np.float32)
        values = seen @ np.linalg.solve(left, x.T @ signs[learned] + RIDGE * prior)
        yield np.asarray(values, np.float32)
        learned, signs = inside | (known != 0), np.where(known != 0, known, np.sign(values))


def _with_neighbours(values: Floats) -> Floats:
    """Of each module its own value and its eight neighbours', and 1."""
    rows, columns = values.shape
    wide = np.pad(values, 1, mode="edge")
    near = [wide[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
    return np.stack([*near, np.ones_like(values)], axis=-1)
