"""Lets go of what was scanned long ago: the pile, its orders and what was done about them stay.

A pile goes as a whole, so that its scans always are matched + ambiguous + unmatched (rule 8): the
record keeps how many of each there were.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, exists, func, or_, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.store.states import OPEN_REVERSALS
from core.store.tables import (
    boxes,
    pictures,
    pile_orders,
    pile_pictures,
    piles,
    reversals,
    runs,
    scans,
)

MOST = 100  # piles a night


def expire(connection: Connection, before: dt.datetime) -> tuple[int, list[str]]:
    """Delete scans and label pictures of piles in which nothing has happened since `before`.

    A pile with an unfinished run, an open reversal or an unread picture waits. Photos of goods
    (proofs) are no part of it. Gives how many scans went, and the hashes of pictures whose files
    are needed no more. A pile that was still open is closed.
    """
    gone: list[str] = []
    count = 0
    for pile in connection.execute(_old(before)).all():
        seen = {str(outcome): n for outcome, n in connection.execute(_outcomes(pile.id))}
        files = _delete(connection, pile.id)
        open_one = (piles.c.id == pile.id) & piles.c.closed_at.is_(None)
        connection.execute(update(piles).where(open_one).values(closed_at=now()))
        detail = {"pile": pile.id, "scans": seen, "pictures": len(files)}
        trail.record(connection, Action.SCANS_EXPIRED, f"pile {pile.name}", detail)
        count += sum(seen.values())
        gone += files
    return count, gone


def _old(before: dt.datetime) -> Any:
    """The query of piles that were left alone since: all their scans, labels and runs are old."""
    under_way = (
        exists()
        .where(pile_orders.c.pile_id == piles.c.id)
        .where(reversals.c.order_id == pile_orders.c.order_id)
        .where(reversals.c.state.in_(OPEN_REVERSALS))
    )
    label = (pile_pictures.c.pile_id == piles.c.id) & (pile_pictures.c.kind == "label")
    young_picture = pile_pictures.c.added_at >= before
    unread = pile_pictures.c.state.in_(("waiting", "reading"))
    return (
        select(piles.c.id, piles.c.name)
        .where(
            piles.c.created_at < before,
            or_(exists().where(scans.c.pile_id == piles.c.id), exists().where(label)),
            ~exists().where(scans.c.pile_id == piles.c.id, scans.c.at >= before),
            ~exists().where(label, or_(young_picture, unread)),
            ~exists().where(pile_orders.c.pile_id == piles.c.id, pile_orders.c.added_at >= before),
            ~exists().where(runs.c.pile_id == piles.c.id, runs.c.finished_at.is_(None)),
            ~under_way,
            *(piles.c.id != _of_newest(table) for table in (scans, pile_pictures, boxes)),
        )
        .order_by(piles.c.id)
        .limit(MOST)
    )


def _of_newest(table: Table) -> Any:
    """The pile of a table's newest row (0: the table is empty), which stays: SQLite would give its
    number again, and what follows the table by number would not see the next row."""
    newest = select(func.max(table.c.id)).scalar_subquery()
    pile = select(table.c.pile_id).where(table.c.id == newest).scalar_subquery()
    return func.coalesce(pile, 0)


def _outcomes(pile_id: int) -> Any:
    mine = scans.c.pile_id == pile_id
    return select(scans.c.outcome, func.count()).where(mine).group_by(scans.c.outcome)


def _delete(connection: Connection, pile_id: int) -> Sequence[str]:
    """Gives the pictures that no other pile and no proof holds."""
    label = (pile_pictures.c.pile_id == pile_id) & (pile_pictures.c.kind == "label")
    connection.execute(delete(boxes).where(boxes.c.pile_id == pile_id))
    connection.execute(delete(scans).where(scans.c.pile_id == pile_id))
    mine = list(
        connection.scalars(delete(pile_pictures).where(label).returning(pile_pictures.c.sha256))
    )
    gone: list[str] = []
    for at in range(0, len(mine), 500):
        alone = pictures.c.sha256.in_(mine[at : at + 500]) & ~exists().where(
            pile_pictures.c.sha256 == pictures.c.sha256
        )
        gone += connection.scalars(delete(pictures).where(alone).returning(pictures.c.sha256))
    return gone
