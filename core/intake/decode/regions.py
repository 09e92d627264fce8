"""Finds barcode-like regions at any angle: patches of parallel bars, by the structure tensor
(Bigun & Granlund 1987) of a reduced picture, summed over square cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.intake.types import Gray
from core.intake.vision import cv2

CELL = 8  # pixels of the reduced picture
BAND = 8  # rows of cells worked on at once
COHERENCE = 0.5  # of the tensor: 1 = all edges parallel, 0 = edges in every direction
ENERGY = 300.0  # mean squared gradient (Sobel, grey levels squared) below which a cell is flat
BACKGROUND = 1.4  # times the picture's median energy: cardboard's grain is coherent, too
# Least coherence, and least part of the strongest energy nearby (bars have the strongest edges on a
# label): as bars mostly are, bars that run into print beside them, bars in pieces.
FIRST = (COHERENCE, 0.25)
OTHERS = ((0.6, 0.4), (0.38, 0.25))
DENSE_CELLS = 2  # of a two-dimensional code's side, at the least
DENSE = 3000.0  # mean squared gradient inside a two-dimensional code
DENSE_SHARE = 0.12  # of the strongest energy nearby
DENSE_LONGEST = 5  # times its height, a patch
NEARBY = 13  # cells
SAME_DIRECTION = math.cos(math.radians(30))  # of doubled angles: neighbours differ by 15 degrees
MIN_CELLS = 8
SHORTEST = 4  # cells along a code
LEANING_CELLS = 20  # fewer, and a lean cannot be told from a ragged edge
FILLED = 0.45  # of a rectangle, by bars
MOST_LEAN = math.radians(25)  # of bars against their code, seen from aside
FAINT = 0.01  # of the strongest region's energy: the grain of cardboard beside a label
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
            size = (columns, last - first)
            sums[place, first:last] = cv2.resize(product, size, interpolation=cv2.INTER_AREA)
    xx, yy, xy = sums
    return Cells(_spread(xx + yy), _spread(xx - yy), _spread(2 * xy))


def _spread(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean over 3 x 3 cells."""
    return np.asarray(cv2.blur(cells, (3, 3)), np.float32)


def _components(cells: Cells, coherence: float, contrast: float) -> tuple[int, NDArray[np.int32]]:
    """Labels cells: 4-neighbours join when their directions agree. Done by one connected-components
    call on a grid that has a node between each pair of cells."""
    norm = np.sqrt(cells.c**2 + cells.s**2)
    nearby = cv2.dilate(cells.energy, np.ones((NEARBY, NEARBY), np.uint8))
    floor = np.maximum(max(ENERGY, BACKGROUND * float(np.median(cells.energy))), contrast * nearby)
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
                found += [one for one in new if not _known(one, [*known, *found])]
        return sorted(found, key=_weight)

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
            if area > FILLED * w * h and max(w, h) < DENSE_LONGEST * min(w, h)
        ]
        return sorted(found, key=lambda one: -one.width * one.height)


def _patch(cells: Cells, unit: float, x: int, y: int, w: int, h: int) -> Patch:
    part = (slice(y, y + h), slice(x, x + w))
    c, s, energy = (float(one[part].sum()) for one in (cells.c, cells.s, cells.energy))
    prevails = math.hypot(c, s) / (energy + 1e-6)
    return Patch(x * unit, y * unit, w * unit, h * unit, math.atan2(s, c) / 2, prevails)


def _weight(region: Region) -> float:
    return -region.length * region.height * region.strength


def _known(region: Region, found: Sequence[Region]) -> bool:
    return any(
        other.contains(region.x, region.y) and region.contains(other.x, other.y) for other in found
    )


def _at(cells: Cells, scale: float, coherence: float, contrast: float) -> list[Region]:
    count, labels = _components(cells, coherence, contrast)
    flat = labels.ravel()
    sizes = np.bincount(flat, minlength=count)
    energy = np.bincount(flat, cells.energy.ravel(), minlength=count) / np.maximum(sizes, 1)
    sizes[0], energy[0] = 0, 0.0
    large = sizes >= MIN_CELLS
    bright = energy >= FAINT * float(energy[large].max(initial=0.0))
    bars = np.flatnonzero(flat)
    order = bars[np.argsort(flat[bars], kind="stable")]
    starts = np.concatenate([[0, 0], np.cumsum(sizes[1:])])
    found = []
    for label in np.flatnonzero(large & bright & _long(flat, bars, sizes, labels.shape[1])):
        members = order[starts[label] : starts[label + 1]]
        region = _fit(cells, members, labels.shape[1], scale)
        if region is not None:
            found.append(region)
    return found


def _long(
    flat: NDArray[np.int32], bars: NDArray[np.intp], sizes: NDArray[np.intp], columns: int
) -> NDArray[np.bool_]:
    """Of all components at once, which spread far enough in some direction to be worth a fit."""
    ys, xs = np.divmod(bars, columns)
    count = np.maximum(sizes, 1)

    def mean(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.bincount(flat[bars], values, minlength=len(sizes)) / count

    x, y = mean(xs), mean(ys)
    xx, yy, xy = mean(xs * xs) - x * x, mean(ys * ys) - y * y, mean(xs * ys) - x * y
    widest = (xx + yy) / 2 + np.sqrt((xx - yy) ** 2 / 4 + xy * xy)
    return np.asarray(12 * widest > SHORTEST**2)


def _fit(cells: Cells, members: NDArray[np.intp], columns: int, scale: float) -> Region | None:
    """The rectangle around the member cells, along the bars' direction or, where they lean, along
    the cells' own; None when they fill neither, or are too thin."""
    c, s = float(cells.c.ravel()[members].sum()), float(cells.s.ravel()[members].sum())
    ys, xs = np.divmod(members, columns)
    places = np.stack([xs + 0.5, ys + 0.5])
    energy = float(cells.energy.ravel()[members].mean())
    angle = math.atan2(s, c) / 2
    region = _around(places, angle, scale, energy)
    if region is None and len(members) >= LEANING_CELLS:
        region = _around(places, _longest_way(places, angle), scale, energy)
    return region


def _around(
    places: NDArray[np.float64], angle: float, scale: float, energy: float
) -> Region | None:
    xs, ys = places
    u = xs * math.cos(angle) + ys * math.sin(angle)
    v = -xs * math.sin(angle) + ys * math.cos(angle)
    (u0, u1), (v0, v1) = _span(u), _span(v)
    length, height = u1 - u0, v1 - v0
    if length < SHORTEST or height < 1.2 or len(xs) < FILLED * length * height:
        return None
    mu, mv = (u0 + u1) / 2, (v0 + v1) / 2
    x = (mu * math.cos(angle) - mv * math.sin(angle)) * CELL * scale
    y = (mu * math.sin(angle) + mv * math.cos(angle)) * CELL * scale
    unit = CELL * scale
    return Region(x, y, angle, length * unit, height * unit, energy)


def _longest_way(places: NDArray[np.float64], angle: float) -> float:
    """The direction in which the cells spread most, if bars may lean so far; else `angle`."""
    x, y = places - places.mean(axis=1, keepdims=True)
    own = math.atan2(2 * float(x @ y), float(x @ x - y @ y)) / 2
    off = (own - angle + math.pi / 2) % math.pi - math.pi / 2
    return angle + off if abs(off) < MOST_LEAN else angle


def _span(values: NDArray[np.float64]) -> tuple[float, float]:
    """From the 2nd to the 98th of 100, and half a cell on both sides."""
    edge = len(values) // 50
    ordered = np.partition(values, (edge, len(values) - 1 - edge))
    return float(ordered[edge]) - 0.5, float(ordered[-1 - edge]) + 0.5


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
