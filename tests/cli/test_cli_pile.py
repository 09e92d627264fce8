"""The command line does the whole way of a pile, on the sandbox, as a person would type it."""

import json
import shutil
import sqlite3
import zlib
from pathlib import Path
from typing import Any

import pytest
from command_line import inside, lines, started
from sqlalchemy import func, select

from core.audit import trail
from core.config import DATA
from core.orders.photos import intake_queue
from core.store import db
from core.store.tables import effects, invoices, parcels, piles, scans

PHOTOS = DATA / "photos"


def png_bomb() -> bytes:
    """A PNG that says it is 30,000 x 30,000."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    head = (30000).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress(b"\x00" * 30001 * 300)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def done_pile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A home in which ten of the sample's photos and five bad files were processed."""
    folder = tmp_path_factory.mktemp("pile")
    photos = sorted(PHOTOS.glob("pile_*"))
    pictures = [one for one in photos if one.suffix in (".jpg", ".png", ".heic")][:10]
    bad = {
        "words.jpg": b"no picture at all",
        "empty.jpg": b"",
        "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "bomb.png": png_bomb(),
        "cut.jpg": next(p for p in pictures if p.suffix == ".jpg").read_bytes()[:3000],
    }
    for name, data in bad.items():
        (folder / name).write_bytes(data)
    files = [*pictures, *(folder / name for name in bad)]
    done = started("process", *files, "--yes", "--json", "--sandbox", home=folder / "home")
    return folder / "home", done


def test_the_last_line_sums_up_and_adds_up(done_pile: tuple[Path, Any]) -> None:
    records = lines(done_pile[1])
    summary = records[-1]["summary"]
    assert summary["pictures"] == 15
    codes = sum(len(one["codes"]) for one in records if "codes" in one)
    assert summary["codes"] == codes
    assert summary["matched"] + summary["ambiguous"] + summary["unmatched"] == codes
    assert summary["reversed"] >= 5


def test_each_bad_file_gets_a_sentence_and_the_rest_goes_on(done_pile: tuple[Path, Any]) -> None:
    errors = {Path(one["file"]).name: one["error"] for one in lines(done_pile[1]) if "file" in one}
    for name in ("words.jpg", "empty.jpg", "drawing.svg", "bomb.png"):
        assert errors[name].endswith(".")
    assert "too large" in errors["bomb.png"]
    assert sum(error is None for error in errors.values()) >= 10
    assert done_pile[1].returncode == 1  # something failed, and the status says so


def test_every_effect_is_confirmed_once_and_told_in_an_unbroken_trail(
    done_pile: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFUZ_HOME", str(done_pile[0]))
    with db.reading() as connection:
        doubled = select(effects.c.target).group_by(effects.c.slot, effects.c.target)
        assert connection.execute(doubled.having(func.count() > 1)).all() == []
        reversed_ones = connection.scalar(
            select(func.count()).where(invoices.c.reversed_at.is_not(None))
        )
        assert reversed_ones
        assert trail.verify(connection).ok


def test_every_photo_is_kept_with_its_pile_and_proves_its_orders(
    done_pile: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFUZ_HOME", str(done_pile[0]))
    with db.reading() as connection:
        ours = select(func.min(piles.c.id)).where(piles.c.name.startswith("From the command line"))
        kept = {one.filename: one for one in intake_queue.pictures(connection.scalar(ours) or 0)}
    files = {Path(one["file"]).name: one for one in lines(done_pile[1]) if "file" in one}
    assert set(files) - set(kept) == {"empty.jpg"}  # there is nothing to keep of it
    for name, one in kept.items():
        assert (one.state == "failed") == bool(files[name]["error"])
        texts = {code["text"] for page in one.pages for code in page["codes"]}
        assert texts == {code["text"] for code in files[name]["codes"]}
    with db.reading() as connection:
        matched = set(connection.scalars(select(scans.c.order_id).where(scans.c.order_id > 0)))
    assert matched
    for order in matched:
        proofs = intake_queue.proofs(order)
        assert proofs
        for proof in proofs:
            assert intake_queue.thumbnail(proof.sha256, 0) is not None


def test_the_same_photos_again_reverse_nothing_more(done_pile: tuple[Path, Any]) -> None:
    home, first = done_pile
    pictures = [one["file"] for one in lines(first) if "file" in one and one["error"] is None][:3]
    again = started("process", *pictures, "--yes", "--json", home=home)
    assert lines(again)[-1]["summary"]["reversed"] == 0
    assert again.returncode == 0


def test_doctor_finds_the_chain_unbroken(done_pile: tuple[Path, Any]) -> None:
    done = inside("doctor", "--json", home=done_pile[0])
    checks = {one["what"]: one for one in lines(done)}
    assert checks["audit chain"]["ok"]
    assert checks["database"]["ok"]
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("forged", "word"),
    [
        ("UPDATE invoices SET storno_number = '99999' WHERE storno_number != ''", "in the record"),
        ("UPDATE effects SET target = target || '7' WHERE state = 'confirmed'",
         "does not tell of it"),
    ],
)  # fmt: skip
def test_doctor_finds_tables_that_disagree_with_the_record(
    done_pile: tuple[Path, Any], tmp_path: Path, forged: str, word: str
) -> None:
    home = tmp_path / "forged"
    shutil.copytree(done_pile[0], home)
    assert inside("doctor", home=home).returncode == 0
    with sqlite3.connect(home / "refuz.db") as raw:
        assert raw.execute(forged).rowcount > 0
    raw.close()
    checks = {one["what"]: one for one in lines(inside("doctor", "--json", home=home))}
    assert checks["audit chain"]["ok"]
    assert not checks["state and record"]["ok"]
    assert word in json.dumps(checks["state and record"])


def test_a_backup_is_checked_and_can_be_restored(done_pile: tuple[Path, Any]) -> None:
    home = done_pile[0].parent / "restored"
    shutil.copytree(done_pile[0], home)
    file = home.parent / "backup.zip"
    assert started("backup", file, home=home).returncode == 0
    (home / "refuz.db").write_bytes(b"gone")
    for leftover in ("refuz.db-wal", "refuz.db-shm"):
        (home / leftover).unlink(missing_ok=True)
    done = started("restore", file, home=home)
    assert done.returncode == 0, done.stderr
    assert started("doctor", home=home).returncode == 0


def test_a_broken_backup_is_refused(done_pile: tuple[Path, Any], tmp_path: Path) -> None:
    file = tmp_path / "broken.db"
    file.write_bytes(b"SQLite format 3\x00" + b"x" * 4000)
    done = inside("restore", file, home=done_pile[0])
    assert done.returncode == 1
    assert "no Refuz backup" in done.stderr


def test_decode_gives_one_line_a_picture_with_corners(tmp_path: Path) -> None:
    truth = json.loads((PHOTOS / "truth.json").read_text())
    assert truth
    file = next(PHOTOS.glob("*.jpg"))
    (record,) = lines(started("decode", file, "--json", home=tmp_path))
    assert set(record) == {"file", "ms", "codes", "unread", "error"}
    assert all(len(code["corners"]) == 4 for code in record["codes"])
    assert {code["page"] for code in record["codes"]} == {1}
    assert {code["confidence"] for code in record["codes"]} <= {"sure", "weak"}
    assert all(code["stage"] for code in record["codes"])


def test_without_a_shop_it_says_how_to_connect_one(tmp_path: Path) -> None:
    done = inside("process", next(PHOTOS.glob("*.jpg")), "--yes", home=tmp_path)
    assert done.returncode == 1
    assert "No shop is connected" in done.stderr


def test_orders_are_imported_from_a_list_and_bad_rows_named_by_line(
    done_pile: tuple[Path, Any], tmp_path: Path
) -> None:
    good = inside("orders", "import", DATA / "orders.csv", "--yes", "--json", home=done_pile[0])
    assert good.returncode == 0, good.stderr
    assert lines(good)[-1]["bad"] == 0
    file = tmp_path / "wrong.csv"
    file.write_text("colour,shape\nred,round\n")
    wrong = inside("orders", "import", file, "--yes", home=done_pile[0])
    assert wrong.returncode == 1
    assert wrong.stderr.strip()
    assert "Traceback" not in wrong.stderr


def test_a_couriers_report_is_taken_in_and_what_fits_nothing_is_counted(
    done_pile: tuple[Path, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFUZ_HOME", str(done_pile[0]))
    with db.reading() as connection:
        tracking = connection.scalar(
            select(parcels.c.tracking).where(parcels.c.courier == "fan").limit(1)
        )
    file = tmp_path / "report.csv"
    file.write_text(
        f"AWB;Status;AWB retur\n{tracking};In retur;7999\n2099999999990;Livrat;\n;Livrat;\n"
    )
    done = inside("couriers", "import", file, "--courier", "fan", "--json", home=done_pile[0])
    assert done.returncode == 1  # a line could not be read, and the status says so
    [counts] = lines(done)
    assert (counts["rows"], counts["learnt"], counts["unknown"], counts["bad"]) == (3, 1, 1, 1)
    assert "Line 4" in done.stderr


@pytest.mark.parametrize("name", ["²", "１２", "9" * 30, "12.5", "-1"])
def test_a_pile_may_be_called_by_any_signs_and_one_that_is_not_there_is_told(
    tmp_path: Path, name: str
) -> None:
    done = inside("plan", "--", name, home=tmp_path / "home")
    assert (done.returncode, f"There is no pile {name}." in done.stderr) == (1, True)
