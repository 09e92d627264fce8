"""Files and words that once cost the server its time, its memory or an answer: each is told."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import hostile_files as files
import psutil
import pytest
import requests
from hostile_desk import OURS
from sqlalchemy import Engine, select
from starlette.applications import Starlette
from starlette.types import ASGIApp
from streamlit.testing.v1 import AppTest

from core.intake import PictureError, doors, process
from core.orders.imports.codes import ImportCode
from core.orders.imports.door import open_table
from core.orders.imports.spreadsheet import TableError
from core.orders.photos import intake_queue
from core.orders.piles import piles
from core.people import devices
from core.server.routes import table
from core.store import db
from core.store.tables import pile_pictures, scans

ROOT = Path(__file__).resolve().parents[2]
MB = 2**20
SECONDS = 6.0  # of a reader in these tests


@pytest.fixture(autouse=True, scope="module")
def _no_process_stays() -> Iterator[None]:
    yield
    process.close_shared()


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Readers that are ended sooner than those of a desk."""
    with process.ProcessPool(1, seconds=SECONDS) as pool:
        monkeypatch.setattr(doors, "_files", lambda: pool)
        yield


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("60 large pages", lambda: files.pdf(60, (1970, 1970), text="x")),
        ("forms in forms", lambda: files.pdf_of_nested_forms(10, 12)),
        ("a long stream", lambda: files.pdf_of_one_page(b"0 0 m " * (300 * MB // 6), packed=True)),
        ("many curves", lambda: files.pdf_of_curves(120_000)),
        ("packed text", lambda: files.png_with_packed_text(200 * MB, b"zTXt")),
        ("packed profile", lambda: files.png_with_packed_text(200 * MB, b"iCCP")),
        ("an Exif block that names itself", lambda: files.jpeg_with_exif(files.EXIF_LOOP)),
        ("an Exif field of four billion", lambda: files.jpeg_with_exif(files.EXIF_COUNT)),
        ("a picture and a workbook in one", lambda: files.jpeg() + files.xlsx_with_entities()),
        ("a drawing", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_file_that_costs_much_costs_its_reader_alone_and_is_drawn_or_told(
    name: str, data: Callable[[], bytes], tmp_path: Path, readers: None
) -> None:
    file = tmp_path / "sent"
    file.write_bytes(data())
    here = psutil.Process()
    before = here.memory_info().rss
    for look in (doors.check, lambda one: doors.thumbnail(one, 0, 300)):
        began = time.monotonic()
        with suppress(PictureError):  # told in words
            assert look(file)
        assert time.monotonic() - began < 5 * SECONDS  # a new reader is started meanwhile
    assert here.memory_info().rss - before < 50 * MB
    file.write_bytes(files.jpeg())
    assert doors.check(file) == (640, 480)


def test_a_workbook_that_defines_entities_is_refused_in_words() -> None:
    with pytest.raises(TableError) as refused:
        open_table(files.xlsx_with_entities(), "laughs.xlsx")
    assert refused.value.reason.code == ImportCode.DAMAGED_XLSX
    process.close_shared()


@pytest.fixture
def base(engine: Engine, serve: Callable[[ASGIApp], str]) -> str:
    """The desk's routes, served."""
    return serve(Starlette(routes=table.routes(ROOT / "pages" / "components")))


def test_no_nul_gets_from_a_call_into_the_database(base: str, engine: Engine) -> None:
    """PostgreSQL takes none in a text."""
    pile = piles.create("Monday")
    body: dict[str, Any] = {"pile": pile, "code": "1ONB\0\0 24222308781", "key": "k\0",
                            "source": "scanner", "by": "A\0na"}  # fmt: skip
    answer = requests.post(f"{base}/api/scans", json=body, headers=OURS, timeout=30)
    assert answer.status_code == 200, answer.text
    way = f"{base}/api/photos?pile={pile}&name=a%00b.jpg&by=A%00na"
    assert requests.post(way, data=files.jpeg(), headers=OURS, timeout=60).status_code == 202
    with db.reading() as connection:
        kept = [*connection.execute(select(scans)).one(),
                *connection.execute(select(pile_pictures)).one()]  # fmt: skip
    assert [one for one in kept if isinstance(one, str) and "\0" in one] == []


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either(
    request: pytest.FixtureRequest, home_dir: Path, monkeypatch: pytest.MonkeyPatch,
    serve: Callable[[ASGIApp], str],
) -> str:  # fmt: skip
    """The desk's routes, served on the one database and on the other."""
    if request.param == "postgresql":
        home_dir.mkdir()
        monkeypatch.setenv("REFUZ_DATABASE_URL", request.getfixturevalue("migrated_postgres_url"))
    else:
        request.getfixturevalue("engine")
    return serve(Starlette(routes=table.routes(ROOT / "pages" / "components")))


@pytest.mark.parametrize(
    "sign",
    ["\0", "\ud83d", "\udfff\ud800", "\U0001f600", "\u202e"],
    ids=["NUL", "half", "halves", "emoji", "override"],
)
def test_no_sign_in_any_text_of_a_call_is_an_error_of_ours(either: str, sign: str) -> None:
    """PostgreSQL takes no NUL; half of a surrogate pair had been a 500 on both."""
    pile = piles.create(f"Mon{sign}day")
    call = {"pile": pile, "code": "1ONB24222308781", "key": "k", "source": "scanner", "by": "Ana"}
    for name in ("code", "key", "source", "by", "session"):
        body = json.dumps({**call, "key": f"k {name}", name: f"{call.get(name, '')}{sign}"})
        answer = requests.post(f"{either}/api/scans", data=body, headers=OURS, timeout=30)
        assert answer.status_code == (400 if name == "source" and sign != "\0" else 200), name
        answer.content.decode()
    for way in ("api/commands", "sign-in/passkey", "api/v1/scans", "webhooks/shopify"):
        body = json.dumps({"pile": pile, "command": sign, "code": sign, "id": sign, sign: sign})
        answer = requests.post(f"{either}/{way}", data=body, headers=OURS, timeout=30)
        assert answer.status_code < 500, way
    with db.reading() as connection:
        kept = [str(one) for row in connection.execute(select(scans)) for one in row]
    assert len(kept) > 0
    assert [one for one in kept if "\0" in one] == []
    "".join(kept).encode()


@pytest.mark.parametrize(
    "form", [b"a=1&" * 40, b"a=%ff%fe&b=%00", b"\xff\xfe", b"login=" + b"x" * 9_000, b"=&=&;", b""],
    ids=["many fields", "no letters", "no text", "too long", "no names", "nothing"],
)  # fmt: skip
def test_no_form_is_an_error_of_ours(base: str, form: bytes) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for way in ("sign-in", "pair/x", "welcome/x", "confirm", "sign-out"):
        answer = requests.post(f"{base}/{way}", data=form, headers=kind, timeout=30)
        assert answer.status_code < 500, way


@pytest.mark.parametrize(
    "number", ["²", "১২", "①", "-1", "1e9", "9" * 40, "9" * 5000, "", " 7", "0x10"]
)
def test_no_way_to_write_a_number_in_an_address_is_an_error_of_ours(base: str, number: str) -> None:
    pile, sha = piles.create("Monday"), "a" * 64
    for way in (f"api/pile/{pile}/pictures?limit={number}", f"api/pile/{number}/pictures",
                f"api/pile/{pile}/labels/{number}", f"label/{number}/{number}",
                f"api/photos/{sha}/thumbnail?page={number}", f"phone?pile={number}",
                f"api/me?pile={number}", f"api/pile/{pile}/changes?since={number}",
                f"api/runs/under-way?pile={number}", f"commands?pile={number}",
                f"api/v1/piles/{number}", f"api/v1/piles/{number}/plan", f"api/v1/runs/{number}",
                f"api/v1/piles?after={number}&limit={number}"):  # fmt: skip
        assert requests.get(f"{base}/{way}", headers=OURS, timeout=30).status_code < 500, way


@pytest.mark.parametrize("pile", ["²", "9" * 19, "9" * 5000, "-1"])
def test_no_pile_in_a_page_s_address_breaks_the_page(engine: Engine, pile: str) -> None:
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)
    app.query_params["pile"] = pile
    app.run()
    assert not app.exception


@pytest.mark.parametrize("says", [2 * 2**30, intake_queue.LARGEST + 1])
def test_a_photo_that_says_it_is_larger_than_any_is_refused_before_it_comes(
    says: int, base: str, engine: Engine
) -> None:
    host, _, port = base.removeprefix("http://").partition(":")
    way = f"/api/photos?pile={piles.create('Monday')}&name=a.jpg"
    with socket.create_connection((host, int(port))) as one:
        one.settimeout(20)
        head = f"POST {way} HTTP/1.1\r\nHost: localhost\r\nX-Refuz: 1\r\n"
        one.sendall(f"{head}Content-Length: {says}\r\n\r\n".encode())
        assert one.recv(64).split()[1] == b"413"


def test_a_photo_that_does_not_say_how_large_it_is_is_refused_and_nothing_of_it_stays(
    base: str, engine: Engine, home_dir: Path
) -> None:
    pieces = (bytes(MB) for _ in range(intake_queue.LARGEST // MB + 5))
    way = f"{base}/api/photos?pile={piles.create('Monday')}&name=a.jpg"
    assert requests.post(way, data=pieces, headers=OURS, timeout=60).status_code == 413
    large = [one for one in home_dir.rglob("*") if one.is_file() and one.stat().st_size > 20 * MB]
    assert large == []


def test_of_many_phones_that_show_one_code_at_once_one_gets_in(engine: Engine) -> None:
    def pair(token: str, number: int) -> bool:
        try:
            devices.redeem(token, f"phone {number}")
        except devices.PairingRefused:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        for _ in range(5):
            token = devices.invite("Ana")
            let_in = list(threads.map(lambda n, token=token: pair(token, n), range(8)))
            assert sum(let_in) == 1
