"""Badges: a printed barcode by which a person signs on at a shared station, for a shift.

Whoever finds one has it, so it opens only at a station (`stations`), gives what is done at a table
of parcels and nothing else, proves nothing for what asks for a password, and is ended by printing
another.
"""

import datetime as dt
import re
import secrets
from dataclasses import replace

from sqlalchemy import Connection, insert, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.people import sessions, sign_in
from core.people.codes import PeopleCode
from core.people.roles import AccountError
from core.people.sessions import Session, hash_of
from core.people.ways import stations
from core.rights import NOBODY, OPERATOR, Right, acting, actor, require, require_proof
from core.store import db
from core.store.tables import badges, people
from core.store.tables.people import stations as station_table

# As the printed commands: letters that stand in one place on all keyboards, then digits.
PREFIX, DIGITS = "DESK7", 24  # 79 bits
BADGE = re.compile(rf"{PREFIX}[0-9]{{{DIGITS}}}\Z")
SHIFT = dt.timedelta(hours=12)


class BadgeRefused(UserError):
    """The badge opens nothing; the message says what to do."""


def make() -> str:
    """A new badge of whoever acts, told this once; the one before ends. Raises NotProved."""
    who = require(*Right)
    require_proof()
    if who.person_id is None:
        raise AccountError(PeopleCode.NO_ACCOUNT)
    code = PREFIX + "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    with db.writing() as connection:
        _end(connection, who.person_id)
        made = insert(badges).values(
            person_id=who.person_id, code_hash=hash_of(code), created_at=now()
        )
        one = connection.execute(made.returning(badges.c.id)).scalar_one()
        trail.record(connection, Action.BADGE_MADE, f"badge {one}", {})
    return code


def end() -> None:
    """End the badge of whoever acts: it is lost."""
    who = require(*Right)
    with db.writing() as connection:
        _end(connection, who.person_id)


def _end(connection: Connection, person_id: int | None) -> None:
    mine = (badges.c.person_id == person_id) & badges.c.ended_at.is_(None)
    ended = connection.scalars(
        update(badges).where(mine).values(ended_at=now()).returning(badges.c.id)
    ).all()
    for one in ended:
        trail.record(connection, Action.BADGE_ENDED, f"badge {one}", {})


def have() -> bool:
    """Whether whoever acts has a badge."""
    mine = (badges.c.person_id == actor().person_id) & badges.c.ended_at.is_(None)
    with db.reading() as connection:
        return connection.scalar(select(badges.c.id).where(mine)) is not None


def sign_on(code: str, station: str, *, device: str, address: str) -> tuple[str, Session]:
    """A session for a shift, with what is done at a station. Raises BadgeRefused, MustWait.

    `station`: the secret that the browser holds as a station, which is looked at first.
    """
    with acting(replace(NOBODY, address=address)):
        sign_in.must_not_wait(address)
        here = stations.of_secret(station)
        if here is None:
            sign_in.failed_otherwise(address, "badge", PeopleCode.NO_STATION)
            raise BadgeRefused(PeopleCode.NO_STATION)
        good = (badges.c.code_hash == hash_of(code)) & badges.c.ended_at.is_(None)
        living = people.c.disabled_at.is_(None) & (people.c.id == badges.c.person_id)
        query = select(badges.c.id, badges.c.person_id).join(people, living).where(good)
        with db.reading() as connection:
            found = connection.execute(query).one_or_none()
        if found is None:
            sign_in.failed_otherwise(address, "badge")
            raise BadgeRefused(PeopleCode.NO_BADGE)
        with db.writing() as connection:
            used = update(badges).where(badges.c.id == found.id)
            connection.execute(used.values(used_at=now()))
            there = update(station_table).where(station_table.c.id == here.id)
            connection.execute(there.values(used_at=now()))
    return sign_in.of_person(
        found.person_id, device=device, address=address, way="badge", proved=False,
        rights=OPERATOR, ends_at=now() + SHIFT, station_id=here.id,
    )  # fmt: skip


def code_in(text: str) -> str:
    """The badge's code in what a scanner typed, "" for anything else."""
    plain = text.strip().upper()
    return plain if BADGE.fullmatch(plain) else ""


def is_by_badge(session: sessions.Session) -> bool:
    """Whether a session is of a shared station, which goes back to its badge form.

    Known by its length: a badge opens a shift, every other way to sign in a longer session.
    """
    return (
        session.kind == sessions.SessionKind.BROWSER
        and session.ends_at - session.created_at <= SHIFT
    )
