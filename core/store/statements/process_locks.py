"""Numbered locks that die with the process which holds them.

On SQLite a lock on a file of the home, whose folder is on one machine; there is one number. On
PostgreSQL advisory locks, which one connection of all machines holds at a time.
"""

import enum
import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from core.config import Home


class Lock(enum.IntEnum):
    """What is held: its file's name, or the class of its numbers."""

    WORKER = 7835
    PLANNING = 7836


@dataclass(frozen=True)
class HeldLock:
    """A number that is ours until it is released or its connection ends."""

    number: int
    release: Callable[[], object]
    _connection: Connection | None = None

    def check(self) -> None:
        """Raise DBAPIError when the connection is gone, and the lock with it."""
        if self._connection is not None:
            self._connection.execute(text("SELECT 1"))


def hold(home: Home, engine: Engine, lock: Lock, numbers: int = 1) -> HeldLock | None:
    """The first of so many numbers that nobody holds; None where all are taken."""
    if home.on_sqlite:
        held = _locked(file_of(home, lock), fcntl.LOCK_EX)
        return None if held is None else HeldLock(0, lambda: os.close(held))
    connection = _lasting_connection(engine)
    query = text("SELECT pg_try_advisory_lock(:class, :number)")
    for number in range(numbers):
        if connection.scalar(query, {"class": int(lock), "number": number}):
            return HeldLock(number, connection.close, connection)
    connection.close()
    return None


def held_numbers(home: Home, engine: Engine, lock: Lock) -> set[int]:
    """The numbers that living processes hold."""
    if home.on_sqlite:
        probe = _locked(file_of(home, lock), fcntl.LOCK_SH)
        if probe is None:
            return {0}
        os.close(probe)
        return set()
    query = text(
        "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND granted "
        "AND classid = :class AND objsubid = 2 AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with engine.connect() as connection:
        return set(connection.scalars(query, {"class": int(lock)}))


def file_of(home: Home, lock: Lock) -> Path:
    """The file that is locked on SQLite."""
    return home.root / f"{lock.name.lower()}.lock"


def _locked(path: Path, how: int) -> int | None:
    """A descriptor that holds the lock until it is closed; None where somebody else has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _lasting_connection(engine: Engine) -> Connection:
    """A connection that keeps its locks until it is closed, or its machine is gone."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    # A machine that lost its power says no goodbye: the server must notice within a minute.
    for setting in ("idle = 10", "interval = 5", "count = 3"):
        connection.execute(text(f"SET tcp_keepalives_{setting}"))
    connection.detach()  # its end must end the lock, not return it to the pool
    return connection
