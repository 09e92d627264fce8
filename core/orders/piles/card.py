"""What the Scan page follows: the newest scans, counters, and the card of one order."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from core.reasons import Reason
from core.rights import Right, actor, door, may
from core.store import db
from core.store.states import MatchOutcome, ReversalState
from core.store.tables import (
    invoices,
    order_lines,
    orders,
    parcels,
    pile_orders,
    reversals,
    scans,
)

ENDED = (ReversalState.DONE, ReversalState.NEEDS_PERSON)


@dataclass(frozen=True)
class CardLine:
    """One line of an order, price per piece in minor units."""

    title: str
    sku: str
    quantity: int
    price_minor: int
    image_url: str


@dataclass(frozen=True)
class CardParcel:
    """One parcel of an order, with the courier's last word."""

    id: int
    tracking: str
    courier: str
    status: str
    status_text: str
    status_at: dt.datetime | None
    outcome: str | None


@dataclass(frozen=True)
class CardInvoice:
    """One invoice of an order, with its storno once there is one."""

    service: str
    invoice: str
    storno: str
    reversed_at: dt.datetime | None
    annulled_at: dt.datetime | None


@dataclass(frozen=True)
class Card:
    """Everything about one order that fits on a card."""

    order_id: int
    name: str
    customer_name: str
    phone: str
    city: str
    county: str
    total_minor: int
    currency: str
    payment: str
    created_at: dt.datetime
    cancelled_at: dt.datetime | None
    lines: tuple[CardLine, ...]
    parcels: tuple[CardParcel, ...]
    invoices: tuple[CardInvoice, ...]
    reversal_id: int | None
    reversal_state: str
    reversal_why: Reason | None
    run_id: int | None
    restock: bool | None


@door(Right.SCAN, Right.PILE)
def card(order_id: int) -> Card | None:
    """The card of one order, or None when there is no such order."""
    with db.reading() as connection:
        row = connection.execute(
            select(
                orders,
                reversals.c.id.label("reversal_id"),
                reversals.c.state,
                reversals.c.why,
                reversals.c.run_id,
                reversals.c.options,
            )
            .outerjoin(reversals, reversals.c.order_id == orders.c.id)
            .where(orders.c.id == order_id)
        ).one_or_none()
        if row is None:
            return None
        items = connection.execute(select(order_lines).where(order_lines.c.order_id == order_id))
        mine = select(parcels).where(parcels.c.order_id == order_id, ~parcels.c.void)
        sent = connection.execute(mine)
        documents = connection.execute(select(invoices).where(invoices.c.order_id == order_id))
        return _card(row, items.all(), sent.all(), documents.all())


def _card(row: Any, items: Any, sent: Any, documents: Any) -> Card:
    """The card of an order; who is not to see names sees none."""
    return Card(
        order_id=row.id,
        name=row.name,
        customer_name=row.customer_name if may(Right.NAMES) else "",
        phone=row.phone if may(Right.NAMES) else "",
        city=row.city,
        county=row.county,
        total_minor=row.total_minor,
        currency=row.currency,
        payment=row.payment,
        created_at=row.created_at,
        cancelled_at=row.cancelled_at,
        lines=tuple(
            CardLine(one.title, one.sku, one.quantity, one.price_minor, one.image_url)
            for one in items
        ),
        parcels=tuple(
            CardParcel(
                one.id, one.tracking, one.courier, one.status, one.status_text, one.status_at,
                one.outcome,
            )
            for one in sent
        ),
        invoices=tuple(
            CardInvoice(
                one.service,
                f"{one.series} {one.number}",
                f"{one.storno_series} {one.storno_number}".strip(),
                one.reversed_at,
                one.annulled_at,
            )
            for one in documents
        ),
        reversal_id=row.reversal_id,
        reversal_state=row.state or "",
        reversal_why=row.why,
        run_id=row.run_id,
        restock=(row.options or {}).get("restock"),
    )  # fmt: skip


@door(Right.SCAN)
def counters(pile_id: int) -> dict[str, int]:
    """Scans of the pile by verdict, undone ones left out."""
    return _count(pile_id, scans.c.verdict)


@door(Right.SCAN)
def outcomes(pile_id: int) -> dict[str, int]:
    """Scans of the pile by outcome: matched + ambiguous + unmatched = all scans (rule 8)."""
    return _count(pile_id, scans.c.outcome)


def _count(pile_id: int, column: Any) -> dict[str, int]:
    query = (
        select(column, func.count())
        .where(scans.c.pile_id == pile_id, scans.c.undone_at.is_(None))
        .group_by(column)
    )
    with db.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


@door(Right.SCAN, Right.PILE)
def parcels_in(pile_id: int) -> int:
    """How many orders are in the pile now."""
    query = select(func.count()).where(
        pile_orders.c.pile_id == pile_id, pile_orders.c.removed_at.is_(None)
    )
    with db.reading() as connection:
        return connection.scalar(query) or 0


@door(Right.SCAN, Right.PILE)
def newest_scan(pile_id: int) -> int:
    """The id of the newest scan: a cheap way to see whether anything changed."""
    with db.reading() as connection:
        return (
            connection.scalar(select(func.max(scans.c.id)).where(scans.c.pile_id == pile_id)) or 0
        )


@door(Right.SCAN)
def last_outcome(pile_id: int) -> int | None:
    """The order whose reversal ended last, of those asked for (by this person) in the pile."""
    query = (
        select(reversals.c.order_id)
        .join(pile_orders, pile_orders.c.order_id == reversals.c.order_id)
        .where(pile_orders.c.pile_id == pile_id, reversals.c.state.in_(ENDED))
        .order_by(reversals.c.finished_at.desc(), reversals.c.id.desc())
        .limit(1)
    )
    query = query.where(reversals.c.requested_by == actor().name)
    with db.reading() as connection:
        return connection.scalar(query)


@door(Right.SCAN)
def recent(pile_id: int, n: int = 100) -> pd.DataFrame:
    """The newest scans: scan_id, at, by, source, code, verdict, why, order, tracking, courier,
    order_id, sha256, reversal (the state of the order's, "" where none was asked for)."""
    query = (
        select(
            scans.c.id.label("scan_id"), scans.c.at, scans.c.by, scans.c.source, scans.c.code,
            scans.c.verdict, scans.c.why, orders.c.name.label("order"), parcels.c.tracking,
            parcels.c.courier, scans.c.order_id, scans.c.sha256,
            reversals.c.state.label("reversal"),
        )
        .outerjoin(orders, orders.c.id == scans.c.order_id)
        .outerjoin(reversals, reversals.c.order_id == scans.c.order_id)
        .outerjoin(parcels, parcels.c.id == scans.c.parcel_id)
        .where(scans.c.pile_id == pile_id, scans.c.undone_at.is_(None))
        .order_by(scans.c.id.desc())
        .limit(n)
    )  # fmt: skip
    with db.reading() as connection:
        found = pd.read_sql(query, connection)
    return found.fillna({"order": "", "tracking": "", "courier": "", "reversal": ""})


@door(Right.PILE)
def unresolved(pile_id: int | None = None, limit: int = 200) -> pd.DataFrame:
    """Scans that match nothing, or several: scan_id, pile_id, at, by, code, verdict, why,
    candidates, sha256, corners. Codes known as no tracking number are left out."""
    query = (
        select(
            scans.c.id.label("scan_id"), scans.c.pile_id, scans.c.at, scans.c.by, scans.c.code,
            scans.c.verdict, scans.c.why, scans.c.candidates, scans.c.sha256, scans.c.corners,
        )
        .where(
            scans.c.outcome != MatchOutcome.MATCHED,
            scans.c.verdict != "not_tracking",
            scans.c.undone_at.is_(None),
        )
        .order_by(scans.c.id.desc())
        .limit(limit)
    )  # fmt: skip
    if pile_id is not None:
        query = query.where(scans.c.pile_id == pile_id)
    with db.reading() as connection:
        return pd.read_sql(query, connection)
