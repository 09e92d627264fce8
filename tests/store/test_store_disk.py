"""The disk is watched by whoever writes files: what is large is refused before it is full."""

import ast
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from core.audit import anchor
from core.config import home
from core.intake import doors
from core.orders.imports.door import open_table
from core.orders.photos import intake_queue, storage
from core.orders.piles import piles
from core.reversal.runs import run_control
from core.store import archive, db, disk
from core.store.engines import StoreError
from core.store.tables import alarms

CORE = Path(__file__).resolve().parents[2] / "core"
WRITES = {"write_bytes", "write_text", "copyfile", "copyfileobj", "open_file", "NamedTemporaryFile"}

# Who writes files without asking, and why that is well.
UNASKED = {
    "server/certificate.py": "two files of a kilobyte, before the server starts",
    "audit/timestamps.py": "a line; evidence is written while a byte is left",
    "audit/anchor.py": "a line; evidence is written while a byte is left",
    "audit/keyring.py": "a key of 44 bytes, without which nothing can be kept",
    "cli/digest.py": "to a file that a person names at a terminal",
    "cli/host/record.py": "to a file that a person names at a terminal",
    "server/reach.py": "a line; a full disk keeps no desk from starting",
    "store/backup.py": "brings a copy back: whoever restores has no other way",
    "store/write_queue.py": "an empty file that is locked",
    "store/migrations/schema.py": "a developer's, writes the schema's script",
}


def writers() -> set[str]:
    """Modules of core that write files: by a call of `WRITES`, or `open` for writing."""
    found = set()
    for file in CORE.rglob("*.py"):
        name = file.relative_to(CORE).as_posix()
        if name.startswith(("sandbox/", "demo/")):
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _writes(node):
                found.add(name)
    return found


def _writes(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    texts = [one.value for one in call.args if isinstance(one, ast.Constant)]
    modes = [one for one in texts if isinstance(one, str) and set(one) <= set("rwab+xt")]
    return name in WRITES or (name == "open" and any(set(one) & set("wax+") for one in modes))


def test_every_writer_of_files_asks_for_room_or_is_named_with_its_reason() -> None:
    found = writers()
    assert len(found) > 10
    asking = {one for one in found if "disk." in (CORE / one).read_text("utf-8")}
    assert found - asking == set(UNASKED)


@pytest.fixture
def full(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk has as much room as ever; it is taken for full."""
    monkeypatch.setattr(disk, "SPACE_NEEDED", 1 << 62)


def nothing_new(folder: Path, before: set[Path]) -> bool:
    return {one for one in folder.rglob("*") if one.is_file()} == before


def test_nobody_s_photo_is_taken_while_the_disk_is_almost_full(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pile = piles.create("Monday")
    monkeypatch.setattr(disk, "SPACE_NEEDED", 1 << 62)
    before = {one for one in home().pictures.rglob("*") if one.is_file()}
    with pytest.raises(disk.DiskFull, match="almost full"):
        intake_queue.add_picture(pile, b"photo", "a.jpg")
    assert nothing_new(home().pictures, before)


def test_a_small_copy_is_not_made_then_and_one_that_is_there_is_shown(
    full: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    monkeypatch.setattr(doors, "thumbnail", lambda source, *_: made.append(source) or b"small")
    sha = "ab" * 32
    source = storage.path_of(sha)
    source.parent.mkdir(parents=True)
    source.write_bytes(b"photo")
    assert storage.thumbnail(sha) is None
    assert made == []
    source.with_suffix(".0.jpg").write_bytes(b"small")
    assert storage.thumbnail(sha) is not None


def test_a_list_is_not_opened_then(full: None) -> None:
    with pytest.raises(disk.DiskFull):
        open_table(b"a,b\n1,2\n", "a.csv")


def test_a_backup_asks_for_its_own_size_first_and_leaves_nothing_half_made(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.reading() as connection:
        head = anchor.head_now(connection, home())
    target, heads = tmp_path / "copies" / "b.zip", anchor.file_of(home())
    target.parent.mkdir()
    archive.write(home(), target, head, heads)
    assert zipfile.is_zipfile(target)
    target.unlink()
    monkeypatch.setattr(disk, "free_bytes", lambda _folder: disk.SPACE_NEEDED + 10_000)
    with pytest.raises(StoreError, match="almost full"):
        archive.write(home(), target, head, heads)
    assert list(target.parent.iterdir()) == []


def test_a_full_disk_rings_once_and_is_settled_when_there_is_room(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen() -> list[tuple[str, bool]]:
        with db.reading() as connection:
            rows = connection.execute(select(alarms).where(alarms.c.kind == "disk"))
            return [(row.reason.code, row.cleared_at is None) for row in rows]

    run_control.pause_if_disk_is_short(home())
    assert seen() == []
    with monkeypatch.context() as short:
        short.setattr(disk, "SPACE_NEEDED", 1 << 62)
        for _ in range(3):
            run_control.pause_if_disk_is_short(home())
    assert seen() == [("disk_short", True)]
    run_control.pause_if_disk_is_short(home())
    assert seen() == [("disk_short", False)]
