"""Which way of paying is collected at the door: asks about names that nobody knows, at once.

A name is known by `core.services.payments` or by the connection's own words. Where an order that
nobody has paid yet names another, an alarm asks; what a person then writes into the connection
counts for the orders that are here already.
"""

import datetime as dt

from sqlalchemy import Connection as DbConnection
from sqlalchemy import func, select, update

from core.audit import alarms, trail
from core.audit.actions import Action
from core.clock import now
from core.reasons import Reason, ReasonCode
from core.rights import named
from core.services import payments
from core.services.ports import Payment
from core.settings.connections import ALARMS, Connection
from core.store.statements import cursors
from core.store.tables import orders, parcels

UNPAID = ("", "PENDING")
LATELY = dt.timedelta(days=60)
# Known, but said of either way: an order typed in by the merchant, one with an invoice.
EITHER = ("manual", "invoice", "factura", "proforma", "other", "custom")
MOST_NAMED = 5
ACTOR = "sync"


class PaymentCode(ReasonCode):
    """What is asked about ways of paying."""

    WAY_OF_PAYING_UNKNOWN = "way_of_paying_unknown"  # shop, gateways, count


def look(connection: DbConnection, shop: Connection, *, fresh: bool) -> None:
    """Ask about names that nobody knows; `fresh`: orders came in since the last time."""
    if _words_changed(connection, shop):
        _apply(connection, shop)
    elif not fresh:
        return
    unknown = _unknown(connection, shop)
    if unknown:
        names = tuple(sorted(unknown)[:MOST_NAMED])
        count = sum(unknown.values())
        reason = Reason.of(
            PaymentCode.WAY_OF_PAYING_UNKNOWN, shop=shop.name, gateways=names, count=count
        )
        with named(ACTOR):
            alarms.ring(connection, ALARMS["shop"], subject(shop), reason)
    else:
        with named(ACTOR):
            alarms.settle(connection, ALARMS["shop"], subject(shop))


def subject(shop: Connection) -> str:
    """How the alarm is named."""
    return f"ways of paying of {shop.name}"


def is_clear(gateways: str, shop: Connection) -> bool:
    """Whether it is known, or was said, if this is collected at the door."""
    if payments.names_cod([gateways], shop.settings.get("cod_words", "")):
        return True
    if payments.is_named(gateways, shop.settings.get("prepaid_words", "")):
        return True
    known = payments.payment_of(gateways) is not None
    return known and not payments.is_named(gateways, ",".join(EITHER))


def _unknown(connection: DbConnection, shop: Connection) -> dict[str, int]:
    """Ways of paying that nothing says are cash or card, with how many late orders have each."""
    query = (
        select(orders.c.gateways, func.count().label("many"))
        .where(
            orders.c.shop_id == shop.id,
            orders.c.updated_at >= now() - LATELY,
            orders.c.payment == "prepaid",
            orders.c.financial_status.in_(UNPAID),
            orders.c.cancelled_at.is_(None),
            orders.c.gateways != "",
        )
        .group_by(orders.c.gateways)
    )
    found = {row.gateways: int(row.many) for row in connection.execute(query)}
    return {
        name: count
        for name, count in found.items()
        if not all(is_clear(one, shop) for one in name.split(", "))
    }


def _words_changed(connection: DbConnection, shop: Connection) -> bool:
    """Whether the connection's words are others than those the orders were read by."""
    said = [shop.settings.get(name, "") for name in ("cod_words", "prepaid_words")]
    key = cursors.ways_of_paying(shop.id)
    before = cursors.load(connection, key)
    if before == said:
        return False
    cursors.save(connection, key, said)
    return before is not None


def _apply(connection: DbConnection, shop: Connection) -> None:
    """Read the orders that are here by the new words; audited."""
    mine = (orders.c.shop_id == shop.id) & (orders.c.gateways != "")
    own = shop.settings.get("cod_words", "")
    changed = 0
    for name in connection.scalars(select(orders.c.gateways).where(mine).distinct()).all():
        at_door = payments.names_cod(name.split(", "), own)
        meant: Payment = "cod" if at_door else "prepaid"
        these = mine & (orders.c.gateways == name)
        sent = parcels.c.order_id.in_(select(orders.c.id).where(these))
        other = sent & (parcels.c.payment != meant)
        connection.execute(update(parcels).where(other).values(payment=meant))
        done = update(orders).where(these, orders.c.payment != meant).values(payment=meant)
        changed += len(connection.execute(done.returning(orders.c.id)).all())
    if changed:
        detail = {"orders": changed}
        trail.record(
            connection, Action.WAYS_OF_PAYING_CHANGED, f"shop {shop.name}", detail, name=ACTOR
        )
