"""Every source's one way in: a code is matched, its scan stored, and a verdict given at once."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, false, insert, select, update

from core.clock import day, now
from core.errors import UserError
from core.labels import normalise
from core.matching.match import Match, match
from core.orders.codes import PileCode
from core.orders.piles import labels
from core.orders.piles.checks import looked_at
from core.reasons import Reason, ReasonCode, together
from core.rights import Right, actor, door, require_pile
from core.settings import preferences
from core.store import db
from core.store.statements.rows import upsert
from core.store.states import OPEN_REVERSALS, MatchOutcome, ReversalState, ScanVerdict
from core.store.tables import orders, parcels, pile_orders, piles, reversals, scans

Sound = Literal["good", "seen", "bad"]

SOUNDS: dict[str, Sound] = {
    ScanVerdict.MATCHED: "good",
    ScanVerdict.SEEN: "seen",
    ScanVerdict.OTHER_PILE: "seen",
    ScanVerdict.DONE: "seen",
}
LONGEST_CODE = 400
GOING = (*OPEN_REVERSALS, ReversalState.NEEDS_PERSON, ReversalState.DONE)


class ScanCode(ReasonCode):
    """What is the matter with a scan; none has parameters."""

    SEEN = "scan_seen"
    DONE = "scan_done"
    CANCELLED = "scan_cancelled"
    DELIVERED = "scan_delivered"
    NOT_SHIPPED = "scan_not_shipped"
    OTHER_PILE = "scan_other_pile"
    UNSURE = "scan_unsure"
    BY_ALIAS = "by_alias"


class NoSuchPile(UserError):
    """The pile of a scan does not exist."""


@dataclass(frozen=True)
class ScanResult:
    """The answer to one scan."""

    verdict: ScanVerdict
    sound: Sound
    outcome: MatchOutcome
    scan_id: int
    code: str
    why: Reason | None = None
    order_id: int | None = None
    parcel_id: int | None = None
    order_name: str = ""
    tracking: str = ""
    candidates: tuple[int, ...] = ()
    repeated: bool = False  # the same key came before: nothing new was stored


@door(Right.SCAN)
def take_scan(
    pile_id: int,
    code: str,
    format: str = "",  # noqa: A002 (the reader's own word)
    *,
    source: str,
    key: str,
    sha256: str | None = None,
    corners: Sequence[Sequence[float]] | None = None,
    weak: bool = False,
    sight: str = "",
) -> ScanResult:
    """Store one scan and say what it is. The same (pile, key) twice is one scan (rule 8).

    `sight`: what a camera saw together has the same one, and corners of one picture.

    Raises NoSuchPile, and UserError for a code that is empty.
    """
    require_pile(pile_id)
    # A code may carry NUL, which PostgreSQL keeps in no text; matching leaves it out anyway.
    text, key = code.replace("\0", "").strip()[:LONGEST_CODE], key.replace("\0", "")
    if not text:
        raise UserError(PileCode.EMPTY_CODE)
    with db.writing() as connection:
        # Scans of one pile come one after the other: of two of one parcel, one is "seen".
        here = select(piles.c.id).where(piles.c.id == pile_id).with_for_update()
        if connection.scalar(here) is None:
            raise NoSuchPile(PileCode.GONE)
        before = _before(connection, pile_id, key)
        if before is not None:
            return before
        looked_at(connection, pile_id)
        found = match(connection, text, format, weak=weak)
        same = _on_one_label(sha256 or "", sight)
        verdict, why = verdict_on(connection, pile_id, found, weak=weak, same=same)
        row = {
            **_of_code(text, format, source, corners),
            **_of_match(found),
            "pile_id": pile_id,
            "key": key[:80],
            "sha256": sha256 or "",
            "sight": sight[:40],
            "verdict": verdict,
            "why": why,
        }
        scan_id = connection.scalar(insert(scans).values(row).returning(scans.c.id))
        if found.order_id is not None:
            take_order(connection, pile_id, found.order_id)
            parcel_is_back(connection, found.parcel_id, now())
        beside = labels.settle(connection, pile_id, sha256 or "", sight)
    if scan_id in beside:
        verdict, why = ScanVerdict.NOT_TRACKING, labels.BESIDE
    return _result(found, verdict, why, scan_id or 0, text)


def _of_code(
    text: str, reader_format: str, source: str, corners: Sequence[Sequence[float]] | None
) -> dict[str, object]:
    """The columns of a scan that tell what was read, when, and by whom."""
    return {
        "at": now(),
        "by": actor().name[:80],
        "source": source,
        "code": text,
        "code_key": normalise(text),
        "format": reader_format[:40],
        "corners": [list(map(float, one)) for one in corners] if corners else None,
    }


def _of_match(found: Match) -> dict[str, object]:
    """The columns of a scan that tell what it matched."""
    return {
        "outcome": found.outcome,
        "matched_by": found.matched_by,
        "order_id": found.order_id,
        "parcel_id": found.parcel_id,
        "candidates": list(found.candidates) or None,
    }


@door(Right.SCAN)
def taken(pile_id: int, key: str) -> ScanResult | None:
    """The scan that was stored under this key, as it stands now; None: there is none."""
    require_pile(pile_id)
    with db.reading() as connection:
        return _before(connection, pile_id, key)


def _on_one_label(sha256: str, sight: str) -> ColumnElement[bool]:
    """Scans of the same photo, or of what a camera saw together."""
    if sha256:
        return scans.c.sha256 == sha256
    return scans.c.sight == sight[:40] if sight else false()


def verdict_on(
    connection: Connection,
    pile_id: int,
    found: Match,
    *,
    weak: bool = False,
    same: ColumnElement[bool] | None = None,
) -> tuple[ScanVerdict, Reason | None]:
    """What a match means in this pile, with a reason where it is not plainly good.

    `same`: the scans of its own picture. A second code of one label says what the first one said.
    """
    if found.outcome == MatchOutcome.AMBIGUOUS:
        return ScanVerdict.AMBIGUOUS, found.why
    if found.order_id is None:
        if not found.is_tracking:
            return ScanVerdict.NOT_TRACKING, found.why
        if weak:
            return ScanVerdict.UNSURE, Reason(ScanCode.UNSURE)
        return ScanVerdict.UNKNOWN, found.why
    verdict = _verdict_of(connection, pile_id, found, false() if same is None else same)
    bad = None if verdict == ScanVerdict.MATCHED else Reason(ScanCode[verdict.name])
    learnt = Reason(ScanCode.BY_ALIAS) if found.matched_by == "alias" else None
    return verdict, together(bad, learnt)


def _verdict_of(
    connection: Connection, pile_id: int, found: Match, same: ColumnElement[bool]
) -> ScanVerdict:
    """The verdict on a parcel whose order is known."""
    here = select(scans.c.verdict).where(
        scans.c.pile_id == pile_id,
        scans.c.parcel_id == found.parcel_id,
        scans.c.undone_at.is_(None),
    )
    on_it = here.where(same, scans.c.outcome == MatchOutcome.MATCHED)
    verdict = connection.scalar(on_it.order_by(scans.c.id).limit(1))
    if verdict is not None:
        return ScanVerdict(verdict)
    if connection.scalar(here.limit(1)) is not None:
        return ScanVerdict.SEEN
    state = connection.scalar(
        select(reversals.c.state).where(reversals.c.order_id == found.order_id)
    )
    if state in GOING:
        return ScanVerdict.DONE
    order = connection.execute(select(orders).where(orders.c.id == found.order_id)).one()
    if order.cancelled_at is not None:
        return ScanVerdict.CANCELLED
    parcel = connection.execute(select(parcels).where(parcels.c.id == found.parcel_id)).one()
    if parcel.outcome == "delivered":
        return ScanVerdict.DELIVERED
    if order.fulfillment_status == "UNFULFILLED" and not parcel.fulfillment_gid:
        return ScanVerdict.NOT_SHIPPED
    elsewhere = _in_other_pile(connection, pile_id, found)
    return ScanVerdict.OTHER_PILE if elsewhere else ScanVerdict.MATCHED


def _in_other_pile(connection: Connection, pile_id: int, found: Match) -> bool:
    query = (
        select(pile_orders.c.id)
        .join(piles, piles.c.id == pile_orders.c.pile_id)
        .where(
            pile_orders.c.order_id == found.order_id,
            pile_orders.c.pile_id != pile_id,
            pile_orders.c.removed_at.is_(None),
            piles.c.closed_at.is_(None),
            ~piles.c.proposed,  # a scan is what such a parcel waits for
        )
    )
    return connection.scalar(query.limit(1)) is not None


def take_order(connection: Connection, pile_id: int, order_id: int) -> None:
    """Put the order into the pile once, with the choices of the pile, else the preferences.

    A parcel that was removed and is scanned again comes back with the choices it had.
    """
    chosen = usual_choices(connection, pile_id)
    row = {"pile_id": pile_id, "order_id": order_id, "added_at": now(), **chosen}
    upsert(
        connection, pile_orders, row, ("pile_id", "order_id"), lambda _fresh: {"removed_at": None}
    )


def usual_choices(connection: Connection, pile_id: int) -> dict[str, object]:
    """What an order that joins this pile has chosen: the pile's own choices, else the preferences.

    By column of `pile_orders`; what neither names has the column's default.
    """
    chosen = preferences.load(connection)
    of_pile = connection.scalar(select(piles.c.choices).where(piles.c.id == pile_id))
    return {
        "restock": chosen.restock_default,
        "reason": chosen.reason_default,
        "notify": chosen.notify_default,
        "document": chosen.document,
        "cancel_fulfillments": chosen.allow_fulfillment_cancel,
        **(of_pile or {}),
    }


def parcel_is_back(connection: Connection, parcel_id: int | None, at: dt.datetime) -> None:
    """Note the merchant's day of a parcel's first scan; None is no parcel that we know."""
    on = day(at, preferences.load(connection).zone)
    connection.execute(
        update(parcels)
        .where(parcels.c.id == parcel_id, parcels.c.scanned_on.is_(None))
        .values(scanned_on=on, void=False)
    )


def _before(connection: Connection, pile_id: int, key: str) -> ScanResult | None:
    """The answer that a scan with this key was given before; None where there was none."""
    row: Any = connection.execute(
        select(scans, orders.c.name, parcels.c.tracking)
        .outerjoin(orders, orders.c.id == scans.c.order_id)
        .outerjoin(parcels, parcels.c.id == scans.c.parcel_id)
        .where(scans.c.pile_id == pile_id, scans.c.key == key[:80])
    ).one_or_none()
    if row is None:
        return None
    return ScanResult(
        verdict=ScanVerdict(row.verdict),
        sound=SOUNDS.get(row.verdict, "bad"),
        outcome=MatchOutcome(row.outcome),
        scan_id=row.id,
        code=row.code,
        why=row.why,
        order_id=row.order_id,
        parcel_id=row.parcel_id,
        order_name=row.name or "",
        tracking=row.tracking or "",
        candidates=tuple(row.candidates or ()),
        repeated=True,
    )


def _result(
    found: Match, verdict: ScanVerdict, why: Reason | None, scan_id: int, code: str
) -> ScanResult:
    return ScanResult(
        verdict=verdict,
        sound=SOUNDS.get(verdict, "bad"),
        outcome=found.outcome,
        scan_id=scan_id,
        code=code,
        why=why,
        order_id=found.order_id,
        parcel_id=found.parcel_id,
        order_name=found.order_name,
        tracking=found.tracking,
        candidates=found.candidates,
    )
