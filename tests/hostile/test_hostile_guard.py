"""The server's process opens no picture and no workbook, whoever asks and by whatever way."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import hostile_files
import pytest
import requests
from hostile_desk import OURS, new_pile, served
from PIL import Image, UnidentifiedImageError

from core.intake import guard

# Loaded by every Python process of the desk; the web process answers when it is asked.
TELLTALE = f"""
import json, sys, threading, time
from pathlib import Path
HERE = Path(__file__).parent

def opens(call):
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return "opened"

def tell():
    while not (HERE / "ask").exists():
        time.sleep(0.05)
    import openpyxl
    from PIL import Image
    loaded = [name for name in {sorted(guard.DECODERS)!r} if name in sys.modules]
    report = {{
        "picture": opens(lambda: Image.open(HERE / "ask")),
        "workbook": opens(lambda: openpyxl.load_workbook(HERE / "ask")),
        "decoders": [opens(lambda name=name: __import__(name)) for name in ("cv2", "pypdfium2")],
        "loaded": loaded,
        "faulthandler": __import__("faulthandler").is_enabled(),
    }}
    (HERE / "part").write_text(json.dumps(report))
    (HERE / "part").rename(HERE / "report")

if {{"core.cli", "web"}} <= set(sys.orig_argv):
    threading.Thread(target=tell, daemon=True).start()
"""


@pytest.fixture
def telltale(tmp_path: Path) -> Path:
    folder = tmp_path / "telltale"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(TELLTALE)
    return folder


def wait(file: Path, seconds: float = 90) -> str:
    until = time.monotonic() + seconds
    while not file.exists():
        assert time.monotonic() < until, f"no {file.name}"
        time.sleep(0.05)
    return file.read_text()


def test_a_server_that_served_pictures_and_pages_has_no_decoder_and_can_open_nothing(
    tmp_path: Path, telltale: Path
) -> None:
    home = tmp_path / "home"
    with served(home, paths=str(telltale)) as (_, port):
        base, pile = f"http://127.0.0.1:{port}", new_pile(home)
        frame = hostile_files.jpeg()
        for data, route in (
            (frame, f"/api/frames?pile={pile}&session=a"),
            (frame, f"/api/photos?pile={pile}&name=a.jpg"),
            (hostile_files.pdf(2), f"/api/photos?pile={pile}&name=a.pdf"),
        ):
            answer = requests.post(base + route, data=data, headers=OURS, timeout=60)
            assert answer.ok, answer.text
        sha = answer.json()["sha256"]
        until = time.monotonic() + 60
        while not (small := requests.get(f"{base}/api/photos/{sha}/thumbnail", timeout=60)).ok:
            assert time.monotonic() < until, small.text
            time.sleep(0.2)
        assert small.content.startswith(b"\xff\xd8")
        (telltale / "ask").touch()
        report = json.loads(wait(telltale / "report"))
    assert report == {
        "picture": "OpenedHere", "workbook": "OpenedHere", "decoders": ["ImportError"] * 2,
        "loaded": [], "faulthandler": True,
    }  # fmt: skip


@pytest.fixture
def kept_open() -> Iterator[None]:
    """What the guard changes, as it was."""
    import openpyxl.reader.excel

    before = (
        Image.open,
        openpyxl.load_workbook,
        openpyxl.reader.excel.load_workbook,
        [*sys.meta_path],
    )
    yield
    Image.open, openpyxl.load_workbook, openpyxl.reader.excel.load_workbook, finders = before
    sys.meta_path[:] = finders


def test_a_process_that_has_a_decoder_already_is_no_server(kept_open: None) -> None:
    import cv2

    assert cv2.__name__ in sys.modules
    with pytest.raises(guard.OpenedHere, match="cv2"):
        guard.install()
    with pytest.raises(UnidentifiedImageError):
        Image.open(__file__)
