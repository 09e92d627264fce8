"""Finds barcode-like regions at any angle: patches of parallel bars, by the structure tensor
(Bigun & Granlund 1987) of a reduced picture, summed over square cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.intake.types import Corners, Gray
from core.intake.vision import cv2

CELL = 8  # pixels of the reduced picture
BAND = 4  # rows of cells worked on at once
COHERENCE = 0.5  # of the tensor: 1 = all edges parallel, 0 = edges in every direction
ENERGY = 300.0  # mean squared gradient (Sobel, grey levels squared) below which a cell is flat
BACKGROUND = 1.4  # times the picture's median energy: cardboard's grain is coherent, too
# Least coherence, least part of the strongest energy nearby (bars have the strongest edges on a
# label), and times the background's: as bars mostly are, bars that run into print beside them, bars
# in pieces.
FIRST = (COHERENCE, 0.25, BACKGROUND)
OTHERS = ((0.6, 0.4, BACKGROUND), (0.38, 0.25, BACKGROUND))
# A code out of focus that fills the picture: its own bars are the background, and its label's edge
# is far stronger than they are.
SOFT = (COHERENCE, 0.03, 0.2)
DENSE_CELLS = 2  # of a two-dimensional code's side, at the least
DENSE = 3000.0  # mean squared gradient inside a two-dimensional code
DENSE_SHARE = 0.12  # of the strongest energy nearby
DENSE_LONGEST = 5  # times its height, a patch
DENSE_FILLED = 0.3  # of a rectangle: a code and print that touches its corner fill less than half
NEARBY = 13  # cells
SAME_DIRECTION = math.cos(math.radians(30))  # of doubled angles: neighbours differ by 15 degrees
MIN_CELLS = 8
SHORTEST, THINNEST = 4, 1.2  # cells along and across a code
LEANING_CELLS = 20  # fewer, and a lean cannot be told from a ragged edge
FILLED = 0.45  # of a rectangle, by bars
MOST_LEAN = math.radians(25)  # of bars against their code, seen from aside
FAINT = 0.01  # of the strongest region's energy: the grain of cardboard beside a label
# Two parts of one code: their middles' distance in the mean of their lengths; the sine of the angle
# between either and the line through both middles; the higher one's height in the lower one's.
APART, IN_LINE, AS_HIGH = (0.7, 1.5), math.sin(math.radians(20)), 1.8
HALVE_ABOVE = 600_000  # pixels: larger pictures are halved before the search
COARSE_ABOVE = 300_000  # pixels of the reduced picture: search a second time at a quarter


@dataclass(frozen=True)
class Region:
    """A rectangle around parallel bars, in picture pixels. ``angle`` (radians) is the direction
    across the bars, which is the direction a code is read in; ``length`` runs along it and
    ``height`` along the bars."""

    x: float
    y: float
    angle: float
    length: float
    height: float
    strength: float = 0.0

    @classmethod
    def around(cls, corners: Corners) -> Region:
        """The region of a code with these corners, clockwise from its top left."""
        points = np.array(corners)
        left, right = (points[0] + points[3]) / 2, (points[1] + points[2]) / 2
        (x, y), across = (left + right) / 2, right - left
        down = (points[2] + points[3] - points[0] - points[1]) / 2
        angle = math.atan2(across[1], across[0])
        return cls(float(x), float(y), angle, math.hypot(*across), math.hypot(*down))

    def corners(self) -> NDArray[np.float32]:
        """4 x 2, clockwise from the code's top left."""
        c, s = math.cos(self.angle), math.sin(self.angle)
        u = np.array([c, s]) * self.length / 2
        v = np.array([-s, c]) * self.height / 2
        m = np.array([self.x, self.y])
        return np.array([m - u - v, m + u - v, m + u + v, m - u + v], np.float32)

    def contains(self, x: float, y: float, slack: float = 0.0) -> bool:
        """Whether a point lies within, or up to `slack` pixels beside."""
        dx, dy = x - self.x, y - self.y
        farthest = (self.length + self.height) / 2 + 2 * slack
        if abs(dx) > farthest or abs(dy) > farthest:  # most of a picture's regions
            return False
        c, s = math.cos(self.angle), math.sin(self.angle)
        along, across = abs(dx * c + dy * s), abs(-dx * s + dy * c)
        return along <= self.length / 2 + slack and across <= self.height / 2 + slack


@dataclass(frozen=True)
class Patch:
    """A patch full of edges, in picture pixels: left, top, sides. ``angle`` (radians) is the
    direction that crosses most of them, ``prevails`` by how much: 1 = all of them, 0 = none."""

    x: float
    y: float
    width: float
    height: float
    angle: float
    prevails: float


@dataclass(frozen=True)
class Cells:
    """The structure tensor per cell: ``energy`` = xx + yy, and the doubled-angle vector (c, s)."""

    energy: NDArray[np.float32]
    c: NDArray[np.float32]
    s: NDArray[np.float32]


def tensor_cells(small: Gray) -> Cells:
    """Mean gradient products over CELL x CELL pixels, then over 3 x 3 cells."""
    columns, rows = small.shape[1] // CELL, small.shape[0] // CELL
    sums = np.empty((3, rows, columns), np.float32)
    for first in range(0, rows, BAND):  # bands whose products stay in the processor's cache
        last = min(rows, first + BAND)
        top = max(0, first * CELL - 1)
        gx, gy = cv2.spatialGradient(small[top : last * CELL + 1])
        inside = slice(first * CELL - top, last * CELL - top)
        x, y = np.asarray(gx[inside, : columns * CELL]), np.asarray(gy[inside, : columns * CELL])
        for place, (a, b) in enumerate(((x, x), (y, y), (x, y))):
            product = cv2.multiply(a, b, dtype=cv2.CV_32F)
            for part in (4, 2, 1):  # OpenCV is quickest at halving
                size = (columns * part, (last - first) * part)
                product = cv2.resize(product, size, interpolation=cv2.INTER_AREA)
            sums[place, first:last] = product
    xx, yy, xy = sums
    return Cells(_spread(xx + yy), _spread(xx - yy), _spread(2 * xy))


def _spread(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean over 3 x 3 cells."""
    return np.asarray(cv2.blur(cells, (3, 3)), np.float32)


def _components(
    cells: Cells, coherence: float, contrast: float, background: float
) -> tuple[int, NDArray[np.int32]]:
    """Labels cells: 4-neighbours join when their directions agree. Done by one connected-components
    call on a grid that has a node between each pair of cells."""
    norm = np.sqrt(cells.c**2 + cells.s**2)
    nearby = cv2.dilate(cells.energy, np.ones((NEARBY, NEARBY), np.uint8))
    floor = np.maximum(max(ENERGY, background * float(np.median(cells.energy))), contrast * nearby)
    bars = (cells.energy > floor) & (norm > coherence * cells.energy)
    c, s = cells.c / (norm + 1e-6), cells.s / (norm + 1e-6)
    height, width = bars.shape
    grid = np.zeros((2 * height - 1, 2 * width - 1), np.uint8)
    grid[::2, ::2] = bars
    across = c[:, 1:] * c[:, :-1] + s[:, 1:] * s[:, :-1] > SAME_DIRECTION
    grid[::2, 1::2] = across & bars[:, 1:] & bars[:, :-1]
    down = c[1:] * c[:-1] + s[1:] * s[:-1] > SAME_DIRECTION
    grid[1::2, ::2] = down & bars[1:] & bars[:-1]
    count, labels = cv2.connectedComponents(grid, connectivity=4, ltype=cv2.CV_32S)
    return count, np.ascontiguousarray(labels[::2, ::2])


class RegionSearch:
    """The barcode-like regions of one picture. The tensor is worked out once for all questions."""

    def __init__(self, gray: Gray) -> None:
        """Look at the picture (height x width) at half its size, and at smaller ones if large."""
        halved = gray.size > HALVE_ABOVE
        small, scale = (_half(gray), 2.0) if halved else (gray, 1.0)
        self._sizes: list[tuple[Cells, float]] = []  # with the picture's pixels in each pixel
        self.pictures = [(gray, 1.0), (small, scale)]  # ever smaller ones, made only once
        if min(small.shape) >= 3 * CELL:
            self._sizes.append((tensor_cells(small), scale))
        while small.size > COARSE_ABOVE:
            small, scale = _half(small), scale * 2
            self.pictures.append((small, scale))
            self._sizes.append((tensor_cells(small), scale))

    def regions(self) -> list[Region]:
        """What the first sieve leaves, strongest first; coarse ones where no fine ones are."""
        found: list[Region] = []
        for cells, scale in self._sizes:
            found += [one for one in _at(cells, scale, *FIRST) if not _covered(one, found)]
        return sorted(found, key=_weight)

    def more(self, known: Sequence[Region]) -> list[Region]:
        """What the other sieves leave at the finest size that is not known yet, strongest first."""
        found: list[Region] = []
        for cells, scale in self._sizes[:1]:
            for sieve in OTHERS:
                new = _at(cells, scale, *sieve)
                found += [one for one in new if not _seen_before(one, [*known, *found])]
        return sorted(found, key=_weight)

    def soft(self) -> list[Region]:
        """Faint bars at the finest size, largest first: what a code out of focus may be."""
        found = [one for cells, scale in self._sizes[:1] for one in _at(cells, scale, *SOFT)]
        return sorted(found, key=lambda one: -one.length * one.height)

    def dense_patches(self) -> list[Patch]:
        """Patches as full of edges in every direction as a two-dimensional code, largest first."""
        if not self._sizes:
            return []
        cells, scale = self._sizes[0]
        mixed = np.sqrt(cells.c**2 + cells.s**2) < COHERENCE * cells.energy
        nearby = cv2.dilate(cells.energy, np.ones((NEARBY, NEARBY), np.uint8))
        dense = (mixed & (cells.energy > np.maximum(DENSE, DENSE_SHARE * nearby))).astype(np.uint8)
        core = cv2.erode(dense, np.ones((DENSE_CELLS, DENSE_CELLS), np.uint8))
        grown = cv2.dilate(core, np.ones((DENSE_CELLS + 2, DENSE_CELLS + 2), np.uint8))
        count, _, stats, _ = cv2.connectedComponentsWithStats(grown)
        found = [
            _patch(cells, CELL * scale, x, y, w, h)
            for x, y, w, h, area in stats[1:count].tolist()
            if area > DENSE_FILLED * w * h and max(w, h) < DENSE_LONGEST * min(w, h)
        ]
        return sorted(found, key=lambda one: -one.width * one.height)


def joined(one: Region, other: Region) -> Region | None:
    """Two regions that lie along one line as the parts of one bent code do, as one; else None."""
    dx, dy = other.x - one.x, other.y - one.y
    apart, angle = math.hypot(dx, dy), math.atan2(dy, dx)
    low, high = sorted((one.height, other.height))
    near, far = (share * (one.length + other.length) / 2 for share in APART)
    in_line = all(abs(math.sin(angle - part.angle)) < IN_LINE for part in (one, other))
    if not (near < apart < far and in_line and high < AS_HIGH * low):
        return None
    aside = (other.length - one.length) / 4
    x, y = (one.x + other.x) / 2, (one.y + other.y) / 2
    return replace(
        one,
        x=x + aside * math.cos(angle),
        y=y + aside * math.sin(angle),
        angle=angle if math.cos(angle - one.angle) > 0 else angle + math.pi,
        length=apart + (one.length + other.length) / 2,
        height=(one.height + other.height) / 2,
    )


def _patch(cells: Cells, unit: float, x: int, y: int, w: int, h: int) -> Patch:
    part = (slice(y, y + h), slice(x, x + w))
    c, s, energy = (float(one[part].sum()) for one in (cells.c, cells.s, cells.energy))
    prevails = math.hypot(c, s) / (energy + 1e-6)
    return Patch(x * unit, y * unit, w * unit, h * unit, math.atan2(s, c) / 2, prevails)


def _weight(region: Region) -> float:
    return -region.length * region.height * region.strength


def _seen_before(region: Region, found: Sequence[Region]) -> bool:
    return any(
        other.contains(region.x, region.y) and region.contains(other.x, other.y) for other in found
    )


def _at(
    cells: Cells, scale: float, coherence: float, contrast: float, background: float
) -> list[Region]:
    count, labels = _components(cells, coherence, contrast, background)
    patches = _Components(cells, labels.ravel(), count, labels.shape[1])
    return [region for region in map(partial(_fit, scale), patches.likely()) if region is not None]


@dataclass(frozen=True)
class _Component:
    """Joined cells: where they lie (cells), the direction across their bars, their energy."""

    xs: NDArray[np.float64]
    ys: NDArray[np.float64]
    angle: float
    energy: float


class _Components:
    """All components of one size at once: dozens are too small or too short to be looked at."""

    def __init__(self, cells: Cells, flat: NDArray[np.int32], count: int, columns: int) -> None:
        """Work out the sums that every component needs. `flat`: its label for each cell."""
        self._bars = np.flatnonzero(flat)
        self._labels, self._count = flat[self._bars], count
        ys, xs = np.divmod(self._bars.astype(np.int32), columns)
        self._xs, self._ys = xs + 0.5, ys + 0.5
        self._sizes = np.bincount(self._labels, minlength=count)
        self._energy = self._mean(cells.energy.ravel()[self._bars])
        c, s = (self._mean(one.ravel()[self._bars]) for one in (cells.c, cells.s))
        self._angles = np.arctan2(s, c) / 2

    def _mean(self, values: NDArray[Any]) -> NDArray[np.float64]:
        sums = np.bincount(self._labels, values, minlength=self._count)
        return sums / np.maximum(self._sizes, 1)

    def likely(self) -> list[_Component]:
        """Those that are large, bright and long enough in some direction to be worth a fit."""
        large = self._sizes >= MIN_CELLS
        large[0] = False
        bright = self._energy >= FAINT * float(self._energy[large].max(initial=0.0))
        wanted = np.flatnonzero(large & bright & self._long())
        order = np.argsort(self._labels, kind="stable")
        ends = np.cumsum(self._sizes)
        xs, ys = self._xs[order], self._ys[order]
        return [
            _Component(xs[first:last], ys[first:last], float(angle), float(energy))
            for first, last, angle, energy in zip(
                (ends - self._sizes)[wanted].tolist(),
                ends[wanted].tolist(),
                self._angles[wanted],
                self._energy[wanted],
                strict=True,
            )
        ]

    def _long(self) -> NDArray[np.bool_]:
        xs, ys, mean = self._xs, self._ys, self._mean
        x, y = mean(xs), mean(ys)
        xx, yy, xy = mean(xs * xs) - x * x, mean(ys * ys) - y * y, mean(xs * ys) - x * y
        widest = (xx + yy) / 2 + np.sqrt((xx - yy) ** 2 / 4 + xy * xy)
        return np.asarray(12 * widest > SHORTEST**2)


def _fit(scale: float, one: _Component) -> Region | None:
    """The rectangle around the cells, along the bars' direction or, where they lean, along the
    cells' own; None when they fill neither, or are too thin."""
    region = _around(one, one.angle, scale)
    if region is None and len(one.xs) >= LEANING_CELLS:
        region = _around(one, _longest_way(one), scale)
    return region


def _around(one: _Component, angle: float, scale: float) -> Region | None:
    c, s = math.cos(angle), math.sin(angle)
    v0, v1 = _span(one.ys * c - one.xs * s)
    height = v1 - v0
    if height < THINNEST:
        return None
    u0, u1 = _span(one.xs * c + one.ys * s)
    length = u1 - u0
    if length < SHORTEST or len(one.xs) < FILLED * length * height:
        return None
    mu, mv, unit = (u0 + u1) / 2, (v0 + v1) / 2, CELL * scale
    x, y = (mu * c - mv * s) * unit, (mu * s + mv * c) * unit
    return Region(x, y, angle, length * unit, height * unit, one.energy)


def _longest_way(one: _Component) -> float:
    """The direction in which the cells spread most, if bars may lean so far; else their angle."""
    x, y = one.xs - one.xs.mean(), one.ys - one.ys.mean()
    own = math.atan2(2 * float(x @ y), float(x @ x - y @ y)) / 2
    off = (own - one.angle + math.pi / 2) % math.pi - math.pi / 2
    return one.angle + off if abs(off) < MOST_LEAN else one.angle


def _span(values: NDArray[np.float64]) -> tuple[float, float]:
    """From the 2nd to the 98th of 100, and half a cell on both sides."""
    edge = len(values) // 50
    values.partition((edge, len(values) - 1 - edge))
    return float(values[edge]) - 0.5, float(values[-1 - edge]) + 0.5


def _half(gray: Gray) -> Gray:
    return np.asarray(
        cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8
    )


def _covered(coarse: Region, fine: list[Region]) -> bool:
    """Whether finer regions already hold most of a coarse one."""
    reach = (coarse.length + coarse.height) / 2
    area = sum(
        r.length * r.height
        for r in fine
        if abs(r.x - coarse.x) < reach
        and coarse.contains(r.x, r.y)
        and abs(math.sin(r.angle - coarse.angle)) < 0.3
    )
    return area > 0.4 * coarse.length * coarse.height
