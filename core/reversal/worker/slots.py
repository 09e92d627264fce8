"""Numbered workers: who may run which orders.

The engine recovers work only under the same executor name, and two live processes of one name
would run a step twice. A slot is therefore a lock that dies with its holder: one on SQLite, 64 on
PostgreSQL.
"""

from core import clock, config
from core.config import Home
from core.errors import UserError
from core.rights import Right, door
from core.store import db
from core.store.statements import process_locks
from core.store.statements.process_locks import HeldLock, Lock

SLOTS = 64


class SlotTakenError(UserError):
    """Another worker is at it already; the message says what to do."""


@door(Right.HOST)
def take(home: Home, patience: float = 3.0) -> HeldLock:
    """The first free slot; raises SlotTakenError when there is none within `patience` seconds."""
    deadline = clock.uptime() + patience
    while (slot := process_locks.hold(home, db.engine(home), Lock.WORKER, SLOTS)) is None:
        if clock.uptime() > deadline:
            raise SlotTakenError(
                "A worker is running already for this REFUZ_HOME. On SQLite one is enough; "
                "for more, use PostgreSQL (REFUZ_DATABASE_URL)."
            )
        clock.sleep(0.1)
    return slot


def executor(number: int) -> str:
    """The name under which the worker in this slot is known to the engine."""
    return f"slot-{number}"


def living(home: Home) -> set[str]:
    """The names of the slots that live workers hold."""
    return set(map(executor, process_locks.held_numbers(home, db.engine(home), Lock.WORKER)))


def worker_alive(where: Home | None = None) -> bool:
    """Whether any worker is running for this home (default: the one that is served here)."""
    return bool(living(where or config.home()))
