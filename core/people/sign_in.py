"""Signing in with a password, slower with each failure, and showing it once more (step-up)."""

import datetime as dt
import hmac
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy import Connection, Row, delete, func, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.people import passwords, sessions
from core.people.codes import PeopleCode
from core.people.neighbours import neighbours
from core.people.sessions import Session, SessionKind
from core.reasons import Reason, ReasonCode
from core.rights import NOBODY, Right, acting, actor, require
from core.settings.secrets import derived_key
from core.store import db
from core.store.statements.rows import upsert
from core.store.tables import passkeys, people, sign_in_tries
from core.store.tables import sessions as sessions_table

log = structlog.get_logger(__name__)

FREE = 5  # failures before anybody must wait
LONGEST_WAIT = {"pair": 900.0, "login": 60.0, "address": 900.0}  # seconds
FREE_OF = {"pair": FREE, "login": 20, "address": 20}
FORGOTTEN = dt.timedelta(days=1)


class SignInRefused(UserError):
    """Name and password do not fit, or the account has ended; the message says no more."""

    def __init__(self, code: PeopleCode = PeopleCode.NOT_TOGETHER) -> None:
        """The same words for whatever it was."""
        super().__init__(code)


class MustWait(UserError):
    """Too many failures lately; `seconds` until the next try is looked at."""

    def __init__(self, seconds: float) -> None:
        """So long."""
        super().__init__(PeopleCode.TOO_MANY)
        self.seconds = max(1, round(seconds))


def with_password(login: str, password: str, *, device: str, address: str) -> tuple[str, Session]:
    """A new session for whoever knows the password. Raises SignInRefused, MustWait."""
    login = login.strip().lower()[:120]
    with acting(replace(NOBODY, address=address)):
        found = _checked(login, password, address)
        with db.writing() as connection:
            _forget(connection, login, address)
            return _begin(connection, found, device, address)


def of_person(
    person_id: int,
    *,
    device: str,
    address: str,
    way: str = "link",
    proved: bool = True,
    rights: frozenset[Right] | None = None,
    ends_at: dt.datetime | None = None,
    station_id: int | None = None,
) -> tuple[str, Session]:
    """A new session for a person who came otherwise: `way`: a link, a passkey, another service.

    `proved`: they have just shown who they are, which a service that remembers them does not.
    `rights`: no more than these, whatever the person may.
    """
    with db.writing() as connection:
        one = people.c.id == person_id
        found = connection.execute(
            select(people).where(one, people.c.disabled_at.is_(None))
        ).one_or_none()
        if found is None:
            raise SignInRefused
        return _begin(
            connection,
            found,
            device,
            address,
            way=way,
            proved=proved,
            rights=rights,
            ends_at=ends_at,
            station_id=station_id,
        )


def _begin(
    connection: Connection,
    person: Row[Any],
    device: str,
    address: str,
    *,
    way: str = "password",
    proved: bool = True,
    rights: frozenset[Right] | None = None,
    ends_at: dt.datetime | None = None,
    station_id: int | None = None,
) -> tuple[str, Session]:
    """Begin a browser's session and write it down; gives its secret, told only now, and it."""
    secret, session = sessions.begin(
        connection,
        kind=SessionKind.BROWSER,
        name=device,
        person=person.name,
        person_id=person.id,
        address=address,
        proved=proved,
        rights=rights,
        ends_at=ends_at,
        station_id=station_id,
    )
    with acting(sessions.actor_of(session, address)):
        detail = {"name": device, "by": way}
        trail.record(
            connection, Action.SIGNED_IN, f"session {session.id}", detail, name=person.name
        )
    return secret, session


def prove(password: str) -> None:
    """Show the password once more (step-up), as whoever acts. Raises SignInRefused, MustWait."""
    who = require(*Right)
    with db.reading() as connection:
        login = connection.scalar(select(people.c.login).where(people.c.id == who.person_id))
    try:
        _checked(login or "", password, who.address)
    except SignInRefused:
        raise SignInRefused(PeopleCode.NOT_YOURS) from None  # no name was asked for
    with db.writing() as connection:
        _forget(connection, login or "", who.address)
    proved_by("password")


@dataclass(frozen=True)
class Ways:
    """How a person can show who they are."""

    password: bool
    passkey: bool
    service: bool


def ways() -> Ways:
    """How whoever acts can show who they are."""
    mine = people.c.id == actor().person_id
    query = select(
        people.c.password_hash != "",
        people.c.id.in_(select(passkeys.c.person_id)),
        people.c.subject != "",
    )
    with db.reading() as connection:
        row = connection.execute(query.where(mine)).one_or_none()
    return Ways(*map(bool, row)) if row is not None else Ways(False, False, False)


def proved_by(way: str) -> None:
    """Whoever acts has just shown who they are, by this way."""
    who = require(*Right)
    mine = sessions_table.c.id == who.session_id
    with db.writing() as connection:
        connection.execute(update(sessions_table).where(mine).values(proved_at=now()))
        detail = {"by": way}
        trail.record(connection, Action.PROVED, f"session {who.session_id}", detail)
    sessions.forget()


def change_password(old: str, new: str) -> None:
    """Choose another password; all other sessions of the person end.

    Raises SignInRefused, MustWait, passwords.WeakPassword.
    """
    who = require(*Right)
    prove(old)
    with db.writing() as connection:
        mine = people.c.id == who.person_id
        login = connection.scalar(select(people.c.login).where(mine)) or ""
        passwords.check_new(new, login, who.name)
        connection.execute(update(people).where(mine).values(password_hash=passwords.hashed(new)))
        table = sessions_table.c
        sessions.end(connection, table.person_id == who.person_id, table.id != who.session_id)
        trail.record(connection, Action.PASSWORD_CHOSEN, f"person {login}", {})


def _checked(login: str, password: str, address: str) -> Row[Any]:
    """Whose login and password these are. Raises MustWait, and SignInRefused, which is counted."""
    keys = _keys(login, address)
    with db.reading() as connection:
        wait = _wait(connection, keys)
        row = connection.execute(
            select(people).where(people.c.login == login, people.c.disabled_at.is_(None))
        ).one_or_none()
    if wait > 0:
        raise MustWait(wait)
    if not passwords.fits(password, row.password_hash if row else "") or row is None:
        _failed(login, address)
        raise SignInRefused
    if passwords.is_old(row.password_hash):
        with db.writing() as connection:
            fresh = passwords.hashed(password)
            connection.execute(
                update(people).where(people.c.id == row.id).values(password_hash=fresh)
            )
    return row


# ---------------------------------------------------------------- slower with each failure


def _keys(login: str, address: str) -> dict[str, str]:
    """What is counted: this name from this address, the name, the address.

    Kept as keyed hashes: a name that is none of ours may be a password typed into the wrong field.
    """
    near, key = neighbours(address), derived_key("sign-in tries")
    counted = {"pair": f"{login} from {near}", "login": login, "address": near}
    return {
        kind: f"{kind} {hmac.new(key, text.encode(), 'sha256').hexdigest()}"
        for kind, text in counted.items()
    }


def _wait(connection: Connection, keys: dict[str, str]) -> float:
    """Seconds until a next try is looked at: twice as long with each failure."""
    found = {
        row.key: row
        for row in connection.execute(
            select(sign_in_tries).where(sign_in_tries.c.key.in_(keys.values()))
        )
    }
    waits = [0.0]
    for kind, key in keys.items():
        row = found.get(key)
        if row is None or row.failures < FREE_OF[kind]:
            continue
        pause = min(LONGEST_WAIT[kind], 2.0 ** min(row.failures - FREE_OF[kind], 20))
        waits.append(pause - (now() - row.last_at).total_seconds())
    return max(waits)


def _failed(login: str, address: str) -> None:
    detail = {"address": address}
    log.warning("sign_in_failed", client=address, by="password")
    with db.writing() as connection:
        for key in _keys(login, address).values():
            _count(connection, key)
        exists = connection.scalar(
            select(func.count()).select_from(people).where(people.c.login == login)
        )
        subject = f"person {login}" if exists else "unknown person"
        trail.record(connection, Action.SIGN_IN_FAILED, subject, detail)


def must_not_wait(address: str) -> None:
    """Raise MustWait where so many ways to sign in failed from this address lately."""
    keys = {"address": _keys("", address)["address"]}
    with db.reading() as connection:
        wait = _wait(connection, keys)
    if wait > 0:
        raise MustWait(wait)


def failed_otherwise(address: str, way: str, why: Reason | ReasonCode | None = None) -> None:
    """A passkey, a badge or another service's word was not taken: its address is counted.

    `why`: for the record.
    """
    log.warning("sign_in_failed", client=address, by=way)
    if isinstance(why, ReasonCode):
        why = why.of()
    with db.writing() as connection:
        _count(connection, _keys("", address)["address"])
        detail = {"address": address, "by": way, **({"why": why} if why else {})}
        trail.record(connection, Action.SIGN_IN_FAILED, "unknown person", detail)


def _count(connection: Connection, key: str) -> None:
    connection.execute(delete(sign_in_tries).where(sign_in_tries.c.last_at < now() - FORGOTTEN))
    upsert(
        connection,
        sign_in_tries,
        {"key": key, "failures": 1, "last_at": now()},
        ["key"],
        lambda fresh: {"failures": sign_in_tries.c.failures + 1, "last_at": fresh.last_at},
    )


def _forget(connection: Connection, login: str, address: str) -> None:
    keys = _keys(login, address)
    mine = (keys["pair"], keys["login"])
    connection.execute(delete(sign_in_tries).where(sign_in_tries.c.key.in_(mine)))
