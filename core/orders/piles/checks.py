"""Which invoices of piles are still to be read at their services, and what keeps them from it.

They are read while a pile is planned: the worker asks about the piles that somebody scans into or
looks at (`look`), so that a run finds the services' words there and does not wait for them.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from core.clock import now
from core.orders.documents import accounts as companies
from core.orders.documents.readings import BELIEVED
from core.orders.judge import facts as judge_facts
from core.orders.judge.facts import Invoice
from core.reasons import Reason
from core.rights import Right, door
from core.settings import preferences
from core.store import db
from core.store.statements.rows import upsert
from core.store.states import ReversalState
from core.store.tables import connections as connections_table
from core.store.tables import (
    invoice_readings,
    invoice_rivals,
    invoice_searches,
    invoices,
    orders,
    pile_orders,
    piles,
    reading_pauses,
    reversals,
)

PLANNED = dt.timedelta(hours=1)  # so long after the last look a pile's invoices are read
REFRESH = BELIEVED * 0.75  # a word as old as this is asked for anew, before it is too old
LOOK_AGAIN = dt.timedelta(minutes=1)  # looks within it are one
WINDOW = 300  # orders looked through at a time


@dataclass(frozen=True)
class Pause:
    """A service that cannot be asked now: its connection's name, until when, and why."""

    service: str
    until: dt.datetime
    why: Reason | None


@door(Right.PILE, Right.SCAN)
def look(pile_id: int) -> None:
    """Somebody plans this pile: have its invoices read. Written once a minute at most."""
    with db.reading() as connection:
        if connection.scalar(select(piles.c.id).where(piles.c.id == pile_id, _long_ago())) is None:
            return
    with db.writing() as connection:
        looked_at(connection, pile_id)


def looked_at(connection: Connection, pile_id: int) -> None:
    """The same within a transaction."""
    connection.execute(
        update(piles).where(piles.c.id == pile_id, _long_ago()).values(looked_at=now())
    )


def _long_ago() -> ColumnElement[bool]:
    return or_(piles.c.looked_at.is_(None), piles.c.looked_at < now() - LOOK_AGAIN)


@door(Right.PILE)
def pauses() -> list[Pause]:
    """Services that cannot be asked about invoices now."""
    query = (
        select(connections_table.c.name, reading_pauses.c.until, reading_pauses.c.why)
        .join(connections_table, connections_table.c.id == reading_pauses.c.connection_id)
        .where(reading_pauses.c.until > now())
        .order_by(connections_table.c.name)
    )
    with db.reading() as connection:
        return [Pause(row.name, row.until, row.why) for row in connection.execute(query)]


def paused(connection: Connection, connection_id: int, seconds: float, why: Reason | None) -> None:
    """Note that a service cannot be asked for so many seconds."""
    values = {"until": now() + dt.timedelta(seconds=seconds), "why": why}
    row = {"connection_id": connection_id, **values}
    upsert(connection, reading_pauses, row, ("connection_id",), tuple(values))


def answered(connection: Connection, connection_id: int) -> None:
    """Note that it answers again."""
    connection.execute(
        delete(reading_pauses).where(reading_pauses.c.connection_id == connection_id)
    )


# ---------------------------------------------------------------- what is to be read


@dataclass(frozen=True)
class InvoicesToRead:
    """Invoices to be read, and the place behind which to look next; None: from the beginning."""

    invoices: tuple[Invoice, ...]
    behind: int | None


@dataclass(frozen=True)
class Nameless:
    """An order that names no invoice: the services are to be asked by its own name."""

    order_id: int
    name: str
    place: int  # in its pile, as it came in


def nameless(connection: Connection, behind: int = 0) -> list[Nameless]:
    """The next orders of planned piles whose invoices are to be looked for, behind this place."""
    planned = _planned_piles(connection)
    if not planned:
        return []
    known = companies.load(connection)
    if not known.everything or not preferences.load(connection).revert_invoice_on_cancel:
        return []
    fresh = exists().where(
        invoice_searches.c.order_id == orders.c.id, invoice_searches.c.searched_at > now() - REFRESH
    )
    named = or_(
        exists().where(invoices.c.order_id == orders.c.id),
        exists().where(invoice_rivals.c.order_id == orders.c.id),
    )
    query = _of(planned, select(orders.c.id, orders.c.name, pile_orders.c.id)).where(
        pile_orders.c.id > behind, ~named, ~fresh
    )
    rows = connection.execute(query.order_by(pile_orders.c.id).limit(WINDOW))
    return [Nameless(*row) for row in rows]


def wanted(connection: Connection, behind: int = 0, busy: Collection[int] = ()) -> InvoicesToRead:
    """The next invoices of planned piles that are to be read, as their orders came in.

    Only of accounts that can be read at all and are not among the `busy` connections.
    """
    planned = _planned_piles(connection)
    if not planned or not preferences.load(connection).revert_invoice_on_cancel:
        return InvoicesToRead((), None)
    readable = _readable(companies.load(connection), busy)
    if readable is None:
        return InvoicesToRead((), None)
    rows = connection.execute(_orders(planned, readable, behind)).all()
    documents = judge_facts.documents(connection, list({row.order_id for row in rows}))
    found = {one.id: one for of_order in documents.invoices.values() for one in _old(of_order)}
    invoices = tuple(one for one in found.values() if one.connection_id not in busy)
    return InvoicesToRead(invoices, rows[-1].id if len(rows) == WINDOW else None)


def _readable(known: companies.Accounts, busy: Collection[int]) -> ColumnElement[bool] | None:
    """Invoices whose company can be asked now; None: none can. As `judge.facts` tells whose an
    invoice is: by its connection, else by its company, else the only one there is."""
    free = [
        one
        for one in known.everything
        if one.connection_id not in busy and judge_facts.is_readable(one.service)
    ]
    if not free:
        return None
    # Computed, so that no index of it is taken: an account has every invoice of the shop, of
    # which a planned pile has few, and this is asked each second.
    whose = func.coalesce(invoices.c.connection_id, 0)
    nobodys = whose.not_in([one.connection_id for one in known.everything])
    theirs = [
        and_(invoices.c.service == one.service, invoices.c.account.in_(_names(known, one)))
        for one in free
    ]
    ready = whose.in_([one.connection_id for one in free])
    return or_(ready, and_(nobodys, or_(*theirs)))


def _names(known: companies.Accounts, one: companies.ConnectedAccount) -> list[str]:
    only = [""] if known.only(one.service) is not None else []
    return [*filter(None, (one.company, one.name, one.name.upper())), *only]


def _orders(
    planned: Sequence[int], readable: ColumnElement[bool], behind: int
) -> Select[tuple[int, int]]:
    """Orders of these piles with an open invoice whose reading is missing or getting old."""
    return (
        _of(planned, select(pile_orders.c.id, pile_orders.c.order_id))
        .join(invoices, invoices.c.order_id == orders.c.id)
        .outerjoin(invoice_readings, invoice_readings.c.invoice_id == invoices.c.id)
        .where(
            pile_orders.c.id > behind,
            invoices.c.reversed_at.is_(None),
            invoices.c.annulled_at.is_(None),
            readable,
            or_(
                invoice_readings.c.read_at.is_(None), invoice_readings.c.read_at <= now() - REFRESH
            ),
        )
        .group_by(pile_orders.c.id, pile_orders.c.order_id)
        .order_by(pile_orders.c.id)
        .limit(WINDOW)
    )


def _planned_piles(connection: Connection) -> Sequence[int]:
    """Asked by itself: the next statement then begins with these piles, not with every one's."""
    query = select(piles.c.id).where(
        piles.c.looked_at > now() - PLANNED, piles.c.closed_at.is_(None)
    )
    return connection.scalars(query).all()


def _of(planned: Sequence[int], query: Select[Any]) -> Select[Any]:
    """Orders that a run of these piles may take and that no run has begun."""
    return (
        query.select_from(pile_orders)
        .join(orders, orders.c.id == pile_orders.c.order_id)
        .outerjoin(reversals, reversals.c.order_id == orders.c.id)
        .where(
            pile_orders.c.pile_id.in_(planned),
            pile_orders.c.removed_at.is_(None),
            pile_orders.c.included,
            pile_orders.c.document != "none",
            orders.c.cancelled_at.is_(None),
            or_(reversals.c.state.is_(None), reversals.c.state == ReversalState.STOPPED),
        )
    )


def _old(invoices: Sequence[Invoice]) -> Iterator[Invoice]:
    for invoice in invoices:
        asked = invoice.open and invoice.readable and invoice.connection_id is not None
        if asked and (invoice.read_at is None or invoice.read_at <= now() - REFRESH):
            yield invoice
