"""Writes orders as a shop tells them into our tables: order, lines, parcels, invoices.

Many at once with a handful of statements; the same order again changes nothing, and an older
state of an order (a late webhook) never replaces a newer one.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, case, delete, func, select

from core.labels import guess_courier, normalise
from core.labels.cells import NotANumber, numbers_in
from core.orders.customers import customer_key
from core.orders.documents import accounts, claims
from core.orders.documents.references import references
from core.orders.judge.reasons import JudgeCode
from core.orders.shop.claim_imported import adopt_imported
from core.orders.shop.set_back import cancelled_before, cancelled_or_set_back, tell_set_back
from core.services.ports import ParcelStatus, ShopOrder
from core.settings import preferences
from core.settings.preferences import Preferences
from core.store.statements.rows import upsert
from core.store.tables import order_lines, orders, parcels
from core.store.types import now

BATCH = 200
LONGEST_TRACKING = 60

# A shop's hint about a parcel, until the courier itself says something.
STATUS: Mapping[str, ParcelStatus] = {
    "ATTEMPTED_DELIVERY": "failed",
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

Ids = Mapping[str, int]


def upsert_order(connection: Connection, shop_id: int, order: ShopOrder) -> int:
    """Write one order inside the caller's transaction and give its id."""
    return upsert_orders(connection, shop_id, [order])[order.gid]


def upsert_orders(
    connection: Connection, shop_id: int, found: Iterable[ShopOrder]
) -> dict[str, int]:
    """Write orders inside the caller's transaction; gives each one's id by its gid."""
    latest: dict[str, ShopOrder] = {}
    for one in found:
        known = latest.get(one.gid)
        if known is None or known.updated_at <= one.updated_at:
            key = customer_key(one.phone, one.email, one.customer_key)
            latest[one.gid] = replace(one, customer_key=key)
    wanted = preferences.load(connection)
    # In one fixed order, so that two writers wait for each other instead of locking up.
    everything = [latest[gid] for gid in sorted(latest)]
    ids: dict[str, int] = {}
    for start in range(0, len(everything), BATCH):
        batch = everything[start : start + BATCH]
        ids |= _write(connection, shop_id, batch, wanted)
    return ids


def _write(
    connection: Connection, shop_id: int, batch: Sequence[ShopOrder], wanted: Preferences
) -> Ids:
    adopt_imported(connection, shop_id, batch)
    cancelled = cancelled_before(connection, shop_id, batch)
    fresh = _write_orders(connection, shop_id, batch)
    tell_set_back(connection, cancelled)
    newer = [order for order in batch if order.gid in fresh]
    _write_lines(connection, _not_as_ordered(connection, newer, fresh), fresh)
    _write_parcels(connection, shop_id, newer, fresh, wanted)
    _write_invoices(connection, newer, fresh, wanted.invoice_attribute)
    if len(fresh) == len(batch):
        return fresh
    known = select(orders.c.gid, orders.c.id).where(
        orders.c.shop_id == shop_id, orders.c.gid.in_([order.gid for order in batch])
    )
    return {row.gid: row.id for row in connection.execute(known)}


def _clip(text: str, length: int) -> str:
    return text.replace("\x00", "")[:length]


# ---------------------------------------------------------------- orders


def _write_orders(connection: Connection, shop_id: int, batch: Sequence[ShopOrder]) -> Ids:
    """The ids of the orders that were new or newer than what we had."""
    rows = [_order_row(shop_id, order) for order in batch]

    def changes(fresh: Any) -> dict[str, Any]:
        values = {name: fresh[name] for name in rows[0] if name not in ("shop_id", "gid")}
        # A cancel takes every edit's outcome away at the shop: what was due before it stays known.
        values["total_minor"] = case(
            (fresh.cancelled_at.isnot(None), orders.c.total_minor), else_=fresh.total_minor
        )
        if batch[0].can_be_reopened:
            return values | {"cancelled_at": cancelled_or_set_back(fresh)}
        # A cancelled order stays cancelled (rule 10): an answer read before the cancel is late.
        return values | {"cancelled_at": func.coalesce(fresh.cancelled_at, orders.c.cancelled_at)}

    written = upsert(
        connection,
        orders,
        rows,
        ("shop_id", "gid"),
        changes,
        where=lambda fresh: fresh.updated_at >= orders.c.updated_at,
        returning=(orders.c.gid, orders.c.id),
    )
    return {row.gid: row.id for row in written}


def _order_row(shop_id: int, order: ShopOrder) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "gid": order.gid,
        "name": _clip(order.name, 60),
        "created_at": order.created_at,
        "updated_at": order.updated_at,
        "cancelled_at": order.cancelled_at,
        "payment": order.payment,
        "financial_status": _clip(order.financial_status, 40),
        "fulfillment_status": _clip(order.fulfillment_status, 40),
        "total_minor": order.total_minor,
        "currency": _clip(order.currency, 3),
        "customer_name": _clip(order.customer_name, 200),
        "customer_key": _clip(order.customer_key, 64),
        "phone": _clip(order.phone, 40),
        "email": _clip(order.email, 200),
        "county": _clip(order.county, 80),
        "city": _clip(order.city, 120),
        "street": _clip(order.street, 200),
        "postcode": _clip(order.postcode, 16),
        "note": _clip(order.note, 10_000),
        "tags": [_clip(tag, 255) for tag in order.tags],
        "attributes": {
            _clip(key, 255): _clip(value, 5000) for key, value in order.attributes.items()
        },
        "can_notify": order.can_notify,
        "hold": order.hold,
        "has_returns": order.has_returns,
        "gateways": _clip(", ".join(order.gateways), 300),
        "synced_at": now(),
    }


# ---------------------------------------------------------------- lines


def _not_as_ordered(
    connection: Connection, batch: Sequence[ShopOrder], ids: Ids
) -> list[ShopOrder]:
    """Without cancelled orders whose lines we have: the shop tells those before every edit."""
    over = [ids[order.gid] for order in batch if order.cancelled_at]
    have = select(order_lines.c.order_id).where(order_lines.c.order_id.in_(over)).distinct()
    kept = set(connection.scalars(have)) if over else set()
    return [order for order in batch if ids[order.gid] not in kept]


def _write_lines(connection: Connection, batch: Sequence[ShopOrder], ids: Ids) -> None:
    rows = {
        (order.gid, line.gid): {
            "order_id": ids[order.gid],
            "gid": line.gid,
            "title": _clip(line.title, 300),
            "sku": _clip(line.sku, 80),
            "quantity": line.quantity,
            "price_minor": line.price_minor,
            "image_url": _clip(line.image_url, 2000),
        }
        for order in batch
        for line in order.lines
    }
    _drop_lines(connection, [ids[order.gid] for order in batch], {gid for _, gid in rows})
    if rows:
        names = ("title", "sku", "quantity", "price_minor", "image_url")
        upsert(connection, order_lines, list(rows.values()), ("order_id", "gid"), names)


def _drop_lines(connection: Connection, order_ids: Sequence[int], kept: set[str]) -> None:
    """Take away lines that their orders do not have any more."""
    known = select(order_lines.c.id, order_lines.c.gid).where(order_lines.c.order_id.in_(order_ids))
    gone = [{"gone": row.id} for row in connection.execute(known) if row.gid not in kept]
    if gone:
        connection.execute(delete(order_lines).where(order_lines.c.id == bindparam("gone")), gone)


# ---------------------------------------------------------------- parcels


def _write_parcels(
    connection: Connection,
    shop_id: int,
    batch: Sequence[ShopOrder],
    ids: Ids,
    wanted: Preferences,
) -> None:
    zone = ZoneInfo(wanted.time_zone)
    first_bought = _first_bought(connection, batch)
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for order in batch:
        repeat = order.repeat_customer or (
            first_bought.get(order.customer_key, order.created_at) < order.created_at
        )
        for row in _parcel_rows(order, zone):
            row |= {"order_id": ids[order.gid], "shop_id": shop_id, "repeat_customer": repeat}
            rows[row["order_id"], row["tracking_key"]] = row
    if rows:
        _insert_parcels(connection, list(rows.values()))


def _insert_parcels(connection: Connection, rows: list[dict[str, Any]]) -> None:
    ours = parcels.c
    quiet = ours.status_at.is_(None)  # the courier has not told anything yet

    def changes(fresh: Any) -> dict[str, Any]:
        # The rest stays as it was at shipping: insight counts by it.
        return {
            "tracking": fresh.tracking,
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


def _parcel_rows(order: ShopOrder, zone: ZoneInfo) -> list[dict[str, Any]]:
    cancelled = order.cancelled_at
    main = max(order.lines, key=lambda line: line.price_minor * line.quantity, default=None)
    shared = {
        "payment": order.payment,
        "county": _clip(order.county, 80),
        "city": _clip(order.city, 120),
        "customer_key": _clip(order.customer_key, 64),
        "sku": _clip(main.sku, 80) if main else "",
        "product": _clip(main.title, 300) if main else "",
        "currency": _clip(order.currency, 3),
        "cancelled_on": cancelled.astimezone(zone).date() if cancelled else None,
    }
    known = [
        (replace(one, tracking=number), normalise(number))
        for one in order.parcels or ()
        for number in _numbers(one.tracking)
    ]
    fitting = [(one, key) for one, key in known if key and len(key) <= LONGEST_TRACKING]
    shares = _shares(order.total_minor, len({key for _, key in fitting}))
    rows: dict[str, dict[str, Any]] = {}
    for one, key in fitting:
        if key in rows:
            continue
        rows[key] = shared | {
            "tracking": _clip(one.tracking, LONGEST_TRACKING),
            "tracking_key": key,
            "courier": guess_courier(one.company, one.tracking),
            "fulfillment_gid": one.fulfillment_gid,
            "shipped_on": one.shipped_at.astimezone(zone).date() if one.shipped_at else None,
            "value_minor": shares[len(rows)],
            "status": STATUS.get(one.display_status, ""),
        }
    return list(rows.values())


def _numbers(tracking: str) -> list[str]:
    """The numbers in a shop's field, which may hold several; what is none stays as it came."""
    try:
        return numbers_in(tracking)
    except NotANumber:
        return [tracking]


def _shares(total_minor: int, parts: int) -> list[int]:
    """An order's value over its parcels: equal parts that add up to the whole."""
    return [total_minor * (n + 1) // parts - total_minor * n // parts for n in range(parts)]


# ---------------------------------------------------------------- invoices


def _write_invoices(
    connection: Connection, batch: Sequence[ShopOrder], ids: Ids, attribute: str
) -> None:
    if not batch:
        return
    told = {
        ids[order.gid]: references(
            order.attributes, attribute, field=order.invoice_field, tags=order.tags
        )
        for order in batch
    }
    claims.let_go(connection, {order_id: one.found for order_id, one in told.items()})
    wanted = [
        claims.Claim(order_id, ref, "order")
        for order_id, one in sorted(told.items())
        for ref in one.found
    ]
    if wanted:
        claims.write(connection, wanted, accounts.load(connection))
    unclear = {order_id: one.unclear for order_id, one in told.items()}
    claims.ask(connection, JudgeCode.REFERENCE_UNCLEAR, unclear, "order")
