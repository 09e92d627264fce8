"""Rows of lists about orders that nobody has told yet: they hold the order once it comes."""

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, select

from core.clock import now
from core.orders import names
from core.orders.documents import claims
from core.store.statements.rows import insert_absent
from core.store.tables import awaited_rows

KEPT = dt.timedelta(days=90)  # an order that has not come by then was never one of this shop
CHUNK = 500


def keep(
    connection: Connection, shop_id: int, rows: Mapping[str, Sequence[str]], source: str
) -> None:
    """Keep the refused rows of each order by its name, instead of those told before."""
    keys = sorted({names.key(name) for name in rows})
    for start in range(0, len(keys), CHUNK):
        mine = awaited_rows.c.name_key.in_(keys[start : start + CHUNK])
        same = (awaited_rows.c.shop_id == shop_id) & (awaited_rows.c.source == source)
        connection.execute(delete(awaited_rows).where(same, mine))
    connection.execute(delete(awaited_rows).where(awaited_rows.c.created_at < now() - KEPT))
    fresh = [
        {"shop_id": shop_id, "name_key": names.key(name), "source": source, "text": text,
         "created_at": now()}
        for name, texts in sorted(rows.items())
        for text in dict.fromkeys(texts)
    ]  # fmt: skip
    insert_absent(connection, awaited_rows, fresh)


def meet(connection: Connection, shop_id: int, came: Mapping[str, int], code: str) -> None:
    """Hold the orders that were awaited, by this code; `came`: name → our id."""
    by_key = {names.key(name): order_id for name, order_id in came.items()}
    query = select(awaited_rows).where(
        awaited_rows.c.shop_id == shop_id, awaited_rows.c.name_key.in_(sorted(by_key))
    )
    found = connection.execute(query.order_by(awaited_rows.c.id)).all()
    texts: dict[str, dict[int, list[str]]] = {}
    for row in found:
        of_source = texts.setdefault(row.source, {})
        of_source.setdefault(by_key[row.name_key], []).append(row.text)
    for source, unclear in texts.items():
        claims.ask(connection, code, unclear, source)
    if found:
        ids = [row.id for row in found]
        connection.execute(delete(awaited_rows).where(awaited_rows.c.id.in_(ids)))
