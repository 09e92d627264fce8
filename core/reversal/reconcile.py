"""Asks both services about reversed orders: exactly one cancel, exactly one storno, or an alarm."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection as Db
from sqlalchemy import Engine, Row, insert, select
from sqlalchemy.exc import IntegrityError

from core.desk import audit, connections
from core.desk.connections import Connection
from core.reversal.case import adapter
from core.services.outcome import Confirmed
from core.services.ports import InvoiceRef, Invoicing, Shop
from core.store import db
from core.store.tables import alarms, effects, invoices, orders, reversals
from core.store.types import now

ACTOR = "reconcile"


@dataclass(frozen=True)
class Report:
    """What was asked and what did not fit; `unasked` are invoices whose service cannot tell."""

    orders: int
    invoices: int
    unasked: int
    alarms: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True when nothing did not fit."""
        return not self.alarms


def reconcile(since: dt.timedelta = dt.timedelta(days=2), engine: Engine | None = None) -> Report:
    """Ask about every reversal finished within `since`, and raise an alarm for each misfit."""
    with db.reading(engine) as connection:
        rows = _finished(connection, now() - since)
        known = {one.id: one for one in connections.all_connections(connection, enabled=False)}
    asked, unasked, told = 0, 0, []
    for row in rows:
        told += _check_order(row, known)
        with db.reading(engine) as connection:
            papers = _papers(connection, row.order_id)
        for paper in papers:
            misfit = _check_invoice(row, paper, known)
            if misfit is None:
                unasked += 1
                continue
            asked += 1
            told += misfit
    for text in told:
        _raise(text, engine)
    return Report(len(rows), asked, unasked, tuple(text for _, text in told))


def _finished(connection: Db, after: dt.datetime) -> list[Row[Any]]:
    return list(
        connection.execute(
            select(reversals.c.order_id, orders.c.name, orders.c.gid, orders.c.shop_id)
            .join(orders, orders.c.id == reversals.c.order_id)
            .where(reversals.c.state == "done", reversals.c.finished_at >= after)
        )
    )


def _papers(connection: Db, order_id: int) -> list[Row[Any]]:
    """Invoices of the order with the number of confirmed documents of ours about each."""
    return list(
        connection.execute(
            select(invoices, effects.c.kind, effects.c.connection_id.label("account"))
            .join(effects, effects.c.invoice_id == invoices.c.id)
            .where(invoices.c.order_id == order_id, effects.c.state == "confirmed")
        )
    )


Misfits = list[tuple[str, str]]


def _check_order(row: Row[Any], known: dict[int, Connection]) -> Misfits:
    shop = cast("Shop", adapter(known[row.shop_id]))
    answer = shop.cancel_state(row.gid)
    if isinstance(answer, Confirmed) and answer.value.cancelled_at is None:
        return [(f"order {row.name}", f"Order {row.name} is not cancelled at the shop.")]
    return []


def _check_invoice(row: Row[Any], paper: Row[Any], known: dict[int, Connection]) -> Misfits | None:
    """The misfits of one invoice; None where the service cannot be asked."""
    service = cast("Invoicing", adapter(known[paper.account]))
    if not service.capabilities.can_be_asked:
        return None
    name = f"{paper.series} {paper.number}"
    if paper.kind == "annul":
        yes = service.find_annulled(InvoiceRef(paper.series, paper.number))
        if isinstance(yes, Confirmed) and not yes.value:
            return [(f"invoice {name}", f"Invoice {name} of order {row.name} is not annulled.")]
        return []
    found = service.find_storno(InvoiceRef(paper.series, paper.number))
    if not isinstance(found, Confirmed):
        return []
    if found.value is None:
        return [(f"invoice {name}", f"Invoice {name} of order {row.name} has no storno.")]
    theirs, ours = found.value.number, paper.storno_number
    if theirs and ours and theirs.lstrip("0") != ours.lstrip("0"):
        text = f"Invoice {name} of order {row.name}: we know storno {ours}, they say {theirs}."
        return [(f"invoice {name}", text)]
    return []


def _raise(misfit: tuple[str, str], engine: Engine | None) -> None:
    subject, text = misfit
    try:
        with db.writing(engine) as connection:
            connection.execute(
                insert(alarms).values(kind="reconcile", subject=subject, text=text, raised_at=now())
            )
            audit.record(connection, ACTOR, "alarm raised", subject, {"text": text})
    except IntegrityError:
        return  # the same alarm is open already
