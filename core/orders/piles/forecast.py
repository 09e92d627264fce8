"""What a run of a pile will take and cost beside what it is for, told before it starts.

By the services' own capabilities: the slowest of them decides how long it takes, and where a
reversal deletes the payment recorded on its invoice, a paid order's loses it.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from core.orders.piles import review
from core.rights import Right, door
from core.services import registry
from core.settings import connections
from core.store import db
from core.store.tables import invoices, orders, pile_orders

CHUNK = 500  # ids in one IN list


@dataclass(frozen=True)
class Forecast:
    """`seconds` at least, by the service that is `slowest` ("" where no invoice is known);
    `payments`: recorded payments of paid orders that go with the reversal, by service."""

    seconds: float
    slowest: str
    payments: dict[str, int]


@door(Right.PILE)
def forecast(pile_id: int, only: Collection[int] | None = None) -> Forecast:
    """What a run of this pile (of `only` these orders of it) would take now."""
    order_ids = review.runnable_orders(pile_id, only)
    documents: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    with db.reading() as connection:
        accounts = {
            one.service: one for one in connections.all_connections(connection, "invoicing")
        }
        for row in _open_invoices(connection, pile_id, order_ids):
            if row.service in accounts:
                documents[row.service] += 1
                paid[row.service] += row.payment == "prepaid"
    times = {service: _seconds(count, accounts[service]) for service, count in documents.items()}
    slowest = max(times, key=lambda service: times[service], default="")
    lost = {
        registry.info(service).title: count
        for service, count in paid.items()
        if count and registry.capabilities(service).reversal_deletes_payment
    }
    title = registry.info(slowest).title if slowest else ""
    return Forecast(times.get(slowest, 0.0), title, lost)


def _seconds(documents: int, account: connections.Connection) -> float:
    """Until the last of so many documents may be made."""
    rate = registry.effect_rate(account)
    return max(0.0, documents - rate.capacity) / rate.per_second


def _open_invoices(
    connection: Connection, pile_id: int, order_ids: Sequence[int]
) -> Iterator[Row[Any, Any]]:
    for start in range(0, len(order_ids), CHUNK):
        yield from connection.execute(
            select(invoices.c.service, orders.c.payment)
            .join(orders, orders.c.id == invoices.c.order_id)
            .join(pile_orders, pile_orders.c.order_id == orders.c.id)
            .where(
                invoices.c.order_id.in_(order_ids[start : start + CHUNK]),
                pile_orders.c.pile_id == pile_id,
                pile_orders.c.removed_at.is_(None),
                pile_orders.c.document != "none",
                invoices.c.reversed_at.is_(None),
                invoices.c.annulled_at.is_(None),
            )
        )
