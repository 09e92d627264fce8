"""Strangers' pictures cost a reader process at most, never the server."""

import ast
import hashlib
import io
import os
import subprocess
import sys
import threading
import time
import types
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import hostile_files
import openpyxl
import psutil
import pytest
import requests
from hostile_desk import OURS, child, new_pile, served
from hostile_jobs import answer, die, hoard, sleep
from hypothesis import given
from hypothesis import strategies as st

from core.intake import PictureError, doors, jpeg
from core.intake.codes import PictureCode
from core.intake.process import Busy, Failure, JobFailed, ProcessPool, close_shared
from core.orders.imports.codes import ImportCode
from core.orders.imports.door import open_table
from core.orders.imports.spreadsheet import TableError

ROOT = Path(__file__).resolve().parents[2]
DECODERS = ("cv2", "pypdfium2", "pillow_heif", "zxingcpp", "pyzbar", "simplejpeg")


@pytest.fixture(autouse=True, scope="module")
def _no_process_stays() -> Iterator[None]:
    yield
    close_shared()


def test_the_server_and_its_pages_load_no_decoder() -> None:
    asked = {
        node.module
        for file in [*(ROOT / "pages").rglob("*.py"), ROOT / "dashboard.py"]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("core.")
    }
    assert "core.server.lifespan" in asked
    code = "import importlib, sys\n"
    code += f"for name in {sorted(asked)!r}: importlib.import_module(name)\n"
    code += f"print([name for name in {DECODERS!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_what_a_reader_gives_back_brings_no_decoder_into_the_server(tmp_path: Path) -> None:
    file = tmp_path / "label.jpg"
    file.write_bytes(hostile_files.jpeg())
    code = f"""
import sys
from pathlib import Path
from core.intake import doors, process
from core.intake import guard
guard.install()
file = Path({str(file)!r})
if __name__ == "__main__":
    around = ((10.0, 10.0), (300.0, 10.0), (300.0, 200.0), (10.0, 200.0))
    given = [doors.frame(file.read_bytes()), doors.check(file), doors.readers_available(),
             doors.find_papers(file, 0, [None]), doors.cut_out(file, 0, around, [], 300),
             doors.part(file, around, 640, 0.5, 300), doors.thumbnail(file, 0, 300),
             doors.bars("REFUZ-1"), doors.print_unavailable()]
    if not given[-1]:
        given.append(doors.read_print(file, 0, around))
    process.close_shared()
    print(len(given), [name for name in {DECODERS!r} if name in sys.modules])
"""
    (tmp_path / "desk.py").write_text(code)
    done = subprocess.run(
        [sys.executable, tmp_path / "desk.py"], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.strip() in ("10 []", "9 []"), done.stderr


def test_many_threads_show_text_pdfs_at_once_and_all_are_drawn(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.pdf" for number in range(3)]
    for number, file in enumerate(files):
        file.write_bytes(hostile_files.pdf(3, text=f"Aviz {number}"))
    asked = [(file, page) for file in files for page in range(3)] * 3
    with ThreadPoolExecutor(12) as threads:
        drawn = list(threads.map(lambda one: doors.thumbnail(*one, 300), asked))
    assert len(drawn) == 27
    assert all(one.startswith(b"\xff\xd8") for one in drawn)


@pytest.mark.parametrize("way", ["system", "eval", "ours", "inside"])
def test_what_a_reader_answers_calls_nothing_in_the_server(tmp_path: Path, way: str) -> None:
    with ProcessPool(1) as pool:
        with pytest.raises(JobFailed) as failed:
            pool.call(answer, way, str(tmp_path / "made"))
        assert failed.value.failure is Failure.CRASHED
        assert pool.call(sleep, 0.0) == 0.0
    assert not (tmp_path / "made").exists()


def test_a_process_that_dies_is_told_and_the_next_job_has_a_new_one() -> None:
    with ProcessPool(1) as pool:
        with pytest.raises(JobFailed) as failed:
            pool.call(die)
        assert failed.value.failure is Failure.CRASHED
        assert pool.call(sleep, 0.0) == 0.0


def read_in(base: str, pile: int, count: int) -> dict[str, dict[str, Any]]:
    """The pile's pictures by name, once so many of them wait no longer."""
    until = time.monotonic() + 90
    while True:
        listed = requests.get(f"{base}/api/pile/{pile}/pictures", timeout=30).json()
        if listed["total"] == count and not listed["open"]:
            return {one["filename"]: one for one in listed["pictures"]}
        assert time.monotonic() < until, listed
        time.sleep(0.2)


def test_a_photo_that_kills_every_reader_is_told_and_the_next_is_read(tmp_path: Path) -> None:
    """By the real route: whatever process opens this one file's bytes dies of it (SIGSEGV)."""
    deadly = hostile_files.jpeg(width=333)
    hook, home = tmp_path / "hook", tmp_path / "home"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        f"DEADLY = {hashlib.sha256(deadly).hexdigest()!r}\n"
        "def look(event, args):\n"
        "    if event == 'open' and DEADLY in str(args[0]):\n"
        "        os.kill(os.getpid(), signal.SIGSEGV)\n"
        "if '--multiprocessing-fork' in sys.orig_argv:\n"
        "    sys.addaudithook(look)\n"
    )
    with served(home, paths=str(hook), REFUZ_WORKER="off") as (process, port):
        base, pile, web = f"http://127.0.0.1:{port}", new_pile(home), child(process, "web")
        for name, data in (("a.jpg", hostile_files.jpeg()), ("deadly.jpg", deadly),
                           ("b.jpg", hostile_files.jpeg(width=500))):  # fmt: skip
            way = f"{base}/api/photos?pile={pile}&name={name}"
            assert requests.post(way, data=data, headers=OURS, timeout=60).status_code == 202
        found = read_in(base, pile, 3)
        assert found["deadly.jpg"]["reason"]["code"] == PictureCode.CRASHED
        assert [found[name]["reason"] for name in ("a.jpg", "b.jpg")] == [None, None]
        small = f"{base}/api/photos/{found['deadly.jpg']['sha256']}/thumbnail"
        assert requests.get(small, timeout=60).status_code in (404, 410, 422)
        assert requests.get(f"{base}/api/photos/{found['b.jpg']['sha256']}/thumbnail",
                            timeout=60).ok  # fmt: skip
        assert child(process, "web").pid == web.pid
        assert requests.get(f"{base}/healthz", timeout=5).ok


def test_a_reader_does_not_run_the_page_that_is_drawn_when_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, drawn = tmp_path / "main.py", tmp_path / "drawn"
    script.write_text(f"open({str(drawn)!r}, 'w')")
    page = types.ModuleType("__main__")  # as Streamlit's script runner puts it there
    page.__file__ = str(script)
    monkeypatch.setitem(sys.modules, "__main__", page)
    with ProcessPool(1) as pool:
        assert pool.call(sleep, 0.0) == 0.0
    assert not drawn.exists()


def test_a_job_beyond_its_seconds_is_ended() -> None:
    with ProcessPool(1, seconds=0.3) as pool:
        pool.call(sleep, 0.0)
        began = time.monotonic()
        with pytest.raises(JobFailed) as failed:
            pool.call(sleep, 60.0)
    assert failed.value.failure is Failure.TOO_SLOW
    assert time.monotonic() - began < 20


def test_a_job_beyond_its_memory_is_told_and_the_process_lives_on() -> None:
    with ProcessPool(1) as pool:
        with pytest.raises(JobFailed) as failed:
            pool.call(hoard, 4 * 1024**3)
        assert failed.value.failure is Failure.TOO_LARGE
        assert pool.call(hoard, 10) == 10


def test_who_would_not_wait_is_told_that_all_are_busy() -> None:
    with ProcessPool(1) as pool:
        pool.call(sleep, 0.0)
        held = threading.Thread(target=pool.call, args=(sleep, 1.5))
        held.start()
        time.sleep(0.3)
        with pytest.raises(Busy):
            pool.call(sleep, 0.0, patience=0.05)
        held.join()


@pytest.mark.parametrize("scans", [200, 3000])
def test_a_jpeg_of_more_scans_than_any_encoder_writes_is_refused_at_every_door(
    scans: int, tmp_path: Path
) -> None:
    file = tmp_path / "scans.jpg"
    file.write_bytes(hostile_files.jpeg_of_many_scans(scans))
    with pytest.raises(PictureError, match="damaged"):
        doors.frame(file.read_bytes())
    with pytest.raises(PictureError, match="damaged"):
        doors.thumbnail(file, 0, 300)
    with pytest.raises(PictureError, match="damaged"):
        doors.check(file)


@pytest.mark.parametrize("progressive", [False, True])
def test_an_ordinary_jpeg_passes_as_a_frame(progressive: bool) -> None:
    jpeg.check_frame(hostile_files.jpeg(progressive=progressive))


@pytest.mark.parametrize(
    "data",
    [
        hostile_files.pdf(1),
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"GIF89a" + bytes(50),
        b"",
        b"\xff\xd8",
    ],
)
def test_a_frame_is_a_jpeg_and_nothing_else(data: bytes) -> None:
    with pytest.raises(PictureError):
        doors.frame(data)


def test_a_frame_larger_than_a_camera_s_is_refused_by_its_header() -> None:
    with pytest.raises(PictureError, match="too large"):
        jpeg.check_frame(hostile_files.jpeg(3000, 2000))


@given(st.binary(max_size=300))
def test_any_bytes_after_a_jpeg_s_beginning_are_taken_or_refused_with_a_sentence(
    tail: bytes,
) -> None:
    said = None
    try:
        jpeg.check_frame(b"\xff\xd8" + tail)
    except PictureError as error:
        said = error.reason.code
    assert said in (None, jpeg.NOT_A_FRAME, jpeg.TOO_LARGE, jpeg.BROKEN)


@given(st.lists(st.sampled_from([b"\xff\xda", b"\xff", b"\xda", b"\x00", b"ab"]), max_size=40))
def test_the_scans_of_a_jpeg_are_counted_at_whatever_byte_they_begin(parts: list[bytes]) -> None:
    data = b"\xff\xd8" + b"".join(parts)
    assert jpeg._starts_of_scans(data) == data.count(b"\xff\xda")


@pytest.mark.parametrize("size", [(1.0, 3_800_000.0), (3_800_000.0, 1.0)])
def test_a_page_of_impossible_shape_is_refused_with_a_sentence(
    size: tuple[float, float], tmp_path: Path
) -> None:
    file = tmp_path / "thin.pdf"
    file.write_bytes(hostile_files.pdf(1, size))
    with pytest.raises(PictureError, match="too small"):
        doors.check(file)


def test_a_page_that_is_not_there_has_no_thumbnail(tmp_path: Path) -> None:
    file = tmp_path / "one.pdf"
    file.write_bytes(hostile_files.pdf(1))
    with pytest.raises(PictureError, match="no such page"):
        doors.thumbnail(file, 1, 300)


def test_a_pdf_of_more_pages_than_a_pile_is_told_so_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "many.pdf"
    file.write_bytes(hostile_files.pdf(501, (50, 50), text="x"))
    with ProcessPool(1) as pool, pytest.raises(PictureError, match="more than 500 pages"):
        doors.read_file(file, pool)


def test_a_cell_of_half_a_gigabyte_costs_the_server_nothing(tmp_path: Path) -> None:
    data = hostile_files.xlsx_of_one_cell(480 * 2**20)
    assert len(data) < 2**20
    before = psutil.Process().memory_info().rss
    with pytest.raises(TableError):
        open_table(data, "bomb.xlsx")
    assert psutil.Process().memory_info().rss - before < 50 * 2**20


@pytest.mark.parametrize("part", ["xl/theme/theme1.xml", "xl/worksheets/sheet1.xml"])
def test_a_workbook_with_any_part_damaged_is_refused_and_its_reader_lives(part: str) -> None:
    book = io.BytesIO()
    openpyxl.Workbook().save(book)
    data = bytearray(book.getvalue())
    with zipfile.ZipFile(book) as packed:
        at = packed.getinfo(part).header_offset + 30 + len(part)
    data[at : at + 8] = b"\xff" * 8
    with pytest.raises(TableError) as refused:
        open_table(bytes(data), "damaged.xlsx")
    assert refused.value.reason.code == ImportCode.DAMAGED_XLSX
