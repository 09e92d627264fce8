"""Gives an order that came from a spreadsheet to the shop, once the shop tells it itself.

Both are one order: by its name, which a shop uses once and a spreadsheet may write without its
"#"; or, where its name is but a part of the shop's ("1001" of "RO1001-A"), by all its parcels and
its total.
The row keeps its id, and with it its scans, parcels and invoices.
"""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from core.labels import normalise
from core.orders import names
from core.services.ports import ShopOrder
from core.store.tables import orders, parcels

IMPORTED = "csv/"  # how the gid of an order from a spreadsheet begins
# A spreadsheet's row is dated by its import: whatever the shop says is newer than that.
BEFORE_ANYTHING = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def claim_imported(connection: Connection, shop_id: int, batch: Sequence[ShopOrder]) -> int:
    """Let imported orders be called what the shop calls them, in the caller's transaction.

    Gives how many there were. An order that the shop has told before is left as it is. An import
    knows an order by its name, else by its parcels.
    """
    imported_as = {
        order.gid: [IMPORTED + name for name in names.variants(order.name)] for order in batch
    }
    both = [*imported_as, *(gid for gids in imported_as.values() for gid in gids)]
    known = select(orders.c.gid).where(orders.c.shop_id == shop_id, orders.c.gid.in_(both))
    stored = set(connection.scalars(known))
    claimed = 0
    for gid, imported in imported_as.items():
        old = next((one for one in imported if one in stored), None)
        if old is None or gid in stored:
            continue
        stored.remove(old)
        stored.add(gid)
        claimed += 1
        _give(connection, shop_id, old, gid)
    fresh = [one for one in batch if one.gid not in stored and not one.gid.startswith(IMPORTED)]
    for old, gid in _by_parcels(connection, shop_id, fresh).items():
        claimed += 1
        _give(connection, shop_id, old, gid)
    return claimed


def _give(connection: Connection, shop_id: int, old: str, gid: str) -> None:
    connection.execute(
        update(orders)
        .where(orders.c.shop_id == shop_id, orders.c.gid == old)
        .values(gid=gid, updated_at=BEFORE_ANYTHING)
    )


def _by_parcels(connection: Connection, shop_id: int, fresh: Sequence[ShopOrder]) -> dict[str, str]:
    """Imported orders whose every parcel one of these has, over the same sum and under a longer
    name: gid by gid."""
    has: dict[str, set[str]] = {}
    for order in fresh:
        for parcel in order.parcels or ():
            has.setdefault(normalise(parcel.tracking), set()).add(order.gid)
    query = (
        select(orders.c.id, orders.c.gid, orders.c.name, orders.c.total_minor, orders.c.currency)
        .join(parcels, parcels.c.order_id == orders.c.id)
        .where(
            orders.c.shop_id == shop_id,
            orders.c.gid.startswith(IMPORTED, autoescape=True),
            parcels.c.tracking_key.in_(list(has)),
        )
        .distinct()
    )
    rows = connection.execute(query).all() if has else []
    if not rows:
        return {}
    boxes: dict[int, set[str]] = {}
    mine = parcels.c.order_id.in_([row.id for row in rows]) & ~parcels.c.void
    for box in connection.execute(select(parcels.c.order_id, parcels.c.tracking_key).where(mine)):
        boxes.setdefault(box.order_id, set()).add(box.tracking_key)
    by_gid = {order.gid: order for order in fresh}
    fitting: dict[str, list[str]] = {}
    for row in rows:
        owners = set.intersection(*(has.get(key, set()) for key in boxes.get(row.id, {""})))
        ours = [gid for gid in owners if _fits(by_gid[gid], row)]
        if len(ours) == 1:
            fitting.setdefault(ours[0], []).append(row.gid)
    return {olds[0]: gid for gid, olds in fitting.items() if len(olds) == 1}


def _fits(order: ShopOrder, row: Any) -> bool:
    same = (order.total_minor, order.currency) == (row.total_minor, row.currency)
    return same and is_part_of(names.bare(row.name), order.name)


def is_part_of(name: str, longer: str) -> bool:
    """Whether a name stands whole in a longer one: "1001" in "RO1001-A", not in "#11001"."""
    before = r"(?<!\d)" if name[:1].isdigit() else r"(?<![^\W_])"
    behind = r"(?!\d)" if name[-1:].isdigit() else r"(?![^\W_])"
    return bool(name) and re.search(before + re.escape(name) + behind, longer) is not None
