"""Square codes whose modules are there and hard to tell: washed, worn, dim and blurred ones."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from benchmarks.reading_drawing import Draw, modules, some, taken
from core.intake.decode import readers
from core.intake.decode.fitted import aztec
from core.intake.decode.pipeline import read_gray
from core.intake.types import Gray

PAPER, INK, QUIET = 214, 28, 9
SIGNS = "ABCDEFGHKLMNPRSTUVWXYZ0123456789"


def _sheet(dark: Gray, draw: Draw, pixels: float, degrees: float) -> Gray:
    """Modules (0 dark) on paper, so many pixels each, turned."""
    sheet = np.pad(np.clip(dark, INK, PAPER), QUIET, constant_values=PAPER)
    sheet = np.kron(sheet, np.ones((8, 8), np.uint8))
    side = sheet.shape[0]
    size = int(side * pixels / 8 * 1.45)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), degrees, pixels / 8)
    turn[:, 2] += (size - side) / 2 + draw.uniform(-0.5, 0.5, 2)
    soft = cv2.GaussianBlur(sheet, (0, 0), 3.2 / pixels)
    return np.asarray(cv2.warpAffine(soft, turn, (size, size), borderValue=PAPER), np.uint8)


def _washed(gray: Gray, draw: Draw) -> Gray:
    """A lamp's reflection over one side."""
    high, wide = gray.shape
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    at = draw.uniform(0.42, 0.62, 2) * (wide, high)
    light = 0.86 * np.exp(-(((x - at[0]) ** 2 + (y - at[1]) ** 2) / (0.2 * wide) ** 2))
    return np.asarray(gray + (248 - gray.astype(np.float32)) * light, np.uint8)


def _worn(gray: Gray, draw: Draw) -> Gray:
    """Print that the toner did not reach here and there."""
    patchy = draw.standard_normal((gray.shape[0] // 3, gray.shape[1] // 3)).astype(np.float32)
    lost = np.clip(cv2.resize(patchy, gray.shape[::-1]) - 0.5, 0, 0.9)
    return np.asarray(gray + (PAPER - gray.astype(np.float32)).clip(0) * lost, np.uint8)


def _shaken(gray: Gray, draw: Draw) -> Gray:
    return np.asarray(cv2.blur(gray, (int(draw.integers(4, 6)), 1)), np.uint8)


def _photo(kind: str, text: str, harm: Callable[[Gray, Draw], Gray], draw: Draw) -> Gray:
    pixels, degrees = draw.uniform(2.1, 2.9), draw.uniform(0, 360)
    sheet = _sheet(modules(kind, text), draw, pixels, degrees)
    return taken(harm(sheet, draw), draw, light=0.9, noise=3.5)


@pytest.mark.parametrize("harm", [_washed, _worn, _shaken])
def test_most_aztec_codes_of_hard_modules_are_read_and_none_wrongly(
    harm: Callable[[Gray, Draw], Gray],
) -> None:
    draw = np.random.default_rng(4040)
    read, lost = 0, 0
    while lost < 8:
        text = "PK" + some(draw, SIGNS, int(draw.integers(7, 18)))
        gray = _photo("Aztec", text, harm, draw)
        if readers.zxing(gray, readers.AZTEC, thorough=True):
            continue
        lost += 1
        texts = {one.text for one in aztec.read(gray)}
        assert texts <= {text}
        read += text in texts
    assert read >= 5


def test_an_aztec_code_is_read_in_a_picture_of_other_things_too() -> None:
    draw = np.random.default_rng(4141)
    photo = np.full((900, 1200), PAPER, np.uint8)
    texts = ["PK7H2Q9XKD", "PK55120988431"]
    for text, x in zip(texts, (120, 700), strict=True):
        code = _photo("Aztec", text, _washed, draw)
        photo[300 : 300 + code.shape[0], x : x + code.shape[1]] = code
    cv2.putText(photo, "Str. Salcamilor 44", (150, 700), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 30, 2)
    assert {one.text for one in read_gray(photo).codes} == set(texts)


def test_a_bullseye_among_what_is_no_code_gives_no_sure_text() -> None:
    draw = np.random.default_rng(4242)
    for size in (15, 19, 23) * 8:
        dark = np.where(draw.random((size, size)) < 0.5, 0, 255).astype(np.uint8)
        real = modules("Aztec", "PK" + some(draw, SIGNS, 8))
        middle, half = size // 2, real.shape[0] // 2
        dark[middle - 5 : middle + 6, middle - 5 : middle + 6] = real[
            half - 5 : half + 6, half - 5 : half + 6
        ]
        gray = taken(_sheet(dark, draw, 2.6, draw.uniform(0, 90)), draw)
        assert not [one for one in aztec.read(gray) if one.certain]
