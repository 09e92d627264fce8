"""Passkeys (WebAuthn Level 3): added by whoever is signed in or holds a link, shown to sign in.

The authenticator makes a key pair for this desk's name and asks for a finger, a face or a PIN; we
keep the public half. A challenge is answered once. Passkeys need https or localhost, and a name:
none is made for an address of digits.
"""

import secrets
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.people import accounts, sessions, sign_in
from core.people.codes import PeopleCode
from core.people.sessions import Session
from core.people.ways import challenges
from core.reasons import N_, ReasonCode
from core.rights import NOBODY, Right, acting, actor, require, require_proof
from core.store import db
from core.store.statements.signing import CAN_SIGN_IN
from core.store.tables import passkeys as table
from core.store.tables import people

if TYPE_CHECKING:
    from collections.abc import Iterator

ADD, SIGN_IN, PROVE = "passkey added", "passkey sign-in", "passkey proof"
NAME = "Refuz"
MOST = 20  # of one person


class PasskeyCode(ReasonCode):
    """Why a passkey is not taken."""

    NOT_TAKEN = (
        "passkey_not_taken",
        N_("This passkey was not taken. Try again, or sign in with your password."),
    )
    LAST_WAY = (
        "passkey_last_way",
        N_("Without this passkey you could not sign in any more: choose a password first."),
    )
    TOO_MANY = "passkey_too_many", N_("Twenty passkeys are enough: take one away first.")


class PasskeyRefused(UserError):
    """The passkey is not taken; the message says what to do."""


@dataclass(frozen=True)
class Party:
    """Who the browser says it speaks to. `name`: "desk.example.com"; `origin` with its scheme."""

    name: str
    origin: str


@dataclass(frozen=True)
class Passkey:
    """One passkey of a person."""

    id: int
    name: str
    created_at: Any
    used_at: Any


@contextmanager
def _checked() -> "Iterator[None]":
    """What the library finds wrong with an answer is told in our words."""
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        yield
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise PasskeyRefused(PasskeyCode.NOT_TAKEN) from error


# ---------------------------------------------------------------- adding


def to_add(party: Party) -> dict[str, object]:
    """Options to make a passkey for whoever is signed in. Raises NotAllowed, NotProved."""
    who = _person()
    require_proof()
    with db.writing() as connection:
        login = connection.scalar(select(people.c.login).where(people.c.id == who))
        return _to_add(connection, party, str(login), actor().name, who, {})


def to_add_by_link(party: Party, token: str, login: str = "", name: str = "") -> dict[str, object]:
    """Options to make a passkey for whoever a one-time link is for; the link stays good.

    Raises accounts.LinkRefused, and for the first owner's name accounts.AccountError.
    """
    link = accounts.look_at_link(token)
    login = link.login or accounts.as_login(login)
    context = {"login": login, "name": link.name or name[:80], "link": sessions.hash_of(token)}
    with db.writing() as connection:
        return _to_add(connection, party, login, context["name"] or login, link.person_id, context)


def _to_add(
    connection: Connection,
    party: Party,
    login: str,
    name: str,
    person_id: int | None,
    context: Mapping[str, str],
) -> dict[str, object]:
    """What the browser is asked for to make a passkey. Raises PasskeyRefused for one too many."""
    import webauthn
    from webauthn.helpers import structs

    existing = connection.execute(select(table).where(table.c.person_id == person_id)).all()
    if len(existing) >= MOST:
        raise PasskeyRefused(PasskeyCode.TOO_MANY)
    handle = existing[0].user_handle if existing else _text(secrets.token_bytes(32))
    challenge = secrets.token_bytes(32)
    options = webauthn.generate_registration_options(
        rp_id=party.name,
        rp_name=NAME,
        user_id=_bytes(handle),
        user_name=login,
        user_display_name=name,
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[_descriptor(row) for row in existing],
    )
    challenges.ask(connection, ADD, _text(challenge), {"handle": handle, **context}, person_id)
    return _as_json(options)


def add(party: Party, answer: Mapping[str, object], name: str) -> None:
    """Keep the passkey that the browser of whoever is signed in made. Raises PasskeyRefused."""
    who = _person()
    require_proof()
    asked = _take_challenge(ADD, answer)
    if asked.person_id != who or "link" in asked.context:
        raise PasskeyRefused(PasskeyCode.NOT_TAKEN)
    with db.writing() as connection:
        _keep(connection, party, answer, asked, who, name)
    accounts.look_again()


def add_by_link(party: Party, token: str, answer: Mapping[str, object], name: str) -> int:
    """Use a one-time link up for a passkey instead of a password; gives the account's id.

    All earlier sessions of the account end. Raises PasskeyRefused, LinkRefused, AccountError.
    """
    asked = _take_challenge(ADD, answer)
    if asked.context.get("link") != sessions.hash_of(token):
        raise PasskeyRefused(PasskeyCode.NOT_TAKEN)
    with db.writing() as connection:
        person_id = accounts.claim(connection, token, asked.context["login"], asked.context["name"])
        _keep(connection, party, answer, asked, person_id, name)
    accounts.look_again()
    return person_id


def _keep(
    connection: Connection,
    party: Party,
    answer: Mapping[str, object],
    asked: Row[Any],
    person_id: int,
    name: str,
) -> None:
    """Check a new passkey and keep it, with its row of the record. Raises PasskeyRefused."""
    import webauthn

    with _checked():
        made = webauthn.verify_registration_response(
            credential=dict(answer),
            expected_challenge=_bytes(_challenge(answer)),
            expected_rp_id=party.name,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    credential = _text(made.credential_id)
    if connection.scalar(select(table.c.id).where(table.c.credential_id == credential)):
        raise PasskeyRefused(PasskeyCode.NOT_TAKEN)
    title = " ".join(name.split())[:80] or "passkey"
    connection.execute(
        insert(table).values(
            person_id=person_id,
            credential_id=credential,
            public_key=_text(made.credential_public_key),
            user_handle=asked.context["handle"],
            sign_count=made.sign_count,
            name=title,
            created_at=now(),
        )
    )
    login = connection.scalar(select(people.c.login).where(people.c.id == person_id))
    detail = {"name": title}
    trail.record(connection, Action.PASSKEY_ADDED, f"person {login}", detail, name=str(login))


# ---------------------------------------------------------------- showing


def to_sign_in(party: Party) -> dict[str, object]:
    """Options to show any passkey of this desk."""
    with db.writing() as connection:
        return _to_show(connection, party, SIGN_IN, None)


def with_passkey(
    party: Party, answer: Mapping[str, object], *, device: str, address: str
) -> tuple[str, Session]:
    """A new session for whoever showed a passkey. Raises PasskeyRefused, sign_in.MustWait."""
    with acting(replace(NOBODY, address=address)):
        sign_in.must_not_wait(address)
        try:
            _take_challenge(SIGN_IN, answer)
            with db.writing() as connection:
                shown = _shown(connection, party, answer)
        except PasskeyRefused:
            sign_in.failed_otherwise(address, "passkey")
            raise
    return sign_in.of_person(shown.person_id, device=device, address=address, way="passkey")


def to_prove(party: Party) -> dict[str, object]:
    """Options to show one of one's own passkeys once more (step-up)."""
    who = _person()
    with db.writing() as connection:
        return _to_show(connection, party, PROVE, who)


def prove(party: Party, answer: Mapping[str, object]) -> None:
    """Take a passkey as proof of whoever acts. Raises PasskeyRefused, sign_in.MustWait."""
    who = _person()
    sign_in.must_not_wait(actor().address)
    try:
        asked = _take_challenge(PROVE, answer)
        with db.writing() as connection:
            if {asked.person_id, _shown(connection, party, answer).person_id} != {who}:
                raise PasskeyRefused(PasskeyCode.NOT_TAKEN)
    except PasskeyRefused:
        sign_in.failed_otherwise(actor().address, "passkey")
        raise
    sign_in.proved_by("passkey")


def _to_show(
    connection: Connection, party: Party, kind: str, person_id: int | None
) -> dict[str, object]:
    import webauthn
    from webauthn.helpers import structs

    known = connection.execute(select(table).where(table.c.person_id == person_id)).all()
    challenge = secrets.token_bytes(32)
    options = webauthn.generate_authentication_options(
        rp_id=party.name,
        challenge=challenge,
        allow_credentials=[_descriptor(row) for row in known],
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    challenges.ask(connection, kind, _text(challenge), {}, person_id)
    return _as_json(options)


def _shown(connection: Connection, party: Party, answer: Mapping[str, object]) -> Row[Any]:
    """The passkey that answered, of somebody who may sign in; its use is kept."""
    import webauthn

    credential = str(answer.get("id", ""))[:1400]
    mine = select(table).join(people, people.c.id == table.c.person_id)
    found = connection.execute(
        mine.where(table.c.credential_id == credential, CAN_SIGN_IN)
    ).one_or_none()
    if found is None:
        raise PasskeyRefused(PasskeyCode.NOT_TAKEN)
    with _checked():
        seen = webauthn.verify_authentication_response(
            credential=dict(answer),
            expected_challenge=_bytes(_challenge(answer)),
            expected_rp_id=party.name,
            expected_origin=party.origin,
            credential_public_key=_bytes(found.public_key),
            credential_current_sign_count=found.sign_count,
            require_user_verification=True,
        )
    connection.execute(
        update(table)
        .where(table.c.id == found.id)
        .values(sign_count=seen.new_sign_count, used_at=now())
    )
    return found


# ---------------------------------------------------------------- one's own


def own() -> list[Passkey]:
    """The passkeys of whoever acts, the oldest first."""
    query = select(table).where(table.c.person_id == actor().person_id).order_by(table.c.id)
    with db.reading() as connection:
        return [
            Passkey(row.id, row.name, row.created_at, row.used_at)
            for row in connection.execute(query)
        ]


def remove(passkey_id: int) -> None:
    """Take one of one's own passkeys away; the last way to sign in stays.

    Raises NotProved, PasskeyRefused.
    """
    who = _person()
    require_proof()
    with db.writing() as connection:
        mine = (table.c.id == passkey_id) & (table.c.person_id == who)
        gone = connection.execute(delete(table).where(mine).returning(table.c.name)).one_or_none()
        if gone is None:
            return
        here = select(people.c.login).where(people.c.id == who)
        login = connection.scalar(here)
        if connection.scalar(here.where(CAN_SIGN_IN)) is None:
            raise PasskeyRefused(PasskeyCode.LAST_WAY)
        detail = {"name": gone.name}
        trail.record(connection, Action.PASSKEY_REMOVED, f"person {login}", detail)


def _person() -> int:
    who = require(*Right)
    if who.person_id is None:
        raise accounts.AccountError(PeopleCode.NO_ACCOUNT)
    return who.person_id


def _take_challenge(kind: str, answer: Mapping[str, object]) -> Row[Any]:
    """The challenge of this kind that was asked and is answered; it can be answered once.

    It is used up whatever becomes of the answer. Raises PasskeyRefused where none is waiting.
    """
    with db.writing() as connection:
        found = challenges.answered(connection, kind, _challenge(answer))
    if found is None:
        raise PasskeyRefused(PasskeyCode.NOT_TAKEN)
    return found


def _challenge(answer: Mapping[str, Any]) -> str:
    """The challenge that an answer says it is for; the library checks what was signed."""
    from webauthn.helpers import parse_client_data_json

    with _checked():
        client_data = parse_client_data_json(_bytes(answer["response"]["clientDataJSON"]))
        return _text(client_data.challenge)


def _descriptor(row: Row[Any]) -> Any:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return PublicKeyCredentialDescriptor(id=_bytes(row.credential_id))


def _as_json(options: Any) -> dict[str, object]:
    import json

    import webauthn

    document: dict[str, object] = json.loads(webauthn.options_to_json(options))
    return document


def _text(raw: bytes) -> str:
    from webauthn.helpers import bytes_to_base64url

    return bytes_to_base64url(raw)


def _bytes(text: str) -> bytes:
    from webauthn.helpers import base64url_to_bytes

    return base64url_to_bytes(text)
