"""Code 128 is read from a blurred row by fitting symbols, and only when its check agrees."""

import cv2
import numpy as np
import pytest
import zxingcpp

from core.intake import read
from core.intake.decode import code128
from core.intake.decode.code128 import decode


def _row(text: str, module: float = 2.6, blur: float = 0.5, noise: float = 1.5) -> np.ndarray:
    """A code's brightness along one line, blurred by `blur` modules, with quiet zones."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    bars = np.array(made.to_image(scale=1, add_quiet_zones=False))[0]
    bars = np.pad(bars, 14, constant_values=255).astype(np.float32)
    fine = cv2.GaussianBlur(np.repeat(bars, 8)[None], (0, 0), sigmaX=8 * blur)
    row = cv2.resize(fine, (round(len(bars) * module), 1), interpolation=cv2.INTER_AREA)[0]
    return (60 + row * 0.4 + np.random.default_rng(5).normal(0, noise, len(row))).astype(np.float32)


@pytest.mark.parametrize(
    "text", ["1ONB24222308781", "1Z999AA10123456784", "12345678901", "SMD-ab 12/7", "JD014600006"]
)
@pytest.mark.parametrize("blur", [0.3, 0.55, 0.7])
def test_a_blurred_code_is_read_in_either_direction(text: str, blur: float) -> None:
    row = _row(text, blur=blur)
    fits = [decode(row), decode(row[::-1])]
    assert [fit.text for fit in fits if fit] == [text, text]


def test_a_code_without_its_beginning_or_end_is_no_code() -> None:
    row = _row("1ONB24222308781")
    assert all(decode(part) is None for part in (row[: len(row) * 3 // 4], row[len(row) // 4 :]))


def test_noise_and_even_stripes_are_no_code() -> None:
    noise = np.random.default_rng(1).normal(128, 20, (20, 500)).astype(np.float32)
    stripes = np.tile(np.repeat([40.0, 200.0], 5), 50).astype(np.float32)
    assert [decode(row) for row in [*noise, stripes] if decode(row)] == []


def test_one_changed_symbol_fails_the_check_character() -> None:
    symbols = [104, 17, 18, 19, 20]
    check = (104 + sum(n * v for n, v in enumerate(symbols[1:], 1))) % 103
    assert code128.text_of([*symbols, check]) == "1234"
    changed = [
        [*symbols[:place], other, *symbols[place + 1 :], check]
        for place in range(1, 5)
        for other in range(96)
        if other != symbols[place]
    ]
    assert {code128.text_of(one) for one in changed} == {None}


def test_only_the_formats_asked_for_are_read() -> None:
    made = zxingcpp.create_barcode("1ONB24222308781", zxingcpp.BarcodeFormat.Code128)
    code = np.repeat(np.array(made.to_image(scale=3))[:1], 120, axis=0)
    page = np.full((400, 900), 255, np.uint8)
    page[100:220, 100 : 100 + code.shape[1]] = code
    data = cv2.imencode(".png", page)[1].tobytes()
    assert [one.format for one in read(data, formats=["Code128"]).codes] == ["Code128"]
    assert read(data, formats=["QRCode", "ITF"]).codes == ()
    with pytest.raises(ValueError, match="Not a barcode format: Morse"):
        read(data, formats=["Morse"])


def test_what_light_hides_of_one_symbol_its_check_character_gives_back_and_the_fit_says_so() -> (
    None
):
    row = _row("1ONB24222308781", blur=0.55)
    dent = np.exp(-0.5 * ((np.arange(len(row)) - 140) / 4.5) ** 2) * 0.9
    fit = decode((row * (1 - dent) + 160 * dent).astype(np.float32))
    assert fit is not None
    assert (fit.text, fit.margin < 0) == ("1ONB24222308781", True)
    whole = decode(row)
    assert whole is not None
    assert whole.margin > 0


def test_a_symbol_wider_than_one_product_is_compared_as_well() -> None:
    wide = 4_000  # samples; its drawn bank alone is more than a product may have
    row = code128.Row(np.random.default_rng(3).random(wide + 20).astype(np.float32))
    assert code128._drawn("data", wide).size > code128.PRODUCT
    alike = row.likeness("data", wide)
    assert len(alike) == 21
    one = row.values[7 : 7 + wide]
    best = np.corrcoef(np.vstack([one, code128._drawn("data", wide)]))[0, 1:].max()
    assert alike[7] == pytest.approx(best, abs=1e-3)
