"""The outside services this desk is connected to, with their settings and sealed secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection as Db
from sqlalchemy import delete, insert, select, update

from core.desk import audit, secrets
from core.store.tables import connections
from core.store.types import now


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


def load(db: Db, connection_id: int) -> Connection:
    """The connection with this id; raises LookupError when it is gone."""
    row = db.execute(select(connections).where(connections.c.id == connection_id)).one_or_none()
    if row is None:
        raise LookupError(f"There is no connection number {connection_id}; see Settings.")
    return _connection(row)


def all_connections(db: Db, kind: str | None = None, *, enabled: bool = True) -> list[Connection]:
    """Every connection (of one kind), oldest first; switched-off ones only with enabled=False."""
    query = select(connections).order_by(connections.c.id)
    if kind:
        query = query.where(connections.c.kind == kind)
    if enabled:
        query = query.where(connections.c.enabled)
    return [_connection(row) for row in db.execute(query)]


def save(
    db: Db,
    by: str,
    *,
    kind: str,
    service: str,
    name: str,
    settings: Mapping[str, str],
    secrets_: Mapping[str, str],
    sandbox: bool = False,
    enabled: bool = True,
) -> int:
    """Add the connection, or change the one of this service and name; gives its id. Audited."""
    values: dict[str, Any] = {
        "kind": kind,
        "settings": dict(settings),
        "secrets": secrets.seal(secrets_),
        "sandbox": sandbox,
        "enabled": enabled,
    }
    same = (connections.c.service == service) & (connections.c.name == name)
    found = db.scalar(update(connections).where(same).values(**values).returning(connections.c.id))
    if found is None:
        fresh = {**values, "service": service, "name": name, "created_at": now()}
        found = db.execute(insert(connections).values(**fresh).returning(connections.c.id)).scalar()
    if found is None:
        raise LookupError(f"{name} could not be saved.")
    audit.record(db, by, "connection saved", f"{service} {name}", {"settings": dict(settings)})
    return int(found)


def remove(db: Db, by: str, connection_id: int) -> None:
    """Take a connection away; refused by the database while orders or effects point to it."""
    gone = load(db, connection_id)
    db.execute(delete(connections).where(connections.c.id == connection_id))
    audit.record(db, by, "connection removed", f"{gone.service} {gone.name}", {})


def _connection(row: Any) -> Connection:
    return Connection(
        id=row.id,
        kind=row.kind,
        service=row.service,
        name=row.name,
        settings=dict(row.settings),
        secrets=secrets.unseal(row.secrets),
        sandbox=row.sandbox,
        enabled=row.enabled,
    )
