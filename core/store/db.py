"""Connections to the database: pragmas, transactions, migrations."""

import contextlib
import fcntl
import functools
import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from core.config import Home, home

MIGRATIONS = Path(__file__).parent / "migrations"

# A network file system tells SQLite lies about locks; these are its usual names in the mount table.
NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs"})


class StoreError(RuntimeError):
    """The database cannot be used as it is; the message says what to do."""


def make_engine(url: str) -> Engine:
    """An engine whose SQLite connections are durable (WAL, synchronous=FULL) and strict.

    Writing transactions begin with BEGIN IMMEDIATE, so that two writers wait for each other
    instead of failing half-way. Raises StoreError for a SQLite file on a network disk.
    """
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True)
    _refuse_network_disk(Path(url.removeprefix("sqlite:///")))
    made = create_engine(url, pool_size=20, max_overflow=20, connect_args={"timeout": 30})
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin)
    return made


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _refuse_network_disk(file: Path) -> None:
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return
    kinds = [line.split()[1:3] for line in mounts.read_text().splitlines()]
    holders = [(mount, kind) for mount, kind in kinds if file.resolve().is_relative_to(mount)]
    mount, kind = max(holders, key=lambda holder: len(holder[0]), default=("", ""))
    if kind in NETWORK_FILE_SYSTEMS:
        raise StoreError(
            f"{file} is on a network disk ({kind} at {mount}), where SQLite can lose data. "
            "Set STORNO_HOME to a folder on a local disk, or STORNO_DATABASE_URL to PostgreSQL."
        )


@functools.lru_cache(maxsize=8)
def _engine_for(url: str, _process: int) -> Engine:
    return make_engine(url)


def engine(where: Home | None = None) -> Engine:
    """The one engine of this process for the home (default: the one the environment names)."""
    return _engine_for((where or home()).database_url, os.getpid())


@contextmanager
def writing(on: Engine | None = None) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, rolled back on any error."""
    chosen = on or engine()
    with _turn_to_write(chosen), chosen.begin() as connection:
        yield connection


def gave_way(error: DBAPIError) -> bool:
    """Whether PostgreSQL broke off a transaction so that another could go on; nothing is wrong."""
    return getattr(error.orig, "sqlstate", "") in ("40P01", "40001")


class _Turn:
    """The queue of the writers on one SQLite file, in this process and in the others.

    SQLite lets a second writer sleep and look again, up to 0.1 s at a time, and whoever looks
    first has it: sixteen threads would spend their time asleep beside a free database, and a
    page would wait half a second for a busy worker. A file lock wakes who waits, in order.
    """

    def __init__(self, file: Path) -> None:
        self._threads = threading.Lock()
        self._file = file.with_name(f"{file.name}-turn").open("a")

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()


_TURNS: weakref.WeakKeyDictionary[Engine, _Turn] = weakref.WeakKeyDictionary()
_TURNS_LOCK = threading.Lock()


def _turn_to_write(on: Engine) -> contextlib.AbstractContextManager[None]:
    if on.dialect.name != "sqlite" or not on.url.database:
        return contextlib.nullcontext()
    with _TURNS_LOCK:
        turn = _TURNS.get(on)
        if turn is None:
            turn = _TURNS[on] = _Turn(Path(on.url.database))
        return turn


@contextmanager
def reading(on: Engine | None = None) -> Iterator[Connection]:
    """A transaction that only reads, and never makes a writer wait."""
    with (on or engine()).connect().execution_options(reading=True) as connection:
        yield connection


def migrate(where: Home | None = None) -> None:
    """Bring the database to the newest schema; safe to call from several processes at once."""
    chosen = where or home()
    config = alembic.config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine(chosen).connect() as connection:
        _lock_migrations(connection)
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "head")
        connection.commit()


def _lock_migrations(connection: Connection) -> None:
    # On SQLite BEGIN IMMEDIATE is the lock already.
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(783510)")
