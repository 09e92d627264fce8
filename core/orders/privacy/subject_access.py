"""What the desk knows of a customer, as a file for them (GDPR article 15)."""

import json
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from core.audit import trail
from core.audit.actions import Action
from core.orders.privacy.customer import named, of_customer
from core.orders.privacy.forget import pictures_of
from core.rights import Right, door
from core.store import db
from core.store.tables import (
    boxes,
    effects,
    invoice_readings,
    invoices,
    order_lines,
    order_questions,
    parcels,
    pile_orders,
    reversals,
    scans,
)

LEFT_OUT = ("customer_key", "series_key", "number_key", "synced_at")


@door(Right.ERASE, proved=True)
def everything_about(order_id: int) -> bytes:
    """Everything about the customer of this order, in all their orders, as JSON."""
    with db.writing() as connection:
        rows = of_customer(connection, order_id)
        ids = [row.id for row in rows]
        found = {
            "orders": [_plain(row) for row in rows],
            "lines": _of(connection, order_lines, ids),
            "parcels": _of(connection, parcels, ids),
            "invoices": _of(connection, invoices, ids),
            "reversals": _of(connection, reversals, ids),
            "piles": _of(connection, pile_orders, ids),
            "scans": _of(connection, scans, ids),
            "print": _of(connection, boxes, ids),
            "questions": _of(connection, order_questions, ids),
            "answers": _answers(connection, ids),
            "pictures": pictures_of(connection, ids),
        }
        subject = named(rows, order_id)
        detail = {"orders": len(ids)}
        trail.record(connection, Action.CUSTOMER_TOLD, subject, detail)
    return json.dumps(found, default=str, ensure_ascii=False, indent=1).encode()


def _answers(connection: Connection, ids: list[int]) -> dict[str, list[dict[str, object]]]:
    """What services answered about these orders and their invoices."""
    mine = effects.c.reversal_id.in_(select(reversals.c.id).where(reversals.c.order_id.in_(ids)))
    theirs = invoice_readings.c.invoice_id.in_(
        select(invoices.c.id).where(invoices.c.order_id.in_(ids))
    )
    return {
        "calls": [_plain(row) for row in connection.execute(select(effects).where(mine))],
        "invoices": [
            _plain(row) for row in connection.execute(select(invoice_readings).where(theirs))
        ],
    }


def _of(connection: Connection, table: Table, ids: list[int]) -> list[dict[str, object]]:
    query = select(table).where(table.c.order_id.in_(ids)).order_by(*table.primary_key.columns)
    return [_plain(row) for row in connection.execute(query)]


def _plain(row: Row[Any]) -> dict[str, object]:
    return {key: value for key, value in row._mapping.items() if key not in LEFT_OUT}
