"""Alarms: what must not stay unseen. One is open at a time for each subject of a kind."""

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.audit import trail
from core.store.tables import alarms
from core.store.types import now


def ring(connection: Connection, kind: str, subject: str, text: str, by: str) -> bool:
    """Raise an alarm in the caller's transaction; True when it is new. Audited once.

    One that is open already is brought up to date with the newest words.
    """
    same = _open(kind, subject)
    known = connection.scalar(update(alarms).where(*same).values(text=text).returning(alarms.c.id))
    if known is not None:
        return False
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    fresh = make(alarms).values(kind=kind, subject=subject, text=text, raised_at=now())
    # Another worker may have been a moment faster.
    made = connection.scalar(fresh.on_conflict_do_nothing().returning(alarms.c.id))
    if made is not None:
        trail.record(connection, by, "alarm raised", subject, {"text": text})
    return made is not None


def settle(connection: Connection, kind: str, subject: str, by: str) -> bool:
    """Clear the alarm by itself, because what was wrong is well again; True when there was one."""
    gone = connection.scalar(
        update(alarms).where(*_open(kind, subject)).values(cleared_at=now()).returning(alarms.c.id)
    )
    if gone is not None:
        trail.record(connection, by, "alarm cleared", subject, {"alarm": gone})
    return gone is not None


def text_of(connection: Connection, kind: str, subject: str) -> str:
    """The words of the open alarm, "" where there is none."""
    return connection.scalar(select(alarms.c.text).where(*_open(kind, subject))) or ""


def _open(kind: str, subject: str) -> tuple[ColumnElement[bool], ...]:
    return (
        alarms.c.kind == kind, alarms.c.subject == subject, alarms.c.cleared_at.is_(None),
    )  # fmt: skip
