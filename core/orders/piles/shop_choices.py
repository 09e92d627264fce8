"""Which choices Review offers: only what a shop of the pile's orders can do about an order."""

from sqlalchemy import select

from core.rights import Right, door
from core.services import registry
from core.services.ports import ShopCapabilities
from core.store import db
from core.store.tables import connections, orders, pile_orders

ASKED_OF_THE_SHOP = ("reason", "staff_note", "notify", "refund", "cancel_fulfillments")


@door(Right.PILE)
def offered(pile_id: int) -> frozenset[str]:
    """Of the choices that a shop must be able to do, those that one of the pile's shops can."""
    query = (
        select(connections.c.service)
        .join(orders, orders.c.shop_id == connections.c.id)
        .join(pile_orders, pile_orders.c.order_id == orders.c.id)
        .where(pile_orders.c.pile_id == pile_id)
        .distinct()
    )
    with db.reading() as connection:
        services = list(connection.scalars(query))
    known = registry.services("shop")
    found = [_of(registry.shop_capabilities(one)) for one in services if one in known]
    return frozenset().union(*found)


def _of(able: ShopCapabilities) -> frozenset[str]:
    choices = {
        "reason": able.can_give_reason,
        "staff_note": able.note_length > 0,
        "notify": able.can_notify,
        "refund": able.can_refund,
        "cancel_fulfillments": able.can_cancel_fulfillments,
    }
    return frozenset(name for name, can in choices.items() if can)
