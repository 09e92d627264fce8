"""Devices that may use this desk: let in by a one-time token (a QR code) or the printed one.

A device is let into a scope and can do nothing else: scan into one pile, scan, or everything that
its person may. It ends with its person, when it was not seen for a month, and after half a year.
"""

import datetime as dt
import secrets
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.people import sessions
from core.people.sessions import Scope, Session, SessionKind, hash_of
from core.reasons import N_, ReasonCode
from core.rights import NOBODY, NotAllowed, Right, acting, actor, door
from core.store import db
from core.store.tables import pairings, people

TOKEN_LIFE = dt.timedelta(minutes=5)


class DeviceCode(ReasonCode):
    """Why a device is not let in."""

    USED = (
        "device_code_used",
        N_(
            "This code was used already or is older than 5 minutes. Show a new code on the Scan "
            "page and scan that one."
        ),
    )


class PairingRefused(UserError):
    """The token opens nothing; the message says what to do."""


def may_invite(scope: Scope) -> bool:
    """Whether whoever acts may let a device into this scope, none wider than their own."""
    who = actor()
    if scope is not Scope.PILE and (who.pile_id is not None or who.narrowed):
        return False
    own = who.person_id is not None and who.rights != {Right.SCAN}
    return scope is not Scope.OPERATE or own or who.may(Right.PEOPLE)


@door(Right.SCAN)
def invite(
    person: str,
    pile_id: int | None = None,
    *,
    scope: Scope = Scope.SCAN,
    life: dt.timedelta = TOKEN_LIFE,
) -> str:
    """A token that lets one device in, once, as this person; only its hash is stored.

    Somebody with an account invites as themselves. Raises NotAllowed for a scope that is wider
    than the inviter's own: whoever found a badge would else come back as its person by a phone.
    """
    who = actor()
    if not may_invite(scope):
        raise NotAllowed(Right.PEOPLE)
    token = secrets.token_urlsafe(24)
    with db.writing() as connection:
        connection.execute(delete(pairings).where(pairings.c.expires_at < now() - 24 * life))
        connection.execute(
            insert(pairings).values(
                token_hash=hash_of(token),
                person=person if who.person_id is None else who.name,
                person_id=who.person_id,
                scope=scope,
                pile_id=pile_id,
                expires_at=now() + life,
            )
        )
    return token


def look_at_token(token: str) -> None:
    """Whether a token would let a device in, without using it up. Raises PairingRefused."""
    query = select(pairings.c.person_id).where(*sessions.unused(pairings, token))
    with db.reading() as connection:
        row = connection.execute(query).one_or_none()
        if row is None or _has_ended(connection, row.person_id):
            raise PairingRefused(DeviceCode.USED)


def redeem(token: str, name: str, *, address: str = "") -> tuple[str, Session]:
    """Use up a token: gives the secret for the device's cookie. Raises PairingRefused.

    Of two devices that show the same token at once one gets in: the update decides.
    """
    with db.writing() as connection:
        used = connection.execute(
            update(pairings)
            .where(*sessions.unused(pairings, token))
            .values(used_at=now())
            .returning(
                pairings.c.person, pairings.c.person_id, pairings.c.scope, pairings.c.pile_id
            )
        ).one_or_none()
        if used is None or _has_ended(connection, used.person_id):
            raise PairingRefused(DeviceCode.USED)
        return _admit(
            connection,
            name=name,
            kind=SessionKind.PHONE,
            person=used.person,
            person_id=used.person_id,
            scope=Scope(used.scope),
            pile_id=used.pile_id,
            address=address,
        )


def _has_ended(connection: Connection, person_id: int | None) -> bool:
    ended = (people.c.id == person_id) & people.c.disabled_at.is_not(None)
    return person_id is not None and connection.scalar(select(people.c.id).where(ended)) is not None


def admit(name: str, person: str, *, address: str = "") -> tuple[str, Session]:
    """Let in a browser that showed the token printed at start."""
    with db.writing() as connection:
        return _admit(
            connection, name=name, kind=SessionKind.BROWSER, person=person, address=address
        )


def _admit(
    connection: Connection,
    *,
    name: str,
    kind: SessionKind,
    person: str,
    address: str,
    person_id: int | None = None,
    scope: Scope = Scope.OPERATE,
    pile_id: int | None = None,
) -> tuple[str, Session]:
    """Begin a device's session and write it down; gives its secret, told only now, and it."""
    secret, session = sessions.begin(
        connection,
        kind=kind,
        name=name,
        person=person,
        person_id=person_id,
        scope=scope,
        pile_id=pile_id,
        address=address,
    )
    with acting(sessions.actor_of(session, address)):
        detail = {"name": name, "scope": str(scope)}
        trail.record(
            connection, Action.DEVICE_SIGNED_IN, f"session {session.id}", detail, name=person
        )
    return secret, session


def sign_in_failed(path: str, address: str) -> None:
    """Write down that somebody came with a wrong token, and from where."""
    stranger = replace(NOBODY, address=address)
    with acting(stranger), db.writing() as connection:
        trail.record(connection, Action.SIGN_IN_FAILED, path[:160], {"address": address}, name="")
