"""What a form, the command line and a file of settings must check before a connection is saved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection as DbConnection

from core.errors import UserError
from core.rights import Right, door
from core.services import registry
from core.services.ports import Finding, ServiceInfo
from core.settings import addresses, connections
from core.settings.connections import Connection

# Settings that no form shows, see core.services.registry.
HIDDEN = frozenset({"timeout_seconds", "settle_seconds", "rate_per_second", "rate_capacity",
                    "rate_faster", "block_seconds", "calls_per_window",
                    addresses.OTHER_HOST})  # fmt: skip


@dataclass(frozen=True)
class ConnectionDraft:
    """A connection's settings and secrets as they are to be saved, and the labels of what lacks."""

    settings: dict[str, str]
    secrets: dict[str, str]
    gaps: tuple[str, ...]


@door(Right.CONNECT, proved=True)
def save(
    db_connection: DbConnection, info: ServiceInfo, old: Connection | None, name: str,
    found: ConnectionDraft, *, enabled: bool,
) -> int:  # fmt: skip
    """Save a connection, wherever it was written; gives its id.

    Raises addresses.UnsafeAddress, also where its host is not the service's own and nobody chose
    it, and approvals.WaitsForAnother.
    """
    addresses.check_host(found.settings, info.title, info.hosts)
    return connections.save(
        db_connection, kind=info.kind, service=info.service, name=name, settings=found.settings,
        secrets_=found.secrets, sandbox=old.sandbox if old else False, enabled=enabled,
    )  # fmt: skip


@door(Right.CONNECT)
def wanted(info: ServiceInfo, old: Connection | None, given: Mapping[str, str]) -> ConnectionDraft:
    """What was given over what was there; an empty secret keeps the saved one, unless the address
    is another one."""
    secret = {one.name for one in info.fields if one.secret}
    settings = {**(old.settings if old else {}),
                **{key: value for key, value in given.items() if key not in secret}}  # fmt: skip
    if old and addresses.moved(old.settings, settings) and addresses.OTHER_HOST not in given:
        settings.pop(addresses.OTHER_HOST, None)  # it was chosen for the address before
    if not settings.get(addresses.OTHER_HOST):
        settings.pop(addresses.OTHER_HOST, None)
    kept = connections.kept_secrets(old, settings) if old else {}
    fresh = {key: value for key, value in given.items() if key in secret and value}
    whole = {**settings, **kept, **fresh}
    gaps = [one.label for one in info.fields if one.required and not whole.get(one.name)]
    return ConnectionDraft(settings, {**kept, **fresh}, tuple(gaps))


@door(Right.CONNECT)
def tried(old: Connection, found: ConnectionDraft) -> tuple[Finding, ...]:
    """What a changed connection is worth, before it replaces the one that works.

    A wrong user or tax number ends it as a wrong password does. () where nothing is changed, or
    where the old one is not in use: nothing is lost then. Raises registry.WrongSetting, and
    addresses.UnsafeAddress before anything is sent.
    """
    same = found.secrets == old.secrets and found.settings == old.settings
    if same or not old.enabled:
        return ()
    info = registry.info(old.service)
    addresses.check_host(found.settings, info.title, info.hosts)
    fresh = replace(old, settings=found.settings, secrets=found.secrets)
    return tuple(registry.adapter(fresh).check())


@door(Right.CONNECT)
def described(service: str, old: Connection | None, given: Mapping[str, str]) -> ConnectionDraft:
    """`wanted` for what was written by hand: names and choices are checked, defaults filled in.

    Raises UserError with a sentence that names what is wrong.
    """
    info = registry.info(service)
    fields = {one.name: one for one in info.fields}
    unknown = sorted(set(given) - set(fields) - HIDDEN)
    if unknown:
        names = ", ".join(fields)
        raise UserError(f"{info.title} has no setting {unknown[0]!r}. It has: {names}.")
    for name, value in given.items():
        choices = fields[name].choices if name in fields else ()
        if choices and value not in choices:
            raise UserError(f"{name} must be one of: {', '.join(choices)}.")
    defaults = {} if old else {one.name: one.default for one in info.fields if not one.secret}
    found = wanted(info, old, {**defaults, **given})
    if found.gaps:
        raise UserError(f"{info.title} lacks: {', '.join(found.gaps)}.")
    return found
