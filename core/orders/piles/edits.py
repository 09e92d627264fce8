"""What people change about a pile: options, remarks, undo, removal, linking by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, or_, select, update

from core.audit import trail
from core.audit.actions import Action
from core.audit.redact import code_for_record
from core.clock import now
from core.errors import UserError
from core.orders import names
from core.orders.aliases import learn
from core.orders.codes import PileCode
from core.orders.judge.rules import judge
from core.orders.piles import labels, review
from core.orders.piles.scans import parcel_is_back, take_order
from core.rights import Right, actor, door, require_pile
from core.store import db
from core.store.states import MatchOutcome, ScanVerdict
from core.store.tables import orders, parcels, pile_orders, piles, scans

OPTIONS = frozenset(
    {
        "included", "restock", "reason", "staff_note", "notify", "refund", "document",
        "condition", "remark", "cancel_fulfillments",
    }
)  # fmt: skip
# What a whole pile may have; the rest is about one parcel.
OF_PILE = OPTIONS - {"included", "condition", "remark"}
REASONS = ("CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "OTHER", "STAFF")
CONDITIONS = ("", "unopened", "opened", "damaged", "missing items")


@dataclass(frozen=True)
class FoundOrder:
    """An order found by what a person remembers of it."""

    order_id: int
    name: str
    customer_name: str
    phone: str
    city: str
    total_minor: int
    currency: str
    parcels: tuple[tuple[int, str, str], ...]  # (parcel id, tracking, courier)


@door(Right.PILE)
def set_options(pile_id: int, order_ids: Sequence[int], **changes: Any) -> None:
    """Change the choices of these orders of a pile; audited. Raises UserError."""
    _check(changes)
    if not changes:
        return
    with db.writing() as connection:
        connection.execute(
            update(pile_orders)
            .where(pile_orders.c.pile_id == pile_id, pile_orders.c.order_id.in_(order_ids))
            .values(**changes)
        )
        detail = {"orders": list(order_ids)[:500], "choices": changes}
        trail.record(connection, Action.CHOICES_CHANGED, f"pile {pile_id}", detail)


@door(Right.PILE)
def set_options_of_pile(pile_id: int, **changes: Any) -> None:
    """Change the choices of a pile: of every order in it, and of those that join later; audited.

    Raises UserError.
    """
    _check(changes)
    if not changes:
        return
    with db.writing() as connection:
        kept = {name: value for name, value in changes.items() if name in OF_PILE}
        before = select(piles.c.choices).where(piles.c.id == pile_id).with_for_update()
        choices = {**(connection.scalar(before) or {}), **kept}
        connection.execute(update(piles).where(piles.c.id == pile_id).values(choices=choices))
        connection.execute(
            update(pile_orders).where(pile_orders.c.pile_id == pile_id).values(**changes)
        )
        detail = {"orders": "all", "choices": changes}
        trail.record(connection, Action.CHOICES_CHANGED, f"pile {pile_id}", detail)


def _check(changes: dict[str, Any]) -> None:
    unknown = set(changes) - OPTIONS
    if unknown:
        raise UserError(PileCode.NO_CHOICE, names=", ".join(sorted(unknown)))
    if changes.get("reason", "OTHER") not in REASONS:
        raise UserError(PileCode.NO_REASON)
    if changes.get("document", "storno") not in ("storno", "annul", "none"):
        raise UserError(PileCode.NO_DOCUMENT)
    if len(changes.get("staff_note") or "") > 255:
        raise UserError(PileCode.NOTE_TOO_LONG)
    if changes.get("condition", "") not in CONDITIONS:
        raise UserError(PileCode.NO_CONDITION)


@door(Right.RUN)
def all_the_same(pile_id: int, order_id: int, why: str) -> bool:
    """A person goes against what holds an order back just now, with a reason; audited.

    True where nothing else holds it. Raises UserError without a reason, or where the rule does
    not allow it. Should the facts change, the rule holds again.
    """
    if not why.strip():
        raise UserError(PileCode.WHY_ALL_THE_SAME)
    with db.writing() as connection:
        here = review.of_pile(connection, pile_id, order_id)
        judged = judge(here[0][1]) if here else None
        if judged is None or judged.reason is None or not judged.may_waive:
            raise UserError(PileCode.CANNOT_WAIVE)
        row = here[0][0]
        waiver = {"reason": judged.reason.dumps(), "why": why.strip()[:300], "by": actor().name}
        waivers = [*(row.waived or ()), waiver]
        connection.execute(
            update(pile_orders)
            .where(pile_orders.c.pile_id == pile_id, pile_orders.c.order_id == order_id)
            .values(waived=waivers)
        )
        detail = {"pile": pile_id, "against": judged.reason.as_json(), "why": why.strip()[:300]}
        trail.record(connection, Action.ALL_THE_SAME, f"order {row.name}", detail, order_id)
        [(_, after)] = review.of_pile(connection, pile_id, order_id)
        return judge(after).group == "will run"


@door(Right.SCAN)
def undo_last_scan(pile_id: int, *, key: str = "") -> str | None:
    """Take back this person's newest scan of the pile; gives its code, None without any.

    The same `key` twice takes back one scan.
    """
    require_pile(pile_id)
    with db.writing() as connection:
        undone = select(scans.c.code).where(scans.c.pile_id == pile_id, scans.c.undone_key == key)
        before = connection.scalar(undone.limit(1)) if key else None
        if before is not None:
            return str(before)
        newest = connection.execute(
            select(scans)
            .where(
                scans.c.pile_id == pile_id, scans.c.undone_at.is_(None), scans.c.by == actor().name
            )
            .order_by(scans.c.id.desc())
            .limit(1)
        ).one_or_none()
        if newest is None:
            return None
        connection.execute(
            update(scans)
            .where(scans.c.id == newest.id)
            .values(undone_at=now(), undone_key=key[:80])
        )
        if newest.order_id is not None:
            _leave_if_no_scan(connection, pile_id, newest.order_id)
        labels.settle(connection, pile_id, newest.sha256, newest.sight)
        trail.record(
            connection,
            Action.SCAN_UNDONE,
            f"code {code_for_record(newest.code)}",
            {"pile": pile_id},
        )
        return str(newest.code)


def _leave_if_no_scan(connection: Connection, pile_id: int, order_id: int) -> None:
    left = select(scans.c.id).where(
        scans.c.pile_id == pile_id, scans.c.order_id == order_id, scans.c.undone_at.is_(None)
    )
    if connection.scalar(left.limit(1)) is None:
        _remove(connection, pile_id, order_id)


@door(Right.SCAN)
def remarks(pile_id: int, order_id: int) -> tuple[str, str] | None:
    """The parcel's condition and the note about it; None when the order is not in the pile."""
    query = select(pile_orders.c.condition, pile_orders.c.remark).where(
        pile_orders.c.pile_id == pile_id,
        pile_orders.c.order_id == order_id,
        pile_orders.c.removed_at.is_(None),
    )
    with db.reading() as connection:
        row = connection.execute(query).one_or_none()
        return (row.condition, row.remark) if row is not None else None


@door(Right.PILE)
def remove_order(pile_id: int, order_id: int) -> None:
    """Take an order out of the pile; its scans stay in the record."""
    with db.writing() as connection:
        undone = connection.execute(
            update(scans)
            .where(scans.c.pile_id == pile_id, scans.c.order_id == order_id)
            .values(undone_at=now())
            .returning(scans.c.sha256, scans.c.sight)
        ).all()
        for sha256, sight in {tuple(row) for row in undone}:
            labels.settle(connection, pile_id, sha256, sight)
        _remove(connection, pile_id, order_id)
        name = connection.scalar(select(orders.c.name).where(orders.c.id == order_id))
        detail = {"pile": pile_id}
        trail.record(connection, Action.REMOVED_FROM_PILE, f"order {name}", detail, order_id)


def _remove(connection: Connection, pile_id: int, order_id: int) -> None:
    connection.execute(
        update(pile_orders)
        .where(pile_orders.c.pile_id == pile_id, pile_orders.c.order_id == order_id)
        .values(removed_at=now())
    )


@door(Right.PILE)
def link_by_hand(scan_id: int, parcel_id: int, *, remember: bool = True) -> None:
    """A person says which parcel a scan is. The code is learnt, so the next one matches itself.

    Raises UserError when the scan or the parcel is gone.
    """
    with db.writing() as connection:
        scan = connection.execute(select(scans).where(scans.c.id == scan_id)).one_or_none()
        parcel = connection.execute(select(parcels).where(parcels.c.id == parcel_id)).one_or_none()
        if scan is None or parcel is None:
            raise UserError(PileCode.SCAN_GONE)
        if scan.outcome == MatchOutcome.MATCHED and scan.parcel_id != parcel_id:
            raise UserError(PileCode.SCAN_LINKED)
        connection.execute(
            update(scans)
            .where(scans.c.id == scan_id)
            .values(
                outcome=MatchOutcome.MATCHED, verdict=ScanVerdict.MATCHED, matched_by="person",
                why=None,
                order_id=parcel.order_id, parcel_id=parcel_id, candidates=None,
            )
        )  # fmt: skip
        parcel_is_back(connection, parcel_id, now())
        take_order(connection, scan.pile_id, parcel.order_id)
        labels.settle(connection, scan.pile_id, scan.sha256, scan.sight)
        # A number that fits several orders says nothing about the next parcel that carries it.
        if remember and scan.outcome == MatchOutcome.UNMATCHED:
            learn(connection, scan.code, parcel_id, source="person")
        code = code_for_record(scan.code)
        detail = {"code": code, "tracking": parcel.tracking}
        trail.record(
            connection,
            Action.LINKED_BY_HAND,
            f"code {code}",
            detail,
            parcel.order_id,
        )


@door(Right.NAMES, Right.ERASE)
def search_orders(text: str, limit: int = 20) -> list[FoundOrder]:
    """Orders by number, customer, phone, or a part of a tracking number."""
    words = text.strip()
    if len(words) < 3:
        return []
    like = f"%{words}%"
    tracked = select(parcels.c.order_id).where(parcels.c.tracking_key.like(f"%{words.upper()}%"))
    query = (
        select(orders)
        .where(
            or_(
                orders.c.name.ilike(f"%{names.written(words)}%"),
                orders.c.name.in_(names.variants(words)),
                orders.c.customer_name.ilike(like),
                orders.c.phone.like(like),
                orders.c.id.in_(tracked),
            )
        )
        .order_by(orders.c.created_at.desc())
        .limit(limit)
    )
    with db.reading() as connection:
        return [_found(connection, row) for row in connection.execute(query)]


def _found(connection: Connection, row: Any) -> FoundOrder:
    mine = select(parcels).where(parcels.c.order_id == row.id)
    boxes = connection.execute(mine.order_by(parcels.c.void, parcels.c.id))
    return FoundOrder(
        row.id, row.name, row.customer_name, row.phone, row.city, row.total_minor, row.currency,
        tuple((box.id, box.tracking, box.courier) for box in boxes),
    )  # fmt: skip
