"""Whether our own record agrees with itself: nothing is asked of anybody."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, true
from sqlalchemy import Row as SaRow

from core.clock import now
from core.orders.documents import accounts
from core.reasons import Reason
from core.reversal.checks.codes import MisfitCode
from core.rights import Right, door
from core.store.states import OPEN_REVERSALS, EffectKind, EffectSlot, EffectState, ReversalState
from core.store.tables import effects, invoices, orders, reversals

Misfit = tuple[str, Reason]  # subject and reason

IN_THE_AIR = (EffectState.SENT, EffectState.UNKNOWN)
_DOCUMENT = effects.c.slot == EffectSlot.DOCUMENT
_CONFIRMED = effects.c.state == EffectState.CONFIRMED


@door(Right.RECORD)
def misfits(connection: Connection, since: dt.timedelta | None) -> list[Misfit]:
    """What does not agree in what was written within `since` (None: ever)."""
    after = None if since is None else now() - since
    return [
        *_left_open(connection, after),
        *_of_other_orders(connection, after),
        *_of_other_companies(connection, after),
        *_without_order(connection, after),
        *_not_written(connection, after),
    ]


def _lately(
    after: dt.datetime | None, moment: ColumnElement[object] = effects.c.updated_at
) -> ColumnElement[bool]:
    return true() if after is None else moment >= after


def _effects(connection: Connection, *where: Any) -> list[SaRow[Any]]:
    """Effects with their reversal, order and invoice."""
    query = (
        select(
            effects.c.kind,
            effects.c.connection_id,
            reversals.c.order_id,
            reversals.c.state.label("reversal"),
            orders.c.name,
            orders.c.cancelled_at,
            invoices.c.id.label("invoice_id"),
            invoices.c.service,
            invoices.c.account,
            invoices.c.series,
            invoices.c.number,
            invoices.c.order_id.label("invoice_order"),
            invoices.c.reversed_at,
            invoices.c.annulled_at,
        )
        .join(reversals, reversals.c.id == effects.c.reversal_id)
        .join(orders, orders.c.id == reversals.c.order_id)
        .outerjoin(invoices, invoices.c.id == effects.c.invoice_id)
        .where(*where)
        .order_by(effects.c.id)
    )
    return list(connection.execute(query))


def _left_open(connection: Connection, after: dt.datetime | None) -> Iterator[Misfit]:
    """Sent, and nobody knows what became of it, in a reversal that nobody works on any more."""
    over = reversals.c.state.in_((ReversalState.DONE, ReversalState.STOPPED))
    for row in _effects(connection, over, effects.c.state.in_(IN_THE_AIR), _lately(after)):
        yield _about_order(row, MisfitCode.EFFECT_LEFT_OPEN, effect=str(row.kind))


def _of_other_orders(connection: Connection, after: dt.datetime | None) -> Iterator[Misfit]:
    other = orders.alias()
    query = (
        select(invoices.c.series, invoices.c.number, orders.c.name, other.c.name.label("other"))
        .select_from(effects)
        .join(reversals, reversals.c.id == effects.c.reversal_id)
        .join(orders, orders.c.id == reversals.c.order_id)
        .join(invoices, invoices.c.id == effects.c.invoice_id)
        .join(other, other.c.id == invoices.c.order_id)
        .where(_DOCUMENT, _CONFIRMED, invoices.c.order_id != reversals.c.order_id, _lately(after))
        .order_by(effects.c.id)
    )
    for row in connection.execute(query):
        yield _about_invoice(row, MisfitCode.EFFECT_OF_ANOTHER_ORDER, other=row.other)


def _of_other_companies(connection: Connection, after: dt.datetime | None) -> Iterator[Misfit]:
    """Reversed through the account of another company than the invoice's own."""
    known = accounts.load(connection)
    for row in _effects(
        connection, _DOCUMENT, _CONFIRMED, invoices.c.account != "", _lately(after)
    ):
        through = known.by_connection(row.connection_id)
        if through is not None and through.company and through.company != row.account:
            yield _about_invoice(
                row, MisfitCode.OTHER_COMPANY, ours=row.account, theirs=through.company
            )


def _without_order(connection: Connection, after: dt.datetime | None) -> Iterator[Misfit]:
    """Reversed, though its order is not cancelled (rule 6)."""
    cancelled = exists().where(
        effects.c.reversal_id == reversals.c.id,
        effects.c.kind == EffectKind.CANCEL,
        _CONFIRMED,
    )
    done = func.coalesce(invoices.c.reversed_at, invoices.c.annulled_at)
    query = (
        select(invoices.c.series, invoices.c.number, orders.c.name)
        .join(orders, orders.c.id == invoices.c.order_id)
        .outerjoin(reversals, reversals.c.order_id == orders.c.id)
        .where(
            done.is_not(None),
            orders.c.cancelled_at.is_(None),
            ~cancelled,
            or_(reversals.c.id.is_(None), reversals.c.state.not_in(OPEN_REVERSALS)),
            _lately(after, done),
        )
        .order_by(invoices.c.id)
    )
    for row in connection.execute(query):
        yield _about_invoice(row, MisfitCode.STORNO_WITHOUT_ORDER)


def _not_written(connection: Connection, after: dt.datetime | None) -> Iterator[Misfit]:
    """An effect is confirmed, and its invoice still counts as open."""
    still_open = and_(invoices.c.reversed_at.is_(None), invoices.c.annulled_at.is_(None))
    for row in _effects(connection, _DOCUMENT, _CONFIRMED, still_open, _lately(after)):
        if row.invoice_id is not None:
            yield _about_invoice(row, MisfitCode.NOT_WRITTEN_DOWN)


def _about_order(row: Any, code: MisfitCode, **more: str) -> Misfit:
    return f"order {row.name}", Reason.of(code, order=row.name, **more)


def _about_invoice(row: Any, code: MisfitCode, **more: str) -> Misfit:
    name = f"{row.series} {row.number}".strip()
    return f"invoice {name}", Reason.of(code, invoice=name, order=row.name, **more)
