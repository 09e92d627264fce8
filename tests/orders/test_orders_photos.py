"""There is one way in for photos: whoever hands one over, it is kept once and scanned once."""

import hashlib
import io
from pathlib import Path

import outside_world as world
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import Engine, func, select

from core.config import home
from core.intake import PictureError, ReaderPool
from core.orders.photos import intake_queue, reading, storage
from core.store import db
from core.store.tables import pictures, pile_pictures, scans

CODES = ("1ONB24222300008", "1ONB24222308781")


def photo(*codes: str) -> bytes:
    """A sheet with these codes below each other, as PNG."""
    sheet = Image.new("L", (900, 300 * len(codes) + 100), 255)
    for place, code in enumerate(codes):
        bars = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code128).to_image(scale=3)
        sheet.paste(Image.fromarray(bars).resize((700, 160)), (80, 100 + 300 * place))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def read_now(*ids: int) -> dict[int, int]:
    """Read these pictures here; gives the scans of each."""
    with ReaderPool(1) as pool:
        return {picture: count for picture, _, count in reading.read(pool, reading.claimed(ids))}


def count_of(table: object) -> int:
    with db.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def test_a_photo_by_the_page_the_route_and_the_command_line_is_one_with_one_scan_a_code(
    engine: Engine, tmp_path: Path
) -> None:
    pile, data = world.pile(), photo(*CODES)
    original, uploaded = tmp_path / "mine.png", tmp_path / "upload"
    original.write_bytes(data)
    uploaded.write_bytes(data)
    by_page = intake_queue.add_picture(pile, data, "page.png")
    by_route = intake_queue.add_file(pile, uploaded, "route.png")
    by_command = intake_queue.add_picture(pile, original, "mine.png", read_by_sender=True)
    assert [one.new for one in (by_page, by_route, by_command)] == [True, False, False]
    assert len({one.id for one in (by_page, by_route, by_command)}) == 1
    assert original.read_bytes() == data  # of its owner, so copied
    for _ in range(2):
        assert read_now(by_page.id) == {by_page.id: 2}
    assert (count_of(pictures), count_of(pile_pictures), count_of(scans)) == (1, 1, 2)
    files = [one for one in home().pictures.rglob("*") if one.is_file()]
    assert files == [storage.path_of(hashlib.sha256(data).hexdigest())]


def test_a_photo_in_two_piles_is_one_file_and_scanned_in_each(engine: Engine) -> None:
    data = photo(CODES[0])
    ids = [intake_queue.add_picture(world.pile(name), data, "a.png").id for name in "ab"]
    assert read_now(*ids) == dict.fromkeys(ids, 1)
    assert (count_of(pictures), count_of(scans)) == (1, 2)


def test_what_a_sender_that_died_was_reading_is_read_by_the_server(engine: Engine) -> None:
    pile = world.pile()
    added = intake_queue.add_picture(pile, photo(CODES[0]), "a.png", read_by_sender=True)
    assert reading.claim(8) == []  # nobody else reads it meanwhile
    reading.release()
    assert [row.id for row in reading.claim(8)] == [added.id]


def test_a_scan_is_named_by_its_photo_and_its_text() -> None:
    """Not by its place: a second reading that finds more neither loses nor doubles one."""
    keys = [reading.scan_key("a" * 64, code) for code in CODES]
    assert len({*keys, reading.scan_key("b" * 64, CODES[0])}) == 3
    assert all(len(key) <= 80 for key in keys)


@pytest.mark.parametrize("data", [b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_a_file_that_is_no_picture_is_kept_with_the_reason(engine: Engine, data: bytes) -> None:
    pile = world.pile()
    added = intake_queue.add_picture(pile, data, "a.png", read_by_sender=True)
    with ReaderPool(1) as pool:
        [(picture, result, count)] = reading.read(pool, reading.claimed([added.id]))
    assert (picture, count) == (added.id, 0)
    assert isinstance(result, PictureError)
    [kept] = intake_queue.pictures(pile)
    assert (kept.state, str(kept.error)) == ("failed", str(result))


@pytest.mark.parametrize("size", [0, intake_queue.LARGEST + 1])
def test_a_file_of_no_size_or_too_large_is_refused_before_it_is_copied(
    engine: Engine, tmp_path: Path, size: int
) -> None:
    file = tmp_path / "a.png"
    with file.open("wb") as out:
        out.truncate(size)
    with pytest.raises(intake_queue.PictureRefused):
        intake_queue.add_picture(world.pile(), file, "a.png")
    assert count_of(pile_pictures) == 0
