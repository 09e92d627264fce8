"""Mutated files, the same for the same number, sent to a running desk by its real ways in."""

import io
import json
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np
import openpyxl
import pillow_heif
import psutil
import requests
import zxingcpp
from hostile_desk import OURS
from hostile_page import PageClient, said, uploader
from PIL import Image

KINDS = ("jpeg", "png", "heic", "webp", "tiff", "pdf", "xlsx", "csv")
TABLES = ("xlsx", "csv")
BATCH = 25
SECOND = 1.0  # for /healthz
MOST_GROWTH = 300 * 2**20  # bytes of the web process
READ_SECONDS = 300.0  # for a batch of pictures on a busy machine

pillow_heif.register_heif_opener(thumbnails=False)


@dataclass
class Found:
    """What the hunt saw so far; kept in a file, so that it goes on where it stopped."""

    done: dict[str, int] = field(default_factory=dict)  # files of each kind
    answers: dict[str, int] = field(default_factory=dict)  # by status or by what the page said
    slowest_health: float = 0.0  # seconds
    looks: int = 0  # at /healthz
    growth: int = 0  # bytes, the most above the beginning of a process
    wrong: list[str] = field(default_factory=list)

    @classmethod
    def kept(cls, file: Path) -> "Found":
        """As the file says, or from the beginning."""
        return cls(**json.loads(file.read_text())) if file.exists() else cls()

    def keep(self, file: Path) -> None:
        """Write it down in one step."""
        part = file.with_suffix(".part")
        part.write_text(json.dumps(asdict(self), indent=1))
        part.replace(file)

    def answered(self, what: str) -> None:
        """Count an answer."""
        self.answers[what] = self.answers.get(what, 0) + 1


def mutated(kind: str, number: int) -> bytes:
    """File `number` of a kind: one to eight changes, each a few bytes or a piece of the file."""
    chance = random.Random(f"{kind}-{number}")
    originals = _originals()[kind]
    data = bytearray(originals[number % len(originals)])
    for _ in range(chance.randint(1, 8)):
        at = int(len(data) * (chance.random() ** 2 if chance.random() < 0.5 else chance.random()))
        some = chance.randbytes(chance.randint(1, 6))
        match chance.randrange(6):
            case 0 | 1:
                data[at : at + len(some)] = some
            case 2:
                data[at:at] = some
            case 3:
                del data[at : at + 16 * len(some)]
            case 4:
                data[at:at] = data[max(0, at - 64 * len(some)) : at]
            case 5 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
    return bytes(data)


@cache
def _originals() -> dict[str, list[bytes]]:
    bars = zxingcpp.create_barcode("1ONB24222308781", zxingcpp.BarcodeFormat.Code128)
    code = np.array(bars.to_image(scale=2))[:1].repeat(80, axis=0)
    page = np.full((240, code.shape[1] + 60), 235, np.uint8)
    page[80:160, 30 : 30 + code.shape[1]] = np.minimum(code, 235)
    gray = Image.fromarray(page)
    deep = Image.fromarray(page.astype(np.uint16) * 257)

    def saved(image: Image.Image, form: str, *, two: bool = False, **options: Any) -> bytes:
        if two:  # copies: a save leaves its settings on the pictures
            options |= {"save_all": True, "append_images": [image.rotate(180)]}
        out = io.BytesIO()
        image.copy().save(out, form, **options)
        return out.getvalue()

    rows = [["Order", "AWB", "Total", "Date", "Name"]]
    rows += [[f"#{n}", f"1ONB2422230{n:04}", "123,45", "03.11.2026", "Ana Pop"] for n in range(40)]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    text = "\r\n".join(";".join(row) for row in rows)
    return {
        "jpeg": [saved(gray, "JPEG"), saved(gray, "JPEG", progressive=True),
                 saved(gray.convert("CMYK"), "JPEG"), saved(gray, "MPO", two=True)],
        "png": [saved(gray, "PNG"), saved(deep, "PNG"), saved(gray.convert("RGBA"), "PNG"),
                saved(gray.convert("P"), "PNG")],
        "heic": [saved(gray, "HEIF"), saved(gray.convert("RGB"), "HEIF", two=True)],
        "webp": [saved(gray, "WEBP", two=True), saved(gray, "WEBP", lossless=True)],
        "tiff": [saved(deep, "TIFF"), saved(gray, "TIFF", compression="tiff_lzw", two=True),
                 saved(gray, "TIFF", compression="packbits")],
        "pdf": [saved(gray, "PDF", two=True), _text_pdf()],
        "xlsx": [packed.getvalue()],
        "csv": [text.encode(), text.encode("utf-16"), text.replace(";", ",").encode("cp1250")],
    }  # fmt: skip


def _text_pdf() -> bytes:
    import hostile_files

    return hostile_files.pdf(2)


class Watch:
    """Looks at /healthz four times a second and at the memory of the web process."""

    def __init__(
        self, base: str, web: psutil.Process, found: Found, *, shared: bool = False
    ) -> None:
        """Watch from now on, into `found`. `shared`: other tests run on this machine as well, and
        a second is taken for as many as its processors are asked for at once."""
        self._shared = shared
        self._base, self._web, self._found = base, web, found
        self._before = web.memory_info().rss
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def _most(self) -> float:
        asked = os.getloadavg()[0] / (os.cpu_count() or 1) if self._shared else 1.0
        return SECOND * max(1.0, asked)

    def _run(self) -> None:
        with requests.Session() as http:
            while not self._stop.wait(0.25):
                began = time.monotonic()
                try:
                    status = http.get(f"{self._base}/healthz", timeout=10).status_code
                except requests.RequestException as error:
                    status = 0
                    self._found.wrong.append(f"/healthz: {type(error).__name__}")
                took = time.monotonic() - began
                self._found.looks += 1
                self._found.slowest_health = max(self._found.slowest_health, took)
                if status != 200 or took > self._most():
                    self._found.wrong.append(f"/healthz: {status} after {took:.2f} s")
                growth = self._web.memory_info().rss - self._before
                self._found.growth = max(self._found.growth, growth)


def hunt(
    base: str, pile: int, found: Found, each: int, keep: Callable[[], None], folder: Path
) -> None:
    """Send files of each kind until there are `each`; what is answered wrongly lies in `folder`."""
    for start, kind in _turns(found, each):
        numbers = range(start, min(each, start + BATCH))
        files = {number: mutated(kind, number) for number in numbers}
        for number, why in _sent(base, pile, kind, files, found):
            (folder / f"{kind}-{number}").write_bytes(files[number])
            found.wrong.append(f"{kind} {number}: {why}")
        found.done[kind] = numbers.stop
        keep()


def _turns(found: Found, each: int) -> Iterator[tuple[int, str]]:
    for start in range(0, each, BATCH):
        for kind in KINDS:
            if found.done.get(kind, 0) < min(each, start + BATCH):
                yield max(start, found.done.get(kind, 0)), kind


def _sent(
    base: str, pile: int, kind: str, files: dict[int, bytes], found: Found
) -> Iterator[tuple[int, str]]:
    """Numbers of files that were answered wrongly, and how."""
    if kind in TABLES:
        yield from _to_imports(base, kind, files, found)
        return
    kept: dict[int, str] = {}
    with requests.Session() as http:
        for number, data in files.items():
            ways = [f"/api/photos?pile={pile}&name={number}.{kind}"]
            if kind == "jpeg":
                ways.append(f"/api/frames?pile={pile}&session=hunt")
            for way in ways:
                answer = http.post(base + way, data=data, headers=OURS, timeout=60)
                found.answered(f"{way[5:11]} {answer.status_code}")
                if answer.status_code not in (200, 202, 422, 429):
                    yield number, f"{way} {answer.status_code} {answer.text[:200]}"
                elif answer.status_code == 202:
                    kept[number] = answer.json()["sha256"]
        _read(http, base, pile)
        for number, sha in kept.items():
            answer = http.get(f"{base}/api/photos/{sha}/thumbnail", timeout=90)
            found.answered(f"thumbnail {answer.status_code}")
            if answer.status_code not in (200, 404):
                yield number, f"thumbnail {answer.status_code}"


def _read(http: requests.Session, base: str, pile: int) -> None:
    """Wait until every picture of the pile is read or refused."""
    until = time.monotonic() + READ_SECONDS
    while http.get(f"{base}/api/pile/{pile}/pictures?limit=1", timeout=30).json()["open"]:
        assert time.monotonic() < until, "pictures are not read"
        time.sleep(0.1)


def _to_imports(
    base: str, kind: str, files: dict[int, bytes], found: Found
) -> Iterator[tuple[int, str]]:
    with PageClient(base, "settings") as page:
        widget = uploader(page.open_tab("Imports"), "File with the list")
        for number, data in files.items():
            states = page.upload(widget, f"{number}.{kind}", data)
            drawn = page.draw(states, seconds=90)
            alerts = said(drawn)
            read = any(element == "dataframe" for element, _ in drawn)
            found.answered(f"{kind} {'read' if read else 'refused'}")
            page.remove(states)
            if any(one.startswith("exception") or "went wrong" in one for one in alerts):
                yield number, "; ".join(alerts)[:300]
