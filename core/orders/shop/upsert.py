"""Writes orders as a shop tells them into our tables: order, lines, parcels, invoices.

Many at once with a handful of statements; the same order again changes nothing, and an older
state of an order (a late webhook) never replaces a newer one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, select

from core.clock import now
from core.orders.customers import customer_key
from core.orders.documents import accounts, awaited, claims
from core.orders.documents.references import only_of_invoices, references
from core.orders.judge.names import written
from core.orders.judge.reasons import JudgeCode
from core.orders.shop.claim_imported import claim_imported
from core.orders.shop.parcels import clip as _clip
from core.orders.shop.parcels import write_parcels
from core.orders.shop.set_back import cancelled_before, cancelled_or_set_back, tell_set_back
from core.services.ports import ShopOrder
from core.settings import preferences
from core.settings.preferences import Preferences
from core.store.statements.rows import upsert
from core.store.tables import order_lines, orders

BATCH = 200

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
    """Write a batch of orders with all that hangs on them; gives the id of each gid."""
    batch = _as_forgotten(connection, shop_id, batch, wanted)
    claim_imported(connection, shop_id, batch)
    cancelled = cancelled_before(connection, shop_id, batch)
    fresh = _write_orders(connection, shop_id, batch)
    tell_set_back(connection, cancelled)
    newer = [order for order in batch if order.gid in fresh]
    _write_lines(connection, _not_as_ordered(connection, newer, fresh), fresh)
    write_parcels(connection, shop_id, newer, fresh, wanted.zone)
    _write_invoices(connection, newer, fresh, wanted.invoice_attribute)
    came = {order.name: fresh[order.gid] for order in newer}
    awaited.meet(connection, shop_id, came, JudgeCode.IMPORT_ROW_REFUSED)
    if len(fresh) == len(batch):
        return fresh
    known = select(orders.c.gid, orders.c.id).where(
        orders.c.shop_id == shop_id, orders.c.gid.in_([order.gid for order in batch])
    )
    return {row.gid: row.id for row in connection.execute(known)}


def _as_forgotten(
    connection: Connection, shop_id: int, batch: Sequence[ShopOrder], wanted: Preferences
) -> Sequence[ShopOrder]:
    """An order whose customer was forgotten comes in without one, whatever the shop still has."""
    query = select(orders.c.gid).where(
        orders.c.shop_id == shop_id,
        orders.c.gid.in_([order.gid for order in batch]),
        orders.c.forgotten_at.is_not(None),
    )
    gone = set(connection.scalars(query))
    named = wanted.invoice_attribute
    return [
        replace(
            one, customer_name="", phone="", email="", city="", street="", postcode="", note="",
            billed_to=(),
            attributes=only_of_invoices(one.attributes, named),
        )
        if one.gid in gone
        else one
        for one in batch
    ]  # fmt: skip


# ---------------------------------------------------------------- orders


def _write_orders(connection: Connection, shop_id: int, batch: Sequence[ShopOrder]) -> Ids:
    """The ids of the orders that were new or newer than what we had."""
    rows = [_order_row(shop_id, order) for order in batch]

    def changes(fresh: Any) -> dict[str, object]:
        values = {name: fresh[name] for name in rows[0] if name not in ("shop_id", "gid")}
        # A cancel takes every edit's outcome away at the shop: what was due before it stays known.
        values["total_minor"] = case(
            (fresh.cancelled_at.isnot(None), orders.c.total_minor), else_=fresh.total_minor
        )
        for name in ("tax_minor", "second_total_minor"):
            kept = func.coalesce(orders.c[name], fresh[name])
            values[name] = case((fresh.cancelled_at.isnot(None), kept), else_=fresh[name])
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


def _order_row(shop_id: int, order: ShopOrder) -> dict[str, object]:
    """An order as the columns of `orders`, its texts as long as these."""
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
        "tax_minor": order.tax_minor,
        "currency": _clip(order.currency, 3),
        "second_total_minor": order.second_total[0] if order.second_total else None,
        "second_currency": _clip(order.second_total[1], 3) if order.second_total else "",
        "customer_name": _clip(order.customer_name, 200),
        "customer_key": _clip(order.customer_key, 64),
        "phone": _clip(order.phone, 40),
        "email": _clip(order.email, 200),
        "county": _clip(order.county, 80),
        "city": _clip(order.city, 120),
        "street": _clip(order.street, 200),
        "postcode": _clip(order.postcode, 16),
        "billed_to": written(_clip(name, 200) for name in order.billed_to[:4]),
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


# ---------------------------------------------------------------- invoices


def _write_invoices(
    connection: Connection, batch: Sequence[ShopOrder], ids: Ids, attribute: str
) -> None:
    """Let each order claim the invoices that it names, and let go of those it no longer does."""
    if not batch:
        return
    named = {
        ids[order.gid]: references(
            order.attributes, attribute, field=order.invoice_field, tags=order.tags
        )
        for order in batch
    }
    claims.let_go(connection, {order_id: one.found for order_id, one in named.items()})
    wanted = [
        claims.Claim(order_id, ref, "order")
        for order_id, one in sorted(named.items())
        for ref in one.found
    ]
    if wanted:
        claims.write(connection, wanted, accounts.load(connection))
    unclear = {order_id: one.unclear for order_id, one in named.items()}
    claims.ask(connection, JudgeCode.REFERENCE_UNCLEAR, unclear, "order")
