"""Proposes a pile of the parcels that couriers report as brought back to the sender.

It cancels nothing: such an order is held in its pile like any other of which no parcel was
scanned, until somebody scans the parcel or says that it is here, which counts as its scan: the
order's other parcels are still out. A parcel is proposed once.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, exists, insert, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.labels import normalise
from core.matching.match import Match
from core.orders.couriers.codes import ProposalCode
from core.orders.piles.scans import parcel_is_back, take_order, verdict_on
from core.rights import Right, actor, door
from core.settings import preferences
from core.store import db
from core.store.states import MatchOutcome
from core.store.tables import orders, parcels, pile_orders, piles, reversals, scans

ACTOR = "Refuz"
NAME = "Returned, by the couriers' word"
RECENT = dt.timedelta(days=60)  # what came back longer ago is a matter for Analytics
MOST = 500


@dataclass(frozen=True)
class Proposed:
    """One parcel of a proposed pile that nobody has scanned or confirmed yet."""

    order_id: int
    parcel_id: int
    order: str
    tracking: str
    courier: str
    customer: str
    total_minor: int
    currency: str
    said: str  # the courier's own words
    since: dt.datetime | None


def propose_returned() -> int:
    """Put what couriers report as returned into the proposed pile; gives how many orders.

    Nothing where the preference is off. Audited.
    """
    with db.writing() as connection:
        if not preferences.load(connection).propose_returned:
            return 0
        _leave_out_what_was_settled(connection)
        found = _returned(connection)
        if not found:
            return 0
        pile_id = open_proposal(connection) or _begin(connection)
        for row in found:
            take_order(connection, pile_id, row.order_id)
        numbers = [row.tracking for row in found]
        detail = {"pile": pile_id, "parcels": numbers}
        trail.record(connection, Action.PARCELS_PROPOSED, f"pile {NAME}", detail, name=ACTOR)
        return len({row.order_id for row in found})


def open_proposal(connection: Connection) -> int | None:
    """The proposed pile that is open, or None."""
    query = select(piles.c.id).where(piles.c.proposed, piles.c.closed_at.is_(None))
    return connection.scalar(query.order_by(piles.c.id.desc()).limit(1))


def _begin(connection: Connection) -> int:
    """Begin a proposed pile; gives its id."""
    made = connection.scalar(
        insert(piles)
        .values(name=NAME, created_at=now(), created_by=ACTOR, proposed=True)
        .returning(piles.c.id)
    )
    trail.record(connection, Action.PILE_BEGUN, f"pile {NAME}", {"pile": made}, name=ACTOR)
    return int(made or 0)


def _returned(connection: Connection) -> list[Row[Any]]:
    """Parcels that the courier brought back, that nobody has seen, and that no pile holds."""
    in_a_pile = (
        exists()
        .where(pile_orders.c.order_id == parcels.c.order_id, piles.c.id == pile_orders.c.pile_id)
        # One that was taken out of a proposal was refused by a person: it is not proposed again.
        .where(
            piles.c.proposed | (pile_orders.c.removed_at.is_(None) & piles.c.closed_at.is_(None))
        )
    )
    query = (
        select(parcels.c.order_id, parcels.c.tracking)
        .join(orders, orders.c.id == parcels.c.order_id)
        .where(
            parcels.c.status == "returned",
            parcels.c.status_at >= now() - RECENT,
            parcels.c.scanned_on.is_(None),
            orders.c.cancelled_at.is_(None),
            ~exists().where(reversals.c.order_id == parcels.c.order_id),
            ~in_a_pile,
        )
        .order_by(parcels.c.id)
        .limit(MOST)
    )
    return list(connection.execute(query))


def _leave_out_what_was_settled(connection: Connection) -> None:
    """Orders that were scanned into another pile, or cancelled, are proposed no more."""
    elsewhere = exists().where(
        parcels.c.order_id == pile_orders.c.order_id, parcels.c.scanned_on.is_not(None)
    )
    here = exists().where(
        scans.c.pile_id == pile_orders.c.pile_id,
        scans.c.order_id == pile_orders.c.order_id,
        scans.c.undone_at.is_(None),
    )
    done = exists().where(orders.c.id == pile_orders.c.order_id, orders.c.cancelled_at.is_not(None))
    proposed = select(piles.c.id).where(piles.c.proposed, piles.c.closed_at.is_(None))
    connection.execute(
        update(pile_orders)
        .where(
            pile_orders.c.pile_id.in_(proposed),
            pile_orders.c.removed_at.is_(None),
            (elsewhere & ~here) | done,
        )
        .values(removed_at=now())
    )


# ---------------------------------------------------------------- the person's word


@door(Right.PILE)
def unconfirmed(pile_id: int) -> list[Proposed]:
    """What a proposed pile holds that was neither scanned nor confirmed; [] for another pile."""
    with db.reading() as connection:
        return _unconfirmed(connection, pile_id)


def _unconfirmed(connection: Connection, pile_id: int) -> list[Proposed]:
    """The proposed parcels of a pile that nobody scanned yet and whose order was not begun."""
    seen = exists().where(
        scans.c.pile_id == pile_orders.c.pile_id,
        scans.c.parcel_id == parcels.c.id,
        scans.c.undone_at.is_(None),
    )
    query = (
        select(
            orders.c.id.label("order_id"),
            parcels.c.id.label("parcel_id"),
            orders.c.name.label("order"),
            parcels.c.tracking,
            parcels.c.courier,
            orders.c.customer_name.label("customer"),
            orders.c.total_minor,
            orders.c.currency,
            parcels.c.status_text.label("said"),
            parcels.c.status_at.label("since"),
        )
        .select_from(pile_orders)
        .join(piles, piles.c.id == pile_orders.c.pile_id)
        .join(orders, orders.c.id == pile_orders.c.order_id)
        .join(parcels, (parcels.c.order_id == orders.c.id) & (parcels.c.status == "returned"))
        .where(
            piles.c.id == pile_id,
            piles.c.proposed,
            pile_orders.c.removed_at.is_(None),
            ~seen,
            ~exists().where(reversals.c.order_id == orders.c.id),
        )
        .order_by(parcels.c.courier, parcels.c.status_at)
    )
    return [Proposed(**row._mapping) for row in connection.execute(query)]


@door(Right.PILE)
def waiting() -> tuple[int, int]:
    """The open proposed pile (0: none) and how many of its parcels wait for a person's word."""
    with db.reading() as connection:
        pile_id = open_proposal(connection) or 0
    return pile_id, len(unconfirmed(pile_id)) if pile_id else 0


@door(Right.PILE)
def confirm(pile_id: int, parcel_ids: Sequence[int]) -> None:
    """A person says that these parcels are here: each counts as scanned. Audited.

    Raises UserError for a pile that is not a proposed one; a parcel that it does not hold, or
    that is known to be here, is left as it is.
    """
    with db.writing() as connection:
        if not connection.scalar(select(piles.c.proposed).where(piles.c.id == pile_id)):
            raise UserError(ProposalCode.NOT_PROPOSED)
        here = [one for one in _unconfirmed(connection, pile_id) if one.parcel_id in parcel_ids]
        for one in here:
            _is_here(connection, pile_id, one)
        detail = {"pile": pile_id, "parcels": [one.tracking for one in here]}
        trail.record(connection, Action.PARCELS_CONFIRMED, f"pile {NAME}", detail)


def _is_here(connection: Connection, pile_id: int, one: Proposed) -> None:
    """Store a person's word as the scan that it stands for."""
    found = Match(MatchOutcome.MATCHED, "person", one.order_id, one.parcel_id)
    verdict, why = verdict_on(connection, pile_id, found)
    row = {
        "pile_id": pile_id, "key": f"confirmed-{uuid.uuid4().hex}", "at": now(),
        "by": actor().name[:80], "source": "person", "code": one.tracking,
        "code_key": normalise(one.tracking), "outcome": found.outcome, "verdict": verdict,
        "why": why, "matched_by": found.matched_by, "order_id": one.order_id,
        "parcel_id": one.parcel_id,
    }  # fmt: skip
    connection.execute(insert(scans).values(row))
    parcel_is_back(connection, one.parcel_id, now())
