"""Damaged files are read or refused with a sentence: no crash, no hang, no memory without end."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.intake import PictureError, ReaderPool

pillow_heif.register_heif_opener(thumbnails=False)

SLOWEST = 5.0  # seconds for one file
MOST_MEMORY = 300  # megabytes of the reading process, at its peak
REFUSED_RIGHTLY = ("damaged", "no picture", "too large", "cannot be opened", "a drawing", "empty")

# Each change: where in the file (share of its length), what is done, and with which bytes.
CHANGES = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.sampled_from(["overwrite", "insert", "cut", "repeat"]),
        st.binary(min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=8,
)


def _originals() -> list[bytes]:
    """A small label in every format and kind of pixel that is opened."""
    made = zxingcpp.create_barcode("1ONB24222308781", zxingcpp.BarcodeFormat.Code128)
    bars = np.array(made.to_image(scale=2))[:1].repeat(80, axis=0)
    page = np.full((240, bars.shape[1] + 60), 235, np.uint8)
    page[80:160, 30 : 30 + bars.shape[1]] = np.minimum(bars, 235)
    gray = Image.fromarray(page)
    deep = Image.fromarray(page.astype(np.uint16) * 257)
    return [
        _saved(gray, "JPEG"), _saved(gray.convert("CMYK"), "JPEG"), _saved(gray, "PNG"),
        _saved(deep, "PNG"), _saved(gray.convert("RGBA"), "PNG"), _saved(gray, "WEBP", two=True),
        _saved(deep, "TIFF"), _saved(gray, "TIFF", compression="tiff_lzw", two=True),
        _saved(gray, "GIF", two=True), _saved(gray.convert("P"), "BMP"), _saved(gray, "HEIF"),
        _saved(gray, "MPO", two=True), _saved(gray, "PDF", two=True),
    ]  # fmt: skip


def _saved(image: Image.Image, form: str, *, two: bool = False, **options: object) -> bytes:
    if two:  # copies: a save leaves its settings on the pictures
        options |= {"save_all": True, "append_images": [image.rotate(180)]}
    out = io.BytesIO()
    image.copy().save(out, form, **options)
    return out.getvalue()


def _changed(data: bytes, changes: list[tuple[float, str, bytes]]) -> bytes:
    for share, kind, some in changes:
        at = int(share * len(data))
        match kind:
            case "overwrite":
                data = data[:at] + some + data[at + len(some) :]
            case "insert":
                data = data[:at] + some + data[at:]
            case "cut":
                data = data[:at] + data[at + 16 * len(some) :] if at else data
            case "repeat":
                data = data[: at + 64 * len(some)] + data[at:]
    return data


@pytest.fixture(scope="module")
def pool() -> Iterator[ReaderPool]:
    with ReaderPool(1, slowest=SLOWEST) as pool:
        yield pool


def _read_all_kinds(pool: ReaderPool, path: Path, examples: int) -> None:
    originals = _originals()
    refusals: list[str] = []
    readings = []

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(range(len(originals))), CHANGES)
    def every_file_has_an_answer(which: int, changes: list[tuple[float, str, bytes]]) -> None:
        path.write_bytes(_changed(originals[which], changes))
        [(_, result)] = pool.read_many([path])
        if isinstance(result, PictureError):
            assert any(word in str(result) for word in REFUSED_RIGHTLY), str(result)
            refusals.append(str(result))
        else:
            readings.append(len(result))

    every_file_has_an_answer()
    assert len(refusals) > examples / 20, "the changes must break some files"
    assert len(readings) > examples / 20, "and leave some readable"
    assert _peak_memory(pool) < MOST_MEMORY


def _peak_memory(pool: ReaderPool) -> int:
    """Megabytes: the most that any of the reading processes ever held."""
    peaks = [
        int(line.split()[1]) // 1024
        for worker in pool._processes._all
        for line in Path(f"/proc/{worker.process.pid}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    ]
    assert peaks
    return max(peaks)


def test_damaged_files_are_read_or_refused(pool: ReaderPool, tmp_path: Path) -> None:
    _read_all_kinds(pool, tmp_path / "file", 400)


@pytest.mark.heavy
@pytest.mark.timeout(3600)
def test_twenty_thousand_damaged_files_are_read_or_refused(
    pool: ReaderPool, tmp_path: Path
) -> None:
    _read_all_kinds(pool, tmp_path / "file", 20_000)
