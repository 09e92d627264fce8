"""Square codes and PDF417: at any angle, small, beside bars that are easy to read."""

import cv2
import numpy as np
import pytest

from benchmarks.reading_drawing import bars, modules, taken
from core.intake.decode import readers, square
from core.intake.decode.pipeline import read_gray
from core.intake.decode.regions import RegionSearch
from core.intake.types import Gray


def _turned(kind: str, text: str, module: int, degrees: float, size: tuple[int, int]) -> Gray:
    """One code in the middle of a page, turned, with an easy Code 128 in a corner, photographed."""
    code = np.kron(modules(kind, text), np.ones((module, module), np.uint8))
    side = 2 * max(code.shape) + 40
    patch = np.full((side, side), 225, np.uint8)
    y, x = (side - code.shape[0]) // 2, (side - code.shape[1]) // 2
    patch[y : y + code.shape[0], x : x + code.shape[1]] = np.minimum(code, 225)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), degrees, 1.0)
    page = np.full(size, 225, np.uint8)
    y, x = (size[0] - side) // 2, (size[1] - side) // 2
    page[y : y + side, x : x + side] = cv2.warpAffine(patch, turn, (side, side), borderValue=225)
    easy = bars("Code128", "1ONB24222308781", 60, 2)
    page[20 : 20 + easy.shape[0], 40 : 40 + easy.shape[1]] = np.minimum(easy, 225)
    return taken(page, np.random.default_rng(11))


@pytest.mark.parametrize("degrees", [17, 45, 108, 163, 221, 318])
@pytest.mark.parametrize("size", [(1000, 1300), (2200, 3000)])
def test_pdf417_is_read_at_any_angle(degrees: float, size: tuple[int, int]) -> None:
    gray = _turned("PDF417", "LB738778791RO", 3, degrees, size)
    found = {code.text: code for code in read_gray(gray).codes}
    assert set(found) == {"LB738778791RO", "1ONB24222308781"}
    middle = np.mean(found["LB738778791RO"].corners, axis=0)
    assert np.hypot(*(middle - (size[1] / 2, size[0] / 2))) < 25


@pytest.mark.parametrize("kind", ["Aztec", "QRCode"])
def test_a_small_square_code_beside_read_bars_is_read(kind: str) -> None:
    gray = _turned(kind, "JD01465966", 2, 31, (1000, 1300))
    assert "JD01465966" in {code.text for code in read_gray(gray).codes}


def _beside_print(degrees: float, aside: tuple[int, int]) -> Gray:
    """A Data Matrix in a photo of 12 megapixels, with small print `aside` of it (pixels)."""
    code = np.kron(modules("DataMatrix", "DM|1Z193M89509793423|42"), np.ones((5, 5), np.uint8))
    patch = np.full((900, 900), 225, np.uint8)
    height, width = code.shape
    patch[390 : 390 + height, 390 : 390 + width] = np.minimum(code, 225)
    for line in range(6):
        at = (400 + aside[0], 410 + aside[1] + 18 * line)
        cv2.putText(patch, f"Colet {line}/1 4711", at, cv2.FONT_HERSHEY_PLAIN, 0.9, 30, 2)
    turn = cv2.getRotationMatrix2D((450, 450), degrees, 1.0)
    page = np.full((3000, 4000), 225, np.uint8)
    page[800:1700, 1500:2400] = cv2.warpAffine(patch, turn, (900, 900), borderValue=225)
    return taken(page, np.random.default_rng(11))


@pytest.mark.parametrize("degrees", [8, 39, 141, 253])
@pytest.mark.parametrize("aside", [(-150, 0), (0, 100), (110, 60), (-150, -110)])
def test_a_small_data_matrix_is_read_though_print_stands_at_its_side_or_corner(
    degrees: float, aside: tuple[int, int]
) -> None:
    codes = read_gray(_beside_print(degrees, aside), formats=["DataMatrix"]).codes
    assert [code.text for code in codes] == ["DM|1Z193M89509793423|42"]


def test_pdf417_that_was_not_asked_for_is_not_looked_for() -> None:
    gray = _turned("PDF417", "LB738778791RO", 3, 45, (1000, 1300))
    codes = read_gray(gray, formats=["QRCode", "Code128"]).codes
    assert {code.text for code in codes} == {"1ONB24222308781"}


def test_the_edges_of_a_patch_with_pdf417_prevail_in_its_own_direction() -> None:
    gray = _turned("PDF417", "LB738778791RO", 3, -30, (1000, 1300))
    patch = RegionSearch(gray).dense_patches()[0]
    assert patch.prevails > square.PREVAILS
    assert np.degrees(patch.angle) == pytest.approx(30, abs=6)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The sizes of all that pyzbar is asked about."""
    looks: list[tuple[int, ...]] = []
    real = readers.zbar

    def counted(image: Gray) -> list[readers.ReaderFound]:
        looks.append(image.shape)
        return real(image)

    monkeypatch.setattr(readers, "zbar", counted)
    return looks


def _noise(*size: int) -> Gray:
    draw = np.random.default_rng(5)
    return np.clip(150 + draw.normal(0, 12, size), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("size", "looks"), [((480, 640), []), ((240, 240), [(240, 240)])])
def test_a_second_reader_is_asked_of_a_picture_without_bars_only_where_it_is_tiny(
    size: tuple[int, int], looks: list[tuple[int, int]], asked: list[tuple[int, ...]]
) -> None:
    assert not read_gray(_noise(*size)).codes
    assert [one for one in asked if one == size] == looks


def test_a_picture_without_a_code_costs_no_third_look_at_the_whole(
    asked: list[tuple[int, ...]],
) -> None:
    page = _noise(480, 640)
    widths = np.random.default_rng(5).integers(3, 10, 84)
    stripes = np.repeat(np.tile([40, 220], 42), widths)[:440].astype(np.uint8)
    page[180:280, 100:540] = stripes
    reading = read_gray(page)
    assert reading.unread
    assert not reading.codes
    assert asked.count((480, 640)) == 1
    assert (960, 1280) not in asked


@pytest.mark.parametrize("text", ["M10968628436", "R9283575273FPL"])
@pytest.mark.parametrize("wide", [5, 8])
def test_a_large_code_with_white_streaks_in_a_phone_photo_is_read(text: str, wide: int) -> None:
    """As the print heads of couriers leave them; seen on two of six returned parcels."""
    code = np.kron(modules("DataMatrix", text), np.ones((38, 38), np.uint8))
    draw = np.random.default_rng(4)
    for at in draw.integers(0, len(code), 7):
        code[at : at + wide] = 255
    page = np.full((3840, 2160), 150, np.uint8)
    page[2300 : 2300 + code.shape[0], 600 : 600 + code.shape[1]] = np.clip(code, 30, 150)
    turn = cv2.getRotationMatrix2D((900, 2600), 5, 1.0)
    gray = taken(cv2.warpAffine(page, turn, (2160, 3840), borderValue=150), draw, noise=5)
    [found] = read_gray(gray).codes
    assert found.text == text
    middle = np.mean(found.corners, axis=0)
    assert np.hypot(*(middle - (600 + code.shape[1] / 2, 2300 + code.shape[0] / 2))) < 60


@pytest.mark.parametrize("kind", ["Aztec", "QRCode", "DataMatrix"])
@pytest.mark.parametrize("degrees", [39, 108, 221])
def test_a_small_square_code_alone_on_a_page_is_read(kind: str, degrees: float) -> None:
    gray = _turned(kind, "LB738778791RO", 2, degrees, (1000, 1300))
    gray[:100] = 225  # no bars beside it
    assert [code.text for code in read_gray(gray).codes] == ["LB738778791RO"]


@pytest.mark.parametrize(("kind", "radius"), [("QRCode", 2.4), ("Aztec", 2.25)])
@pytest.mark.parametrize("seed", [5, 61, 407])
def test_a_square_code_out_of_focus_is_read_from_a_sharpened_patch(
    kind: str, radius: float, seed: int
) -> None:
    gray = _defocused(kind, f"AWB{seed:010}", radius, seed)
    assert readers.zxing(gray, readers.SQUARE, thorough=True) == []
    assert [code.text for code in read_gray(gray).codes] == [f"AWB{seed:010}"]


def _defocused(kind: str, text: str, radius: float, seed: int) -> Gray:
    """A code of 3 pixels a module on a page, seen through a wide disk: a lens out of focus."""
    code = np.kron(modules(kind, text), np.ones((3, 3), np.uint8))
    page = np.full((800, 1000), 225, np.uint8)
    page[300 : 300 + code.shape[0], 400 : 400 + code.shape[1]] = np.minimum(code, 225)
    ys, xs = np.mgrid[-4:5, -4:5]
    disk = np.clip(radius + 0.5 - np.hypot(xs, ys), 0, 1)
    soft = cv2.filter2D(page, -1, disk / disk.sum()).astype(np.float32)
    noise = np.random.default_rng(seed).normal(0, 1.5, page.shape)
    return np.asarray(np.clip(soft + noise, 0, 255), np.uint8)


def _washed(gray: Gray, seed: int) -> Gray:
    """Light falls on a part of what stands in the middle."""
    draw = np.random.default_rng(seed)
    height, width = gray.shape
    rows, columns = np.mgrid[0:height, 0:width]
    x, y = (size / 2 + draw.uniform(-25, 25) for size in (width, height))
    away = ((columns - x) / draw.uniform(15, 40)) ** 2 + ((rows - y) / draw.uniform(15, 40)) ** 2
    light = 0.85 * np.exp(-(away**1.5))
    return np.asarray(gray * (1 - light) + 250 * light, np.uint8)


@pytest.mark.parametrize("seed", range(40, 48))
def test_a_washed_qr_code_beside_read_bars_is_read_turned_level(seed: int) -> None:
    text = f"RO{seed * 104729}"
    gray = _washed(_turned("QRCode", text, 3, 11 + 41 * seed, (900, 1200)), seed)
    assert text in {code.text for code in read_gray(gray).codes}


@pytest.mark.parametrize("degrees", [-40, -3, 0, 28, 44])
def test_the_tilt_of_squares_is_measured_and_that_of_noise_prevails_little(degrees: int) -> None:
    level = np.kron(modules("QRCode", "104729"), np.ones((6, 6), np.uint8))
    side = max(level.shape)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), -degrees, 0.6)
    tilt, prevails = square._tilt(cv2.warpAffine(level, turn, (side, side), borderValue=255))
    assert np.degrees(tilt) == pytest.approx(degrees, abs=2)
    assert prevails > 0.6
    noise = np.random.default_rng(9).integers(0, 255, (side, side), np.uint8)
    assert square._tilt(noise)[1] < square.LEAST_LEVEL


@pytest.mark.parametrize("text", ["136899", "RO4471", "80-15"])
def test_a_micro_qr_code_is_weak_since_stripes_and_print_read_as_one(text: str) -> None:
    code = np.kron(modules("MicroQRCode", text), np.ones((6, 6), np.uint8))
    page = np.full((500, 600), 235, np.uint8)
    page[150 : 150 + code.shape[0], 200 : 200 + code.shape[1]] = np.minimum(code, 235)
    assert [(one.text, one.confidence) for one in read_gray(page).codes] == [(text, "weak")]
