"""How a connection is doing: when it was asked and read last, and what its last test found."""

import datetime as dt
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection as DbConnection
from sqlalchemy import func, select

from core.reasons import Reason
from core.rights import Right, door
from core.services.ports import Finding
from core.settings import connections
from core.settings.connections import Connection
from core.store.statements import cursors
from core.store.tables import sync_cursors, throttles


@dataclass(frozen=True)
class ConnectionState:
    """None where it never happened. `missing`: what the last test found not to be well."""

    trouble: Reason | None
    asked_at: dt.datetime | None
    read_at: dt.datetime | None
    tested_at: dt.datetime | None
    missing: tuple[Reason, ...]


@door(Right.CONNECT)
def state_of(db_connection: DbConnection, one: Connection) -> ConnectionState:
    """The state of a connection as the desk knows it; nobody is asked for it."""
    key = f"connection:{one.id}"
    asked = db_connection.scalar(
        select(func.max(throttles.c.updated_at)).where(
            (throttles.c.key == key) | throttles.c.key.startswith(f"{key}/")
        )
    )
    reads = {"shop": cursors.shop_changes(one.id), "courier": cursors.tracking(one.id)}
    cursor_rows = {
        row.key: row
        for row in db_connection.execute(
            select(sync_cursors).where(
                sync_cursors.c.key.in_([cursors.tested(one.id), reads.get(one.kind, "")])
            )
        )
    }
    read, tested = cursor_rows.get(reads.get(one.kind, "")), cursor_rows.get(cursors.tested(one.id))
    return ConnectionState(
        connections.trouble(db_connection, one),
        dt.datetime.fromtimestamp(asked, dt.UTC) if asked else None,
        read.updated_at if read else None,
        tested.updated_at if tested else None,
        tuple(Reason.from_json(why) for why in tested.value) if tested else (),
    )


@door(Right.CONNECT)
def keep_test(db_connection: DbConnection, connection_id: int, findings: list[Finding]) -> None:
    """Keep what a test of this connection found."""
    missing = [cast("Reason", one.say or one.what) for one in findings if not one.ok]
    cursors.save(db_connection, cursors.tested(connection_id), [one.as_json() for one in missing])
