"""Sessions of our own: every browser, phone and program that was let in, until it ends.

Only a hash of a session's secret is kept. It ends by a sign-out, when it was idle for too long,
at its absolute end, and with its person.
"""

import datetime as dt
import hashlib
import secrets
import threading
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, insert, or_, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now, uptime
from core.rights import (
    ALL_BUT_HOST,
    ROLES,
    Actor,
    NotAllowed,
    Right,
    Way,
    actor,
    door,
)
from core.store import db, desk
from core.store.statements.pruning import prune
from core.store.tables import people, roles, sessions

KEPT = dt.timedelta(days=90)  # of one that ended; the record keeps that it began and ended
SEEN_EVERY = dt.timedelta(minutes=1)
PROOF_LASTS = dt.timedelta(minutes=10)
ADDRESS = 60  # characters of an address that are kept
CACHE_SECONDS = 0.4  # how long a process may go on with what it knew of a session
WANTED_SECONDS = 2.0  # since a session was asked for, that it is looked up with others
MOST_AT_ONCE = 500


class SessionKind(StrEnum):
    """What was let in."""

    BROWSER = "browser"
    PHONE = "phone"
    API = "api"


IDLE = {
    SessionKind.BROWSER: dt.timedelta(hours=8),
    SessionKind.PHONE: dt.timedelta(days=30),
    SessionKind.API: dt.timedelta(days=366),
}
LONGEST = {
    SessionKind.BROWSER: dt.timedelta(days=14),
    SessionKind.PHONE: dt.timedelta(days=180),
    SessionKind.API: dt.timedelta(days=366),
}


class Scope(StrEnum):
    """What a session was let in for."""

    PILE = "pile"  # scan into the pile that it was paired with
    SCAN = "scan"  # scan into any pile
    OPERATE = "operate"  # whatever its person may


@dataclass(frozen=True)
class Session:
    """One way in. `person_id`: None on the sandbox without accounts.

    `held`: the rights of its person now; `narrowed`: it has no more than some of them. `pile_id`:
    the pile its scan page opens with, or is bound to.
    """

    id: int
    kind: str
    name: str
    person: str
    person_id: int | None
    scope: str
    pile_id: int | None
    address: str
    created_at: dt.datetime
    seen_at: dt.datetime | None
    proved_at: dt.datetime | None
    ends_at: dt.datetime
    held: frozenset[Right] = frozenset()
    narrowed: bool = False


def begin(
    connection: Connection,
    *,
    kind: SessionKind,
    name: str,
    person: str,
    person_id: int | None = None,
    scope: Scope = Scope.OPERATE,
    pile_id: int | None = None,
    address: str = "",
    proved: bool = False,
    rights: frozenset[Right] | None = None,
    ends_at: dt.datetime | None = None,
    station_id: int | None = None,
    prefix: str = "",
) -> tuple[str, Session]:
    """A new session and its secret, which is told this once."""
    secret, moment = prefix + secrets.token_urlsafe(32), now()
    session_id = connection.scalar(
        insert(sessions)
        .values(
            kind=kind,
            name=name[:120],
            person=person[:80],
            person_id=person_id,
            scope=scope,
            rights=None if rights is None else sorted(rights),
            pile_id=pile_id,
            station_id=station_id,
            secret_hash=hash_of(secret),
            address=address[:ADDRESS],
            created_at=moment,
            seen_at=moment,
            proved_at=moment if proved else None,
            ends_at=min(ends_at or moment + LONGEST[kind], moment + LONGEST[kind]),
        )
        .returning(sessions.c.id)
    )
    found = connection.execute(_WITH_PERSON.where(sessions.c.id == session_id)).one()
    return secret, _session(found)


def hash_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def unused(links: Table, token: str) -> tuple[ColumnElement[bool], ...]:
    """The row of a link's token that opens once: neither used nor past its time."""
    return (
        links.c.token_hash == hash_of(token),
        links.c.used_at.is_(None),
        links.c.expires_at > now(),
    )


_WITH_PERSON = (
    select(
        sessions,
        people.c.name.label("own_name"),
        people.c.role,
        people.c.disabled_at,
        roles.c.rights.label("role_rights"),
    )
    .outerjoin(people, sessions.c.person_id == people.c.id)
    .outerjoin(roles, people.c.role == roles.c.name)
)


def of_secret(secret: str) -> Session | None:
    """The session that holds this secret, unless it ended or its person did."""
    found = of_secrets([secret])[secret]
    if found is not None:
        _seen(found)
    return found


def of_secrets(secrets_: Collection[str]) -> dict[str, Session | None]:
    """The same for many secrets at once: one look at the database."""
    hashes = {hash_of(secret): secret for secret in secrets_}
    query = _WITH_PERSON.where(
        sessions.c.secret_hash.in_(list(hashes)),
        sessions.c.signed_out_at.is_(None),
        sessions.c.ends_at > now(),
    )
    with db.reading() as connection:
        rows = connection.execute(query).all()
    living = [row for row in rows if row.disabled_at is None and not _is_idle(row)]
    return {**dict.fromkeys(secrets_), **{hashes[row.secret_hash]: _session(row) for row in living}}


def _seen(session: Session) -> None:
    """Whoever uses a session keeps it from idling; written once a minute."""
    if session.seen_at is not None and session.seen_at >= now() - SEEN_EVERY:
        return
    still = (sessions.c.id == session.id) & sessions.c.signed_out_at.is_(None)
    with db.writing() as connection:
        connection.execute(update(sessions).where(still).values(seen_at=now()))


def _is_idle(row: Row[Any]) -> bool:
    seen = row.seen_at or row.created_at
    return bool(seen < now() - IDLE[SessionKind(row.kind)])


def _session(row: Row[Any]) -> Session:
    made = {"person": row.own_name or row.person, "held": _rights(row)}
    made["narrowed"] = row.rights is not None
    kept = {one: getattr(row, one) for one in Session.__dataclass_fields__ if one not in made}
    return Session(**kept, **made)


def _rights(row: Row[Any]) -> frozenset[Right]:
    """What a session may do: its person's role, less what it was given and let in for."""
    held = ALL_BUT_HOST
    if row.person_id is not None:
        held = ROLES.get(row.role) or as_rights(row.role_rights or [])
    if row.rights is not None:
        held &= as_rights(row.rights)
    return held & frozenset({Right.SCAN}) if row.scope != Scope.OPERATE else held


def as_rights(names: Any) -> frozenset[Right]:
    """Rights by their names; names of the past are left out."""
    known = {right.value: right for right in Right}
    return frozenset(known[name] for name in names if name in known)


def actor_of(session: Session, address: str = "") -> Actor:
    """Who acts in this session, with no more rights than its scope has."""
    without_accounts = session.person_id is None
    way = {SessionKind.PHONE: Way.PHONE, SessionKind.API: Way.API}.get(
        SessionKind(session.kind), Way.BROWSER
    )
    if without_accounts and session.scope == Scope.OPERATE:
        way = Way.LOCAL
    proved = session.proved_at is not None and session.proved_at > now() - PROOF_LASTS
    return Actor(
        session.person or "desk",
        session.held,
        person_id=session.person_id,
        session_id=session.id,
        way=way,
        address=address or session.address,
        pile_id=session.pile_id if session.scope == Scope.PILE else None,
        proved=proved or without_accounts,
        narrowed=session.narrowed,
    )


# ---------------------------------------------------------------- remembered for a moment


class _Remembered:
    """Sessions by their secret: a page loads 300 files at once, and asks at each door.

    Who asks when it is too long ago asks for all that were wanted of late: however many pages are
    open, the database is looked at a few times a second.
    """

    def __init__(self, _desk: desk.Desk) -> None:
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._known: dict[str, tuple[float, Session | None]] = {}
        self._wanted: dict[str, float] = {}
        self._age = 0  # counts what was forgotten

    def get(self, secret: str) -> tuple[bool, Session | None]:
        """Whether what is remembered is fresh enough, and the session (None: no such one)."""
        with self._lock:
            self._wanted[secret] = uptime()
            asked, session = self._known.get(secret, (-CACHE_SECONDS, None))
        return uptime() - asked < CACHE_SECONDS, session

    def look(self, secret: str) -> Session | None:
        """The session as the database has it now, read together with all wanted of late."""
        with self._looking:
            fresh, session = self.get(secret)
            if fresh:  # another thread looked meanwhile
                return session
            asked = uptime()
            with self._lock:
                age = self._age
                self._wanted = {
                    one: at for one, at in self._wanted.items() if asked - at < WANTED_SECONDS
                }
                wanted = list(self._wanted)[-MOST_AT_ONCE:]
            found = of_secrets({*wanted, secret})
            with self._lock:
                if age == self._age:
                    self._known = {one: (asked, session) for one, session in found.items()}
        session = found[secret]
        if session is not None:
            _seen(session)
        return session

    def forget(self) -> None:
        with self._lock:
            self._age += 1
            self._known.clear()


def _here() -> _Remembered:
    return desk.current().part(_Remembered)


def remembered(secret: str) -> tuple[bool, Session | None]:
    """Whether it was asked for just now, and what was found; asks no database."""
    return _here().get(secret)


def cached_of_secret(secret: str) -> Session | None:
    """As `of_secret`, asked anew only when it was not asked for just now."""
    fresh, session = remembered(secret)
    return session if fresh else _here().look(secret)


def forget() -> None:
    """Look again at once: something about sessions, people or roles was changed."""
    _here().forget()


# ---------------------------------------------------------------- the list, and the end


@door(Right.PEOPLE)
def signed_in() -> list[Session]:
    """Every session that may still use this desk, the newest first."""
    return _open()


def own() -> list[Session]:
    """The sessions of the one who acts, the newest first."""
    who = actor()
    return [] if who.person_id is None else _open(sessions.c.person_id == who.person_id)


def _open(*which: Any) -> list[Session]:
    query = _WITH_PERSON.where(
        sessions.c.signed_out_at.is_(None), sessions.c.ends_at > now(), *which
    ).order_by(sessions.c.id.desc())
    with db.reading() as connection:
        rows = connection.execute(query).all()
    return [_session(row) for row in rows if row.disabled_at is None and not _is_idle(row)]


def sign_out(session_id: int) -> None:
    """End a session: one's own, or with Right.PEOPLE anybody's. Raises NotAllowed."""
    who = actor()
    with db.writing() as connection:
        whose = connection.scalar(select(sessions.c.person_id).where(sessions.c.id == session_id))
        mine = who.session_id == session_id or (whose is not None and whose == who.person_id)
        if not mine and not who.may(Right.PEOPLE):
            raise NotAllowed(Right.PEOPLE)
        end(connection, sessions.c.id == session_id)
    forget()


def end(connection: Connection, *which: Any) -> int:
    """End these sessions, each with its line in the record; gives how many there were."""
    ended = connection.execute(
        update(sessions)
        .where(sessions.c.signed_out_at.is_(None), *which)
        .values(signed_out_at=now())
        .returning(sessions.c.id, sessions.c.name, sessions.c.person)
    ).all()
    for one in ended:
        detail = {"name": one.name, "person": one.person}
        trail.record(connection, Action.DEVICE_SIGNED_OUT, f"session {one.id}", detail)
    forget()
    return len(ended)


def end_of_person(connection: Connection, person_id: int) -> None:
    """End whatever a person is signed in by."""
    end(connection, sessions.c.person_id == person_id)


def forget_ended(connection: Connection) -> int:
    """Let go of sessions that ended long ago; gives how many."""
    before = now() - KEPT
    ended = or_(sessions.c.ends_at < before, sessions.c.signed_out_at < before)
    return prune(connection, sessions, ended)


def moved(session_id: int, address: str) -> None:
    """The session is used from another address now; written once, however many calls tell it."""
    kept = address[:ADDRESS]
    other = (sessions.c.id == session_id) & (sessions.c.address != kept)
    with db.reading() as connection:
        if connection.scalar(select(sessions.c.id).where(other)) is None:
            return
    with db.writing() as connection:
        connection.execute(update(sessions).where(other).values(address=kept))
    forget()
