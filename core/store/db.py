"""Transactions on the database, and its migrations."""

import contextlib
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import psycopg.sql
import structlog
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Engine, Row, Select
from sqlalchemy.exc import DBAPIError

from core.config import Home, home
from core.store import archive, desk
from core.store.engines import StoreError as StoreError
from core.store.raw import raw
from core.store.write_queue import MEMORY, SqliteWriteQueue

log = structlog.get_logger(__name__)
MIGRATIONS = Path(__file__).parent / "migrations"

LastWrite = Callable[[Connection, list[Any]], None]
_LAST = "refuz: what is written right before the commit"


def engine(where: Home | None = None) -> Engine:
    """The one engine of this process for the home (default: the one that is served here)."""
    return desk.of(where or home()).engine


@contextmanager
def writing(on: Engine | None = None, *, group_commit: bool = False) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, rolled back on any error.

    With `group_commit` the commit may be shared with other threads' (SQLite, see
    `store.write_queue`): for short blocks that many threads write at once.
    """
    chosen = on or engine()
    queue = _queue_of(chosen)
    with contextlib.ExitStack() as stack:
        if queue is not None and group_commit:
            connection = stack.enter_context(queue.group_commit(chosen))
        else:
            if queue is not None:
                stack.enter_context(queue.exclusive())
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

    It is shared by the blocks of one commit (`group_commit`), and empty for any other transaction.
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


# By engine: some (a measure's, a test's) belong to no desk.
_QUEUES: weakref.WeakKeyDictionary[Engine, SqliteWriteQueue] = weakref.WeakKeyDictionary()
_QUEUES_LOCK = threading.Lock()


def _queue_of(on: Engine) -> SqliteWriteQueue | None:
    """Only SQLite writes in turns."""
    if on.dialect.name != "sqlite" or not on.url.database:
        return None
    with _QUEUES_LOCK:
        queue = _QUEUES.get(on)
        if queue is None:
            queue = _QUEUES[on] = SqliteWriteQueue(Path(on.url.database))
        return queue


@contextmanager
def reading(on: Engine | None = None) -> Iterator[Connection]:
    """Only reads, and never makes a writer wait.

    On SQLite all answers are of one moment; on PostgreSQL each is of its own, as in any
    transaction there, so none is opened: it would cost two trips to the server.
    """
    chosen = on or engine()
    options: dict[str, object] = {"reading": True}
    if chosen.dialect.name == "postgresql":
        options["isolation_level"] = "AUTOCOMMIT"
    with chosen.connect().execution_options(**options) as connection:
        yield connection


def in_parts(
    connection: Connection, query: Select[Any], key: Column[object], size: int = 1000
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
    """Bring the database to the newest schema; safe to call from several processes at once.

    Before that it is copied into the home, where it holds anything. Raises StoreError for a
    database that a newer Refuz made, and leaves it alone.
    """
    chosen = where or home()
    config = _alembic()
    with engine(chosen).connect() as connection:
        _lock_migrations(connection)
        before = _revision(connection, config)
        if before and before != _newest(config):
            file = archive.before_migration(chosen, before)
            log.info("copied_before_migration", file=str(file), revision=before)
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "head")
        connection.commit()


@dataclass(frozen=True)
class Schema:
    """The schema's revision in the database ("" before the first), and the one of this program."""

    here: str
    newest: str


def schema(where: Home | None = None) -> Schema:
    """What `migrate` would do, without doing it. Raises StoreError for a newer database."""
    config = _alembic()
    with engine(where or home()).connect() as connection:
        return Schema(_revision(connection, config), _newest(config))


def _alembic() -> alembic.config.Config:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _newest(config: alembic.config.Config) -> str:
    return ScriptDirectory.from_config(config).get_current_head() or ""


def _revision(connection: Connection, config: alembic.config.Config) -> str:
    here = MigrationContext.configure(connection).get_current_revision() or ""
    known = {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}
    if here and here not in known:
        raise StoreError(
            f"This database was made by a newer Refuz (schema {here}; this one knows "
            f"{_newest(config)}). Install that version again, or restore a backup."
        )
    return here


def _lock_migrations(connection: Connection) -> None:
    # On SQLite BEGIN IMMEDIATE is the lock already.
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(783510)")
