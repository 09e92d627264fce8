"""How far something that is read bit by bit has come: a JSON value by key, in `sync_cursors`."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, func, select

from core.clock import now
from core.store.statements.rows import upsert
from core.store.tables import sync_cursors

ANCHOR = "anchor"  # the newest head of the record that was signed, see core.audit.anchor
BACKUP = "backup"  # its row tells when the last one ended
WORKER = "worker:"  # and a slot: its row tells when the worker there was heard last
RECONCILED = "reconciled"  # when the services were asked last about what was reversed


def load(connection: Connection, key: str) -> Any:
    """The value kept under this key, None where there is none."""
    return connection.scalar(select(sync_cursors.c.value).where(sync_cursors.c.key == key))


def newest(connection: Connection, begins: str) -> dt.datetime | None:
    """When a key that begins so was saved last, None where there is none."""
    ours = sync_cursors.c.key.startswith(begins, autoescape=True)
    found: dt.datetime | None = connection.scalar(
        select(func.max(sync_cursors.c.updated_at)).where(ours)
    )
    return found


def save(connection: Connection, key: str, value: Any) -> None:
    """Keep a value, instead of the one before."""
    row = {"key": key, "value": value, "updated_at": now()}
    upsert(connection, sync_cursors, row, ("key",), ("value", "updated_at"))


def forget(connection: Connection, *keys: str) -> None:
    """Keep nothing under these keys."""
    connection.execute(delete(sync_cursors).where(sync_cursors.c.key.in_(keys)))


def shop_changes(shop_id: int) -> str:
    """The key of the moment up to which a shop's changes were read."""
    return f"shop:{shop_id}:changes"


def tracking(connection_id: int) -> str:
    """The key of the parcel that a courier was asked about last."""
    return f"tracking:{connection_id}"


def rest(queue: str, shop_id: int) -> str:
    """The key of how long a queue of a shop is left alone."""
    return f"shop:{shop_id}:rest:{queue}"


def ways_of_paying(shop_id: int) -> str:
    """The key of the words that a shop's ways of paying were read by."""
    return f"shop:{shop_id}:payment words"


def tested(connection_id: int) -> str:
    """The key of what the last test of a connection found."""
    return f"connection:{connection_id}:tested"


def of_connection(connection_id: int) -> Iterable[str]:
    """Every key that belongs to a connection: another may be given its number one day."""
    keys = (shop_changes, tracking, ways_of_paying, tested)
    rests = (rest(queue, connection_id) for queue in ("webhooks", "changes"))
    return *(key(connection_id) for key in keys), *rests
