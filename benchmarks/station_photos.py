"""The server's memory while hundreds of photos are dropped, for `benchmarks.station`."""

import io
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import zxingcpp
from PIL import Image
from playwright.sync_api import Page

PHOTO = (4000, 3000)  # pixels, as a phone takes them
GRAIN = 15.0  # noise that makes such a photo about 4 MB
DIFFERENT = 10  # label photos drawn; the others are the same pictures in files of their own
EVERY = 0.1  # seconds between looks at the memory
MEGABYTE = 2**20


@dataclass(frozen=True)
class Memory:
    """Megabytes of the server's own process and of its photo readers, above those before."""

    before: float
    server: float
    readers: float
    seconds: float


def photos(folder: Path, codes: Sequence[str], count: int) -> list[Path]:
    """So many photo files of 4 MB, no two the same."""
    drawn = [_photo(code, seed) for seed, code in enumerate(codes[:DIFFERENT])]
    files = []
    for number in range(count):
        file = folder / f"photo-{number}.jpg"
        note = f"photo {number}".encode()
        comment = b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note
        jpeg = drawn[number % len(drawn)]
        file.write_bytes(jpeg[:2] + comment + jpeg[2:])
        files.append(file)
    return files


def _photo(code: str, seed: int) -> bytes:
    bars = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code128).to_image(scale=5)
    table = Image.new("L", PHOTO, 150)
    card = Image.new("L", (bars.shape[1] + 120, bars.shape[0] + 200), 245)
    card.paste(Image.fromarray(bars), (60, 80))
    table.paste(card, (700 + 40 * seed, 900))
    noise = np.random.default_rng(seed).normal(0, GRAIN, (PHOTO[1], PHOTO[0], 3))
    grainy = np.asarray(table, dtype=np.float64)[:, :, None] + noise
    out = io.BytesIO()
    Image.fromarray(grainy.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=85)
    return out.getvalue()


class Watch(threading.Thread):
    """Notes the most memory that the server and its readers held."""

    def __init__(self, server: psutil.Process) -> None:
        """Watch this process and those that it starts for reading."""
        super().__init__(daemon=True)
        self._server = server
        self._ended = threading.Event()
        self.server = self.readers = 0.0

    def run(self) -> None:
        """Look until told to end."""
        while not self._ended.wait(EVERY):
            self.server = max(self.server, held(self._server))
            self.readers = max(self.readers, sum(map(_alone, _readers(self._server))))

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()
        self.join()


def held(process: psutil.Process) -> float:
    """Megabytes resident in one process."""
    return process.memory_info().rss / MEGABYTE


def _alone(process: psutil.Process) -> float:
    try:
        return held(process)
    except psutil.NoSuchProcess:
        return 0.0


def _readers(server: psutil.Process) -> list[psutil.Process]:
    found = []
    for child in server.children():
        try:
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
        except psutil.Error:
            continue  # it ended while we looked
    return found


def drop(page: Page, address: str, files: list[Path], server: psutil.Process) -> Memory:
    """Drop the files on the Scan page and wait until each of them is read."""
    page.goto(address)
    page.locator(".drop-ask").wait_for()
    page.wait_for_timeout(3_000)
    before, began = held(server), time.monotonic()
    watch = Watch(server)
    watch.start()
    page.set_input_files(".drop-input", files)
    words = f"{len(files)} sent, {len(files)} read"
    progress = page.locator(".drop-progress span")
    progress.get_by_text(words).or_(progress.filter(has_text=words)).first.wait_for(
        timeout=1_800_000
    )
    watch.end()
    seconds = time.monotonic() - began
    return Memory(before, watch.server - before, watch.readers, seconds)
