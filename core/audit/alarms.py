"""Alarms: what must not stay unseen. One is open at a time for each subject of a kind."""

import datetime as dt

from sqlalchemy import ColumnElement, Connection, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.reasons import Reason
from core.store.statements.pruning import prune
from core.store.statements.rows import insert_if_absent
from core.store.tables import alarms, orders

KEPT = dt.timedelta(days=366)  # of one that was cleared; the record keeps that there was one


def ring(connection: Connection, kind: str, subject: str, reason: Reason) -> bool:
    """Raise an alarm in the caller's transaction; True when it is new. Audited once.

    One that is open already is brought up to date with the newest reason.
    """
    same = _open(kind, subject)
    known = connection.scalar(
        update(alarms).where(*same).values(reason=reason).returning(alarms.c.id)
    )
    if known is not None:
        return False
    fresh = {"kind": kind, "subject": subject, "reason": reason, "raised_at": now()}
    new = insert_if_absent(connection, alarms, fresh)  # another worker may have been faster
    if new:
        known = customers_of(connection, reason)
        trail.record(connection, Action.ALARM_RAISED, subject, {"why": reason}, customer=known)
    return new


def customers_of(connection: Connection, reason: Reason) -> list[str]:
    """The words that the customers of the order that a reason names are known by.

    The reason may quote a service that names them.
    """
    named = reason.parameters.get("order")
    if not isinstance(named, str):
        return []
    same = select(orders.c.id).where(orders.c.name == named).limit(20)  # one in each shop
    return trail.known_by(connection, list(connection.scalars(same)))


def settle(connection: Connection, kind: str, subject: str) -> bool:
    """Clear the alarm by itself, because what was wrong is well again; True when there was one."""
    gone = connection.scalar(
        update(alarms).where(*_open(kind, subject)).values(cleared_at=now()).returning(alarms.c.id)
    )
    if gone is not None:
        trail.record(connection, Action.ALARM_CLEARED, subject, {"alarm": gone})
    return gone is not None


def forget(connection: Connection) -> int:
    """Let go of alarms that were cleared long ago; gives how many."""
    return prune(connection, alarms, alarms.c.cleared_at < now() - KEPT)


def reason_of(connection: Connection, kind: str, subject: str) -> Reason | None:
    """The reason of the open alarm, None where there is none."""
    return connection.scalar(select(alarms.c.reason).where(*_open(kind, subject)))


def _open(kind: str, subject: str) -> tuple[ColumnElement[bool], ...]:
    return (
        alarms.c.kind == kind, alarms.c.subject == subject, alarms.c.cleared_at.is_(None),
    )  # fmt: skip
