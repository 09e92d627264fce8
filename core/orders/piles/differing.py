"""Orders that were chosen otherwise than their pile: named before a run, lest one is missed."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from core.orders.piles import review
from core.orders.piles.scans import usual_choices
from core.rights import Right, door
from core.store import db
from core.store.tables import orders, pile_orders

COMPARED = (
    "restock",
    "notify",
    "refund",
    "document",
    "reason",
    "cancel_fulfillments",
    "staff_note",
)
CHUNK = 500


@dataclass(frozen=True)
class Differing:
    """One order and what was chosen for it alone: {"restock": True}."""

    order: str
    choices: dict[str, object]


@door(Right.PILE)
def differing(pile_id: int, only: Collection[int] | None = None) -> list[Differing]:
    """Of the orders that a run would take, those with a choice of their own, by name."""
    ids = review.runnable_orders(pile_id, only)
    found = []
    with db.reading() as connection:
        usual = {"refund": None, "staff_note": "", **usual_choices(connection, pile_id)}
        for start in range(0, len(ids), CHUNK):
            query = (
                select(orders.c.name, *(pile_orders.c[name] for name in COMPARED))
                .join(orders, orders.c.id == pile_orders.c.order_id)
                .where(
                    pile_orders.c.pile_id == pile_id,
                    pile_orders.c.order_id.in_(ids[start : start + CHUNK]),
                )
            )
            for row in connection.execute(query):
                other = {n: getattr(row, n) for n in COMPARED if getattr(row, n) != usual[n]}
                if other:
                    found.append(Differing(row.name, other))
    return sorted(found, key=lambda one: one.order)
