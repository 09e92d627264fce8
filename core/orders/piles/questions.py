"""What a person must look at, a label a question: not each code that lies on it.

A label carries more than its tracking number: a routing code, the sender's reference, the same
number as QR. Measured on the 40 sample photos: such codes lie within 0.3 of their own length from
the code that matched, codes of a neighbouring label never nearer than 1.4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select

from core.labels import read_label
from core.reasons import Reason
from core.rights import Right, door
from core.store import db
from core.store.states import MatchOutcome, ScanVerdict
from core.store.tables import orders, parcels, scans

SAME_LABEL = 0.5  # of the code's longer side, from the code that matched
Box = tuple[float, float, float, float]


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
def asked(pile_id: int | None = None, engine: Engine | None = None) -> Asked:
    """The labels of the pile (of all piles) that a person must look at."""
    query = select(scans).where(scans.c.undone_at.is_(None)).order_by(scans.c.id.desc())
    open_ = query.where(
        scans.c.outcome != MatchOutcome.MATCHED, scans.c.verdict != ScanVerdict.NOT_TRACKING
    )
    if pile_id is not None:
        open_ = open_.where(scans.c.pile_id == pile_id)
    with db.reading(engine) as connection:
        rows = connection.execute(open_).all()
        pictures = {row.sha256 for row in rows if row.sha256}
        matched = connection.execute(
            query.where(scans.c.sha256.in_(pictures), scans.c.outcome == MatchOutcome.MATCHED)
        ).all()
    beside = [row for row in rows if _lies_on_a_matched_label(row, matched)]
    ids = {row.id for row in beside}
    groups: dict[object, list[Any]] = {}
    for row in rows:
        if row.id not in ids:
            groups.setdefault(_label_of(row), []).append(row)
    questions = tuple(_question(rows) for rows in groups.values())
    return Asked(questions, tuple(row.code for row in beside))


@door(Right.SCAN)
def choices(order_ids: Sequence[int], engine: Engine | None = None) -> list[Choice]:
    """The parcels of these orders, in the orders' own order, one line each."""
    query = (
        select(parcels.c.id, parcels.c.tracking, parcels.c.order_id)
        .join(orders, orders.c.id == parcels.c.order_id)
        .where(parcels.c.order_id.in_(order_ids))
        .order_by(orders.c.created_at.desc(), parcels.c.id)
    )
    with db.reading(engine) as connection:
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


def _lies_on_a_matched_label(row: Any, matched: Sequence[Any]) -> bool:
    """A code that no courier's rule is sure of, right beside one that matched."""
    if row.candidates or not row.corners or not row.sha256:
        return False
    if any(one.certainty in ("sure", "fair") for one in read_label(row.code_key).candidates):
        return False
    own = _box(row.corners)
    near = SAME_LABEL * max(own[2] - own[0], own[3] - own[1])
    return any(
        _gap(own, _box(one.corners)) <= near
        for one in matched
        if one.corners and one.sha256 == row.sha256
    )


def _box(corners: Sequence[Sequence[float]]) -> Box:
    across, down = [one[0] for one in corners], [one[1] for one in corners]
    return min(across), min(down), max(across), max(down)


def _gap(one: Box, other: Box) -> float:
    across = max(0.0, one[0] - other[2], other[0] - one[2])
    down = max(0.0, one[1] - other[3], other[1] - one[3])
    return float((across**2 + down**2) ** 0.5)
