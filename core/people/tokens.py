"""Tokens for programs: named, with rights of their own, with an end, shown once."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.people import sessions
from core.people.codes import PeopleCode
from core.people.sessions import SessionKind, as_rights
from core.rights import NotAllowed, Right, actor, door
from core.store import db
from core.store.tables import sessions as table

PREFIX = "refuz_"  # so that scanners for leaked secrets know one
LONGEST_DAYS = 365
# What a program may be given at all: nothing of people, secrets or the host.
GIVEN = frozenset({Right.SCAN, Right.PILE, Right.NAMES, Right.RUN, Right.FIGURES, Right.RECORD})


class TokenError(UserError):
    """The token cannot be made like this; the message says why."""


@dataclass(frozen=True)
class ApiToken:
    """One token, without its secret. `used_at`: when it was used last, to the minute."""

    id: int
    name: str
    person: str
    rights: frozenset[Right]
    created_at: dt.datetime
    used_at: dt.datetime | None
    ends_at: dt.datetime


@door(Right.PEOPLE, proved=True)
def make(name: str, rights: Iterable[Right], days: int) -> str:
    """A new token, told this once. It ends with its maker's account, and never has more rights.

    Raises TokenError, NotAllowed.
    """
    who, wanted, title = actor(), frozenset(rights), " ".join(name.split())
    if not title or len(title) > 80:
        raise TokenError(PeopleCode.TOKEN_NAME)
    if not wanted or not wanted <= GIVEN or not 1 <= days <= LONGEST_DAYS:
        raise TokenError(PeopleCode.TOKEN_RIGHTS)
    missing = wanted - who.rights
    if missing:
        raise NotAllowed(min(missing))
    with db.writing() as connection:
        secret, session = sessions.begin(
            connection,
            kind=SessionKind.API,
            name=title,
            person=who.name,
            person_id=who.person_id,
            rights=wanted,
            ends_at=now() + dt.timedelta(days=days),
            prefix=PREFIX,
        )
        detail = {"name": title, "rights": sorted(wanted), "days": days}
        trail.record(connection, Action.TOKEN_MADE, f"session {session.id}", detail)
    return secret


@door(Right.PEOPLE)
def listed() -> list[ApiToken]:
    """Every token that is still good, the newest first."""
    query = select(table).where(
        table.c.kind == SessionKind.API, table.c.signed_out_at.is_(None), table.c.ends_at > now()
    )
    with db.reading() as connection:
        rows = connection.execute(query.order_by(table.c.id.desc())).all()
    return [
        ApiToken(
            id=row.id,
            name=row.name,
            person=row.person,
            rights=as_rights(row.rights or ()),
            created_at=row.created_at,
            used_at=row.seen_at if row.seen_at != row.created_at else None,
            ends_at=row.ends_at,
        )
        for row in rows
    ]
