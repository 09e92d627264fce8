"""Signing in by another service: OpenID Connect's code flow with PKCE, state and nonce.

The service says who somebody is; whether they may come in is ours: only somebody who was invited
does, found by the service's own number for them, the first time by their verified e-mail address.
The session is ours, too. Source: OpenID Connect Core 1.0, sections 3.1 and 5.1; RFC 7636; RFC 9207.
"""

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, Row, select, update

from core.audit import trail
from core.audit.actions import Action
from core.errors import UserError
from core.people import presence, roles, sign_in
from core.people.sessions import Session, hash_of
from core.people.ways import challenges, provider, service
from core.people.ways.provider import LEEWAY, Provider, WrongProvider
from core.reasons import N_, Reason, ReasonCode
from core.rights import NOBODY, Right, acting, actor, require
from core.store import db
from core.store.tables import people

SIGN_IN, PROVE = "openid sign-in", "openid proof"
LONGEST_SUBJECT = 200  # characters, as the table keeps it
FRESH = dt.timedelta(minutes=5)  # how long ago a password may have been given there


class OpenIdCode(ReasonCode):
    """Why another service's word is not taken."""

    NOT_TAKEN = (
        "openid_not_taken",
        N_("Signing in at the other service did not succeed. Try again."),
    )
    NOT_INVITED = (
        "openid_not_invited",
        N_("You have no account here. Ask who looks after Refuz to invite your e-mail address."),
    )
    NO_ROLE = (
        "openid_no_role",
        N_("The other service gives you no role here. Ask who looks after it."),
    )
    # For the record alone: whoever signs in learns only to try again.
    OTHER_STATE = "openid_other_state", N_("The answer is none that this browser was sent for.")
    OTHER_SERVICE = "openid_other_service", N_("Another service answered.")
    SAID_NO = "openid_said_no", N_("The service gave no word of the person: {said}")
    OTHER_PROOF = "openid_other_proof", N_("The proof is another person's, or an old one.")


class OpenIdRefused(UserError):
    """Another service's word is not taken; the message says what to do."""


def name() -> str:
    """What the other service is called on the sign-in page; "" where there is none."""
    try:
        found = service.current()
    except WrongProvider:  # the sign-in page stays, with its other ways
        return ""
    return found.name if found else ""


def begin(back: str, where: str) -> tuple[str, str]:
    """Where to send the browser, and the secret it must bring back (a cookie).

    `back`: our own address for the answer. Raises OpenIdRefused.
    """
    return _begin(back, where, SIGN_IN, {})


def begin_proof(back: str, where: str) -> tuple[str, str]:
    """The same for whoever is signed in, who must give their password there anew."""
    require(*Right)
    return _begin(back, where, PROVE, {"prompt": "login", "max_age": "0"})


def _begin(back: str, where: str, kind: str, more: Mapping[str, str]) -> tuple[str, str]:
    """As `begin`: the address, and the browser's secret; `more` goes into the address's query."""
    asked = _configured()
    state, nonce, verifier, browser = (secrets.token_urlsafe(32) for _ in range(4))
    try:
        address = str(provider.discovery(asked)["authorization_endpoint"])
    except WrongProvider as error:
        raise _refused(error.reason) from error
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    query = {
        "response_type": "code", "client_id": asked.client, "redirect_uri": back,
        "scope": "openid email profile", "state": state, "nonce": nonce,
        "code_challenge": challenge.rstrip(b"=").decode(), "code_challenge_method": "S256", **more,
    }  # fmt: skip
    context = {"nonce": nonce, "verifier": verifier, "where": where, "back": back,
            "browser": hash_of(browser)}  # fmt: skip
    with db.writing() as connection:
        challenges.ask(connection, kind, state, context, actor().person_id)
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}", browser


def finish(
    given: Mapping[str, str], browser: str, *, device: str, address: str
) -> tuple[str, Session | None, str]:
    """What came back: (the new session's secret, the session, where to go on).

    For a proof there is no new session: ("", None, where). Raises OpenIdRefused, sign_in.MustWait.
    """
    with acting(replace(actor() if actor().session_id else NOBODY, address=address)):
        sign_in.must_not_wait(address)
        asked, claims = _word(given, browser)
        if asked.kind == PROVE:
            _prove(asked, claims)
            return "", None, str(asked.context["where"])
        with db.writing() as connection:
            found = _person(connection, _configured(), claims)
        if isinstance(found, OpenIdRefused):
            sign_in.failed_otherwise(address, "openid", found.reason)
            raise found
        presence.look_again()
        fresh = _is_fresh(asked, claims)
    secret, session = sign_in.of_person(
        found, device=device, address=address, way="openid", proved=fresh
    )
    return secret, session, str(asked.context["where"])


def _configured() -> Provider:
    try:
        found = service.current()
    except WrongProvider as error:
        raise _refused(error.reason) from error
    if found is None:
        raise OpenIdRefused(OpenIdCode.NOT_TAKEN)
    return found


def _refused(why: Reason | OpenIdCode) -> OpenIdRefused:
    """Counted for the address and told in the record; the reader learns only to try again."""
    sign_in.failed_otherwise(actor().address, "openid", why)
    return OpenIdRefused(OpenIdCode.NOT_TAKEN)


def _word(given: Mapping[str, str], browser: str) -> tuple[Row[Any], dict[str, object]]:
    """What was asked, used up by this, and what the service says of the person."""
    asked, state = _configured(), given.get("state", "")
    with db.writing() as connection:
        found = challenges.answered(connection, SIGN_IN, state) or challenges.answered(
            connection, PROVE, state
        )
    if found is None or not hmac.compare_digest(found.context["browser"], hash_of(browser)):
        raise _refused(OpenIdCode.OTHER_STATE)
    if given.get("iss", asked.issuer) != asked.issuer:
        raise _refused(OpenIdCode.OTHER_SERVICE)
    if "error" in given or not given.get("code"):
        raise _refused(OpenIdCode.SAID_NO.of(said=given.get("error", "")[:40]))
    try:
        token = provider.redeem(
            asked, given["code"], found.context["verifier"], str(found.context["back"])
        )
        return found, provider.checked(asked, token, found.context["nonce"])
    except WrongProvider as error:
        raise _refused(error.reason) from error


def _person(
    connection: Connection, asked: Provider, claims: Mapping[str, object]
) -> int | OpenIdRefused:
    """Whose account it is, linked the first time; the role as the service's claims give it."""
    subject = str(claims["sub"])
    if len(subject) > LONGEST_SUBJECT:  # cut short, two people could be one
        return OpenIdRefused(OpenIdCode.NOT_TAKEN)
    linked = (people.c.issuer == asked.issuer) & (people.c.subject == subject)
    row = connection.execute(select(people).where(linked)).one_or_none()
    fresh = row is None
    address = str(claims.get("email", "")).strip()
    # ASCII alone, as logins are: the Kelvin sign's small letter is a plain k.
    email = address.lower() if address.isascii() else ""
    verified = claims.get("email_verified") is True or asked.trust_email
    if row is None and verified and email:
        same = (people.c.login == email) & (people.c.subject == "")
        row = connection.execute(select(people).where(same)).one_or_none()
    if row is None or row.disabled_at is not None:
        return OpenIdRefused(OpenIdCode.NOT_INVITED)
    role = _role(asked, claims, row.role)
    if not role:
        return OpenIdRefused(OpenIdCode.NO_ROLE)
    detail = {"issuer": asked.issuer, "before": row.role, "role": role}
    values = {"issuer": asked.issuer, "subject": subject, "role": role}
    connection.execute(update(people).where(people.c.id == row.id).values(**values))
    if role != row.role:
        roles.rights_of_role(connection, role)
        roles.still_kept(connection)
    if fresh or role != row.role:
        trail.record(
            connection, Action.SIGN_IN_LINKED, f"person {row.login}", detail, name=row.name
        )
    return int(row.id)


def _role(asked: Provider, claims: Mapping[str, object], before: str) -> str:
    """The role that the service gives: the first that fits; "" where it gives none."""
    if not asked.claim:
        return before
    held: Any = claims
    whole = asked.claim in claims  # Auth0: https://shop.example/roles
    for part in [asked.claim] if whole else asked.claim.split("."):  # Keycloak: realm_access.roles
        held = held.get(part) if isinstance(held, dict) else None
    values = {str(one) for one in (held if isinstance(held, list) else [held])}
    return next((role for value, role in asked.roles.items() if value in values), "")


def _is_fresh(asked: Row[Any], claims: Mapping[str, object]) -> bool:
    """Whether a password was given there just now, not long before we asked."""
    at = claims.get("auth_time")
    if not isinstance(at, int | float) or isinstance(at, bool):
        return False
    return bool(at > (asked.asked_at - FRESH).timestamp())


def _prove(asked: Row[Any], claims: Mapping[str, object]) -> None:
    """Step-up: the same person, who gave their password there after we asked."""
    who = require(*Right)
    mine = (people.c.id == who.person_id) & (people.c.subject == str(claims["sub"]))
    with db.reading() as connection:
        same = connection.scalar(select(people.c.id).where(mine, people.c.issuer == claims["iss"]))
    at = claims.get("auth_time")
    late = isinstance(at, int | float) and at >= asked.asked_at.timestamp() - LEEWAY
    if same is None or asked.person_id != same or not late:
        raise _refused(OpenIdCode.OTHER_PROOF)
    sign_in.proved_by("openid")
