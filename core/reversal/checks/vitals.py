"""How the desk is, in numbers: for monitoring, which counts and names no customer."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, func, select

from core.clock import now
from core.services.limits import rate
from core.store import db
from core.store.statements import cursors
from core.store.states import OPEN_REVERSALS, EffectState, ReversalState
from core.store.tables import alarms, connections, effects, pile_pictures, reversals, sync_cursors

MOVING = (EffectState.PLANNED, EffectState.SENT, EffectState.UNKNOWN)  # a held one waits for us


@dataclass(frozen=True)
class Vitals:
    """Counts by state, ages in seconds, moments in UTC; None where there never was any."""

    reversals: dict[str, int]
    effects: dict[str, int]
    oldest_effect: float
    breakers: dict[str, float]  # seconds left, by the connection's name
    synced: dict[str, dt.datetime | None]  # by the shop's name
    backed_up: dt.datetime | None
    alarms: int
    outcomes: dict[tuple[str, str], int]  # calls by service and state
    oldest_order: float  # seconds since the oldest order of the queue was asked for
    unread: int  # pictures that wait for a reader
    heard: dt.datetime | None  # when any worker said last that it is at work

    @property
    def queue(self) -> int:
        """Orders that wait for the worker or are being worked on."""
        return sum(self.reversals[state] for state in OPEN_REVERSALS)


def vitals() -> Vitals:
    """Read them all, each from an index or a small table. Raises SQLAlchemyError."""
    with db.reading() as connection:
        waiting = (
            select(func.count())
            .select_from(pile_pictures)
            .where(pile_pictures.c.state.in_(("waiting", "reading")))
        )
        ringing = select(func.count()).select_from(alarms).where(alarms.c.cleared_at.is_(None))
        return Vitals(
            dict.fromkeys(ReversalState, 0) | _counted(connection, reversals.c.state),
            dict.fromkeys(EffectState, 0) | _counted(connection, effects.c.state),
            _age(connection, effects.c.updated_at, effects.c.state.in_(MOVING)),
            {
                name: max(0.0, (until - now()).total_seconds())
                for name, until, _ in rate.blocked_services(connection)
            },
            _synced(connection),
            _saved_at(connection, cursors.BACKUP),
            connection.scalar(ringing) or 0,
            _outcomes(connection),
            _age(connection, reversals.c.created_at, reversals.c.state.in_(OPEN_REVERSALS)),
            connection.scalar(waiting) or 0,
            cursors.newest(connection, cursors.WORKER),
        )


def _counted(connection: Connection, state: Column[object]) -> dict[Any, int]:
    rows = connection.execute(select(state, func.count()).group_by(state))
    return {row[0]: row[1] for row in rows}


def _outcomes(connection: Connection) -> dict[tuple[str, str], int]:
    which = (effects.c.connection_id, effects.c.state)
    counted = connection.execute(select(*which, func.count()).group_by(*which)).all()
    service_of = dict(connection.execute(select(connections.c.id, connections.c.service)).all())
    found: Counter[tuple[str, str]] = Counter()
    for account, state, count in counted:
        found[service_of[account], state] += count
    return dict(found)


def _age(connection: Connection, moment: Column[Any], among: ColumnElement[bool]) -> float:
    """Seconds since the earliest moment among these rows, 0 where there is none."""
    first = connection.scalar(select(func.min(moment)).where(among))
    return 0.0 if first is None else max(0.0, (now() - first).total_seconds())


def _synced(connection: Connection) -> dict[str, dt.datetime | None]:
    shops = select(connections.c.id, connections.c.name).where(connections.c.kind == "shop")
    return {
        row.name: _saved_at(connection, cursors.shop_changes(row.id))
        for row in connection.execute(shops).all()
    }


def _saved_at(connection: Connection, key: str) -> dt.datetime | None:
    return connection.scalar(select(sync_cursors.c.updated_at).where(sync_cursors.c.key == key))
