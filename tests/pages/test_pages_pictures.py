"""Pages show pictures without opening them: a reader cuts, the page hands on."""

import ast
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import zxingcpp
from pages_support import ROOT
from PIL import Image
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core.intake import ReaderPool, doors
from core.intake.decode.pipeline import read_gray
from core.intake.process import close_shared
from core.orders.photos import intake_queue, reading
from core.orders.photos.cutout import cutout
from core.orders.piles import piles, questions
from pages.common.pictures import shown_jpeg

CODE = "1ONB24222300008"


def photo() -> bytes:
    sheet = Image.new("L", (2400, 1600), 235)
    bars = zxingcpp.create_barcode(CODE, zxingcpp.BarcodeFormat.Code128).to_image(scale=3)
    sheet.paste(Image.fromarray(bars).resize((700, 160)), (1500, 1100))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def asked(engine: Engine) -> Any:
    """A pile with a photo of a label that fits no order."""
    pile = piles.create("Monday")
    added = intake_queue.add_picture(pile, photo(), "label.png")
    with ReaderPool(1) as pool:
        list(reading.read(pool, reading.claimed([added.id])))
    yield pile
    close_shared()


@pytest.fixture
def nothing_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the server's process."""

    def opened(*_: object, **__: object) -> None:
        raise AssertionError("opened in the page's process")

    monkeypatch.setattr(Image, "open", opened)
    monkeypatch.setattr(openpyxl, "load_workbook", opened)


def test_the_cut_out_of_a_question_shows_the_code_and_its_surroundings(asked: int) -> None:
    (one,) = questions.asked(asked).questions
    data = cutout(one.scan_ids[0])
    assert data is not None
    with Image.open(io.BytesIO(data)) as cut:
        assert cut.format == "JPEG"
        assert max(cut.size) <= 900
        read = zxingcpp.read_barcodes(cut, formats=zxingcpp.BarcodeFormat.Code128)
        assert [code.text for code in read] == [CODE]
        assert cut.width < 2400 * 0.66  # a part, not the picture


@pytest.mark.parametrize("turned", [0, 90, 180, 270, 187])
def test_a_cut_out_is_upright_however_the_photo_lies(turned: int, tmp_path: Path) -> None:
    file = tmp_path / "large.png"
    with Image.open(io.BytesIO(photo())) as sheet:
        lies = sheet.rotate(turned, expand=True, fillcolor=235)
    lies.save(file)
    (code,) = read_gray(np.array(lies)).codes
    data = doors.part(file, code.corners, lies.width, 0.5, 900)
    close_shared()
    with Image.open(io.BytesIO(data)) as cut:
        (read,) = zxingcpp.read_barcodes(cut, formats=zxingcpp.BarcodeFormat.Code128)
        assert abs((read.orientation + 180) % 360 - 180) < 45


def test_the_card_draws_the_cut_out_as_part_of_the_page(asked: int, nothing_opens: None) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pages.common import session
from pages.review import link
session.prepare()
link.unresolved({asked})
"""
    app = AppTest.from_string(script, default_timeout=30).run()
    assert not app.exception, app.exception
    urls = [image.url for one in app.get("image") for image in one.proto.imgs]
    assert len(urls) == 1
    assert urls[0].startswith("data:image/jpeg;base64,")


def test_a_code_beside_its_picture_has_no_cut_out(tmp_path: Path) -> None:
    file = tmp_path / "large.jpg"
    Image.new("L", (400, 300), 200).save(file)
    with pytest.raises(doors.PictureError, match="does not lie"):
        doors.part(file, ((900, 900), (950, 900), (950, 950), (900, 950)), 400, 0.1, 900)
    close_shared()


def test_any_bytes_become_an_address_and_nothing_else() -> None:
    source = shown_jpeg(b'"><script>alert(1)</script>')
    assert re.fullmatch(r"data:image/jpeg;base64,[A-Za-z0-9+/=]+", source)


def test_no_page_hands_bytes_or_a_file_to_streamlit_s_own_image() -> None:
    given = [
        (file.name, ast.unparse(call.args[0]))
        for file in (ROOT / "pages").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "st.image"
    ]
    assert len(given) >= 4
    raw = [one for one in given if not re.search(r"^shown_(jpeg|svg)\(|^picture$", one[1])]
    assert raw == []
