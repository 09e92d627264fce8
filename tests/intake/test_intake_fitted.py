"""The parts of the fits: how a code is drawn under blur, where one may stand, grids, and rings."""

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.reading_drawing import modules, text_for
from core.intake.decode.fitted import ean_drawn, lattice, rings
from core.intake.decode.fitted.ean_places import places
from core.intake.decode.fitted.lattice import Lattice
from core.intake.types import Gray

SEEDS = [5, 26, 535]
# Which set the left six digits are of, by the first (ISO/IEC 15420, table 3).
SETS = ("AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA",
        "ABBABA")  # fmt: skip


def bars_of(text: str) -> NDArray[np.float64]:
    """The 95 modules of a product code as another library draws them; 1 is a bar."""
    line = modules("EAN13", text)[0]
    dark = np.flatnonzero(line == 0)
    return (line[dark[0] : dark[-1] + 1] == 0).astype(float)


def symbols_of(text: str) -> tuple[int, ...]:
    left = [
        int(one) + 10 * (of == "B") for one, of in zip(text[1:7], SETS[int(text[0])], strict=True)
    ]
    return (*left, *(20 + int(one) for one in text[7:]))


def text_of(seed: int) -> str:
    return text_for("EAN13", np.random.default_rng(seed))


# ---------------------------------------------------------------- product codes under blur


def test_a_digit_has_two_bars_and_two_spaces_and_its_sets_mirror_each_other() -> None:
    a, b, c = np.split(ean_drawn.digits(), 3)
    assert np.array_equal(c, 1 - a)
    assert np.array_equal(b, c[:, ::-1])
    for pattern in np.vstack([a, b, c]):
        assert np.count_nonzero(np.diff(pattern)) == 3
    assert {int(one.sum()) % 2 for one in a} == {1}  # odd parity, by which set A is known
    assert {int(one.sum()) % 2 for one in b} == {0}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_code_drawn_nearly_sharp_has_the_modules_of_another_librarys(seed: int) -> None:
    text = text_of(seed)
    dark = ean_drawn.drawn(symbols_of(text), 0)
    middles = dark.reshape(-1, ean_drawn.FINE)[ean_drawn.QUIET : -ean_drawn.QUIET].mean(axis=1)
    assert np.array_equal(np.round(middles), bars_of(text))


@pytest.mark.parametrize("blur", [0.3, 1.0, 2.0])
def test_blur_spreads_darkness_and_loses_none(blur: float) -> None:
    bars = np.array([[0, 1, 1, 0, 1, 0, 0]], float)
    dark = ean_drawn.soft(bars, -12, 31 * 4, blur)[0]
    assert dark.sum() / 4 == pytest.approx(3, abs=1e-4)
    assert dark.max() <= 1 + 1e-6
    assert np.all(dark >= -1e-6)


@pytest.mark.parametrize("blur", [0, 6, 12])
def test_what_neighbours_have_in_common_is_what_their_sum_has_more(blur: int) -> None:
    rows, common, over_the_middle = ean_drawn.bank(blur)
    for first, second in ((0, 19), (13, 7), (29, 24)):
        for apart, found in ((7, common), (12, over_the_middle)):
            step = apart * ean_drawn.FINE
            both = np.zeros(rows.shape[1] + step)
            both[: rows.shape[1]] += rows[first]
            both[step:] += rows[second]
            alone = (rows[first] ** 2).sum() + (rows[second] ** 2).sum()
            assert (both**2).sum() - alone == pytest.approx(found[first, second], abs=1e-9)


def test_guard_bars_stand_at_both_ends_and_in_the_middle() -> None:
    dark = ean_drawn.guards(0).reshape(-1, ean_drawn.FINE).mean(axis=1)
    assert [int(at) - ean_drawn.QUIET for at in np.flatnonzero(dark > 0.5)] == [
        0, 2, 46, 48, 92, 94,
    ]  # fmt: skip


# ---------------------------------------------------------------- where one may stand


def row_with(text: str, begin: float, module: float, size: int) -> NDArray[np.float32]:
    """Brightness along a line on which the code begins at a sample, `module` samples a module."""
    bars = bars_of(text)
    at = np.floor((np.arange(size * 8) / 8 - begin) / module).astype(int)
    inside = (at >= 0) & (at < 95)
    dark = np.where(inside, bars[np.clip(at, 0, 94)], 0)
    bright = 200 - 150 * dark.reshape(size, 8).mean(axis=1)
    blurred = cv2.GaussianBlur(bright[None].astype(np.float32), (0, 0), 0.6 * module)[0]
    return np.asarray(blurred, np.float32)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("begin", "module"), [(20.0, 3.1), (41.3, 2.7)])
def test_the_likeliest_place_of_a_code_is_where_it_was_drawn(
    seed: int, begin: float, module: float
) -> None:
    row = row_with(text_of(seed), begin, module, 340)
    best = places(row)[0]
    assert not best.backwards
    assert abs(best.begin - begin) < module
    assert abs(best.begin + 95 * best.module - begin - 95 * module) < module
    assert best.rest < 0.2


@pytest.mark.parametrize("seed", SEEDS)
def test_a_code_from_right_to_left_is_told_as_such(seed: int) -> None:
    row = np.ascontiguousarray(row_with(text_of(seed), 20.0, 3.1, 340)[::-1])
    best = places(row)[0]
    assert best.backwards
    assert abs(best.begin - (340 - 20 - 95 * 3.1)) < 3.1


@pytest.mark.parametrize("seed", SEEDS)
def test_noise_leaves_more_unexplained_than_any_code(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(120, 30, 340)
    row = np.asarray(cv2.GaussianBlur(noise[None].astype(np.float32), (0, 0), 2)[0], np.float32)
    found = places(row)
    assert 0 < len(found) <= 6
    assert [one.rest for one in found] == sorted(one.rest for one in found)
    assert found[0].rest > 0.25


# ---------------------------------------------------------------- modules on a grid


def squares(
    cells: NDArray[np.bool_], module: float, turn: float, blur: float
) -> tuple[Gray, Lattice]:
    """A picture of these modules (true is light), turned about its middle; and where they lie."""
    rows, columns = cells.shape
    size = round(max(cells.shape) * module * 1.6)
    made = Lattice.placed(np.zeros((size, size), np.uint8), size / 2, size / 2, module, turn)
    x, y = np.meshgrid(np.arange(size * 4) / 4, np.arange(size * 4) / 4)
    back = np.linalg.inv(made.to_picture[:, :2])
    at = np.stack([x - size / 2, y - size / 2], -1) @ back.T
    column = np.floor(at[..., 0] + columns / 2).astype(int)
    row = np.floor(at[..., 1] + rows / 2).astype(int)
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    light = cells[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)]
    bright = np.where(inside & ~light, 40.0, 210.0).reshape(size, 4, size, 4).mean(axis=(1, 3))
    gray = np.asarray(cv2.GaussianBlur(bright, (0, 0), blur * module), np.uint8)
    return gray, Lattice(gray, made.to_picture)


def random_cells(seed: int, side: int = 17) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).random((side, side)) < 0.5


def test_a_grid_tells_its_module_and_the_pixel_of_each_place() -> None:
    grid = Lattice.placed(np.zeros((9, 9), np.uint8), 30.0, 40.0, 5.0, math.pi / 2)
    assert grid.module == pytest.approx(5)
    assert grid.at(0, 0) == pytest.approx((30, 40))
    assert grid.at(2, 0) == pytest.approx((30, 50))  # a quarter turn: columns run downwards
    assert grid.at(0, 1) == pytest.approx((25, 40))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shift", [(0.4, -0.3), (-0.5, 0.2)])
def test_a_grid_that_lies_beside_is_moved_to_where_its_modules_are_seen(
    seed: int, shift: tuple[float, float]
) -> None:
    cells = random_cells(seed)
    gray, true = squares(cells, 6.0, 0.3, 0.4)
    known = np.where(cells, 1, -1).astype(np.int8)
    x, y = true.at(*shift)
    moved = Lattice.placed(gray, x, y, 6.2, 0.32).fitted(known, (8, 8))
    assert moved is not None
    found, alike = moved
    assert math.dist(found.at(0, 0), true.at(0, 0)) < 0.6
    assert math.dist(found.at(8, 8), true.at(8, 8)) < 1.0
    assert alike > 0.9


def test_on_a_picture_without_anything_no_grid_is_like_it() -> None:
    flat = np.full((120, 120), 128, np.uint8)
    known = np.where(random_cells(1), 1, -1).astype(np.int8)
    fitted = Lattice.placed(flat, 60.0, 60.0, 6.0, 0.0).fitted(known, (8, 8))
    assert fitted is None or fitted[1] < 0.2


def test_contrast_and_brightness_are_evened_out() -> None:
    values = np.random.default_rng(3).normal(100, 20, (40, 40)).astype(np.float32)
    first = lattice.evened(values, 4.0, 0.0)
    second = lattice.evened(values * 2.5 + 17, 4.0, 0.0)
    assert np.allclose(first, second, atol=1e-3)
    assert np.allclose(lattice.evened(np.full((9, 9), 77, np.uint8), 2.0, 1.0), 0, atol=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_blur_made_of_modules_is_undone_by_those_that_are_known(seed: int) -> None:
    cells = random_cells(seed, 21)
    _, grid = squares(cells, 5.0, 0.1, 0.62)
    span = range(-10, 11)
    seen = grid.brightness(span, span, 0.25)
    truth = np.where(cells, 1, -1)
    known = np.zeros(cells.shape, np.int8)
    known[:, :7] = truth[:, :7]
    *_, last = lattice.equalised(seen, known, np.ones(cells.shape, bool))
    plain = np.sign(lattice.evened(seen, 4.0, 1.0))
    wrong, before = ((np.sign(one) != truth)[:, 7:].mean() for one in (last, plain))
    assert wrong <= 0.03
    assert wrong <= before


# ---------------------------------------------------------------- rings


@pytest.mark.parametrize(
    ("count", "module", "turn"), [(2, 3.0, 0.0), (3, 4.0, 0.35), (5, 2.6, 0.7)]
)
def test_rings_are_found_where_they_were_drawn(count: int, module: float, turn: float) -> None:
    gray, grid = squares(rings.signs(count) > 0, module, turn, 0.35)
    wide = np.pad(gray, ((30, 55), (70, 20)), mode="edge")
    best = rings.find(np.asarray(wide, np.uint8), count)[0]
    x, y = grid.at(0, 0)
    assert math.dist((best.x, best.y), (x + 70, y + 30)) < module
    assert best.module == pytest.approx(module, rel=0.15)
    quarter = (best.angle - turn) % (math.pi / 2)
    assert min(quarter, math.pi / 2 - quarter) < 0.1


@pytest.mark.parametrize("margin", [0, 140, 255])
def test_a_blank_margin_is_never_taken_for_rings(margin: int) -> None:
    """Where nothing can be compared OpenCV's correlation is 1: it hid the rings themselves."""
    gray, grid = squares(rings.signs(4) > 0, 3.3, 0.2, 0.35)
    wide = np.asarray(np.pad(gray, 80, constant_values=margin), np.uint8)
    best = rings.find(wide, 4)[0]
    x, y = grid.at(0, 0)
    assert math.dist((best.x, best.y), (x + 80, y + 80)) < 3.3
    assert best.alike < 0.99


def test_a_picture_without_edges_has_no_rings() -> None:
    assert rings.find(np.full((90, 90), 140, np.uint8), 2) == []


@pytest.mark.parametrize("count", [1, 2, 5])
def test_rings_are_dark_and_light_by_turns_around_a_dark_middle(count: int) -> None:
    made = rings.signs(count)
    assert made.shape == (2 * count + 1,) * 2
    assert list(made[count, count:]) == [(-1) ** (step + 1) for step in range(count + 1)]
    assert np.array_equal(made, np.rot90(made))
