"""One worker on SQLite, numbered workers on PostgreSQL: who may run which orders.

The engine recovers work only under the same executor name, and two live processes of one name
would run a step twice. A slot is therefore a lock that dies with its holder: a file lock on
SQLite, an advisory lock on PostgreSQL.
"""

import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from core import clock, config
from core.config import Home
from core.errors import UserError
from core.rights import Right, door
from core.store import db
from core.store.statements import advisory_locks

LOCK_CLASS = 7835
SLOTS = 64
LOCK_FILE = "worker.lock"


class SlotTakenError(UserError):
    """Another worker is at it already; the message says what to do."""


@dataclass(frozen=True)
class WorkerSlot:
    """A place to work at, held until released or until the process ends."""

    executor_id: str
    release: Callable[[], None]
    check: Callable[[], object] = lambda: None  # raises when the slot is not ours any more


@door(Right.HOST)
def take(home: Home, patience: float = 3.0) -> WorkerSlot:
    """The first free slot; raises SlotTakenError when there is none within `patience` seconds."""
    deadline = clock.uptime() + patience
    while True:
        several = advisory_locks.available(home)
        slot = _take_advisory(db.engine(home)) if several else _take_file(home)
        if slot is not None:
            return slot
        if clock.uptime() > deadline:
            raise SlotTakenError(
                "A worker is running already for this REFUZ_HOME. On SQLite one is enough; "
                "for more, use PostgreSQL (REFUZ_DATABASE_URL)."
            )
        clock.sleep(0.1)


def worker_alive(where: Home | None = None) -> bool:
    """Whether any worker is running for this home (default: the one that is served here)."""
    return bool(living(where or config.home()))


def living(home: Home) -> set[str]:
    """The names of the slots that live workers hold."""
    if advisory_locks.available(home):
        with db.reading(db.engine(home)) as connection:
            held = advisory_locks.held_locks(connection, LOCK_CLASS)
        return {f"slot-{number}" for number in held}
    probe = _locked(home, fcntl.LOCK_SH)
    if probe is None:
        return {"slot-0"}
    os.close(probe)
    return set()


def _locked(home: Home, how: int) -> int | None:
    """A descriptor that holds the lock until it is closed; None where somebody else has it."""
    descriptor = os.open(home.root / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _take_file(home: Home) -> WorkerSlot | None:
    descriptor = _locked(home, fcntl.LOCK_EX)
    return None if descriptor is None else WorkerSlot("slot-0", lambda: os.close(descriptor))


def _take_advisory(engine: Engine) -> WorkerSlot | None:
    held = advisory_locks.hold(engine, LOCK_CLASS, SLOTS)
    return None if held is None else WorkerSlot(f"slot-{held.number}", held.release, held.check)
