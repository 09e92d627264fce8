"""Accounts: who may sign in, in which role; one-time links by which they choose a password.

Nobody gives rights that they do not have themselves, and somebody who may look after people
remains always.
"""

import datetime as dt
import re
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from core.audit import approvals, trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.people import passwords, roles, sessions
from core.people.codes import PeopleCode
from core.people.presence import look_again as look_again
from core.people.roles import AccountError as AccountError
from core.people.sessions import hash_of
from core.rights import Right, actor, door
from core.store import db
from core.store.statements.signing import HAS_A_WAY
from core.store.tables import invitations, people

LINK_LIFE = dt.timedelta(days=3)
FIRST_LIFE = dt.timedelta(days=1)
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,118}")
OWNER = "owner"


class LinkRefused(UserError):
    """The link opens nothing; the message says what to do."""


@dataclass(frozen=True)
class Person:
    """One account. `ready`: a password was chosen, or another service says who it is.

    `made_alone`: by one person, who could have used its link; its yes is not yet another's.
    """

    id: int
    login: str
    name: str
    role: str
    ready: bool
    disabled: bool
    created_at: dt.datetime
    made_alone: bool = False


@dataclass(frozen=True)
class Link:
    """What a one-time link is for. `login`: "" for the first owner, who chooses one."""

    login: str
    name: str
    person_id: int | None


def has_owner() -> bool:
    """Whether somebody can sign in who looks after people."""
    with db.reading() as connection:
        return roles.keepers(connection) > 0


# ---------------------------------------------------------------- people


_PEOPLE = select(people, HAS_A_WAY.label("ready"))


@door(Right.PEOPLE)
def everybody() -> list[Person]:
    """Every account, by name."""
    with db.reading() as connection:
        rows = connection.execute(_PEOPLE.order_by(people.c.name, people.c.id)).all()
    return [_person(row) for row in rows]


@door(Right.PEOPLE, proved=True)
def invite(login: str, name: str, role: str) -> tuple[Person, str]:
    """A new account and the token of its one-time link. Raises AccountError, NotAllowed."""
    login, name = as_login(login), " ".join(name.split())[:80]
    if not name:
        raise AccountError(PeopleCode.SAY_WHO)
    with db.writing() as connection:
        roles.not_above(roles.rights_of_role(connection, role))
        if connection.scalar(select(people.c.id).where(people.c.login == login)):
            raise AccountError(PeopleCode.LOGIN_TAKEN)
        _by_two(connection, login, {"name": name, "role": role})
        values = {"login": login, "name": name, "role": role, "made_by": _alone(connection)}
        made = insert(people).values(**values, created_at=now())
        person_id = int(connection.execute(made.returning(people.c.id)).scalar_one())
        token = _link(connection, person_id, LINK_LIFE)
        detail = {"name": name, "role": role}
        trail.record(connection, Action.PERSON_INVITED, f"person {login}", detail)
        one = _one(connection, person_id)
    look_again()
    return one, token


@door(Right.PEOPLE, proved=True)
def new_link(person_id: int) -> str:
    """The token of another one-time link for somebody who lost the first or the password.

    Raises NotAllowed for somebody who may do more than the one who acts.
    """
    with db.writing() as connection:
        one = _one(connection, person_id)
        roles.not_above(roles.rights_of_role(connection, one.role))
        _by_two(connection, one.login, {"link": True})
        hand = _alone(connection)
        if hand not in (None, person_id):
            mine = people.c.id == person_id
            connection.execute(update(people).where(mine).values(made_by=hand))
        token = _link(connection, person_id, LINK_LIFE)
        trail.record(connection, Action.PERSON_INVITED, f"person {one.login}", {})
    return token


@door(Right.PEOPLE, proved=True)
def change(
    person_id: int,
    *,
    role: str | None = None,
    disabled: bool | None = None,
) -> None:
    """Give another role, or end an account and all its sessions (or begin it again).

    A link that was not used opens nothing any more where the account ends or may do more than
    whoever made the link could give.

    Raises AccountError where nobody would remain who looks after people, and NotAllowed for
    somebody who may do more than the one who acts, before or afterwards.
    """
    with db.writing() as connection:
        one = _one(connection, person_id)
        roles.not_above(roles.rights_of_role(connection, one.role))
        values: dict[str, object] = {}
        if role is not None and role != one.role:
            roles.not_above(roles.rights_of_role(connection, role))
            values["role"] = role
        if disabled is not None and disabled != one.disabled:
            values["disabled_at"] = now() if disabled else None
        if not values:
            return
        # An end alone is given by one; with another role it would be let in again as that.
        if "role" in values or disabled is not True:
            _by_two(connection, one.login, _changed(values))
        connection.execute(update(people).where(people.c.id == person_id).values(**values))
        roles.still_kept(connection)
        if disabled or _gains(connection, one.role, values):
            connection.execute(delete(invitations).where(invitations.c.person_id == person_id))
        if disabled:
            sessions.end_of_person(connection, person_id)
        detail = {"before": {"role": one.role, "disabled": one.disabled}, **_changed(values)}
        trail.record(connection, Action.PERSON_CHANGED, f"person {one.login}", detail)
    look_again()


def _gains(connection: Connection, before: str, values: dict[str, Any]) -> bool:
    """Whether the role that is given may do more than the one before."""
    given = values.get("role")
    return given is not None and not (
        roles.rights_of_role(connection, given) <= roles.rights_of_role(connection, before)
    )


@door(Right.PEOPLE, proved=True)
def vouch_for(person_id: int) -> None:
    """Somebody else says that this account is a person they know: its yes counts from then on.

    Raises AccountError for whoever made it alone. On the host it waits for another person, unless
    the host needs none.
    """
    with db.writing() as connection:
        one, who = _one(connection, person_id), actor().person_id
        if who is None:
            _by_two(connection, one.login, {"known": True})
        elif approvals.hand_of(connection, who) == approvals.hand_of(connection, person_id):
            raise AccountError(PeopleCode.NOT_BY_YOU)
        connection.execute(update(people).where(people.c.id == person_id).values(made_by=None))
        subject = f"person {one.login}"
        trail.record(connection, Action.PERSON_CHANGED, subject, {"known": True})


def _alone(connection: Connection) -> int | None:
    """Who makes an account's link without another person's yes; None on the host."""
    if approvals.rule(connection).on:
        return None
    return approvals.hand_of(connection, actor().person_id)


def _by_two(connection: Connection, login: str, what: dict[str, object]) -> None:
    """Another account, or more for one, is another yes: two people must want it."""
    approvals.need(connection, approvals.ApprovalKind.PEOPLE, f"person {login}", what, what)


def _changed(values: dict[str, object]) -> dict[str, object]:
    changed = dict(values)
    if "disabled_at" in changed:
        changed["disabled"] = changed.pop("disabled_at") is not None
    return changed


def _one(connection: Connection, person_id: int) -> Person:
    row = connection.execute(_PEOPLE.where(people.c.id == person_id)).one_or_none()
    if row is None:
        raise AccountError(PeopleCode.NO_ACCOUNT)
    return _person(row)


def as_login(text: str) -> str:
    """The name to sign in with, in small letters. Raises AccountError."""
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
        ready=bool(row.ready),
        disabled=row.disabled_at is not None,
        created_at=row.created_at,
        made_alone=row.made_by is not None,
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
        if login or roles.keepers(connection):
            _by_two(connection, login, {"link": True, "role": OWNER})
        if login:
            person_id = connection.scalar(
                update(people)
                .where(people.c.login == as_login(login))
                .values(role=OWNER, disabled_at=None)
                .returning(people.c.id)
            )
            if person_id is None:
                raise AccountError(PeopleCode.NO_ACCOUNT)
        token = _link(connection, person_id, FIRST_LIFE)
        subject = f"person {login}" if login else "first owner"
        trail.record(connection, Action.PERSON_INVITED, subject, {"role": OWNER})
    look_again()
    return token


def look_at_link(token: str) -> Link:
    """What a link is for, without using it up. Raises LinkRefused."""
    query = (
        select(invitations.c.person_id, people.c.login, people.c.name)
        .outerjoin(people, invitations.c.person_id == people.c.id)
        .where(*sessions.unused(invitations, token))
    )
    with db.reading() as connection:
        row = connection.execute(query).one_or_none()
        if row is None or (row.person_id is None and roles.keepers(connection)):
            raise _refused()
    return Link(row.login or "", row.name or "", row.person_id)


def use_link(token: str, password: str, *, login: str = "", name: str = "") -> int:
    """Choose a password by a link, once; gives the account's id.

    All earlier sessions of the account end. Raises LinkRefused, passwords.WeakPassword and, for
    the first owner's name, AccountError.
    """
    link = look_at_link(token)
    login = link.login or as_login(login)
    passwords.check_new(password, login, link.name or name)
    kept = passwords.hashed(password)
    with db.writing() as connection:
        person_id = claim(connection, token, login, name)
        mine = people.c.id == person_id
        connection.execute(update(people).where(mine).values(password_hash=kept))
        trail.record(connection, Action.PASSWORD_CHOSEN, f"person {login}", {}, name=login)
    look_again()
    return person_id


def claim(connection: Connection, token: str, login: str, name: str) -> int:
    """Use a link up for whoever chose a way to sign in; gives the account's id.

    The first owner's account is made of `login` and `name`. Raises LinkRefused, AccountError.
    """
    used = connection.execute(
        update(invitations)
        .where(*sessions.unused(invitations, token))
        .values(used_at=now())
        .returning(invitations.c.person_id)
    ).one_or_none()
    if used is None or (used.person_id is None and roles.keepers(connection)):
        raise _refused()
    person_id = used.person_id
    if person_id is None:
        if connection.scalar(select(people.c.id).where(people.c.login == login)):
            raise AccountError(PeopleCode.LOGIN_TAKEN)
        first = {"login": login, "name": " ".join(name.split())[:80] or login, "role": OWNER}
        person_id = connection.scalar(
            insert(people).values(**first, created_at=now()).returning(people.c.id)
        )
    assert person_id is not None
    sessions.end_of_person(connection, person_id)
    return int(person_id)


def _refused() -> LinkRefused:
    return LinkRefused(PeopleCode.LINK_USED)
