"""The review table: a row an order, with what will happen to it, or why nothing will."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Row, Select, func, select

from core.desk import connections, preferences
from core.orders.review_rules import Facts, judge
from core.store import db
from core.store.tables import (
    invoices,
    order_lines,
    orders,
    parcels,
    pile_orders,
    reversals,
    scans,
)

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 500  # ids in one IN list


@dataclass(frozen=True)
class Totals:
    """What a run would do: orders, money by currency in minor units, invoices."""

    orders: int
    money: dict[str, int]
    invoices: int

    def sentence(self) -> str:
        """ "37 orders, 6,214.50 RON, 35 invoices": for the question before a run."""
        sums = ", ".join(f"{minor / 100:,.2f} {code}" for code, minor in sorted(self.money.items()))
        return f"{self.orders} orders, {sums or '0'}, {self.invoices} invoices"


COLUMNS = [
    "order_id", "sha256", "tracking", "courier", "order", "customer", "lines", "total_minor",
    "currency", "payment", "invoices", "group", "what", "why", "parcels", "scanned", "included",
    "restock", "reason", "staff_note", "notify", "document", "condition", "remark",
    "accept_partial", "cancel_fulfillments", "state",
]  # fmt: skip


def review(
    pile_id: int, limit: int | None = None, offset: int = 0, engine: Engine | None = None
) -> "pd.DataFrame":
    """One row an order of the pile, newest first, with COLUMNS.

    `group` is one of: will run, held, delivered, done. `why` says why an order is held.
    """
    import pandas as pd  # the worker uses this module too, and has no need of tables

    with db.reading(engine) as connection:
        rows = connection.execute(_pile_query(pile_id, limit, offset)).all()
        return pd.DataFrame(_told(connection, pile_id, rows), columns=COLUMNS)


def runnable_orders(pile_id: int, engine: Engine | None = None) -> list[int]:
    """The ids of the orders of the pile that a run would process."""
    with db.reading(engine) as connection:
        rows = connection.execute(_pile_query(pile_id, None, 0)).all()
        told = _told(connection, pile_id, rows)
    return [row["order_id"] for row in told if row["group"] == "will run"]


def totals(pile_id: int, engine: Engine | None = None) -> Totals:
    """What a run of this pile would do now."""
    with db.reading(engine) as connection:
        rows = connection.execute(_pile_query(pile_id, None, 0)).all()
        told = [row for row in _told(connection, pile_id, rows) if row["group"] == "will run"]
        open_invoices = _open_invoices(connection, [row["order_id"] for row in told])
    money: Counter[str] = Counter()
    for row in told:
        money[row["currency"]] += row["total_minor"]
    count = sum(open_invoices[row["order_id"]] for row in told if row["document"] != "none")
    return Totals(len(told), dict(money), count)


def _pile_query(pile_id: int, limit: int | None, offset: int) -> Select[Any]:
    query = (
        select(pile_orders, orders, reversals.c.state, reversals.c.why.label("reversal_why"))
        .join(orders, orders.c.id == pile_orders.c.order_id)
        .outerjoin(reversals, reversals.c.order_id == orders.c.id)
        .where(pile_orders.c.pile_id == pile_id, pile_orders.c.removed_at.is_(None))
        .order_by(pile_orders.c.id.desc())
        .offset(offset)
    )
    return query.limit(limit) if limit is not None else query


def _told(connection: Connection, pile_id: int, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    ids = [row.order_id for row in rows]
    boxes = _grouped(connection, select(parcels), parcels.c.order_id, ids)
    papers = _grouped(connection, select(invoices), invoices.c.order_id, ids)
    items = _grouped(connection, select(order_lines), order_lines.c.order_id, ids)
    seen = _scanned(connection, pile_id)
    accounts = {one.service for one in connections.all_connections(connection, "invoicing")}
    chosen = preferences.load(connection)
    told = []
    for row in rows:
        facts = Facts(
            row=row,
            parcels=boxes[row.order_id],
            invoices=papers[row.order_id],
            back=seen[row.order_id],
            accounts=accounts,
            revert_invoices=chosen.revert_invoice_on_cancel,
        )
        told.append(_row(row, facts, items[row.order_id]))
    return told


def _row(row: Row[Any], facts: Facts, items: Sequence[Row[Any]]) -> dict[str, Any]:
    judged = judge(facts)
    options = {name: getattr(row, name) for name in COLUMNS[16:26]}
    back = [box for box in facts.parcels if box.id in facts.back]
    shown = back or list(facts.parcels)
    return {
        "order_id": row.order_id,
        "sha256": next((sha for sha in facts.back.values() if sha), ""),
        "tracking": ", ".join(box.tracking for box in shown),
        "courier": ", ".join(dict.fromkeys(box.courier for box in shown)),
        "order": row.name,
        "customer": row.customer_name,
        "lines": lines_in_words(items),
        "total_minor": row.total_minor,
        "currency": row.currency,
        "payment": row.payment,
        "invoices": ", ".join(f"{one.series} {one.number}" for one in facts.invoices),
        "group": judged.group,
        "what": judged.what,
        "why": judged.why,
        "parcels": len(facts.parcels),
        "scanned": len(back),
        "state": row.state or "",
        **options,
    }


def lines_in_words(items: Iterable[Any]) -> str:
    """ "2 × Vase, 1 × Candle"."""
    return ", ".join(f"{one.quantity} × {one.title}" for one in items)


def _grouped(
    connection: Connection, query: Select[Any], column: Any, ids: Sequence[int]
) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for start in range(0, len(ids), CHUNK):
        for row in connection.execute(query.where(column.in_(ids[start : start + CHUNK]))):
            found[row.order_id].append(row)
    return found


def _scanned(connection: Connection, pile_id: int) -> dict[int, dict[int, str]]:
    """For each order: the parcels scanned in this pile, with the picture that shows each."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    query = (
        select(scans.c.order_id, scans.c.parcel_id, scans.c.sha256)
        .where(scans.c.pile_id == pile_id, scans.c.order_id.is_not(None))
        .where(scans.c.undone_at.is_(None))
        .order_by(scans.c.id)
    )
    for row in connection.execute(query):
        found[row.order_id][row.parcel_id] = row.sha256 or found[row.order_id].get(
            row.parcel_id, ""
        )
    return found


def _open_invoices(connection: Connection, ids: Sequence[int]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for start in range(0, len(ids), CHUNK):
        query = (
            select(invoices.c.order_id, func.count())
            .where(invoices.c.order_id.in_(ids[start : start + CHUNK]))
            .where(invoices.c.reversed_at.is_(None), invoices.c.annulled_at.is_(None))
            .group_by(invoices.c.order_id)
        )
        counts.update({row[0]: row[1] for row in connection.execute(query)})
    return counts
