"""One worker on SQLite, numbered workers on PostgreSQL: who may run which orders.

The engine recovers work only under the same executor name, and two live processes of one name
would run a step twice. A slot is therefore a lock that dies with its holder: a file lock on
SQLite, an advisory lock on PostgreSQL.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from core.config import Home
from core.errors import UserError
from core.rights import Right, door
from core.store import db

LOCK_CLASS = 7835
PLANNER_CLASS = 7836
SLOTS = 64
LOCK_FILE = "worker.lock"


class SlotTakenError(UserError):
    """Another worker is at it already; the message says what to do."""


class Slot(Protocol):
    """A place to work at, held until released or until the process ends."""

    executor_id: str

    def check(self) -> None:
        """Raise when the slot is not ours any more."""

    def release(self) -> None:
        """Give the slot back."""


@door(Right.HOST)
def take(home: Home, patience: float = 3.0) -> Slot:
    """The first free slot; raises SlotTakenError when there is none within `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        slot = _take_file(home) if home.on_sqlite else _take_advisory(db.engine(home))
        if slot is not None:
            return slot
        if time.monotonic() > deadline:
            raise SlotTakenError(
                "A worker is running already for this REFUZ_HOME. On SQLite one is enough; "
                "for more, use PostgreSQL (REFUZ_DATABASE_URL)."
            )
        time.sleep(0.1)


def worker_alive(home: Home) -> bool:
    """Whether any worker holds a slot now."""
    if home.on_sqlite:
        probe = os.open(home.root / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(probe)
        return False
    with db.reading(db.engine(home)) as connection:
        return bool(held_slots(connection))


# ---------------------------------------------------------------- SQLite


@dataclass
class _FileSlot:
    executor_id: str
    descriptor: int

    def check(self) -> None:
        """A file lock is lost only with the process itself."""

    def release(self) -> None:
        os.close(self.descriptor)


def _take_file(home: Home) -> _FileSlot | None:
    descriptor = os.open(home.root / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return _FileSlot("slot-0", descriptor)


# ---------------------------------------------------------------- PostgreSQL


@dataclass
class _AdvisorySlot:
    executor_id: str
    connection: Connection

    def check(self) -> None:
        self.connection.execute(text("SELECT 1"))

    def release(self) -> None:
        self.connection.close()


def _take_advisory(engine: Engine) -> _AdvisorySlot | None:
    connection = _lasting_connection(engine)
    for number in range(SLOTS):
        if _try_lock(connection, number):
            return _AdvisorySlot(f"slot-{number}", connection)
    connection.close()
    return None


class Role:
    """Something that one worker of all does (on SQLite there is one anyway)."""

    def __init__(self, home: Home) -> None:
        """Nothing is taken yet."""
        self._engine = None if home.on_sqlite else db.engine(home)
        self._connection: Connection | None = None

    def mine(self) -> bool:
        """Whether this worker does it: held until released, or lost with the connection."""
        if self._engine is None:
            return True
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                return True
        except DBAPIError:
            self.release()
        held = _lasting_connection(self._engine)
        if _try_lock(held, 0, PLANNER_CLASS):
            self._connection = held
            return True
        held.close()
        return False

    def release(self) -> None:
        """Leave it to another worker."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _lasting_connection(engine: Engine) -> Connection:
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    # A machine that lost its power says no goodbye: the server must notice within a minute.
    for setting in ("idle = 10", "interval = 5", "count = 3"):
        connection.execute(text(f"SET tcp_keepalives_{setting}"))
    connection.detach()  # its end must end the lock, not return it to the pool
    return connection


def _try_lock(connection: Connection, number: int, of_class: int = LOCK_CLASS) -> bool:
    query = text("SELECT pg_try_advisory_lock(:class, :number)")
    return bool(connection.scalar(query, {"class": of_class, "number": number}))


def held_slots(connection: Connection) -> set[str]:
    """The names of the slots that live workers hold (PostgreSQL)."""
    query = text(
        "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND granted "
        "AND classid = :class AND objsubid = 2 AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return {f"slot-{number}" for number in connection.scalars(query, {"class": LOCK_CLASS})}


@contextlib.contextmanager
def borrowed(engine: Engine, executor_id: str) -> Iterator[bool]:
    """Hold a dead worker's slot while its orders are handed over; False when somebody has it."""
    number = int(executor_id.removeprefix("slot-"))
    connection = _lasting_connection(engine)
    try:
        yield _try_lock(connection, number)
    finally:
        connection.close()
