"""What the orders of a run wait for, and since when: a service that hangs says nothing itself."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, func, select

from core.audit.names import for_reader
from core.clock import now
from core.reasons import Reason
from core.rights import Right, door
from core.store import db
from core.store.states import EffectState, ReversalState
from core.store.tables import connections, effects, orders, reversals, runs

QUIET = dt.timedelta(seconds=10)  # nothing is told of what is younger: most answers come sooner


class WaitKind(StrEnum):
    """What is waited for."""

    ANSWER = "answer"  # something was sent at `at`, and its outcome is not known yet
    FIRST_READING = "first_reading"  # each order is read at its shop before anything is sent
    NEXT_TRY = "next_try"  # it is tried again at `at`
    TRYING = "trying"  # it has been tried again since `at`


@dataclass(frozen=True)
class Wait:
    """So many orders that wait for the same; `service`: the connection's name, `why`: of the try
    before. Either is empty where the kind has none."""

    kind: WaitKind
    count: int
    at: dt.datetime
    service: str = ""
    why: Reason | None = None


@door(Right.PILE)
def waits(run_id: int) -> list[Wait]:
    """What the orders of a run wait for that has been silent for a while; most orders first.

    Orders that just wait behind others of the run are not told of while those go on.
    """
    with db.reading() as connection:
        found = [*_sent(connection, run_id), *_tried(connection, run_id)]
        found += _not_begun(connection, run_id)
    return sorted(found, key=lambda one: -one.count)


def _sent(connection: Connection, run_id: int) -> Iterator[Wait]:
    query = (
        select(connections.c.name, func.count(), func.min(effects.c.sent_at))
        .join(effects, effects.c.connection_id == connections.c.id)
        .join(reversals, reversals.c.id == effects.c.reversal_id)
        .where(
            effects.c.state == EffectState.SENT,
            effects.c.sent_at < now() - QUIET,
            reversals.c.run_id == run_id,
            reversals.c.state == ReversalState.WORKING,
            reversals.c.dispatched,
        )
        .group_by(connections.c.name)
    )
    for name, count, since in connection.execute(query):
        yield Wait(WaitKind.ANSWER, count, since, service=name)


def _tried(connection: Connection, run_id: int) -> Iterator[Wait]:
    """Those whose try came to nothing, by its reason."""
    columns = reversals.c
    begun = columns.dispatched & (columns.wake_at <= now())
    query = (
        select(columns.why, begun, func.count(), func.min(columns.wake_at))
        .where(
            columns.run_id == run_id,
            columns.state == ReversalState.WAITING,
            columns.wake_at.is_not(None),
        )
        .group_by(columns.why, begun)
    )
    for why, trying, count, at in connection.execute(query):
        kind = WaitKind.TRYING if trying else WaitKind.NEXT_TRY
        yield Wait(kind, count, at, why=for_reader(why))


def _not_begun(connection: Connection, run_id: int) -> Iterator[Wait]:
    """Those that the worker has and nothing came of, when nothing else of the run moved either."""
    moved = _last_move(connection, run_id)
    if moved > now() - QUIET:
        return
    query = (
        select(connections.c.name, func.count())
        .join(orders, orders.c.shop_id == connections.c.id)
        .join(reversals, reversals.c.order_id == orders.c.id)
        .where(
            reversals.c.run_id == run_id,
            reversals.c.state == ReversalState.QUEUED,
            reversals.c.dispatched,
        )
        .group_by(connections.c.name)
    )
    for name, count in connection.execute(query):
        yield Wait(WaitKind.FIRST_READING, count, moved, service=name)


def _last_move(connection: Connection, run_id: int) -> dt.datetime:
    """When the run began, or an order of it last ended or had its first task sent."""
    created = select(runs.c.created_at).where(runs.c.id == run_id)
    begun: dt.datetime = connection.execute(created).scalar_one()
    ended, started = connection.execute(
        select(func.max(reversals.c.finished_at), func.max(reversals.c.started_at)).where(
            reversals.c.run_id == run_id
        )
    ).one()
    return max(begun, ended or begun, started or begun)
