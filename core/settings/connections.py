"""The outside services this desk is connected to, with their settings and sealed secrets."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection as DbConnection
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.audit import alarms, approvals, trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.reasons import Reason
from core.rights import Right, door
from core.settings import addresses, secrets
from core.settings.codes import SettingsCode
from core.store.statements import cursors
from core.store.tables import connections, throttles, window_places

# The kind of alarm that tells that a connection could not be read.
ALARMS = {"shop": "sync", "courier": "courier"}


@dataclass(frozen=True)
class Connection:
    """One account at one service."""

    id: int
    kind: str
    service: str
    name: str
    settings: dict[str, str]
    secrets: dict[str, str] = field(repr=False)
    sandbox: bool = False
    enabled: bool = True


def load(db_connection: DbConnection, connection_id: int) -> Connection:
    """The connection with this id; raises LookupError when it is gone."""
    row = db_connection.execute(
        select(connections).where(connections.c.id == connection_id)
    ).one_or_none()
    if row is None:
        raise UserError(SettingsCode.NO_CONNECTION, number=connection_id)
    return _connection(row)


@door(Right.CONNECT, Right.IMPORT)
def all_connections(
    db_connection: DbConnection, kind: str | None = None, *, enabled: bool = True
) -> list[Connection]:
    """Every connection (of one kind), oldest first; switched-off ones only with enabled=False."""
    query = select(connections).order_by(connections.c.id)
    if kind:
        query = query.where(connections.c.kind == kind)
    if enabled:
        query = query.where(connections.c.enabled)
    return [_connection(row) for row in db_connection.execute(query)]


@door(Right.CONNECT)
def for_show(db_connection: DbConnection) -> dict[int, Connection]:
    """Every connection by its id, without secrets: a page needs none, and a lost key no matter."""
    return {row.id: _connection(row, {}) for row in db_connection.execute(select(connections))}


@door(Right.CONNECT, proved=True)
def save(
    db_connection: DbConnection,
    *,
    kind: str,
    service: str,
    name: str,
    settings: Mapping[str, str],
    secrets_: Mapping[str, str],
    sandbox: bool = False,
    enabled: bool = True,
) -> int:
    """Add the connection, or change the one of this service and name; gives its id.

    Audited with the settings before and after. Raises addresses.UnsafeAddress.
    """
    addresses.check(settings)
    values: dict[str, object] = {
        "kind": kind,
        "settings": dict(settings),
        "secrets": secrets.seal(secrets_),
        "sandbox": sandbox,
        "enabled": enabled,
    }
    same = (connections.c.service == service) & (connections.c.name == name)
    before = db_connection.scalar(select(connections.c.settings).where(same))
    if before is not None or not sandbox:
        _by_two(db_connection, same, f"{service} {name}", settings, secrets_)
    found = db_connection.scalar(
        update(connections).where(same).values(**values).returning(connections.c.id)
    )
    if found is None:
        fresh = {**values, "service": service, "name": name, "created_at": now()}
        found = db_connection.execute(
            insert(connections).values(**fresh).returning(connections.c.id)
        ).scalar()
    if found is None:
        raise UserError(SettingsCode.NOT_SAVED, name=name)
    changed = {"settings": dict(settings), "before": before or {}}
    trail.record(db_connection, Action.CONNECTION_SAVED, f"{service} {name}", changed)
    if not enabled:  # nobody asks it any more, so nobody would find it well again
        alarms.settle(db_connection, ALARMS.get(kind, ""), f"{kind} {name}")
    return int(found)


def _by_two(
    db_connection: DbConnection,
    same: Any,
    subject: str,
    settings: Mapping[str, str],
    secrets_: Mapping[str, str],
) -> None:
    """A new connection, a changed address or password waits for a second person."""
    row = db_connection.execute(select(connections).where(same)).one_or_none()
    before = dict(row.settings) if row is not None else {}
    others = row is None or _opened(row.secrets) != dict(secrets_)
    if not others and not addresses.moved(before, settings):
        return
    mark = json.dumps(dict(secrets_), sort_keys=True).encode()
    key = secrets.derived_key("approvals")
    what = {"settings": dict(settings), "secrets": hmac.new(key, mark, "sha256").hexdigest()}
    detail = {"settings": dict(settings), "before": before, "passwords": others}
    approvals.need(db_connection, approvals.ApprovalKind.CONNECTION, subject, what, detail)


def _opened(sealed: str) -> dict[str, str] | None:
    try:
        return secrets.unseal(sealed)
    except secrets.SecretsError:
        return None


def kept_secrets(old: Connection, settings: Mapping[str, str]) -> dict[str, str]:
    """The saved secrets that may go with these settings: none where the address is another one.

    Else whoever may change an address could have every saved password sent to it.
    """
    return {} if addresses.moved(old.settings, settings) else dict(old.secrets)


class StillNeeded(UserError):
    """Orders, invoices or effects belong to this connection; the message says what to do."""


@door(Right.CONNECT, proved=True)
def remove(db_connection: DbConnection, connection_id: int) -> None:
    """Take a connection away, with its place, its rate and its alarms. Audited.

    Raises StillNeeded while orders or effects point to it, LookupError when it is gone.
    """
    gone = load(db_connection, connection_id)
    if not gone.sandbox:  # else a changed address could come in as another connection
        subject, detail = f"{gone.service} {gone.name}", {"removed": True}
        approvals.need(db_connection, approvals.ApprovalKind.CONNECTION, subject, detail, detail)
    try:
        with db_connection.begin_nested():
            db_connection.execute(delete(connections).where(connections.c.id == connection_id))
    except IntegrityError as error:
        raise StillNeeded(SettingsCode.STILL_NEEDED, name=gone.name) from error
    cursors.forget(db_connection, *cursors.of_connection(connection_id))
    bucket = f"connection:{connection_id}"
    for table in (throttles, window_places):
        theirs = (table.c.key == bucket) | table.c.key.startswith(f"{bucket}/")
        db_connection.execute(delete(table).where(theirs))
    alarms.settle(db_connection, ALARMS.get(gone.kind, ""), f"{gone.kind} {gone.name}")
    trail.record(db_connection, Action.CONNECTION_REMOVED, f"{gone.service} {gone.name}", {})


@door(Right.CONNECT)
def trouble(db_connection: DbConnection, connection: Connection) -> Reason | None:
    """Why this connection could not be read when it was last asked; None when all was well."""
    kind, name = connection.kind, connection.name
    return alarms.reason_of(db_connection, ALARMS.get(kind, ""), f"{kind} {name}")


def _connection(row: Any, opened: dict[str, str] | None = None) -> Connection:
    return Connection(
        id=row.id,
        kind=row.kind,
        service=row.service,
        name=row.name,
        settings=dict(row.settings),
        secrets=secrets.unseal(row.secrets) if opened is None else opened,
        sandbox=row.sandbox,
        enabled=row.enabled,
    )
