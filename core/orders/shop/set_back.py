"""Sees an order that was cancelled and that somebody has set back at a shop where one can.

Its invoices may be reversed by then, so it is told: in the trail always, by an alarm where a
reversal of ours is done.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, null, select, update

from core.audit import alarms, trail
from core.audit.actions import Action
from core.reasons import Reason, ReasonCode
from core.rights import named
from core.services.ports import ShopOrder
from core.settings.connections import ALARMS
from core.store.states import EffectKind, EffectState, ReversalState
from core.store.tables import effects, orders, parcels, reversals

ACTOR = "sync"


class SetBackCode(ReasonCode):
    """Sentences: `core.i18n.sentences.holds`."""

    ORDER_SET_BACK = "order_set_back"  # order


def cancelled_or_set_back(fresh: Any) -> ColumnElement[object]:
    """What `cancelled_at` becomes, given the row that is being written.

    Only a later change takes it away: of two readings in one second the cancel counts. While we
    put stock back ourselves the order is not cancelled for a moment, which nobody has done. The
    moment first seen stays: a shop that tells none names its last change.
    """
    ours = exists().where(
        effects.c.connection_id == orders.c.shop_id,
        effects.c.kind == EffectKind.RESTOCK,
        effects.c.target == orders.c.gid,
        effects.c.state != EffectState.CONFIRMED,
    )
    later = and_(fresh.cancelled_at.is_(None), fresh.updated_at > orders.c.updated_at, ~ours)
    return case((later, null()), else_=func.coalesce(orders.c.cancelled_at, fresh.cancelled_at))


def cancelled_before(connection: Connection, shop_id: int, batch: Sequence[ShopOrder]) -> list[int]:
    """Our ids of those orders of the batch that we hold for cancelled and that may be set back."""
    gids = [one.gid for one in batch if one.can_be_reopened and one.cancelled_at is None]
    if not gids:
        return []
    query = select(orders.c.id).where(
        orders.c.shop_id == shop_id, orders.c.gid.in_(gids), orders.c.cancelled_at.is_not(None)
    )
    return list(connection.scalars(query))


@named(ACTOR)
def tell_set_back(connection: Connection, order_ids: Sequence[int]) -> None:
    """Of these orders, tell about those that are not cancelled any more."""
    if not order_ids:
        return
    done = reversals.c.state == ReversalState.DONE
    query = (
        select(orders.c.id, orders.c.name, reversals.c.id.label("reversal"))
        .outerjoin(reversals, and_(reversals.c.order_id == orders.c.id, done))
        .where(orders.c.id.in_(order_ids), orders.c.cancelled_at.is_(None))
    )
    for row in connection.execute(query).all():
        subject = f"order {row.name}"
        trail.record(connection, Action.SET_BACK_AT_SHOP, subject, {}, row.id, name=ACTOR)
        connection.execute(
            update(parcels).where(parcels.c.order_id == row.id).values(cancelled_on=None)
        )
        if row.reversal is not None:
            why = Reason.of(SetBackCode.ORDER_SET_BACK, order=row.name)
            alarms.ring(connection, ALARMS["shop"], subject, why)
