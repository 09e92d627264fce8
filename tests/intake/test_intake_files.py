"""Every page of whatever file is handed over is read, or the file says what is wrong with it."""

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
import zxingcpp
from PIL import Image

from core.cli.pictures import picture_record
from core.intake import Code, PictureError, ReaderPool, Reading, doors
from core.intake.opening import open_page, page_count
from core.orders.photos import reading as photo_reading

Read = Callable[[bytes], list[Reading]]

A, B, C = "64017733220915", "2ONB25118800321", "RR450118272HU"


def sheet(text: str, side: int = 900, module: int = 3) -> Image.Image:
    """A label's bars on white paper."""
    bars = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=module)
    code = Image.fromarray(np.array(bars))
    paper = Image.new("RGB", (side, side), "white")
    paper.paste(code.resize((code.width, 140)), (40, side // 2))
    return paper


def saved(image: Image.Image, form: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()


def several(form: str, *texts: str) -> bytes:
    first, *rest = (sheet(text) for text in texts)
    return saved(first, form, save_all=True, append_images=rest)


def pdf(
    box: str, drawing: bytes, pages: int = 1, extra: bytes = b"", *, before: bytes = b""
) -> bytes:
    """A PDF without an index of its objects, each of its pages with this box and drawing."""
    kids = " ".join(f"{10 + at} 0 R" for at in range(pages))
    parts = [
        b"%PDF-1.6",
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        f"2 0 obj<</Type/Pages/Count {pages}/Kids[{kids}]>>endobj".encode(),
        b"3 0 obj<</Length %d>>stream\n%s\nendstream endobj" % (len(drawing), drawing),
    ]
    for at in range(pages):
        page = f"{10 + at} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 3 0 R".encode()
        parts.append(page + extra + b">>endobj")
    parts.append(b"trailer<</Root 1 0 R>>\n%%EOF")
    return before + b"\n".join(parts)


def drawn_bars(text: str, x: float, y: float, module: float, height: float) -> bytes:
    """Code 128 as filled boxes of a page."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    dark = np.array(made.to_image(scale=1, add_quiet_zones=False))[0] < 128
    boxes = (f"{x + at * module:.3f} {y} {module:.3f} {height} re" for at in np.flatnonzero(dark))
    return " ".join([*boxes, "f"]).encode()


@pytest.fixture
def read(read_there: Callable[[bytes], list[Reading] | PictureError]) -> Read:
    """The pages that a reader gives of a file, or its error."""

    def pages_of(data: bytes) -> list[Reading]:
        result = read_there(data)
        if isinstance(result, PictureError):
            raise result
        return result

    return pages_of


def texts(readings: list[Reading]) -> list[list[str]]:
    return [[code.text for code in one.codes] for one in readings]


@pytest.mark.parametrize("form", ["TIFF", "GIF", "WEBP", "PNG"])
def test_each_picture_of_a_file_is_a_page(read: Read, form: str) -> None:
    assert texts(read(several(form, A, B, C))) == [[A], [B], [C]]


def test_both_photos_of_one_heic_are_read(read: Read) -> None:
    both = pillow_heif.from_pillow(sheet(B))
    both.add_from_pillow(sheet(A))
    out = io.BytesIO()
    both.save(out)
    assert sorted(texts(read(out.getvalue()))) == [[B], [A]]


def test_a_scan_s_preview_is_no_page() -> None:
    page, small = sheet(A), sheet(A).resize((90, 90))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    data = saved(page, "TIFF", save_all=True, append_images=[small, sheet(B)])
    assert page_count(data) == 2
    assert open_page(data, 1).gray.shape == (900, 900)


def test_an_animation_of_too_many_pictures_says_so() -> None:
    frames = [Image.new("L", (40, 40), shade) for shade in range(80)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(PictureError, match="more than 60 pages"):
        page_count(data)


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04" + bytes(90), b"\xff\x0a" + bytes(50), b"Buna ziua, anexez etichetele", b"Rar!"],
)
def test_a_file_of_another_kind_is_told_what_can_be_sent(tmp_path: Path, data: bytes) -> None:
    """In a fresh process too: which kinds of picture it knows had depended on what it read."""
    file = tmp_path / "of a stranger"
    file.write_bytes(data)
    with ReaderPool(1) as fresh:
        [(_, result)] = fresh.read_many([file])
    assert isinstance(result, PictureError)
    assert "no picture. Send a photo (JPEG" in str(result)


@pytest.mark.parametrize("size", [(1, 1), (700, 1), (3, 9_000), (15, 400)])
def test_a_picture_too_small_for_any_label_is_told_so(read: Read, size: tuple[int, int]) -> None:
    with pytest.raises(PictureError, match="too small"):
        read(saved(Image.new("L", size, 200), "PNG"))


def test_a_label_in_the_corner_of_a_sheet_for_a_plotter_is_read(read: Read) -> None:
    bars = drawn_bars(C, 9_000, 11_500, 1.0, 60)
    [page] = read(pdf("0 0 12000 12000", bars))
    assert texts([page]) == [[C]]
    assert page.width * page.height < 31_000_000


@pytest.mark.parametrize(
    ("box", "module"),
    [
        ("0 0 595 842", 0.5),  # a small label in the corner of A4: 1.4 pixels a module at 200 dpi
        ("0 0 40 50", 0.25),  # a page in other units than points
    ],
)
def test_bars_too_small_at_the_usual_resolution_are_read(
    read: Read, box: str, module: float
) -> None:
    [page] = read(pdf(box, drawn_bars(A, 6, 20, module, 12)))
    assert texts([page]) == [[A]]
    wide, high = (float(one) for one in box.split()[2:])
    xs = [x for x, _ in page.codes[0].corners]
    ys = [y for _, y in page.codes[0].corners]
    assert 0.9 * 6 < min(xs) / page.width * wide < 9
    assert high - 33 < min(ys) / page.height * high < max(ys) / page.height * high < high - 19


def test_words_before_a_pdf_are_stepped_over(read: Read) -> None:
    data = pdf("0 0 300 300", drawn_bars(B, 30, 90, 1.2, 50), before=b"\r\nContent-Type: x\r\n\r\n")
    assert texts(read(data)) == [[B]]


def test_a_pdf_with_a_password_says_that_it_asks_for_one() -> None:
    locked = (
        b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(" + b"o" * 32 + b")/U(" + b"u" * 32 + b")>>"
        b"/ID[(aaaaaaaaaaaaaaaa)(aaaaaaaaaaaaaaaa)]"
    )
    data = pdf("0 0 300 300", b"").replace(b"trailer<<", b"trailer<<" + locked)
    with pytest.raises(PictureError, match="password"):
        page_count(data)


def test_a_page_that_cannot_be_read_costs_no_other_and_is_named(tmp_path: Path, read: Read) -> None:
    data = pdf("0 0 300 300", drawn_bars(A, 30, 90, 1.2, 50), pages=4)
    for page in (b"11", b"13"):
        begins = data.index(b"\n" + page + b" 0 obj")
        box = data.index(b"[0 0 300 300]", begins)
        data = data[:box] + b"[0 0 3900000 1]" + data[box + 13 :]
    found = read(data)
    assert texts(found) == [[A], [], [A], []]
    left_out = doors.pages_unread(found)
    assert left_out is not None
    assert left_out.parameters["pages"] == "2, 4"
    assert "Pages not read: 2, 4." in str(picture_record(tmp_path, found)["error"])


def test_a_file_whose_pages_all_fail_is_asked_for_few_of_them() -> None:
    asked = []

    class Pool:
        def call(self, job: str, *args: object, **_: object) -> object:
            asked.append(job)
            if job.endswith("count_pages"):
                return 40
            if args[1] == 0:
                return Reading((), (), 9, 9, 1.0)
            raise PictureError(doors.PictureCode.BROKEN)

    found = doors.read_file(Path("x"), Pool())  # type: ignore[arg-type]
    left_out = doors.pages_unread(found)
    assert left_out is not None
    assert left_out.parameters["pages"] == "2-40"
    assert len(asked) == 1 + 1 + doors.MOST_FAILED


def test_a_text_read_surely_on_one_page_stays_sure() -> None:
    def page(confidence: str) -> Reading:
        corners = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
        return Reading((Code(A, "Code128", corners, confidence, "x"),), (), 9, 9, 1.0)  # type: ignore[arg-type]

    for order in (("sure", "weak"), ("weak", "sure")):
        [code] = photo_reading._codes([page(one) for one in order])
        assert code.confidence == "sure"


def test_a_drawing_that_unpacks_to_gigabytes_ends_no_other(tmp_path: Path) -> None:
    packed = zlib.compress(zlib.compress(bytes(2**20) * 64))
    good = tmp_path / "good.tif"
    good.write_bytes(several("TIFF", A, B))
    bad = tmp_path / "bad.png"
    bad.write_bytes(saved(sheet(A), "PNG")[:60] + packed)
    with ReaderPool(1) as pool:
        results = dict(pool.read_many([bad, good]))
    assert isinstance(results[bad], PictureError)
    assert texts(results[good]) == [[A], [B]]
