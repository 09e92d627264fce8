"""Reads the orders that a box may belong to: open ones, and those a courier says come back; and
beside them what was delivered to, or cancelled by, the same people."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, or_, select

from core import clock
from core.finding.folding import fold
from core.finding.known import Index, KnownOrder, last_digits
from core.store import db, desk
from core.store.desk import Desk
from core.store.tables import orders, parcels, reversals

MOST = 50_000  # the newest of them
MOST_RIVALS = 20_000  # closed orders that are looked through, the newest
IN_ONE_QUERY = 5000  # ids; SQLite takes 32,766 parameters
RECENT = 30.0  # seconds
BACK = ("refused", "returning", "returned")


def load() -> Index:
    """An index of them as they are now, with the closed orders of the same people."""
    with db.reading() as connection:
        opened = _open_orders(connection)
        return Index([*opened, *_rivals(connection, opened)])


class _Lately:
    """The last index of a desk, and until when (seconds of `clock.uptime`) it is new enough."""

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
    query = _people().where(
        orders.c.cancelled_at.is_(None),
        orders.c.id.in_(select(parcels.c.order_id).where(waited)),
    )
    rows = connection.execute(query.order_by(orders.c.id.desc()).limit(MOST)).all()
    lowest = min((row.id for row in rows), default=0)
    theirs: dict[int, list[Any]] = defaultdict(list)
    for one in connection.execute(_sent().where(parcels.c.order_id >= lowest, waited)):
        theirs[one.order_id].append(one)
    return [_order(row, theirs[row.id]) for row in rows]


def _people() -> Select[Any]:
    """Orders that were not reversed: who they are of, and what is asked for them."""
    return select(
        orders.c.id, orders.c.name, orders.c.customer_name, orders.c.street, orders.c.city,
        orders.c.postcode, orders.c.phone, orders.c.total_minor, orders.c.payment,
        orders.c.currency,
    ).where(~exists().where(reversals.c.order_id == orders.c.id))  # fmt: skip


def _sent() -> Select[Any]:
    return select(
        parcels.c.id, parcels.c.order_id, parcels.c.tracking_key, parcels.c.status,
        parcels.c.value_minor, parcels.c.outcome,
    )  # fmt: skip


def _rivals(connection: Connection, opened: Sequence[KnownOrder]) -> list[KnownOrder]:
    """The closed orders of an open one's phone or house, whose parcel was not scanned: a label that
    tells only the people may as well be theirs."""
    unseen = and_(~parcels.c.void, parcels.c.scanned_on.is_(None))
    theirs_unseen = exists().where(parcels.c.order_id == orders.c.id, unseen)
    query = _people().where(theirs_unseen).order_by(orders.c.id.desc()).limit(MOST_RIVALS)
    phones = {last_digits(one.phone) for one in opened} - {""}
    houses = {_house(one.street, one.postcode) for one in opened} - {""}
    open_ids = {one.order_id for one in opened}
    rows = [
        row for row in connection.execute(query)
        if row.id not in open_ids
        and (last_digits(row.phone) in phones or _house(row.street, row.postcode) in houses)
    ]  # fmt: skip
    theirs: dict[int, list[Any]] = defaultdict(list)
    for start in range(0, len(rows), IN_ONE_QUERY):
        some = [row.id for row in rows[start : start + IN_ONE_QUERY]]
        for one in connection.execute(_sent().where(parcels.c.order_id.in_(some), unseen)):
            theirs[one.order_id].append(one)
    return [replace(_order(row, theirs[row.id]), closed=True) for row in rows]


def _house(street: str, postcode: str) -> str:
    return fold(f"{street} {postcode}")


def _order(row: Any, theirs: list[Any]) -> KnownOrder:
    cash = {row.total_minor, *(one.value_minor for one in theirs)} if row.payment == "cod" else {0}
    return KnownOrder(
        row.id, row.name, row.customer_name, row.street, row.city, row.postcode, row.phone,
        tuple(sorted(cash)), tuple((one.id, one.tracking_key) for one in theirs),
        any(one.status in BACK or one.outcome == "refused" for one in theirs),
        currency=row.currency,
    )  # fmt: skip
