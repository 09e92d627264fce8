"""Which reversals the durable engine is given next.

It holds a window of them, never a whole run: its tables stay small and quick, a run of 50,000
orders is under way as soon as our own rows are committed, and an order that somebody waits for
on the screen does not stand behind a pile.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, literal, select, union_all, update

from core.reversal.effects import marks
from core.store.states import OPEN_REVERSALS, RunState
from core.store.tables import reversals, runs

BATCH = 200
WINDOW = 1000  # reversals of large runs that the engine holds at a time
SMALL = 20  # orders; a run no larger than this has somebody waiting for it
AT_ONCE, IN_TURN = 1, 10  # every queue of DBOS serves the lowest number first

_NOT_PAUSED = runs.c.state.is_(None) | (runs.c.state != RunState.PAUSED)


def _due(priority: int) -> Select[Any]:
    return select(
        reversals.c.id, reversals.c.generation, literal(priority).label("priority")
    ).where(
        ~reversals.c.dispatched,
        reversals.c.finished_at.is_(None),  # as the index has it, which holds open ones only
        reversals.c.state.in_(OPEN_REVERSALS),
        reversals.c.wake_at.is_(None) | (reversals.c.wake_at <= bindparam("moment")),
    )


_SMALL_RUNS = select(runs.c.id).where(runs.c.state == RunState.RUNNING, runs.c.total <= SMALL)
# Two halves, each along an index of few rows: this runs five times a second, also while a run
# of 50,000 waits for its turn.
_DUE_AT_ONCE = union_all(
    _due(AT_ONCE).where(reversals.c.run_id.is_(None)),
    _due(AT_ONCE).where(reversals.c.run_id.in_(bindparam("small", expanding=True))),
).limit(BATCH)
_DUE_IN_TURN = (
    _due(IN_TURN)
    .outerjoin(runs, runs.c.id == reversals.c.run_id)
    .where(_NOT_PAUSED)
    .order_by(reversals.c.run_id, reversals.c.id)
    .limit(BATCH)
)
# What the engine has now; never many more than the window and what somebody waits for.
HELD = (
    select(reversals.c.id, reversals.c.generation)
    .outerjoin(runs, runs.c.id == reversals.c.run_id)
    .where(reversals.c.state.in_(OPEN_REVERSALS), reversals.c.dispatched, _NOT_PAUSED)
)
_HOW_MANY = select(func.count()).select_from(HELD.subquery())
_AT_GENERATION = update(reversals).where(
    reversals.c.id == bindparam("of_id"), reversals.c.generation == bindparam("at_generation")
)
_TAKE_BACK = (
    _AT_GENERATION.where(reversals.c.state.in_(OPEN_REVERSALS))
    .values(generation=reversals.c.generation + 1, dispatched=False, wake_at=None)
    .returning(reversals.c.id)
)


def due(connection: Connection) -> Sequence[Row[Any]]:
    """Up to BATCH reversals to hand over: (id, generation, priority).

    Of large runs only while the window has room for BATCH. A paused run gives nothing and takes
    no room: what the engine holds of it ends by itself.
    """
    now = {"moment": marks.moment()}
    small = connection.scalars(_SMALL_RUNS).all()
    waited_for = connection.execute(_DUE_AT_ONCE, {**now, "small": small}).all()
    if waited_for or (connection.scalar(_HOW_MANY) or 0) > WINDOW - BATCH:
        return waited_for
    return connection.execute(_DUE_IN_TURN, now).all()


def take_back(connection: Connection, given: Any) -> bool:
    """Let this one be handed over again, under a new generation; False when it has moved on."""
    return connection.scalar(_TAKE_BACK, _one(given)) is not None


def handed_over(connection: Connection, given: Sequence[Row[Any]]) -> None:
    """Note that the engine has these."""
    connection.execute(_AT_GENERATION.values(dispatched=True), [_one(row) for row in given])


def _one(given: Any) -> dict[str, object]:
    return {"of_id": given.id, "at_generation": given.generation}
