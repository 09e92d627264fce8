"""Connections to the database: pragmas, transactions, migrations."""

import contextlib
import functools
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import psycopg.sql
from sqlalchemy import Column, Connection, Dialect, Engine, Row, Select, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from core.config import Home, home
from core.errors import UserError
from core.store.raw import raw
from core.store.turns import MEMORY, Turn

MIGRATIONS = Path(__file__).parent / "migrations"

# A network file system tells SQLite lies about locks; these are its usual names in the mount table.
# Those in user space say so in a word before: "fuse.sshfs".
NETWORK_FILE_SYSTEMS = frozenset(
    {
        "9p", "afs", "beegfs", "ceph", "cephfs", "cifs", "coda", "davfs",
        "davfs2", "gcsfuse", "glusterfs", "gpfs", "juicefs", "lizardfs", "lustre",
        "moosefs", "mfs", "ncpfs", "nfs", "nfs4", "orangefs", "panfs", "pvfs2", "rclone",
        "s3fs", "smb3", "smbfs", "sshfs", "vboxsf", "weka", "wekafs",
    }
)  # fmt: skip


LastWrite = Callable[[Connection, list[Any]], None]
_LAST = "refuz: what is written right before the commit"


# A connection of the pool that was used just now is believed to live: a busy worker's always was.
IDLE_SECONDS = 0.2
# Connections of one process to PostgreSQL, which by default takes a hundred in all: four workers
# with the engine's own (`reversal.workflow`) and two dashboards fit.
POOL, OVERFLOW = 8, 2
# A process frozen inside a transaction keeps what it locked from all others; PostgreSQL ends it.
LONGEST_SILENCE = 30.0  # seconds


class StoreError(UserError):
    """The database cannot be used as it is; the message says what to do."""


def make_engine(url: str) -> Engine:
    """An engine whose SQLite connections are durable (WAL, synchronous=FULL) and strict.

    Writing transactions begin with BEGIN IMMEDIATE, so that two writers wait for each other
    instead of failing half-way. Raises StoreError for a SQLite file on a network disk.
    """
    if not url.startswith("sqlite"):
        # Said, since a server may have another default: the trail's end must be read as it is now.
        level = "READ COMMITTED"
        made = create_engine(url, pool_size=POOL, max_overflow=OVERFLOW, isolation_level=level)
        event.listen(made, "connect", limit_silence)
        event.listen(made, "checkin", _note_use)
        event.listen(made, "checkout", functools.partial(_see_that_it_lives, made.dialect))
        return made
    refuse_network_disk(Path(url.removeprefix("sqlite:///")))
    made = create_engine(url, pool_size=20, max_overflow=20, connect_args={"timeout": 30})
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin)
    return made


def limit_silence(connection: Any, _record: object) -> None:
    """Have PostgreSQL end this connection when it is silent for long inside a transaction."""
    connection.autocommit = True
    connection.execute(f"SET idle_in_transaction_session_timeout = {round(1000 * LONGEST_SILENCE)}")
    connection.autocommit = False


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _see_that_it_lives(
    dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _proxy: object
) -> None:
    """Ask a connection that lay idle whether it is alive; a busy worker's need not be asked."""
    used = record.info.get("used")
    if used is None or time.monotonic() - used < IDLE_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error  # the pool gets a new one


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
    raw(connection, "BEGIN" if reading else "BEGIN IMMEDIATE")


def refuse_network_disk(file: Path) -> None:
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return
    kinds = [line.split()[1:3] for line in mounts.read_text().splitlines()]
    holders = [(mount, kind) for mount, kind in kinds if file.resolve().is_relative_to(mount)]
    mount, kind = max(holders, key=lambda holder: len(holder[0]), default=("", ""))
    if kind.removeprefix("fuse.") in NETWORK_FILE_SYSTEMS:
        raise StoreError(
            f"{file} is on a network disk ({kind} at {mount}), where SQLite can lose data. "
            "Set REFUZ_HOME to a folder on a local disk, or REFUZ_DATABASE_URL to PostgreSQL."
        )


@functools.lru_cache(maxsize=8)
def _engine_for(url: str, _process: int) -> Engine:
    return make_engine(url)


def engine(where: Home | None = None) -> Engine:
    """The one engine of this process for the home (default: the one the environment names)."""
    return _engine_for((where or home()).database_url, os.getpid())


@contextmanager
def writing(on: Engine | None = None, *, together: bool = False) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, rolled back on any error.

    With `together` the commit may be shared with other threads' (SQLite, see `store.turns`): for
    short blocks that many threads write at once.
    """
    chosen = on or engine()
    turn = _turn_of(chosen)
    with contextlib.ExitStack() as stack:
        if turn is not None and together:
            connection = stack.enter_context(turn.together(chosen))
        else:
            if turn is not None:
                stack.enter_context(turn.alone())
            connection = stack.enter_context(chosen.begin())
        yield stack.enter_context(_with_last_writes(connection))


@contextmanager
def _with_last_writes(connection: Connection) -> Iterator[Connection]:
    info = connection.info  # of the driver's connection: it is used again, so it is cleared
    last: dict[LastWrite, list[Any]] = info.setdefault(_LAST, {})
    try:
        yield connection
        for write, rows in last.items():
            write(connection, rows)
    finally:
        del info[_LAST]


def before_commit(connection: Connection, write: LastWrite, row: Any) -> None:
    """Have `write` called once, with all such rows, as the last thing of this transaction.

    For what every transaction locks: taken last, it is held shortly and never crosswise.
    `connection` is one of `writing`; raises LookupError for one that only reads.
    """
    connection.info[_LAST].setdefault(write, []).append(row)


def memory(connection: Connection) -> dict[Any, Any]:
    """What whoever writes here knows of the database, as long as nobody else can change it.

    It is shared by the blocks of one commit (`together`), and empty for any other transaction.
    """
    known: dict[Any, Any] = connection.info.get(MEMORY, {})
    return known


def call_and_commit(connection: Connection, function: str, argument: str) -> None:
    """Call a function of PostgreSQL and commit, in one message.

    In two, all who wait for a lock of that function would also wait until this process, which
    may be busy, has read the first answer. The end of `writing` then finds nothing to commit.
    """
    driver: Any = connection.connection.driver_connection
    raw(connection, f"SELECT {function}({psycopg.sql.quote(argument, driver)}); COMMIT")


def gave_way(error: DBAPIError) -> bool:
    """Whether PostgreSQL broke off a transaction so that another could go on; nothing is wrong."""
    return getattr(error.orig, "sqlstate", "") in ("40P01", "40001")


_TURNS: weakref.WeakKeyDictionary[Engine, Turn] = weakref.WeakKeyDictionary()
_TURNS_LOCK = threading.Lock()


def _turn_of(on: Engine) -> Turn | None:
    """Only SQLite writes in turns."""
    if on.dialect.name != "sqlite" or not on.url.database:
        return None
    with _TURNS_LOCK:
        turn = _TURNS.get(on)
        if turn is None:
            turn = _TURNS[on] = Turn(Path(on.url.database))
        return turn


@contextmanager
def reading(on: Engine | None = None) -> Iterator[Connection]:
    """Only reads, and never makes a writer wait.

    On SQLite all answers are of one moment; on PostgreSQL each is of its own, as in any
    transaction there, so none is opened: it would cost two trips to the server.
    """
    chosen = on or engine()
    options: dict[str, Any] = {"reading": True}
    if chosen.dialect.name == "postgresql":
        options["isolation_level"] = "AUTOCOMMIT"
    with chosen.connect().execution_options(**options) as connection:
        yield connection


def in_parts(
    connection: Connection, query: Select[Any], key: Column[Any], size: int = 1000
) -> Iterator[Row[Any]]:
    """Every row of the query by its unique `key`, so many at a time: large tables, little memory.

    A cursor of the server would do as well, but lives in a transaction only.
    """
    part = query.order_by(key).limit(size)
    rows = connection.execute(part).all()
    while rows:
        yield from rows
        rows = connection.execute(part.where(key > rows[-1]._mapping[key])).all()


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
