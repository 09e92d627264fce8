"""Whether anything of a pile changed: one short text that pages compare, instead of redrawing."""

from sqlalchemy import ColumnElement, ScalarSelect, func, select

from core.rights import Right, door, require_pile
from core.store import db
from core.store.tables import pile_orders, pile_pictures, reversals, scans


@door(Right.SCAN)
def pulse(pile_id: int) -> str:
    """Counts and newest ids of the pile's scans, orders, pictures and reversals, as text.

    It differs whenever what a page of the pile shows may differ; equal texts mean nothing to draw.
    """
    require_pile(pile_id)
    here = pile_orders.c.pile_id == pile_id
    # Each of the four is read from an index, however large the pile: this is asked all the time.
    counted = select(
        select(func.max(scans.c.id)).where(scans.c.pile_id == pile_id).scalar_subquery(),
        _count(scans.c.pile_id == pile_id, scans.c.undone_at.is_not(None)),
        select(func.max(pile_orders.c.id)).where(here).scalar_subquery(),
        _count(here, pile_orders.c.removed_at.is_not(None)),
    )
    going = (
        select(reversals.c.state, func.count())
        .join(pile_orders, pile_orders.c.order_id == reversals.c.order_id)
        .where(here)
        .group_by(reversals.c.state)
        .order_by(reversals.c.state)
    )
    seen = (
        select(pile_pictures.c.state, func.count())
        .where(pile_pictures.c.pile_id == pile_id)
        .group_by(pile_pictures.c.state)
        .order_by(pile_pictures.c.state)
    )
    with db.reading() as connection:
        rows = [
            *connection.execute(counted).all(),
            *connection.execute(going).all(),
            *connection.execute(seen).all(),
        ]
    return ";".join(",".join(map(str, row)) for row in rows)


def _count(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).where(*conditions).scalar_subquery()
