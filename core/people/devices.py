"""Devices that may use this desk: let in by a one-time token (a QR code) or the printed one.

A device is let into a scope and can do nothing else: scan into one pile, scan, or everything that
its person may. It ends when it was not seen for a month, and after half a year in any case.
"""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from core.audit import trail
from core.audit.actions import Action
from core.errors import UserError
from core.rights import (
    NOBODY,
    Actor,
    NotAllowed,
    Right,
    Way,
    acting,
    actor,
    door,
    local_owner,
    narrowed,
)
from core.store import db
from core.store.tables import devices, pairings
from core.store.types import now

TOKEN_LIFE = dt.timedelta(minutes=5)
SEEN_EVERY = dt.timedelta(minutes=1)
IDLE = dt.timedelta(days=30)
LONGEST = dt.timedelta(days=180)


class DeviceScope(StrEnum):
    """What a device was let in for."""

    PILE = "pile"  # scan into the pile that it was paired with
    SCAN = "scan"  # scan into any pile
    OPERATE = "operate"  # whatever its person may


class PairingRefused(UserError):
    """The token opens nothing; the message says what to do."""


@dataclass(frozen=True)
class Device:
    """A browser that was let in. `pile_id`: the pile its scan page opens with, or is bound to."""

    id: int
    name: str
    person: str
    scope: str
    pile_id: int | None
    created_at: dt.datetime
    seen_at: dt.datetime | None
    signed_out_at: dt.datetime | None


@door(Right.SCAN)
def invite(
    person: str,
    pile_id: int | None = None,
    *,
    scope: DeviceScope = DeviceScope.SCAN,
    life: dt.timedelta = TOKEN_LIFE,
) -> str:
    """A token that lets one device in, once, as this person; only its hash is stored.

    Raises NotAllowed for a scope that is wider than the inviter's own.
    """
    who = actor()
    wider = scope is not DeviceScope.PILE and who.pile_id is not None
    if wider or (scope is DeviceScope.OPERATE and not who.may(Right.PEOPLE)):
        raise NotAllowed(Right.PEOPLE)
    token = secrets.token_urlsafe(24)
    with db.writing() as connection:
        connection.execute(delete(pairings).where(pairings.c.expires_at < now() - 24 * life))
        connection.execute(
            insert(pairings).values(
                token_hash=_hash(token),
                person=person,
                scope=scope,
                pile_id=pile_id,
                expires_at=now() + life,
            )
        )
    return token


def redeem(token: str, name: str) -> tuple[str, Device]:
    """Use up a token: gives the secret for the device's cookie. Raises PairingRefused.

    Of two devices that show the same token at once one gets in: the update decides.
    """
    with db.writing() as connection:
        used = connection.execute(
            update(pairings)
            .where(
                pairings.c.token_hash == _hash(token),
                pairings.c.used_at.is_(None),
                pairings.c.expires_at > now(),
            )
            .values(used_at=now())
            .returning(pairings.c.person, pairings.c.scope, pairings.c.pile_id)
        ).one_or_none()
        if used is None:
            raise PairingRefused(
                "This code was used already or is older than 5 minutes. "
                "Show a new code on the Scan page and scan that one."
            )
        return _admit(connection, name, used.person, used.scope, used.pile_id)


def admit(name: str, person: str) -> tuple[str, Device]:
    """Let in a browser that showed the token printed at start."""
    with db.writing() as connection:
        return _admit(connection, name, person, DeviceScope.OPERATE, None)


def _admit(
    connection: Connection, name: str, person: str, scope: str, pile_id: int | None
) -> tuple[str, Device]:
    secret = secrets.token_urlsafe(32)
    row = connection.execute(
        insert(devices)
        .values(
            name=name[:120],
            person=person[:80],
            scope=scope,
            pile_id=pile_id,
            secret_hash=_hash(secret),
            created_at=now(),
            seen_at=now(),
        )
        .returning(devices)
    ).one()
    device = _device(row)
    told = {"name": name, "scope": str(scope)}
    trail.record(connection, person, Action.DEVICE_SIGNED_IN, f"device {device.id}", told)
    return secret, device


def sign_in_failed(path: str, address: str) -> None:
    """Write down that somebody came with a wrong token, and from where."""
    stranger = replace(NOBODY, address=address)
    with acting(stranger), db.writing() as connection:
        trail.record(connection, "", Action.SIGN_IN_FAILED, path[:160], {"address": address})


def device_of(secret: str) -> Device | None:
    """The device that holds this secret, unless it was signed out or came to its end."""
    mine = (
        devices.c.secret_hash == _hash(secret),
        devices.c.signed_out_at.is_(None),
        devices.c.created_at > now() - LONGEST,
        devices.c.seen_at > now() - IDLE,
    )
    with db.reading() as connection:
        row = connection.execute(select(devices).where(*mine)).one_or_none()
    if row is None:
        return None
    if row.seen_at is None or row.seen_at < now() - SEEN_EVERY:
        with db.writing() as connection:
            connection.execute(update(devices).where(*mine).values(seen_at=now()))
    return _device(row)


def actor_of(device: Device, address: str = "") -> Actor:
    """Who acts from this device, with no more rights than its scope has."""
    whole = replace(local_owner(device.person, address), session_id=device.id)
    if device.scope == DeviceScope.OPERATE:
        return whole
    bound_to = device.pile_id if device.scope == DeviceScope.PILE else None
    return narrowed(replace(whole, way=Way.PHONE), frozenset({Right.SCAN}), bound_to)


@door(Right.PEOPLE)
def signed_in() -> list[Device]:
    """Every device that may use this desk, the newest first."""
    query = select(devices).where(devices.c.signed_out_at.is_(None)).order_by(devices.c.id.desc())
    with db.reading() as connection:
        return [_device(row) for row in connection.execute(query)]


@door(Right.PEOPLE)
def sign_out(device_id: int, by: str) -> None:
    """Shut a device out; it needs a new code to come back."""
    with db.writing() as connection:
        name = connection.scalar(
            update(devices)
            .where(devices.c.id == device_id, devices.c.signed_out_at.is_(None))
            .values(signed_out_at=now())
            .returning(devices.c.name)
        )
        if name is not None:
            trail.record(
                connection, by, Action.DEVICE_SIGNED_OUT, f"device {device_id}", {"name": name}
            )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _device(row: Row[Any]) -> Device:
    return Device(**{name: getattr(row, name) for name in Device.__dataclass_fields__})
