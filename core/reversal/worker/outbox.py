"""Which reversals the durable engine is given next.

It holds a window of them, never a whole run: its tables stay small and quick, a run of 50,000
orders is under way as soon as our own rows are committed, and an order that somebody waits for
on the screen does not stand behind a pile.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, or_, select, union_all, update

from core.reversal.effects import marks
from core.store.states import OPEN_REVERSALS, RunState
from core.store.tables import reversals, runs
from core.store.types import UtcDateTime

BATCH = 200
WINDOW = 1000  # reversals of large runs that the engine holds at a time
SMALL = 20  # orders; a run no larger than this has somebody waiting for it

NOT_PAUSED = or_(runs.c.state.is_(None), runs.c.state != RunState.PAUSED)

_SMALL_RUNS = select(runs.c.id).where(runs.c.state == RunState.RUNNING, runs.c.total <= SMALL)
_DUE = select(reversals.c.id, reversals.c.generation).where(
    ~reversals.c.dispatched,
    reversals.c.state.in_(OPEN_REVERSALS),
    or_(
        reversals.c.wake_at.is_(None),
        reversals.c.wake_at <= bindparam("moment", type_=UtcDateTime),
    ),
)
# Two halves, each along an index of few rows: this runs five times a second, also while a run
# of 50,000 waits for its turn.
_DUE_AT_ONCE = union_all(
    _DUE.where(reversals.c.run_id.is_(None)),
    _DUE.where(reversals.c.run_id.in_(_SMALL_RUNS)),
).limit(BATCH)
_DUE_IN_TURN = (
    _DUE.outerjoin(runs, runs.c.id == reversals.c.run_id)
    .where(NOT_PAUSED)
    .order_by(reversals.c.run_id, reversals.c.id)
    .limit(BATCH)
)
_ANY = select(exists().where(reversals.c.state.in_(OPEN_REVERSALS), ~reversals.c.dispatched))
_HELD = (
    select(func.count())
    .select_from(reversals)
    .outerjoin(runs, runs.c.id == reversals.c.run_id)
    .where(reversals.c.state.in_(OPEN_REVERSALS), reversals.c.dispatched, NOT_PAUSED)
)
_AT_GENERATION = update(reversals).where(
    reversals.c.id == bindparam("of_id"), reversals.c.generation == bindparam("at_generation")
)
_HANDED_OVER = _AT_GENERATION.values(dispatched=True)
_TAKE_BACK = (
    _AT_GENERATION.where(reversals.c.state.in_(OPEN_REVERSALS))
    .values(generation=reversals.c.generation + 1, dispatched=False, wake_at=None)
    .returning(reversals.c.id)
)


@dataclass(frozen=True)
class Due:
    """A reversal whose time has come; `at_once` where somebody waits for it."""

    id: int
    generation: int
    at_once: bool


def due(connection: Connection) -> list[Due]:
    """Up to BATCH reversals to hand over; of large runs only while the window has room for BATCH.

    A paused run gives nothing and takes no room: what the engine holds of it ends by itself.
    """
    moment = {"moment": marks.moment()}
    if not connection.scalar(_ANY):
        return []
    waited_for = connection.execute(_DUE_AT_ONCE, moment).all()
    if waited_for:
        return [Due(row.id, row.generation, at_once=True) for row in waited_for]
    if (connection.scalar(_HELD) or 0) > WINDOW - BATCH:
        return []
    rows = connection.execute(_DUE_IN_TURN, moment)
    return [Due(row.id, row.generation, at_once=False) for row in rows]


def take_back(connection: Connection, given: Any) -> bool:
    """Let this one be handed over again, under a new generation; False when it has moved on."""
    moved = connection.scalar(_TAKE_BACK, {"of_id": given.id, "at_generation": given.generation})
    return moved is not None


def handed_over(connection: Connection, given: list[Due]) -> None:
    """Note that the engine has these."""
    rows: list[dict[str, Any]] = [
        {"of_id": one.id, "at_generation": one.generation} for one in given
    ]
    connection.execute(_HANDED_OVER, rows)
