"""Writes the parcels of orders: which numbers count, and what each is worth.

A number counts while the shop shows it on a fulfillment that is not cancelled, and for good once a
courier or a scan has seen it. Others are kept as `void`: a label made anew leads to its order when
it is scanned after all, and is no parcel until then.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, case, func, or_, select, update

from core.clock import day
from core.labels import guess_courier, normalise
from core.labels.cells import NotANumber, numbers_in
from core.orders.shop.claim_imported import IMPORTED
from core.services.ports import ParcelStatus, ShopOrder, ShopParcel
from core.store.statements.rows import upsert
from core.store.tables import orders, parcels

LONGEST_TRACKING = 60
BY_SHOP, BY_LIST = "shop", "list"  # who told a number first: the order's own side, or a file
VOID_FULFILLMENT = "CANCELLED"
VOID_LABELS = frozenset({"CANCELED", "CANCELLED", "LABEL_VOIDED"})

# A shop's hint about a parcel, until the courier itself says something.
STATUS: Mapping[str, ParcelStatus] = {
    "ATTEMPTED_DELIVERY": "failed",
    "CANCELED": "cancelled",
    "CARRIER_PICKED_UP": "transit",
    "CONFIRMED": "created",
    "DELAYED": "transit",
    "DELIVERED": "delivered",
    "FAILURE": "failed",
    "IN_TRANSIT": "transit",
    "LABEL_PRINTED": "created",
    "LABEL_PURCHASED": "created",
    "LABEL_VOIDED": "cancelled",
    "NOT_DELIVERED": "failed",
    "OUT_FOR_DELIVERY": "out",
    "PICKED_UP": "delivered",
    "READY_FOR_PICKUP": "out",
    "SUBMITTED": "created",
}
# What a courier says of a parcel that it has: a number that is only announced, or taken back, is
# no parcel yet.
SEEN: frozenset[ParcelStatus] = frozenset(
    ("transit", "out", "failed", "delivered", "refused", "returning", "returned", "lost")
)

Ids = Mapping[str, int]


def clip(text: str, length: int) -> str:
    """A text of the shop as a column holds it."""
    return text.replace("\x00", "")[:length]


def write_parcels(
    connection: Connection, shop_id: int, batch: Sequence[ShopOrder], ids: Ids, zone: ZoneInfo
) -> None:
    """Write what the shop shows now; what it shows no more is void unless it was seen.

    Nothing is taken back of a cancelled order, nor where the shop does not show its parcels.
    """
    first_bought = _first_bought(connection, batch)
    before = _parcels_by_order(connection, [ids[order.gid] for order in batch])
    rows: list[dict[str, object]] = []
    changes: list[_Change] = []
    for order in batch:
        order_id = ids[order.gid]
        repeat = order.repeat_customer or (
            first_bought.get(order.customer_key, order.created_at) < order.created_at
        )
        shown = _parcel_rows(order, zone)
        for row in shown.values():
            row |= {"order_id": order_id, "shop_id": shop_id, "repeat_customer": repeat}
        if order.parcels is not None:
            changes += _settled(order, shown, before.get(order_id, ()))
        rows += shown.values()
    if rows:
        _insert(connection, rows)
    if changes:
        _change(connection, changes)


def take_back(connection: Connection, order_id: int, kept: Collection[str]) -> None:
    """Count the numbers `kept` (keys); others that files gave the order and nobody saw are void.

    What counts afterwards shares the order's value anew, the shop's own numbers before a file's.
    """
    rows = _parcels_by_order(connection, [order_id]).get(order_id, ()) if kept else ()
    void = {row.id: _is_void_by_list(row, kept) for row in rows}
    if all(void[row.id] == bool(row.void) for row in rows):
        return
    counted = [row for row in rows if not void[row.id]]
    ours = [row for row in counted if row.source == BY_SHOP] or counted
    worth = _worth(connection, order_id, rows)
    shares = {row.id: share for row, share in zip(ours, _shares(worth, len(ours)), strict=True)}
    _change(connection, [_Change(row.id, void[row.id], shares.get(row.id, 0)) for row in rows])


def _is_void_by_list(row: Row[Any], kept: Collection[str]) -> bool:
    if row.source == BY_LIST:
        return row.tracking_key not in kept and not _was_seen(row)
    return bool(row.void) and row.tracking_key not in kept


def _worth(connection: Connection, order_id: int, rows: Sequence[Row[Any]]) -> int:
    """An order's value; a cancelled one's total may be nothing by now, and lies on its parcels."""
    query = select(orders.c.total_minor, orders.c.cancelled_at).where(orders.c.id == order_id)
    order = connection.execute(query).one()
    on_parcels = sum(row.value_minor for row in rows if not row.void)
    on_parcels = on_parcels or max((row.value_minor for row in rows), default=0)
    return int(on_parcels if order.cancelled_at and on_parcels else order.total_minor)


@dataclass(frozen=True)
class _Change:
    id: int
    void: bool
    value_minor: int


def _parcels_by_order(
    connection: Connection, order_ids: Sequence[int]
) -> dict[int, list[Row[Any]]]:
    columns = (
        "id", "order_id", "tracking_key", "source", "void", "value_minor", "courier_saw",
        "scanned_on", "outcome",
    )  # fmt: skip
    query = select(*(parcels.c[name] for name in columns)).where(parcels.c.order_id.in_(order_ids))
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(query.order_by(parcels.c.id)):
        found.setdefault(row.order_id, []).append(row)
    return found


def _was_seen(row: Row[Any]) -> bool:
    """Whether a courier or a scan has confirmed the number, whatever was said of it since."""
    return row.courier_saw or row.scanned_on is not None or row.outcome is not None


def _settled(
    order: ShopOrder, shown: Mapping[str, dict[str, object]], before: Sequence[Row[Any]]
) -> list[_Change]:
    """What changes on the parcels that we have; the value is shared anew where others count now.

    What does not count holds a value only while nothing else does, so that an order's parcels are
    never worth more than it was. The values in `shown` are set for those that are new.
    """
    if not before:
        return []
    source, over = _source(order), order.cancelled_at is not None
    void = {
        row.tracking_key: bool(row.void) if over else _is_void(row, shown, source) for row in before
    }
    fresh = [one for key, one in shown.items() if key not in void]
    for one in fresh:
        one["value_minor"] = 0
    new = [one for one in fresh if not one["void"]]
    counted = [row for row in before if not void[row.tracking_key]]
    same = all(void[row.tracking_key] == row.void for row in before)
    if not new and same and not _is_badly_shared(before):
        return []
    ours = [row for row in counted if row.source == source or row.tracking_key in shown] or counted
    # A cancelled order's total may be nothing by now; what it was lies on its parcels.
    worth = sum(row.value_minor for row in ours) if over else 0
    shares = _shares(worth or order.total_minor, len(ours) + len(new))
    values = {row.id: share for row, share in zip(ours, shares, strict=False)}
    for one, share in zip(new, shares[len(ours) :], strict=True):
        one["value_minor"] = share
    for row in before:
        idle = void[row.tracking_key] and bool(ours or new)
        values.setdefault(row.id, 0 if idle else row.value_minor)
    return [_Change(row.id, void[row.tracking_key], values[row.id]) for row in before]


def _is_badly_shared(rows: Sequence[Row[Any]]) -> bool:
    """Whether one that does not count holds what those that do should hold."""
    counted = [row for row in rows if not row.void]
    idle = any(row.void and row.value_minor for row in rows)
    return bool(counted) and (idle or not any(row.value_minor for row in counted))


def _is_void(row: Row[Any], shown: Mapping[str, dict[str, object]], source: str) -> bool:
    if _was_seen(row):
        return False
    if row.tracking_key in shown:
        return bool(shown[row.tracking_key]["void"])
    return row.source == source or bool(row.void)


_CHANGE = (
    update(parcels)
    .where(parcels.c.id == bindparam("of_id"))
    .values(void=bindparam("is_void"), value_minor=bindparam("value"))
)


def _change(connection: Connection, changes: Iterable[_Change]) -> None:
    values = [{"of_id": one.id, "is_void": one.void, "value": one.value_minor} for one in changes]
    connection.execute(_CHANGE, values)


def _insert(connection: Connection, rows: list[dict[str, object]]) -> None:
    """Write parcels as the shop tells them; what a courier or a scan told of one stays."""
    ours = parcels.c
    quiet = ours.status_at.is_(None)  # the courier has not told anything yet
    seen = or_(ours.courier_saw, ours.scanned_on.is_not(None), ours.outcome.is_not(None))

    def changes(fresh: Any) -> dict[str, object]:
        over = fresh.cancelled_on.is_not(None)
        # The rest stays as it was at shipping: insight counts by it.
        return {
            "tracking": fresh.tracking,
            "source": fresh.source,
            "void": case((seen, False), (over, ours.void), else_=fresh.void),
            "fulfillment_gid": fresh.fulfillment_gid,
            "courier": case((ours.courier == "", fresh.courier), else_=ours.courier),
            "shipped_on": func.coalesce(ours.shipped_on, fresh.shipped_on),
            "status": case((quiet, fresh.status), else_=ours.status),
            "cancelled_on": func.coalesce(ours.cancelled_on, fresh.cancelled_on),
        }

    upsert(connection, parcels, rows, ("order_id", "tracking_key"), changes)


def _first_bought(connection: Connection, batch: Sequence[ShopOrder]) -> dict[str, dt.datetime]:
    """When each customer of the batch bought first, as far as we know."""
    keys = {order.customer_key for order in batch if order.customer_key}
    query = (
        select(orders.c.customer_key, func.min(orders.c.created_at).label("first"))
        .where(orders.c.customer_key.in_(sorted(keys)))
        .group_by(orders.c.customer_key)
    )
    return {row.customer_key: row.first for row in connection.execute(query)}


def _source(order: ShopOrder) -> str:
    return BY_LIST if order.gid.startswith(IMPORTED) else BY_SHOP


def _is_cancelled(one: ShopParcel) -> bool:
    return one.fulfillment_status == VOID_FULFILLMENT or one.display_status in VOID_LABELS


def _parcel_rows(order: ShopOrder, zone: ZoneInfo) -> dict[str, dict[str, object]]:
    """By key; the order's value is shared by those that count."""
    cancelled = order.cancelled_at
    main = max(order.lines, key=lambda line: line.price_minor * line.quantity, default=None)
    shared = {
        "payment": order.payment,
        "county": clip(order.county, 80),
        "city": clip(order.city, 120),
        "customer_key": clip(order.customer_key, 64),
        "sku": clip(main.sku, 80) if main else "",
        "product": clip(main.title, 300) if main else "",
        "currency": clip(order.currency, 3),
        "cancelled_on": day(cancelled, zone) if cancelled else None,
        "source": _source(order),
    }
    # A number that was put on a new fulfillment counts by that one.
    ordered = sorted(order.parcels or (), key=_is_cancelled)
    numbered = [
        (replace(one, tracking=number), normalise(number))
        for one in ordered
        for number in _numbers(one.tracking)
    ]
    rows: dict[str, dict[str, object]] = {}
    for one, key in numbered:
        if key in rows or not key or len(key) > LONGEST_TRACKING:
            continue
        rows[key] = shared | {
            "tracking": clip(one.tracking, LONGEST_TRACKING),
            "tracking_key": key,
            "courier": guess_courier(one.company, one.tracking),
            "fulfillment_gid": one.fulfillment_gid,
            "shipped_on": day(one.shipped_at, zone) if one.shipped_at else None,
            "value_minor": 0,
            "status": STATUS.get(one.display_status, ""),
            "void": _is_cancelled(one),
        }
    counted = [row for row in rows.values() if not row["void"]]
    for row, share in zip(counted, _shares(order.total_minor, len(counted)), strict=True):
        row["value_minor"] = share
    return rows


def _numbers(tracking: str) -> list[str]:
    """The numbers in a shop's field, which may hold several; what is none stays as it came."""
    try:
        return numbers_in(tracking)
    except NotANumber:
        return [tracking]


def _shares(total_minor: int, parts: int) -> list[int]:
    """An order's value over its parcels: equal parts that add up to the whole."""
    return [total_minor * (n + 1) // parts - total_minor * n // parts for n in range(parts)]
