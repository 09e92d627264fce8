"""Engines whose connections are durable and strict: pragmas of SQLite, limits of PostgreSQL."""

import functools
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from core import clock
from core.config import Home
from core.errors import UserError
from core.store.raw import raw, strip_values
from core.store.types import json_of, storable

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


# A connection of the pool that was used just now is believed to live: a busy worker's always was.
IDLE_SECONDS = 0.2
# Connections of one process to PostgreSQL, which by default takes a hundred in all: four workers
# with the engine's own (`reversal.workflow`) and two dashboards fit.
POOL, OVERFLOW = 8, 2
# A process frozen inside a transaction keeps what it locked from all others; PostgreSQL ends it.
LONGEST_SILENCE = 30.0  # seconds


class StoreError(UserError):
    """The database cannot be used as it is; the message says what to do."""


# What failed is logged without its values: they are customers' names and addresses.
PRIVATE: dict[str, object] = {"hide_parameters": True}


def make_engine(url: str) -> Engine:
    """An engine whose SQLite connections are durable (WAL, synchronous=FULL) and strict.

    Writing transactions begin with BEGIN IMMEDIATE, so that two writers wait for each other
    instead of failing half-way. Raises StoreError for a SQLite file on a network disk.
    """
    if not url.startswith("sqlite"):
        # Said, since a server may have another default: the trail's end must be read as it is now.
        level = "READ COMMITTED"
        made = create_engine(
            url, pool_size=POOL, max_overflow=OVERFLOW, isolation_level=level,
            json_serializer=json_of, **PRIVATE,
        )  # fmt: skip
        event.listen(made, "before_cursor_execute", _texts_only, retval=True)
        event.listen(made, "handle_error", strip_values)
        event.listen(made, "connect", limit_silence)
        event.listen(made, "checkin", _note_use)
        event.listen(made, "checkout", functools.partial(_see_that_it_lives, made.dialect))
        return made
    refuse_network_disk(Path(url.removeprefix("sqlite:///")))
    made = create_engine(
        url, pool_size=20, max_overflow=20, connect_args={"timeout": 30},
        json_serializer=json_of, **PRIVATE,
    )  # fmt: skip
    event.listen(made, "before_cursor_execute", _texts_only, retval=True)
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin)
    return made


def _texts_only(  # SQLAlchemy's signature
    _connection: Connection, _cursor: Any, statement: str, parameters: Any, *_rest: Any
) -> tuple[str, Any]:
    """Whatever its way to the database: what is no text in a text is not kept, and found so."""
    return statement, storable(parameters)


def limit_silence(connection: Any, _record: object) -> None:
    """Have PostgreSQL end this connection when it is silent for long inside a transaction."""
    connection.autocommit = True
    connection.execute(f"SET idle_in_transaction_session_timeout = {round(1000 * LONGEST_SILENCE)}")
    connection.autocommit = False


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used"] = clock.uptime()


def _see_that_it_lives(
    dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _proxy: object
) -> None:
    """Ask a connection that lay idle whether it is alive; a busy worker's need not be asked."""
    used = record.info.get("used")
    if used is None or clock.uptime() - used < IDLE_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error  # the pool gets a new one


def _prepare_sqlite(connection: Any, _record: object, begins: str | None = None) -> None:
    connection.isolation_level = begins  # None: we say BEGIN ourselves
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
    """Raise StoreError where SQLite's file would lie on a network disk."""
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


def for_workflows(where: Home) -> Engine:
    """The durable engine's database; on SQLite with the pragmas that it does not set itself.

    Raises StoreError for a SQLite file on a network disk.
    """
    url = where.engine_database_url
    if not where.on_sqlite:
        made = create_engine(url, pool_size=4, max_overflow=1, **PRIVATE)
        event.listen(made, "handle_error", strip_values)
        event.listen(made, "connect", limit_silence)
        return made
    refuse_network_disk(Path(url.removeprefix("sqlite:///")))
    # One connection: SQLite has one writer anyway, and waiting for the pool's is fair and quick.
    made = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=60, **PRIVATE)
    event.listen(made, "connect", functools.partial(_prepare_sqlite, begins="IMMEDIATE"))
    return made
