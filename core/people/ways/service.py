"""The other service that signs people in, as Settings or REFUZ_CONFIG set it up.

What the environment says (REFUZ_OPENID_ISSUER) comes first. Whoever may choose the service could
be anybody by it, so it is set by those who may do everything, and by two where the rule is on. The
client's secret is sealed, and goes with the address and the client that it was typed for only.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from core.audit import approvals, trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.people import roles
from core.people.ways import provider
from core.people.ways.provider import Provider, WrongProvider
from core.reasons import N_, ReasonCode
from core.rights import ALL_BUT_HOST, Right, door
from core.settings import secrets
from core.store import db
from core.store.tables.people import sign_in_services as table

SETTINGS = ("issuer", "client", "name", "roles", "trust_email")
SUBJECT = "other sign-in"


class SignInServiceCode(ReasonCode):
    """Why the other service cannot be set up like this."""

    NOT_HTTPS = (
        "sign_in_service_https",
        N_("The address of the sign-in service must begin with https://"),
    )
    NO_CLIENT = (
        "sign_in_service_client",
        N_("Fill in the client id that the sign-in service gave for this desk."),
    )
    ROLES = (
        "sign_in_service_roles",
        N_("Write the roles like this: groups: desk-admins=admin, warehouse=operator"),
    )
    NO_SUCH_ROLE = (
        "sign_in_service_no_such_role",
        N_("There is no role called {role}. Make it first, under Roles."),
    )
    TOO_LONG = "sign_in_service_long", N_("An address or a name here is too long.")
    BY_ENVIRONMENT = (
        "sign_in_service_by_environment",
        N_("The sign-in service is set on the host (REFUZ_OPENID_ISSUER); change it there."),
    )
    NO_ANSWER = (
        "sign_in_service_no_answer",
        N_("The sign-in service does not answer as it must: {why}"),
    )


class ServiceRefused(UserError):
    """The other service cannot be set up like this; the message says what to do."""


@dataclass(frozen=True)
class Shown:
    """The service without its secret. `has_secret`: one is kept."""

    settings: Mapping[str, str]
    has_secret: bool
    by_environment: bool


def current() -> Provider | None:
    """The service that signs people in, None where there is none. Raises WrongProvider."""
    configured = provider.configured()
    if configured is not None:
        return configured
    with db.reading() as connection:
        settings, secret = _kept(connection)
    return provider.of({**settings, "secret": secret})


@door(Right.PEOPLE)
def for_show() -> Shown:
    """The service as it is set up, for a page: without its secret."""
    try:
        configured = provider.configured()
    except WrongProvider:
        return Shown({}, False, True)
    if configured is not None:
        plain = {"issuer": configured.issuer, "client": configured.client, "name": configured.name}
        return Shown(plain, bool(configured.secret), True)
    with db.reading() as connection:
        row = connection.execute(select(table)).one_or_none()
    return Shown(dict(row.settings) if row else {}, bool(row and row.secrets), False)


@door(Right.PEOPLE, proved=True)
def save(connection: Connection, settings: Mapping[str, str], secret: str = "") -> bool:
    """Set the service up (SETTINGS, as text); an empty issuer takes it away.

    `secret`: "" keeps the one that was typed for this address and client. False where it is so
    already. Raises ServiceRefused, NotAllowed for who may not do everything, WaitsForAnother.
    """
    roles.not_above(ALL_BUT_HOST)
    wanted = {name: str(settings.get(name, "")).strip() for name in SETTINGS}
    wanted["trust_email"] = "true" if wanted["trust_email"] in ("1", "true") else ""
    if not wanted["issuer"]:
        wanted = {}
    _checked(connection, wanted)
    before, old = _kept(connection)
    same = all(before.get(name) == wanted.get(name) for name in ("issuer", "client"))
    secret = secret.strip() or (old if same else "") if wanted else ""
    if (before, old) == (wanted, secret):
        return False
    if provider.configured() is not None:
        raise ServiceRefused(SignInServiceCode.BY_ENVIRONMENT)
    mark = hmac.new(secrets.derived_key("approvals"), secret.encode(), "sha256").hexdigest()
    detail = {"settings": wanted, "before": before, "passwords": secret != old}
    what = {"settings": wanted, "secret": mark}
    approvals.need(connection, approvals.ApprovalKind.PEOPLE, SUBJECT, what, detail)
    connection.execute(delete(table))
    if wanted:
        sealed = secrets.seal({"secret": secret}) if secret else ""
        values = {"settings": wanted, "secrets": sealed, "saved_at": now()}
        connection.execute(insert(table).values(values))
    trail.record(connection, Action.SIGN_IN_SERVICE_SAVED, SUBJECT, detail)
    return True


@door(Right.PEOPLE, proved=True)
def ask() -> str:
    """Ask the service for its addresses, as at a sign-in; gives its name. Raises ServiceRefused."""
    try:
        found = current()
        if found is None:
            raise ServiceRefused(SignInServiceCode.NOT_HTTPS)
        provider.discovery(found)
    except WrongProvider as error:
        raise ServiceRefused(SignInServiceCode.NO_ANSWER.of(why=error.reason)) from error
    return found.name


def _kept(connection: Connection) -> tuple[dict[str, str], str]:
    """The settings, and the secret in clear."""
    row: Any = connection.execute(select(table)).one_or_none()
    if row is None:
        return {}, ""
    return dict(row.settings), secrets.unseal(row.secrets).get("secret", "")


def _checked(connection: Connection, wanted: Mapping[str, str]) -> None:
    """Raise ServiceRefused unless these settings of a sign-in service can be used."""
    if not wanted:
        return
    if len(json.dumps(dict(wanted))) > provider.LONGEST_SETTINGS or any(
        not text.isprintable() for text in wanted.values()
    ):
        raise ServiceRefused(SignInServiceCode.TOO_LONG)
    if not provider.is_safe(wanted["issuer"]):
        raise ServiceRefused(SignInServiceCode.NOT_HTTPS)
    if not wanted["client"]:
        raise ServiceRefused(SignInServiceCode.NO_CLIENT)
    try:
        found = provider.of(wanted)
    except WrongProvider as error:
        raise ServiceRefused(SignInServiceCode.ROLES) from error
    known = roles.all_roles(connection)
    for role in found.roles.values() if found else ():
        if role not in known:
            raise ServiceRefused(SignInServiceCode.NO_SUCH_ROLE, role=role)
