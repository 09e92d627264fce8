"""Gives an order that came from a spreadsheet to the shop, once the shop tells it itself.

Both are one order: by its name, which a shop uses once and a spreadsheet may write without its
"#". The row keeps its id, and with it its scans, parcels and invoices.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from core.services.ports import ShopOrder
from core.store.tables import orders

IMPORTED = "csv/"  # how the gid of an order from a spreadsheet begins
# A spreadsheet's row is dated by its import: whatever the shop says is newer than that.
BEFORE_ANYTHING = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def writings(name: str) -> tuple[str, str]:
    """The two ways of writing an order's name, as given first: "#1001" and "1001"."""
    other = name.removeprefix("#") if name.startswith("#") else f"#{name}"
    return name, other


def adopt_imported(connection: Connection, shop_id: int, batch: Sequence[ShopOrder]) -> int:
    """Let imported orders be called what the shop calls them, in the caller's transaction.

    Gives how many there were. An order that the shop has told before is left as it is.
    """
    ways = {order.gid: [IMPORTED + name for name in writings(order.name)] for order in batch}
    both = [*ways, *(gid for gids in ways.values() for gid in gids)]
    known = select(orders.c.gid).where(orders.c.shop_id == shop_id, orders.c.gid.in_(both))
    there = set(connection.scalars(known))
    adopted = 0
    for gid, imported in ways.items():
        old = next((one for one in imported if one in there), None)
        if old is None or gid in there:
            continue
        there.remove(old)
        adopted += 1
        connection.execute(
            update(orders)
            .where(orders.c.shop_id == shop_id, orders.c.gid == old)
            .values(gid=gid, updated_at=BEFORE_ANYTHING)
        )
    return adopted
