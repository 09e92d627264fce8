"""Which orders of a shop's list of changes need not be read: a run has seen its own changes."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import exists, not_, or_, select

from core.services.ports import OrderStamp
from core.store import db
from core.store.tables import orders, parcels

A_MOMENT = dt.timedelta(seconds=2)
SHIPPED = ("FULFILLED", "PARTIALLY_FULFILLED")

_HAS_PARCELS = exists().where(parcels.c.order_id == orders.c.id)
_OURS = select(
    orders.c.gid,
    orders.c.id,
    orders.c.updated_at,
    orders.c.synced_at,
    orders.c.cancelled_at,
    or_(not_(orders.c.fulfillment_status.in_(SHIPPED)), _HAS_PARCELS).label("shown"),
)


def known_orders(shop_id: int, stamps: Sequence[OrderStamp]) -> dict[str, int]:
    """Of these orders, those that we have as they are now: their ids by gid.

    A shop tells seconds, so one that was read within a moment of its change may have changed once
    more since; of one that is cancelled, here and there, nothing more is awaited. Shipped orders
    without parcels are read again: the shop may not have shown them.
    """
    query = _OURS.where(orders.c.shop_id == shop_id, orders.c.gid.in_([one.gid for one in stamps]))
    with db.reading() as connection:
        ours = {row.gid: row for row in connection.execute(query)}

    def is_known(one: OrderStamp) -> bool:
        row = ours.get(one.gid)
        if row is None or not row.shown or row.updated_at < one.updated_at:
            return False
        if one.cancelled or row.cancelled_at is not None:
            return one.cancelled and row.cancelled_at is not None
        return bool(row.synced_at - row.updated_at > A_MOMENT)

    return {one.gid: ours[one.gid].id for one in stamps if is_known(one)}
