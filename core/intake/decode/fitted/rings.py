"""Square rings around a dark middle, dark and light by turns: the bullseye of an Aztec code and, of
fewer rings, the corner square of a QR code."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.intake.decode.fitted.lattice import FLAT, Floats, Signs, evened
from core.intake.types import Gray
from core.intake.vision import cv2

PIXELS = 2.4  # of a module, to which the picture is brought
SMALLEST, STEP, SIZES = 1.6, 1.17, 10  # pixels of a module that is looked for, ever larger
EVEN = 2.5  # modules in which contrast is evened out
SOFT = 0.35  # modules of blur
LEAST = 0.45  # correlation
FAINT = 0.05  # mean square of what is evened, below which nothing is seen: half a grey level
APART = 3.0  # modules between two middles
MOST = 3  # of one picture
PARTS = 4  # of a sample's side, while rings are drawn


@dataclass(frozen=True)
class Rings:
    """Where rings lie: their middle and module (pixels), how they are turned (radians, up to whole
    quarters), and how like rings they are (correlation)."""

    x: float
    y: float
    module: float
    angle: float
    alike: float


def find(gray: Gray, count: int) -> list[Rings]:
    """The places most like a dark module with `count` rings around, the likest first."""
    angle, found = _angle(gray), []
    pattern = _drawn(count, angle)
    half = pattern.shape[0] // 2
    for number in range(SIZES):
        module = SMALLEST * STEP**number
        scale = PIXELS / module
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        sized = np.asarray(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=how), np.uint8)
        if min(sized.shape) <= pattern.shape[0]:
            break
        alike = _likeness(evened(sized, EVEN * PIXELS, FLAT), pattern)
        _, best, _, (column, row) = cv2.minMaxLoc(alike)
        x, y = ((place + half + 0.5) / scale - 0.5 for place in (column, row))
        found.append(Rings(x, y, module, angle, float(best)))
    return _apart([one for one in found if one.alike > LEAST])


def _likeness(seen: Floats, pattern: Floats) -> Floats:
    """The correlation at each place where the pattern lies within the picture.

    OpenCV says 1 where there is nothing at all to compare: a blank margin of a drawn page.
    """
    alike = np.asarray(cv2.matchTemplate(seen, pattern, cv2.TM_CCOEFF_NORMED), np.float32)
    half = pattern.shape[0] // 2
    power = np.asarray(cv2.sqrBoxFilter(seen, cv2.CV_32F, pattern.shape), np.float32)
    alike[power[half:-half, half:-half] < FAINT] = 0.0
    return alike


def _apart(found: list[Rings]) -> list[Rings]:
    kept: list[Rings] = []
    for one in sorted(found, key=lambda one: -one.alike):
        if all(math.dist((one.x, one.y), (k.x, k.y)) > APART * k.module for k in kept):
            kept.append(one)
    return kept[:MOST]


def _angle(gray: Gray) -> float:
    """The direction of most edges, up to whole quarters."""
    gx, gy = (np.asarray(one, np.float32) for one in cv2.spatialGradient(gray))
    edges = gx + 1j * gy
    strength = np.abs(edges) + 1e-3
    return float(np.angle((edges**4 / strength**2).sum()) / 4)


def signs(count: int) -> Signs:
    """The modules of a dark middle with `count` rings around."""
    y, x = np.mgrid[-count : count + 1, -count : count + 1]
    return np.where(np.maximum(abs(x), abs(y)) % 2 == 0, -1, 1).astype(np.int8)


def _drawn(count: int, angle: float) -> Floats:
    """Rings of PIXELS a module, turned."""
    half = math.ceil((count + 0.5) * PIXELS)
    fine = (np.arange((2 * half + 1) * PARTS) + 0.5) / PARTS - 0.5 - half
    x, y = fine[None] / PIXELS, fine[:, None] / PIXELS
    c, s = math.cos(angle), math.sin(angle)
    ring = np.floor(np.maximum(abs(x * c + y * s), abs(y * c - x * s)) + 0.5)
    values = np.where(ring % 2 == 0, -1, 1) * (ring <= count)
    size = (2 * half + 1, 2 * half + 1)
    small = cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), SOFT * PIXELS), np.float32)
