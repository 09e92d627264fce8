"""Reads the orders that a box may belong to: open ones, and those a courier says come back."""

import math
from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, and_, exists, or_, select

from core import clock
from core.finding.known import Index, KnownOrder
from core.store import db, desk
from core.store.desk import Desk
from core.store.tables import orders, parcels, reversals

MOST = 50_000  # the newest of them
RECENT = 30.0  # seconds
BACK = ("refused", "returning", "returned")


def load() -> Index:
    """An index of them as they are now."""
    with db.reading() as connection:
        return Index(_open_orders(connection))


class _Lately:
    """The last index of a desk."""

    def __init__(self, _desk: Desk) -> None:
        self._stale_at, self._index = -math.inf, Index([])

    def index(self) -> Index:
        if clock.uptime() >= self._stale_at:
            self._index = load()
            self._stale_at = clock.uptime() + RECENT
        return self._index


def lately() -> Index:
    """An index up to half a minute old: boxes of one pile come one after the other."""
    return desk.current().part(_Lately).index()


def _open_orders(connection: Connection) -> list[KnownOrder]:
    """Not cancelled, not reversed, with a parcel that was neither delivered nor scanned."""
    waited = and_(
        ~parcels.c.void,
        parcels.c.scanned_on.is_(None),
        or_(parcels.c.outcome.is_(None), parcels.c.outcome != "delivered"),
    )
    query = (
        select(
            orders.c.id, orders.c.name, orders.c.customer_name, orders.c.street, orders.c.city,
            orders.c.postcode, orders.c.phone, orders.c.total_minor, orders.c.payment,
            orders.c.currency,
        )
        .where(
            orders.c.cancelled_at.is_(None),
            orders.c.id.in_(select(parcels.c.order_id).where(waited)),
            ~exists().where(reversals.c.order_id == orders.c.id),
        )
        .order_by(orders.c.id.desc())
        .limit(MOST)
    )  # fmt: skip
    rows = connection.execute(query).all()
    lowest = min((row.id for row in rows), default=0)
    theirs: dict[int, list[Any]] = defaultdict(list)
    sent = select(
        parcels.c.id, parcels.c.order_id, parcels.c.tracking_key, parcels.c.status,
        parcels.c.value_minor, parcels.c.outcome,
    ).where(parcels.c.order_id >= lowest, waited)  # fmt: skip
    for one in connection.execute(sent):
        theirs[one.order_id].append(one)
    return [_order(row, theirs[row.id]) for row in rows]


def _order(row: Any, theirs: list[Any]) -> KnownOrder:
    cash = {row.total_minor, *(one.value_minor for one in theirs)} if row.payment == "cod" else {0}
    return KnownOrder(
        row.id, row.name, row.customer_name, row.street, row.city, row.postcode, row.phone,
        tuple(sorted(cash)), tuple((one.id, one.tracking_key) for one in theirs),
        any(one.status in BACK or one.outcome == "refused" for one in theirs),
        currency=row.currency,
    )  # fmt: skip
