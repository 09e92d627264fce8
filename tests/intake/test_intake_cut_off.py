"""A picture whose file ends too early: its upper part is read, what is missing is told."""

import io
from collections.abc import Callable

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from core.intake import PictureError, cut_off, doors
from core.intake.codes import PictureCode
from core.intake.decode.pipeline import read, read_frame
from core.intake.opening import ORIENTATION, open_page, open_whole
from core.intake.types import Code, Reading

ReadAs = Callable[[bytes], list[Reading] | PictureError]

ABOVE, BELOW = "37164402915583", "RB902736415CZ"
SIDE = 1000


def label(turned: int = 0) -> Image.Image:
    """Two codes on grainy paper, one in the upper third, one in the lower."""
    rng = np.random.default_rng(20)
    paper = Image.fromarray(rng.integers(215, 250, (SIDE, SIDE), np.uint8))
    for text, at in ((ABOVE, 120), (BELOW, 740)):
        bars = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=3)
        drawn = Image.fromarray(np.array(bars))
        paper.paste(drawn.resize((drawn.width, 130)), (90, at))
    return paper.rotate(turned, expand=True)


def saved(image: Image.Image, form: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()


CUT = [
    ("JPEG", {"quality": 90}),
    ("JPEG", {"quality": 90, "restart_marker_rows": 3}),
    ("PNG", {}),
]


@pytest.mark.parametrize(("form", "how"), CUT)
def test_the_upper_code_is_read_and_the_missing_part_is_told(
    read_there: ReadAs, form: str, how: dict[str, object]
) -> None:
    data = saved(label(), form, **how)
    found = read_there(data[: len(data) * 6 // 10])
    assert isinstance(found, list)
    [reading] = found
    assert [(code.text, code.confidence) for code in reading.codes] == [(ABOVE, "sure")]
    missing = reading.unread[-1]
    assert missing.reason == PictureCode.CUT_OFF
    assert 500 < missing.corners[0][1] < 640  # pixels from above
    assert missing.corners[2] == (SIDE, SIDE)
    assert doors.pages_unread(found) == PictureCode.CUT_OFF.of()


@pytest.mark.parametrize(("form", "how"), CUT)
def test_a_file_that_lost_nothing_but_its_last_mark_is_whole(
    form: str, how: dict[str, object]
) -> None:
    data = saved(label(), form, **how)
    end = data.rindex(b"\xff\xd9" if form == "JPEG" else b"IEND") - 4 * (form == "PNG")
    page = open_page(data[:end])
    assert page.missing is None
    assert {code.text for code in read(data[:end]).codes} == {ABOVE, BELOW}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_missing_part_lies_where_the_upright_photo_has_it(orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = saved(label(), "JPEG", exif=exif)
    page = open_page(data[: len(data) // 2])
    assert page.missing is not None
    left, top, right, bottom = map(int, page.missing)
    assert (page.gray[top:bottom, left:right] == 255).all()
    whole = open_page(data).gray
    there = np.ones(whole.shape, bool)
    there[top:bottom, left:right] = False
    assert 0.4 < there.mean() < 0.6
    assert np.array_equal(page.gray[there], whole[there])


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.8, 0.9])
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_wherever_it_is_cut_no_code_is_read_that_is_not_on_it(
    read_there: ReadAs, share: float, turned: int
) -> None:
    data = saved(label(turned), "JPEG", quality=85)
    found = read_there(data[: int(len(data) * share)])
    assert isinstance(found, list)
    assert {code.text for code in found[0].codes} <= {ABOVE, BELOW}


def test_a_code_at_the_cut_is_believed_only_where_it_is_known() -> None:
    def code(top: float, bottom: float) -> Code:
        corners = ((10.0, top), (300.0, top), (300.0, bottom), (10.0, bottom))
        return Code("7410", "ITF", corners, "sure", "whole")

    reading = Reading((code(20, 90), code(400, 470), code(400, 520)), (), 600, 800, 1.0)
    marked = cut_off.with_missing(reading, (0.0, 480.0, 600.0, 800.0))
    assert [one.confidence for one in marked.codes] == ["sure", "weak"]
    assert cut_off.with_missing(reading, None) is reading


@pytest.mark.parametrize(
    ("form", "how"),
    [("JPEG", {"progressive": True}), ("GIF", {}), ("WEBP", {}), ("TIFF", {"compression": "raw"})],
)
def test_a_cut_file_without_an_upper_part_is_refused(form: str, how: dict[str, object]) -> None:
    data = saved(label(), form, **how)
    with pytest.raises(PictureError):
        open_page(data[: len(data) // 2])


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_file_of_which_next_to_nothing_is_there_is_refused(form: str) -> None:
    data = saved(label(), form)
    with pytest.raises(PictureError):
        open_page(data[: len(data) // 50])


def test_what_needs_the_whole_picture_refuses_a_part() -> None:
    """A camera sends its next frame at once; nobody would see that this one was cut."""
    data = saved(label(), "JPEG")[:-5000]
    assert open_page(data).missing is not None
    for door in (open_whole, read, read_frame):
        with pytest.raises(PictureError) as raised:
            door(data)
        assert raised.value.reason == PictureCode.CUT_OFF.of()
