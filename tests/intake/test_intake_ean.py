"""Product codes are read from a blurred row by fitting the whole code, or not at all."""

import cv2
import numpy as np
import pytest

from benchmarks.reading_drawing import bars, modules, text_for
from core.intake.decode import readers
from core.intake.decode.fitted.ean import decode
from core.intake.decode.linear import is_clear
from core.intake.decode.pipeline import read_gray
from core.intake.decode.regions import RegionSearch
from core.intake.types import Gray

SEEDS = [3, 14, 159, 7]


def _text(seed: int, first: str = "") -> str:
    """A product code; its first digit as asked for."""
    text = text_for("EAN13", np.random.default_rng(seed))
    head = (first or text[0]) + text[1:12]
    total = sum(int(one) * (3, 1)[place % 2 == 0] for place, one in enumerate(head))
    return head + str(-total % 10)


def _row(kind: str, text: str, blur: float, seed: int, bend: float = 0.0) -> np.ndarray:
    """Brightness along a line over a code: `blur` in modules; bent by `bend` modules; light that
    falls off; noise."""
    draw = np.random.default_rng(seed)
    line = np.pad(modules(kind, text)[0], 30, constant_values=255)
    fine = cv2.GaussianBlur(np.repeat(line, 20)[None].astype(np.float32), (0, 0), blur * 20)[0]
    module = draw.uniform(2.5, 4.5)
    size = round((len(line) - 60) * module * 1.2)
    across = np.linspace(-1, 1, size)
    at = (np.arange(size) - size / 12) / module + bend * (across**2 - 0.5) + 30
    row = 30 + 0.5 * np.interp(at * 20, np.arange(len(fine)), fine) * (1 + 0.25 * across)
    return np.asarray(row + draw.normal(0, 2, size), np.float32)


@pytest.mark.parametrize("first", ["", "0", "9"])
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("blur", "bend"), [(0.4, 0.0), (0.8, 1.2), (0.75, -0.8)])
def test_a_blurred_product_code_is_read_in_either_direction(
    first: str, seed: int, blur: float, bend: float
) -> None:
    text = _text(seed, first)
    row = _row("EAN13", text, blur, seed, bend)
    fits = [decode(row), decode(np.ascontiguousarray(row[::-1]))]
    assert [fit.text for fit in fits if fit and is_clear(fit)] == [text, text]
    forwards, backwards = (fit for fit in fits if fit)
    assert forwards.begin < forwards.end
    assert backwards.begin > backwards.end


@pytest.mark.parametrize("seed", SEEDS)
def test_where_no_reader_sees_bars_for_blur_the_picture_is_read(seed: int) -> None:
    gray = _picture(_text(seed), blur=0.78, seed=seed)
    assert readers.zxing(gray, readers.LINEAR, thorough=True) == []
    assert readers.zbar(gray) == []
    assert [(one.text, one.confidence) for one in read_gray(gray).codes] == [(_text(seed), "sure")]


def _picture(text: str, blur: float, seed: int) -> Gray:
    """A product code of 3 pixels a module on a page, out of focus by `blur` modules."""
    page = np.full((420, 560), 225, np.uint8)
    code = bars("EAN13", text, 190, 3)
    page[100 : 100 + code.shape[0], 120 : 120 + code.shape[1]] = np.minimum(code, 225)
    turn = cv2.getRotationMatrix2D((280, 210), float(seed % 23 - 11), 1.0)
    page = cv2.warpAffine(page, turn, (560, 420), borderValue=225).astype(np.float32)
    soft = cv2.GaussianBlur(page, (0, 0), 3 * blur)
    noise = np.random.default_rng(seed).normal(0, 1.5, page.shape)
    return np.asarray(np.clip(soft + noise, 0, 255), np.uint8)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_product_code_whose_check_digit_is_wrong_is_not_read(seed: int) -> None:
    right = _text(seed)
    row = _row("EAN13", right, 0.7, seed)
    wrong = _row_with_digit_changed(right, seed)
    fits = [decode(row), decode(wrong)]
    assert [fit.text for fit in fits if fit and is_clear(fit)] == [right]


def _row_with_digit_changed(text: str, seed: int) -> np.ndarray:
    """The bars of a code whose last digit is drawn as the one after it."""
    line = modules("EAN13", text)[0].copy()
    other = str((int(text[-1]) + 1) % 10)
    donor = next(
        made for made in (_text(number) for number in range(4000, 4400)) if made[-1] == other
    )
    line[85:92] = modules("EAN13", donor)[0][85:92]
    line = np.pad(line, 30, constant_values=255)
    fine = cv2.GaussianBlur(np.repeat(line, 20)[None].astype(np.float32), (0, 0), 14)[0]
    at = np.arange(380) / 3 + 14
    row = 40 + 0.5 * np.interp(at * 20, np.arange(len(fine)), fine)
    return np.asarray(row + np.random.default_rng(seed).normal(0, 2, 380), np.float32)


@pytest.mark.parametrize("kind", ["Code128", "Code39", "ITF", "Codabar", "Code93"])
@pytest.mark.parametrize("blur", [0.5, 0.9, 1.3])
def test_bars_of_another_kind_give_no_product_code(kind: str, blur: float) -> None:
    draw = np.random.default_rng(77)
    rows = [_row(kind, text_for(kind, draw), blur, seed) for seed in range(5)]
    fits = [decode(row) for row in rows]
    assert [fit.text for fit in fits if fit and is_clear(fit)] == []


def test_stripes_and_noise_give_no_product_code() -> None:
    draw = np.random.default_rng(9)
    rows = [draw.normal(128, 40, 400) for _ in range(6)]
    for _ in range(20):
        widths = draw.integers(1, 5, 80)
        stripes = np.repeat(np.tile([40.0, 210.0], 40), widths * 3)
        rows.append(cv2.GaussianBlur(stripes[None], (0, 0), float(draw.uniform(1, 4)))[0])
    fits = [decode(np.asarray(row, np.float32)) for row in rows]
    assert [fit.text for fit in fits if fit and is_clear(fit)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fold_through_a_digit_makes_no_other_product_code(seed: int) -> None:
    """What is left at the fold counts as if it were left everywhere."""
    draw = np.random.default_rng(seed)
    read = []
    for _ in range(6):
        text = _text(int(draw.integers(1000)))
        row = _row("EAN13", text, 0.6, seed)
        at, across = draw.uniform(0.2, 0.8) * len(row), np.arange(len(row))
        away = across - at
        bent = across + draw.uniform(-6, 6) * np.exp(-np.abs(away) / 30) * np.sign(away)
        shade = 1 - 0.4 * np.exp(-((away / 6) ** 2))
        folded = np.interp(bent, across, row) * shade
        fit = decode(np.asarray(folded, np.float32))
        read += [(fit.text, text)] if fit and is_clear(fit) else []
    assert [pair for pair in read if pair[0] != pair[1]] == []


@pytest.mark.parametrize("seed", [3, 14, 159, 21])
def test_a_code_held_too_near_a_small_camera_is_read_though_its_label_s_edge_is_stronger(
    seed: int,
) -> None:
    gray = _too_near(_text(seed), seed)
    assert all(one.length < 80 for one in RegionSearch(gray).regions())
    assert [(one.text, one.confidence) for one in read_gray(gray).codes] == [(_text(seed), "sure")]


def _too_near(text: str, seed: int) -> Gray:
    """A white label on a dark box that fills a picture of 240 pixels, out of focus."""
    page = np.full((480, 480), 20, np.uint8)
    page[110:390, 20:460] = 215
    code = bars("EAN13", text, 200, 3)
    page[150 : 150 + code.shape[0], 95 : 95 + code.shape[1]] = np.clip(code, 60, 215)
    soft = cv2.GaussianBlur(page.astype(np.float32), (0, 0), 3 * 1.15)
    small = cv2.resize(soft, (240, 240), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(seed).normal(0, 1, small.shape)
    return np.asarray(np.clip(small + noise, 0, 255), np.uint8)


@pytest.mark.parametrize("seed", SEEDS)
def test_soft_bars_that_differ_from_row_to_row_are_no_code(seed: int) -> None:
    """Grass, cloth, a grille: faint and parallel, yet no two rows the same."""
    draw = np.random.default_rng(seed)
    grain = draw.normal(0, 1, (240, 240)).astype(np.float32)
    long = cv2.GaussianBlur(grain, (0, 0), sigmaX=1.5, sigmaY=float(draw.uniform(4, 12)))
    page = 120 + 60 * long / float(np.abs(long).max())
    page[:20], page[-20:] = 10, 240
    assert read_gray(np.asarray(page, np.uint8)).codes == ()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("aside", [-0.7, -0.5, 0.5, 0.7])
def test_bars_that_stand_aside_from_some_place_on_are_no_one_s_code(
    seed: int, aside: float
) -> None:
    """Two codes glued to each other, off one grid: bend must not hide the step."""
    row = _row("EAN13", _text(seed), 0.7, seed)
    fit = decode(row)
    assert fit is not None
    assert is_clear(fit)
    module, across = (fit.end - fit.begin) / 95, np.arange(len(row), dtype=float)
    cut = fit.begin + (30 + seed % 20) * module
    glued = decode(np.interp(across - aside * module * (across > cut), across, row))
    assert glued is None or not is_clear(glued)
