"""Stations: browsers at which badges may sign people on, each let in once by who may.

A station holds a secret in a cookie of its own; a badge that was found or photographed opens
nothing anywhere else. When a station ends, whoever signed on at it is signed out.
"""

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.people import sessions
from core.people.codes import PeopleCode
from core.people.roles import AccountError
from core.people.sessions import hash_of
from core.rights import Right, actor, door
from core.store import db
from core.store.tables import sessions as session_table
from core.store.tables.people import stations

LIFE = dt.timedelta(days=366)  # since its last badge


@dataclass(frozen=True)
class Station:
    """One browser at which badges sign on. `used_at`: by the last badge."""

    id: int
    name: str
    made_at: dt.datetime
    used_at: dt.datetime | None


_GOOD = (stations.c.ended_at.is_(None),)


@door(Right.PEOPLE, proved=True)
def make(name: str) -> str:
    """Let badges sign on at a browser; its secret, told this once. Raises AccountError."""
    called = " ".join(name.split())[:80]
    if not called:
        raise AccountError(PeopleCode.STATION_NAME)
    secret = secrets.token_urlsafe(32)
    with db.writing() as connection:
        values = {"name": called, "secret_hash": hash_of(secret), "made_at": now(),
                  "made_by": actor().person_id}  # fmt: skip
        made = insert(stations).values(values).returning(stations.c.id)
        one = connection.execute(made).scalar_one()
        trail.record(connection, Action.STATION_MADE, f"station {one}", {"name": called})
    return secret


@door(Right.PEOPLE)
def listed() -> list[Station]:
    """Every station that has not ended, the newest first."""
    query = select(stations).where(*_GOOD).order_by(stations.c.id.desc())
    with db.reading() as connection:
        return [Station(row.id, row.name, row.made_at, row.used_at)
                for row in connection.execute(query)]  # fmt: skip


@door(Right.PEOPLE)
def end(station_id: int) -> None:
    """No badge signs on there any more; who signed on there by one is signed out."""
    one = (stations.c.id == station_id) & stations.c.ended_at.is_(None)
    with db.writing() as connection:
        gone = update(stations).where(one).values(ended_at=now()).returning(stations.c.name)
        name = connection.scalar(gone)
        if name is None:
            return
        trail.record(connection, Action.STATION_ENDED, f"station {station_id}", {"name": name})
        sessions.end(connection, session_table.c.station_id == station_id)


def of_secret(secret: str) -> Station | None:
    """The station that holds this secret, unless it ended or no badge was there for a year."""
    query = select(stations).where(stations.c.secret_hash == hash_of(secret), *_GOOD)
    with db.reading() as connection:
        row = connection.execute(query).one_or_none()
    if row is None or (row.used_at or row.made_at) < now() - LIFE:
        return None
    return Station(row.id, row.name, row.made_at, row.used_at)
