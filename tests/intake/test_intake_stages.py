"""The parts of the reader's stages, each on bars drawn here."""

import math

import cv2
import numpy as np
import pytest

from benchmarks import reading_drawing
from core.intake.decode import stages
from core.intake.decode.places import SLACK, Places
from core.intake.decode.regions import Region
from core.intake.types import Code, Gray

MODULE, WIDTH, HEIGHT = 4, 600, 160


def bars(seed: int = 3, *, lean: float = 0.0, height: int = HEIGHT) -> Gray:
    """Bars and spaces of one to four modules; `lean`: pixels to the side from top to bottom."""
    rng = np.random.default_rng(seed)
    row = np.repeat(np.arange(WIDTH * 2) % 2, rng.integers(1, 5, WIDTH * 2) * MODULE)
    rows = [row[round(lean * y / height) + 200 :][:WIDTH] for y in range(height)]
    return np.asarray(np.array(rows) * 200 + 30, np.uint8)


def print_like(seed: int) -> Gray:
    """Spots as large as letters, which no row shares with the next."""
    rng = np.random.default_rng(seed)
    spots = rng.integers(0, 2, (HEIGHT // 8, WIDTH // 8)).repeat(8, 0).repeat(8, 1)
    return np.asarray(spots * 200 + 30, np.uint8)


def seen_as_bars(gray: Gray) -> bool:
    return stages.bar_like(stages.sharpen(stages.in_strips(gray), 2.0, 2.0))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("lean", [0, 24, -48])
def test_bars_are_bars_also_when_they_lean(seed: int, lean: int) -> None:
    assert seen_as_bars(bars(seed, lean=lean))


@pytest.mark.parametrize("seed", range(4))
def test_print_and_plain_paper_are_no_bars(seed: int) -> None:
    assert not seen_as_bars(print_like(seed))
    assert not seen_as_bars(np.full((HEIGHT, WIDTH), 120 + seed, np.uint8))


@pytest.mark.parametrize("angle", [0.0, 0.4, -1.2, math.pi])
def test_corners_of_a_cut_lie_where_the_region_does(angle: float) -> None:
    region = Region(400, 300, angle, 240, 80)
    cut = stages.cut_out(np.zeros((600, 800), np.uint8), region, 1.5, 32, cubic=False)
    high, wide = cut.rows.shape
    middle = cut.placed(((wide / 2, high / 2),))[0]
    assert middle == pytest.approx((400, 300), abs=0.5)
    left, right = cut.placed(((0, high / 2), (wide, high / 2)))
    assert math.dist(left, right) == pytest.approx(240 * (1 + 2 * stages.MARGIN), abs=1)
    ahead = math.atan2(right[1] - left[1], right[0] - left[0])
    assert math.cos(ahead - angle) == pytest.approx(1, abs=1e-3)


def test_a_coarser_cut_shows_the_same_place_of_the_picture() -> None:
    cut = stages.cut_out(bars(), Region(300, 80, 0.1, 300, 100), 2.0, 32, cubic=True)
    coarse = stages.coarser(cut, 1.0)
    assert coarse.rows.shape[1] < cut.rows.shape[1]
    share = cut.rows.shape[1] / coarse.rows.shape[1]
    assert coarse.placed(((50, 8),))[0] == pytest.approx(cut.placed(((50 * share, 8),))[0], abs=0.1)
    assert stages.coarser(coarse, 9.0) is coarse


@pytest.mark.parametrize(("top", "bottom"), [(20, 120), (0, 90), (60, 160)])
def test_the_rows_of_bars_end_where_the_paper_begins(top: int, bottom: int) -> None:
    rows = np.full((HEIGHT, WIDTH), 230, np.uint8)
    rows[top:bottom] = bars(height=bottom - top)
    assert stages.bar_rows(rows) == (top, bottom)


@pytest.mark.parametrize("seed", range(3))
def test_a_narrow_bar_is_measured_in_samples(seed: int) -> None:
    gray = bars(seed)
    once = stages.narrow(stages.in_strips(gray))
    twice = stages.narrow(stages.in_strips(np.repeat(gray, 2, axis=1)))
    assert MODULE <= once <= 2.5 * MODULE  # of bars of one to four modules
    assert twice == pytest.approx(2 * once, rel=0.2)
    assert stages.narrow(np.full((16, WIDTH), 90, np.float32)) == 0


def turned(angle: float) -> Code:
    corners = Region(200, 100, angle, 120, 40).corners()
    outline = tuple((float(x), float(y)) for x, y in corners)
    return Code("x", "Code128", outline, "sure", "upright")


@pytest.mark.parametrize("angle", [0.0, 0.7, 1.5])
def test_a_place_is_taken_inside_a_code_and_a_little_beside(angle: float) -> None:
    places = Places([turned(angle)])
    across = (-math.sin(angle), math.cos(angle))

    def beside(pixels: float) -> bool:
        return places.cover(200 + across[0] * pixels, 100 + across[1] * pixels)

    assert beside(0)
    assert beside(20 + SLACK - 1)
    assert not beside(20 + SLACK + 1)
    assert not Places().cover(200, 100)


def test_a_region_meets_a_code_by_the_middle_of_either() -> None:
    places = Places([turned(0.3)])
    assert places.meet(Region(230, 110, 0.3, 100, 30))  # around the code's middle
    assert places.meet(Region(210, 103, 1.8, 8, 8))  # a small one in the code
    assert not places.meet(Region(200, 180, 0.3, 120, 40))


@pytest.mark.parametrize("degrees", [-170, -63, 0, 41, 120])
def test_a_region_around_a_codes_corners_has_these_corners(degrees: int) -> None:
    region = Region(311.0, 207.5, math.radians(degrees), 190.0, 61.0)
    around = Region.around(tuple((float(x), float(y)) for x, y in region.corners()))
    assert np.allclose(around.corners(), region.corners(), atol=0.01)


def test_bars_are_seen_where_they_are_and_not_in_print_squares_or_on_paper() -> None:
    page = np.full((400, 500), 230, np.uint8)
    code = reading_drawing.bars("Code39", "T7082261", 60, 2)
    page[40:100, 60 : 60 + code.shape[1]] = np.minimum(code, 230)
    for line, words in enumerate(("Str. Lunga 14, bl. C2", "Ramburs: 184,50 lei", "Jud. Arad")):
        cv2.putText(page, words, (60, 160 + 22 * line), 0, 0.6, 20, 2)
    square = np.kron(
        reading_drawing.modules("DataMatrix", "T7082261 T7082261"), np.ones((4, 4), np.uint8)
    )
    page[260 : 260 + square.shape[0], 200 : 200 + square.shape[1]] = np.minimum(square, 230)
    middle = 60 + code.shape[1] / 2
    seen = [
        stages.has_bars(page, Region(middle, y, 0.0, code.shape[1], 60.0))
        for y in (70, 180, 290, 370)
    ]
    assert seen == [True, False, False, False]
