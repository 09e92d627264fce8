"""Labels are read at any angle, and what cannot be read is never guessed."""

import io

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from core.intake import (
    PictureError,
    ReaderPool,
    open_picture,
    opening,
    read,
    read_frame,
)

NUMBER = "1ONB24222308781"
KINDS = ["Code128", "QRCode", "DataMatrix", "PDF417"]


def _label(text: str = NUMBER, kind: str = "Code128", angle: float = 0.0) -> np.ndarray:
    """A gray 1200 x 1200 picture with one code in its middle, turned by degrees."""
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    code = np.array(made.to_image(scale=3))
    if kind == "Code128":
        code = np.repeat(code[code.shape[0] // 2 :][:1], 150, axis=0)
    page = np.full((1200, 1200), 235, np.uint8)
    y, x = (600 - code.shape[0] // 2, 600 - code.shape[1] // 2)
    page[y : y + code.shape[0], x : x + code.shape[1]] = np.minimum(code, 235)
    turn = cv2.getRotationMatrix2D((600, 600), angle, 1.0)
    return cv2.warpAffine(page, turn, (1200, 1200), borderValue=235)


def _bytes(gray: np.ndarray, form: str = "JPEG", **options) -> bytes:
    out = io.BytesIO()
    Image.fromarray(gray).save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize("angle", [0, 17, 45, 90, 133, 180, 271, 340])
def test_a_label_is_read_at_any_angle(angle: float) -> None:
    codes = read(_bytes(_label(angle=angle))).codes
    assert [(code.text, code.format) for code in codes] == [(NUMBER, "Code128")]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_code_is_read_and_named_without_spaces(kind: str) -> None:
    codes = read(_bytes(_label(kind=kind))).codes
    assert [(code.text, code.format) for code in codes] == [(NUMBER, kind)]


def test_the_corners_lie_around_the_code_in_the_upright_picture() -> None:
    exif = Image.Exif()
    exif[274] = 6
    reading = read(_bytes(np.rot90(_label()), exif=exif))
    corners = np.array(reading.codes[0].corners)
    assert np.abs(corners.mean(axis=0) - 600).max() < 30
    assert np.ptp(corners[:, 0]) > 2 * np.ptp(corners[:, 1])


@pytest.mark.parametrize("text", ["5941234567899", "96385074"])
def test_a_product_code_needs_two_sources_and_is_read_with_them(text: str) -> None:
    kind = "EAN13" if len(text) == 13 else "EAN8"
    made = zxingcpp.create_barcode(text[:-1], getattr(zxingcpp.BarcodeFormat, kind))
    code = np.repeat(np.array(made.to_image(scale=3))[20:21], 150, axis=0)
    page = np.full((600, 900), 255, np.uint8)
    page[200:350, 200 : 200 + code.shape[1]] = code
    assert made.text in {found.text for found in read(_bytes(page)).codes}


def test_noise_holds_no_code() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (800, 800), np.uint8)
    assert read(_bytes(noise)).codes == ()


def test_a_webcam_frame_is_read_on_the_fast_path() -> None:
    assert [code.text for code in read_frame(_bytes(_label(angle=30))).codes] == [NUMBER]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "GIF"])
def test_each_format_opens(form: str) -> None:
    assert open_picture(_bytes(_label(), form))[0].gray.shape == (1200, 1200)


def test_a_pdf_gives_each_of_its_pages() -> None:
    page = Image.fromarray(_label())
    out = io.BytesIO()
    page.save(out, "PDF", save_all=True, append_images=[page])
    assert [page.index for page in open_picture(out.getvalue())] == [0, 1]


@pytest.mark.parametrize("data", [b"", b"<svg xmlns='x'/>", b"hello", b"%PDF-1.4 broken"])
def test_what_is_no_picture_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(PictureError, match=r"\.$"):
        open_picture(data)


def test_a_picture_of_900_megapixels_is_refused_before_it_is_decoded() -> None:
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    with pytest.raises(PictureError, match="too large"):
        open_picture(bomb.getvalue())


def test_a_small_file_that_calls_itself_a_hundred_megapixels_is_refused_before_it_is_decoded() -> (
    None
):
    """As a damaged header does: a part of it would be decoded, with the memory of the whole."""
    picture = bytearray(_bytes(_label(), "BMP"))
    picture[18:26] = (10_000).to_bytes(4, "little") * 2
    with pytest.raises(PictureError, match="damaged"):
        opening._look(bytes(picture[:8_000]))


def test_a_blank_page_scanned_large_is_opened() -> None:
    blank = io.BytesIO()
    Image.new("L", (6_000, 4_000), 255).save(blank, "PNG")
    [page] = open_picture(blank.getvalue())
    assert page.gray.shape == (4_000, 6_000)


def test_many_pictures_stream_through_processes_and_a_bad_one_is_named(tmp_path) -> None:
    good, bad = tmp_path / "good.jpg", tmp_path / "bad.jpg"
    good.write_bytes(_bytes(_label()))
    bad.write_bytes(b"no picture")
    with ReaderPool(1) as pool:
        results = dict(pool.read_many([good, bad]))
    assert [code.text for code in results[good][0].codes] == [NUMBER]
    assert isinstance(results[bad], PictureError)


@pytest.mark.parametrize("covered", range(8, 200, 12))
def test_a_part_of_an_itf_code_is_not_a_shorter_number(covered: int) -> None:
    bars = np.array(
        zxingcpp.create_barcode("2665622728", zxingcpp.BarcodeFormat.ITF).to_image(scale=2)
    )
    bars = np.minimum(bars[bars.shape[0] // 2][None].repeat(60, axis=0), 220)
    page = np.full((500, 700), 220, np.uint8)
    page[200:260, 200 : 200 + bars.shape[1]] = bars
    assert [code.text for code in read(_bytes(page)).codes] == ["2665622728"]
    lying_on_it = page.copy()
    lying_on_it[100:400, : 220 + covered] = 220
    lying_on_it[100:400, 218 + covered : 220 + covered] = 30
    out_of_view = page[:, 220 + covered :]
    for part in (lying_on_it, out_of_view):
        assert read(_bytes(part)).codes == ()
