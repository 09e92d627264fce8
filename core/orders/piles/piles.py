"""Piles: the parcels that are being processed together."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.orders.codes import PileCode
from core.rights import Right, actor, door
from core.store import db
from core.store.tables import piles


@dataclass(frozen=True)
class Pile:
    """One pile: its name, who began it and when; `closed_at` once it is put away.

    `proposed`: made of what couriers report as returned, see core.orders.couriers.proposals.
    """

    id: int
    name: str
    created_at: dt.datetime
    created_by: str
    closed_at: dt.datetime | None
    proposed: bool = False


@door(Right.PILE)
def create(name: str) -> int:
    """Begin a pile; gives its id. Raises UserError without a name."""
    title = name.strip()[:120]
    if not title:
        raise UserError(PileCode.NO_NAME)
    with db.writing() as connection:
        made = connection.scalar(
            insert(piles)
            .values(name=title, created_at=now(), created_by=actor().name)
            .returning(piles.c.id)
        )
        trail.record(connection, Action.PILE_BEGUN, f"pile {title}", {"pile": made})
    if made is None:
        raise UserError(PileCode.NOT_MADE)
    return int(made)


@door(Right.SCAN, Right.PILE)
def get(pile_id: int) -> Pile | None:
    """The pile, or None."""
    with db.reading() as connection:
        row = connection.execute(select(piles).where(piles.c.id == pile_id)).one_or_none()
    return _pile(row) if row is not None else None


@door(Right.SCAN, Right.PILE)
def open_piles() -> list[Pile]:
    """Piles that are not closed: those of people first, newest first, then what is proposed."""
    newest = (piles.c.proposed, piles.c.id.desc())
    query = select(piles).where(piles.c.closed_at.is_(None)).order_by(*newest)
    with db.reading() as connection:
        return [_pile(row) for row in connection.execute(query)]


@door(Right.SCAN, Right.PILE)
def all_piles(limit: int = 200) -> list[Pile]:
    """Every pile, closed ones too, newest first."""
    with db.reading() as connection:
        query = select(piles).order_by(piles.c.id.desc()).limit(limit)
        return [_pile(row) for row in connection.execute(query)]


@door(Right.PILE)
def rename(pile_id: int, name: str) -> None:
    """Give the pile another name."""
    title = name.strip()[:120]
    if not title:
        raise UserError(PileCode.NO_NAME)
    with db.writing() as connection:
        connection.execute(update(piles).where(piles.c.id == pile_id).values(name=title))
        trail.record(connection, Action.PILE_RENAMED, f"pile {title}", {"pile": pile_id})


@door(Right.PILE)
def close(pile_id: int) -> None:
    """Put the pile away; its scans and results stay."""
    with db.writing() as connection:
        name = connection.scalar(
            update(piles)
            .where(piles.c.id == pile_id, piles.c.closed_at.is_(None))
            .values(closed_at=now())
            .returning(piles.c.name)
        )
        if name is not None:
            trail.record(connection, Action.PILE_CLOSED, f"pile {name}", {"pile": pile_id})


def _pile(row: Row[Any]) -> Pile:
    return Pile(**{name: getattr(row, name) for name in Pile.__dataclass_fields__})
