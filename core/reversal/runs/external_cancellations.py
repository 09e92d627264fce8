"""Orders cancelled at the shop by hand, or whose invoice came late: it is reversed all the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, exists, not_, select
from sqlalchemy.exc import DBAPIError

from core.audit import trail
from core.audit.actions import Action
from core.audit.approvals import WaitsForAnother
from core.reasons import Reason
from core.reversal.codes import ReversalCode
from core.reversal.runs import run_control, runs
from core.rights import Right, door, named
from core.settings import preferences
from core.store import db
from core.store.states import ReversalState
from core.store.tables import connections, invoices, orders, reversals

log = structlog.get_logger(__name__)

_SHOPS = connections.alias("shops")


@dataclass(frozen=True)
class WaitingOrder:
    """An order cancelled by hand whose invoices wait for somebody's word."""

    order_id: int
    order_name: str
    cancelled_at: datetime
    customer_name: str
    total_minor: int
    currency: str
    invoices: str


@door(Right.RUN)
def take(order_ids: Sequence[int]) -> list[int]:
    """Start the reversal of these orders' invoices where the preference is on.

    Each is asked for by its shop. Gives the ids of the reversals started. Off, or where the judge
    or the two-person rule holds one back, it shows in Follow-up, with a button. Raises DBAPIError
    where the database gives way: what was started is not started again.
    """
    if not order_ids:
        return []
    with db.reading() as connection:
        if not preferences.load(connection).revert_invoice_on_cancel:
            return []
        fitting = connection.execute(
            select(orders.c.id, _SHOPS.c.name)
            .join(_SHOPS, _SHOPS.c.id == orders.c.shop_id)
            .where(orders.c.id.in_(order_ids), _waiting())
        ).all()
    made = []
    for order_id, shop in fitting:
        try:
            with named(shop):
                made.append(runs.reverse_invoices(order_id))
        except (runs.HeldByJudge, WaitsForAnother) as held:
            log.info("an order cancelled by hand is held", order=order_id, code=held.reason.code)
        except DBAPIError:  # of every order alike: they are handed on again
            raise
        except Exception:  # one that we cannot judge holds up no other, and stays in Follow-up
            log.exception("an order cancelled by hand could not be taken", order=order_id)
    return [one for one in made if one is not None]


@door(Right.FOLLOW_UP)
def go_on_with(order_id: int) -> bool:
    """Let a finished reversal go on, because an invoice became known after it; True if it does.

    What was done is known by its effects and is not done again. Audited.
    """
    with db.writing() as connection:
        finished = select(reversals.c.id).where(
            reversals.c.order_id == order_id, reversals.c.state == ReversalState.DONE
        )
        reversal_id = connection.scalar(finished)
        if reversal_id is None:
            return False
        run_control.requeue(connection, reversal_id)
        name = connection.scalar(select(orders.c.name).where(orders.c.id == order_id))
        trail.record(
            connection,
            Action.REVERSAL_GOES_ON,
            f"order {name}",
            {"why": Reason(ReversalCode.LATE_INVOICE)},
            order_id,
        )
        return True


@door(Right.FOLLOW_UP)
def all_waiting(limit: int = 500) -> list[WaitingOrder]:
    """Orders cancelled by hand since their shop was connected, with invoices not reversed."""
    with db.reading() as connection:
        rows = connection.execute(
            select(orders).where(_waiting()).order_by(orders.c.cancelled_at.desc()).limit(limit)
        ).all()
        return [_row(row, _invoices(connection, row.id)) for row in rows]


def _waiting() -> ColumnElement[bool]:
    """Cancelled at the shop, with an invoice that stands, and no reversal of ours at it."""
    open_invoice = exists().where(
        invoices.c.order_id == orders.c.id,
        invoices.c.reversed_at.is_(None),
        invoices.c.annulled_at.is_(None),
    )
    left_alone = and_(reversals.c.state == ReversalState.STOPPED, not_(reversals.c.left_to_person))
    ours = exists().where(reversals.c.order_id == orders.c.id, not_(left_alone))
    # What was cancelled before the desk was connected is the bookkeeper's history, not ours.
    since_connected = exists().where(
        connections.c.id == orders.c.shop_id, connections.c.created_at <= orders.c.cancelled_at
    )
    return and_(orders.c.cancelled_at.is_not(None), open_invoice, ~ours, since_connected)


def _invoices(connection: Any, order_id: int) -> str:
    rows = connection.execute(select(invoices).where(invoices.c.order_id == order_id))
    return ", ".join(f"{row.series} {row.number}" for row in rows)


def _row(row: Any, documents: str) -> WaitingOrder:
    return WaitingOrder(
        order_id=row.id,
        order_name=row.name,
        cancelled_at=row.cancelled_at,
        customer_name=row.customer_name,
        total_minor=row.total_minor,
        currency=row.currency,
        invoices=documents,
    )
