"""Files and words that once cost the server its time, its memory or an answer: each is told."""

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
    with pytest.raises(TableError) as told:
        open_table(files.xlsx_with_entities(), "laughs.xlsx")
    assert told.value.reason.code == ImportCode.DAMAGED_XLSX
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


@pytest.mark.parametrize("says", [2 * 2**30, intake_queue.LARGEST + 1])
def test_a_photo_that_says_it_is_larger_than_any_is_refused_before_it_comes(
    says: int, base: str, engine: Engine
) -> None:
    host, _, port = base.removeprefix("http://").partition(":")
    way = f"/api/photos?pile={piles.create('Monday')}&name=a.jpg"
    with socket.create_connection((host, int(port))) as one:
        one.settimeout(20)
        told = f"POST {way} HTTP/1.1\r\nHost: localhost\r\nX-Refuz: 1\r\n"
        one.sendall(f"{told}Content-Length: {says}\r\n\r\n".encode())
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
