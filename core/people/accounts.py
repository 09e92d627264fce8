"""Accounts: who may sign in, in which role; one-time links by which they choose a password.

Nobody gives rights that they do not have themselves, and somebody who may look after people
remains always.
"""

import datetime as dt
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, or_, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.people import passwords, sessions
from core.people.codes import PeopleCode
from core.people.sessions import as_rights, hash_of
from core.rights import ROLES, NotAllowed, Right, actor, door
from core.store import db, desk
from core.store.tables import connections, invitations, people, roles
from core.store.tables import sessions as sessions_table

LINK_LIFE = dt.timedelta(days=3)
FIRST_LIFE = dt.timedelta(days=1)
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,118}")
OWNER = "owner"
LOOK_SECONDS = 0.5  # between two looks whether sign-in is on


class AccountError(UserError):
    """The account cannot be made or changed like this; the message says why."""


class LinkRefused(UserError):
    """The link opens nothing; the message says what to do."""


@dataclass(frozen=True)
class Person:
    """One account. `ready`: a password was chosen, or another service says who it is."""

    id: int
    login: str
    name: str
    role: str
    ready: bool
    disabled: bool
    created_at: dt.datetime


@dataclass(frozen=True)
class Link:
    """What a one-time link is for. `login`: "" for the first owner, who chooses one."""

    login: str
    name: str
    person_id: int | None


# ---------------------------------------------------------------- whether sign-in is on


class _Look:
    always = False  # of the process; the rest is of one home

    def __init__(self, _desk: desk.Desk) -> None:
        self.asked, self.found = -LOOK_SECONDS, False


def _look() -> _Look:
    return desk.current().part(_Look)


def always_sign_in() -> None:
    """From now on this process asks everybody to sign in, whatever is connected."""
    _Look.always = True


def sign_in_seen() -> bool | None:
    """What `sign_in_on` found just now, None when it was not asked; asks no database."""
    if _Look.always:
        return True
    return _look().found if time.monotonic() - _look().asked < LOOK_SECONDS else None


def sign_in_on() -> bool:
    """Whether people must sign in: a connection is not the sandbox's, or there is an account."""
    seen = sign_in_seen()
    if seen is not None:
        return seen
    real = exists().where(connections.c.sandbox.is_(False))
    with db.reading() as connection:
        found = bool(connection.scalar(select(or_(real, exists().where(people.c.id > 0)))))
    _look().found, _look().asked = found, time.monotonic()  # in this order: others read meanwhile
    return found


def look_again() -> None:
    """Forget whether sign-in was on, and who was signed in: something was changed."""
    _look().asked = -LOOK_SECONDS
    sessions.forget()


def has_owner() -> bool:
    """Whether somebody can sign in who looks after people."""
    with db.reading() as connection:
        return _keepers(connection) > 0


# ---------------------------------------------------------------- roles


def rights_of_role(connection: Connection, role: str) -> frozenset[Right]:
    """What a role may do. Raises AccountError for an unknown one."""
    if role in ROLES:
        return ROLES[role]
    held = connection.scalar(select(roles.c.rights).where(roles.c.name == role))
    if held is None:
        raise AccountError(PeopleCode.NO_ROLE)
    return as_rights(held)


def all_roles(connection: Connection) -> dict[str, frozenset[Right]]:
    """Every role by its name: those that come with the program, then the shop's own."""
    own = connection.execute(select(roles).order_by(roles.c.name))
    return {**ROLES, **{row.name: as_rights(row.rights) for row in own}}


@door(Right.PEOPLE, proved=True)
def save_role(name: str, rights: Iterable[Right]) -> None:
    """Make or change a role of the shop's own. Raises AccountError, NotAllowed (as `change`)."""
    wanted = frozenset(rights)
    name = " ".join(name.split())
    if not name or len(name) > 40 or name in ROLES:
        raise AccountError(PeopleCode.ROLE_NAME)
    if Right.HOST in wanted or not wanted:
        raise AccountError(PeopleCode.ROLE_RIGHTS)
    with db.writing() as connection:
        before = connection.scalar(select(roles.c.rights).where(roles.c.name == name))
        _not_above(wanted | as_rights(before or ()))
        connection.execute(delete(roles).where(roles.c.name == name))
        connection.execute(insert(roles).values(name=name, rights=sorted(wanted)))
        _still_kept(connection)
        told = {"before": before, "rights": sorted(wanted)}
        trail.record(connection, actor().name, Action.ROLE_CHANGED, f"role {name}", told)
    look_again()


@door(Right.PEOPLE, proved=True)
def remove_role(name: str) -> None:
    """Take one of the shop's own roles away. Raises AccountError while somebody has it."""
    with db.writing() as connection:
        if connection.scalar(select(people.c.id).where(people.c.role == name).limit(1)):
            raise AccountError(PeopleCode.ROLE_IN_USE)
        connection.execute(delete(roles).where(roles.c.name == name))
        trail.record(connection, actor().name, Action.ROLE_CHANGED, f"role {name}", {})
    look_again()


def _not_above(rights: frozenset[Right]) -> None:
    missing = sorted(rights - actor().rights)
    if missing:
        raise NotAllowed(Right(missing[0]))


# ---------------------------------------------------------------- people


@door(Right.PEOPLE)
def everybody() -> list[Person]:
    """Every account, by name."""
    with db.reading() as connection:
        rows = connection.execute(select(people).order_by(people.c.name, people.c.id)).all()
    return [_person(row) for row in rows]


@door(Right.PEOPLE, proved=True)
def invite(login: str, name: str, role: str) -> tuple[Person, str]:
    """A new account and the token of its one-time link. Raises AccountError, NotAllowed."""
    login, name = _login(login), " ".join(name.split())[:80]
    if not name:
        raise AccountError(PeopleCode.SAY_WHO)
    with db.writing() as connection:
        _not_above(rights_of_role(connection, role))
        if connection.scalar(select(people.c.id).where(people.c.login == login)):
            raise AccountError(PeopleCode.LOGIN_TAKEN)
        row = connection.execute(
            insert(people)
            .values(login=login, name=name, role=role, created_at=now())
            .returning(people)
        ).one()
        token = _link(connection, row.id, LINK_LIFE)
        told = {"name": name, "role": role}
        trail.record(connection, actor().name, Action.PERSON_INVITED, f"person {login}", told)
    look_again()
    return _person(row), token


@door(Right.PEOPLE, proved=True)
def new_link(person_id: int) -> str:
    """The token of another one-time link for somebody who lost the first or the password.

    Raises NotAllowed for somebody who may do more than the one who acts.
    """
    with db.writing() as connection:
        one = _one(connection, person_id)
        _not_above(rights_of_role(connection, one.role))
        token = _link(connection, person_id, LINK_LIFE)
        trail.record(connection, actor().name, Action.PERSON_INVITED, f"person {one.login}", {})
    return token


@door(Right.PEOPLE, proved=True)
def change(
    person_id: int,
    *,
    role: str | None = None,
    disabled: bool | None = None,
) -> None:
    """Give another role, or end an account and all its sessions (or begin it again).

    Raises AccountError where nobody would remain who looks after people, and NotAllowed for
    somebody who may do more than the one who acts, before or afterwards.
    """
    with db.writing() as connection:
        one = _one(connection, person_id)
        _not_above(rights_of_role(connection, one.role))
        values: dict[str, Any] = {}
        if role is not None and role != one.role:
            _not_above(rights_of_role(connection, role))
            values["role"] = role
        if disabled is not None and disabled != one.disabled:
            values["disabled_at"] = now() if disabled else None
        if not values:
            return
        connection.execute(update(people).where(people.c.id == person_id).values(**values))
        _still_kept(connection)
        if disabled:
            connection.execute(delete(invitations).where(invitations.c.person_id == person_id))
            sessions.end(connection, sessions_table.c.person_id == person_id)
        told = {"before": {"role": one.role, "disabled": one.disabled}, **_changed(values)}
        trail.record(connection, actor().name, Action.PERSON_CHANGED, f"person {one.login}", told)
    look_again()


def _changed(values: dict[str, Any]) -> dict[str, Any]:
    told = dict(values)
    if "disabled_at" in told:
        told["disabled"] = told.pop("disabled_at") is not None
    return told


def _still_kept(connection: Connection) -> None:
    some = connection.scalar(select(people.c.id).where(people.c.password_hash != "").limit(1))
    if some is not None and not _keepers(connection):
        raise AccountError(PeopleCode.LAST_ONE)


def _keepers(connection: Connection) -> int:
    """How many can sign in and look after people."""
    can = (people.c.disabled_at.is_(None)) & (
        (people.c.password_hash != "") | (people.c.subject != "")
    )
    held = all_roles(connection)
    found = connection.scalars(select(people.c.role).where(can))
    return sum(Right.PEOPLE in held.get(role, frozenset()) for role in found)


def _one(connection: Connection, person_id: int) -> Person:
    row = connection.execute(select(people).where(people.c.id == person_id)).one_or_none()
    if row is None:
        raise AccountError(PeopleCode.NO_ACCOUNT)
    return _person(row)


def _login(text: str) -> str:
    login = text.strip().lower()
    if not LOGIN.fullmatch(login):
        raise AccountError(PeopleCode.LOGIN)
    return login


def _person(row: Any) -> Person:
    return Person(
        id=row.id,
        login=row.login,
        name=row.name,
        role=row.role,
        ready=bool(row.password_hash or row.subject),
        disabled=row.disabled_at is not None,
        created_at=row.created_at,
    )


# ---------------------------------------------------------------- one-time links


def _link(connection: Connection, person_id: int | None, life: dt.timedelta) -> str:
    token = secrets.token_urlsafe(24)
    same = invitations.c.person_id == person_id  # IS NULL for the first owner's
    connection.execute(delete(invitations).where(same, invitations.c.used_at.is_(None)))
    connection.execute(
        insert(invitations).values(
            token_hash=hash_of(token), person_id=person_id, expires_at=now() + life
        )
    )
    return token


@door(Right.HOST)
def owner_link(login: str = "") -> str:
    """The token by which the first owner is made, or by which an owner gets back in.

    With `login` it is that account's, which is an owner's and may sign in from then on.
    """
    with db.writing() as connection:
        person_id = None
        if login:
            person_id = connection.scalar(
                update(people)
                .where(people.c.login == _login(login))
                .values(role=OWNER, disabled_at=None)
                .returning(people.c.id)
            )
            if person_id is None:
                raise AccountError(PeopleCode.NO_ACCOUNT)
        token = _link(connection, person_id, FIRST_LIFE)
        subject = f"person {login}" if login else "first owner"
        trail.record(connection, actor().name, Action.PERSON_INVITED, subject, {"role": OWNER})
    look_again()
    return token


def look_at_link(token: str) -> Link:
    """What a link is for, without using it up. Raises LinkRefused."""
    query = (
        select(invitations.c.person_id, people.c.login, people.c.name)
        .outerjoin(people, invitations.c.person_id == people.c.id)
        .where(*_good(token))
    )
    with db.reading() as connection:
        row = connection.execute(query).one_or_none()
        if row is None or (row.person_id is None and _keepers(connection)):
            raise _refused()
    return Link(row.login or "", row.name or "", row.person_id)


def use_link(token: str, password: str, *, login: str = "", name: str = "") -> int:
    """Choose a password by a link, once; gives the account's id.

    All earlier sessions of the account end. Raises LinkRefused, passwords.WeakPassword and, for
    the first owner's name, AccountError.
    """
    link = look_at_link(token)
    login = link.login or _login(login)
    passwords.check_new(password, login, link.name or name)
    kept = passwords.hashed(password)
    with db.writing() as connection:
        used = connection.execute(
            update(invitations)
            .where(*_good(token))
            .values(used_at=now())
            .returning(invitations.c.token_hash)
        ).one_or_none()
        if used is None or (link.person_id is None and _keepers(connection)):
            raise _refused()
        person_id = link.person_id
        if person_id is None:
            if connection.scalar(select(people.c.id).where(people.c.login == login)):
                raise AccountError(PeopleCode.LOGIN_TAKEN)
            first = {"login": login, "name": " ".join(name.split())[:80] or login, "role": OWNER}
            person_id = connection.scalar(
                insert(people).values(**first, created_at=now()).returning(people.c.id)
            )
        assert person_id is not None
        connection.execute(
            update(people).where(people.c.id == person_id).values(password_hash=kept)
        )
        sessions.end(connection, sessions_table.c.person_id == person_id)
        trail.record(connection, login, Action.PASSWORD_CHOSEN, f"person {login}", {})
    look_again()
    return person_id


def _good(token: str) -> tuple[Any, ...]:
    return (
        invitations.c.token_hash == hash_of(token),
        invitations.c.used_at.is_(None),
        invitations.c.expires_at > now(),
    )


def _refused() -> LinkRefused:
    return LinkRefused(PeopleCode.LINK_USED)
