"""What a person must look at, a label a question: not each code that lies on it.

A code beside one that matched got its verdict when it was stored (core.orders.piles.labels).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.orders.piles.labels import BESIDE
from core.reasons import Reason
from core.rights import Right, door
from core.store import db
from core.store.states import MatchOutcome, ScanVerdict
from core.store.tables import orders, parcels, scans


@dataclass(frozen=True)
class Question:
    """One label that fits no order, or several. `scan_ids`: all its codes, the telling one first.

    `candidates` are order ids; `sha256` is "" without a picture.
    """

    scan_ids: tuple[int, ...]
    code: str
    why: Reason | None
    candidates: tuple[int, ...]
    sha256: str
    at: Any
    by: str


@dataclass(frozen=True)
class Asked:
    """The questions of a pile, newest first, and the codes that lie on labels already matched."""

    questions: tuple[Question, ...]
    beside_matched: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """A parcel that may be the one: of which order, when, how much, where to, what is in it."""

    parcel_id: int
    tracking: str
    order_id: int


@door(Right.SCAN)
def asked(pile_id: int | None = None) -> Asked:
    """The labels of the pile (of all piles) that a person must look at."""
    query = select(scans).where(scans.c.undone_at.is_(None)).order_by(scans.c.id.desc())
    if pile_id is not None:
        query = query.where(scans.c.pile_id == pile_id)
    open_ = query.where(
        scans.c.outcome != MatchOutcome.MATCHED, scans.c.verdict != ScanVerdict.NOT_TRACKING
    )
    aside = query.where(scans.c.outcome == MatchOutcome.UNMATCHED, scans.c.why == BESIDE)
    with db.reading() as connection:
        rows = connection.execute(open_).all()
        beside = connection.execute(aside).all()
    groups: dict[object, list[Any]] = {}
    for row in rows:
        groups.setdefault(_label_of(row), []).append(row)
    questions = tuple(_question(rows) for rows in groups.values())
    return Asked(questions, tuple(row.code for row in beside))


@door(Right.SCAN)
def choices(order_ids: Sequence[int]) -> list[Choice]:
    """The parcels of these orders, in the orders' own order, one line each."""
    query = (
        select(parcels.c.id, parcels.c.tracking, parcels.c.order_id)
        .join(orders, orders.c.id == parcels.c.order_id)
        .where(parcels.c.order_id.in_(order_ids))
        .order_by(orders.c.created_at.desc(), parcels.c.void, parcels.c.id)
    )
    with db.reading() as connection:
        return [Choice(*row) for row in connection.execute(query)]


def _label_of(row: Any) -> object:
    """Codes of one picture that may be the same orders lie on one label; others stand alone."""
    if row.sha256 and row.candidates:
        return row.sha256, tuple(sorted(row.candidates))
    return row.pile_id, row.code_key


def _question(rows: Sequence[Any]) -> Question:
    telling = min(rows, key=lambda row: (len(row.code), row.id))
    ids = [telling.id, *(row.id for row in rows if row.id != telling.id)]
    return Question(
        tuple(ids), telling.code, telling.why, tuple(telling.candidates or ()),
        telling.sha256, telling.at, telling.by,
    )  # fmt: skip
