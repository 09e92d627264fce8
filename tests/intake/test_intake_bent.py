"""QR codes on what is not flat: film, cloth, a bag."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from benchmarks.reading_drawing import Draw, bars, modules, some, taken
from core.intake.decode import readers
from core.intake.decode.fitted import bent
from core.intake.decode.pipeline import read_gray
from core.intake.types import Gray

PAPER, PIXELS = 225, 6


def _bent(draw: Draw, text: str) -> Gray:
    """A code whose paper is moved by up to about a module, smoothly, and seen a little aslant."""
    code = np.kron(modules("QRCode", text), np.ones((PIXELS, PIXELS), np.uint8))
    sheet = np.pad(np.clip(code, 35, PAPER), 8 * PIXELS, constant_values=PAPER)
    size = sheet.shape[0]
    knots = int(size / (draw.uniform(7, 16) * PIXELS)) + 3
    most = draw.uniform(0.15, 0.5) * PIXELS
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    moved = [
        cv2.resize(draw.normal(0, most, (knots, knots)).astype(np.float32), (size, size),
                   interpolation=cv2.INTER_CUBIC)
        for _ in range(2)
    ]  # fmt: skip
    lying = cv2.remap(sheet, x + moved[0], y + moved[1], cv2.INTER_LINEAR, borderValue=PAPER)
    flat = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
    aslant = flat + draw.uniform(-0.05, 0.05, (4, 2)).astype(np.float32) * size
    turn = cv2.getPerspectiveTransform(flat, aslant.astype(np.float32))
    seen = cv2.warpPerspective(lying, turn, (size, size), borderValue=PAPER)
    scale = draw.uniform(0.5, 0.9)
    small = cv2.resize(seen, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _unread(seed: int, count: int) -> Iterator[tuple[Gray, str]]:
    """Codes that zxing-cpp finds and does not read."""
    draw = np.random.default_rng(seed)
    while count:
        text = "https://track.example/" + some(
            draw, "ABCDEFGH0123456789", int(draw.integers(4, 40))
        )
        gray = taken(_bent(draw, text), draw)
        if readers.broken_qr(gray) and not readers.zxing(gray, readers.QR, thorough=True):
            count -= 1
            yield gray, text


@pytest.mark.parametrize("seed", [71, 72])
def test_most_bent_qr_codes_are_read_and_none_wrongly(seed: int) -> None:
    read = [([one.text for one in bent.read(gray)], text) for gray, text in _unread(seed, 10)]
    assert all(set(texts) <= {text} for texts, text in read)
    assert sum(text in texts for texts, text in read) >= 6, read


def test_a_bent_qr_code_is_read_alone_and_in_a_large_photo_beside_bars() -> None:
    page = np.full((2000, 2600), PAPER, np.uint8)
    easy = bars("Code128", "1ONB24222308781", 160, 4)
    page[200:360, 300 : 300 + easy.shape[1]] = np.minimum(easy, PAPER)
    clear = [(gray, text) for gray, text in _unread(73, 8) if bent.read(gray)]
    alone = [text in {code.text for code in read_gray(gray).codes} for gray, text in clear]
    assert clear
    assert all(alone)
    beside = []
    for gray, text in clear[:3]:
        photo = page.copy()
        photo[900 : 900 + gray.shape[0], 1100 : 1100 + gray.shape[1]] = np.minimum(gray, PAPER)
        codes = {code.text for code in read_gray(photo).codes}
        assert "1ONB24222308781" in codes
        beside.append(text in codes)
    assert any(beside)


@pytest.mark.parametrize("seed", [81, 82])
def test_what_is_no_code_is_none_on_a_bent_grid_either(seed: int) -> None:
    """Three corner squares with anything between them."""
    draw = np.random.default_rng(seed)
    for gray, _ in _unread(seed, 4):
        middle = slice(gray.shape[0] * 45 // 100, gray.shape[0] * 80 // 100)
        noise = draw.integers(0, 2, (12, 12)).astype(np.uint8) * 190 + 35
        side = middle.stop - middle.start
        gray[middle, middle] = cv2.resize(noise, (side, side), interpolation=cv2.INTER_NEAREST)
        assert bent.read(gray) == []
