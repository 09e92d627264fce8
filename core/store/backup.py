"""Copies the database while it is in use, and puts a copy back."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from core.clock import now
from core.config import Home
from core.rights import Right, door
from core.store.engines import StoreError


@door(Right.HOST)
def backup(where: Home, target: Path) -> int:
    """Copy the SQLite database to `target` as it is at one moment, while others go on writing.

    In one step: a copy made page by page would begin anew at each write of another process.
    Gives the size in bytes. Raises StoreError on PostgreSQL, or when the copy is damaged.
    """
    source = where.database_file
    if source is None:
        raise StoreError("On PostgreSQL, make backups with pg_dump.")
    with half_made(target) as part:
        try:
            with (
                contextlib.closing(sqlite3.connect(source, timeout=30)) as live,
                contextlib.closing(sqlite3.connect(part)) as copy,
            ):
                live.backup(copy, pages=-1)
                copy.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.Error as error:
            raise StoreError(f"The database was not copied to {target} ({error}).") from error
        check(part)
        part.replace(target)
    return target.stat().st_size


@contextlib.contextmanager
def half_made(target: Path) -> Iterator[Path]:
    """Where a copy is written first: it never carries the name of a backup, and goes if it fails.

    Else each try on a disk that is too small would leave it fuller.
    """
    part = target.with_name(target.name + ".part")
    try:
        yield part
    finally:
        for end in ("", "-journal", "-wal", "-shm"):
            part.with_name(part.name + end).unlink(missing_ok=True)


@door(Right.HOST)
def check(file: Path) -> None:
    """Raise StoreError unless the file is a sound Refuz database."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
            copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{file} is no Refuz backup ({error}).") from error
    if verdict != "ok":
        raise StoreError(f"{file} is damaged ({verdict}); use an older backup.")


@door(Right.HOST)
def restore(where: Home, source: Path) -> Path:
    """Put a backup in place; gives where the database that was there has been kept.

    The engine's own notes go as well: the worker makes them anew from our tables.
    Raises StoreError when the backup is not sound or the home is on PostgreSQL.
    """
    target = where.database_file
    if target is None:
        raise StoreError("On PostgreSQL, restore with pg_restore.")
    check(source)
    kept = target.with_name(f"{target.name}.before-restore-{now():%Y%m%d-%H%M%S}")
    if target.exists():
        _set_aside(where, target, kept)
    _copy(source, target)
    _forget_engine(where)
    return kept


def _set_aside(where: Home, target: Path, kept: Path) -> None:
    try:
        backup(where, kept)
    except StoreError:
        shutil.copyfile(target, kept)  # what is damaged is kept as it is


def _copy(source: Path, target: Path) -> None:
    part = target.with_name(target.name + ".part")
    with (
        contextlib.closing(sqlite3.connect(source)) as stored,
        contextlib.closing(sqlite3.connect(part)) as fresh,
    ):
        stored.backup(fresh)
    for leftover in ("-wal", "-shm"):
        target.with_name(target.name + leftover).unlink(missing_ok=True)
    part.replace(target)


def _forget_engine(where: Home) -> None:
    file = Path(where.engine_database_url.removeprefix("sqlite:///"))
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).unlink(missing_ok=True)
