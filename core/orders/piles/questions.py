"""What a person must look at, a label a question: not each code that lies on it.

A code beside one that matched got its verdict when it was stored (core.orders.piles.labels). Where
none matched, what no courier's rule is sure of is told with the code that lies beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.labels import read_label
from core.orders.piles.labels import BESIDE, SAME_LABEL, box_of, gap
from core.reasons import Reason
from core.rights import Right, door
from core.store import db
from core.store.states import MatchOutcome, ScanVerdict
from core.store.tables import orders, parcels, scans


@dataclass(frozen=True)
class Question:
    """One label that fits no order, or several. `scan_ids`: its codes that an answer links, the
    telling one first.

    `candidates` are order ids; `sha256` is "" without a picture; `beside` are the label's other
    codes, which settle by themselves once the telling one is linked, `beside_ids` their scans;
    `codes` is all that is read on it.
    """

    scan_ids: tuple[int, ...]
    code: str
    why: Reason | None
    candidates: tuple[int, ...]
    sha256: str
    at: Any
    by: str
    codes: tuple[str, ...]
    beside: tuple[str, ...] = ()
    beside_ids: tuple[int, ...] = ()


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


@door(Right.SCAN, Right.PILE)
def asked(pile_id: int | None = None) -> Asked:
    """The labels of the pile (of all piles) that a person must look at."""
    return of_pile(pile_id)


def of_pile(pile_id: int | None = None) -> Asked:
    """As `asked`, for what asks in nobody's name."""
    # As the index of unresolved scans has it: the pile's others may be 100,000.
    unresolved = (scans.c.outcome != MatchOutcome.MATCHED, scans.c.undone_at.is_(None))
    query = select(scans).where(*unresolved).order_by(scans.c.id.desc())
    if pile_id is not None:
        query = query.where(scans.c.pile_id == pile_id)
    open_ = query.where(scans.c.verdict != ScanVerdict.NOT_TRACKING)
    aside = query.where(scans.c.outcome == MatchOutcome.UNMATCHED, scans.c.why == BESIDE)
    with db.reading() as connection:
        rows = connection.execute(open_).all()
        beside = connection.execute(aside).all()
    groups: dict[object, list[Any]] = {}
    for row in rows:
        groups.setdefault(_label_of(row), []).append(row)
    labels = _labels(list(groups.values()))
    questions = tuple(_question(rows, others) for rows, others in labels)
    return Asked(questions, tuple(row.code for row in beside))


@door(Right.SCAN, Right.PILE)
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


def _labels(groups: Sequence[list[Any]]) -> list[tuple[list[Any], list[Any]]]:
    """The groups that ask, each with the codes of those that lie on its label."""
    found: list[tuple[list[Any], list[Any]]] = []
    for rows in sorted(groups, key=_rank):
        host = next((one for one in found if _beside(rows, one[0])), None)
        if host is None:
            found.append((rows, []))
        else:
            host[1].extend(rows)
    place = {id(rows): number for number, rows in enumerate(groups)}
    return sorted(found, key=lambda one: place[id(one[0])])


def _rank(rows: Sequence[Any]) -> tuple[bool, bool, int]:
    """What tells most first: a code of several orders, a courier's number, what was seen first."""
    return not rows[0].candidates, not _is_number(rows[0]), rows[-1].id


def _is_number(row: Any) -> bool:
    return any(one.certainty in ("sure", "fair") for one in read_label(row.code_key).candidates)


def _beside(rows: Sequence[Any], host: Sequence[Any]) -> bool:
    """Whether these codes ask nothing of their own: unknown to all, and right beside the host's."""
    return not any(row.candidates or not row.corners or _is_number(row) for row in rows) and all(
        any(_near(row, one) for one in host) for row in rows
    )


def _near(row: Any, other: Any) -> bool:
    """Whether two scans are of one picture or look of the camera, close as on one label."""
    seen = (row.sha256 or row.sight) and (row.sha256, row.sight) == (other.sha256, other.sight)
    if not seen or row.pile_id != other.pile_id or not other.corners:
        return False
    own = box_of(row.corners)
    near = SAME_LABEL * max(own[2] - own[0], own[3] - own[1])
    return gap(own, box_of(other.corners)) <= near


def _question(rows: Sequence[Any], beside: Sequence[Any]) -> Question:
    telling = min(rows, key=lambda row: (len(row.code), row.id))
    ordered = [telling, *(row for row in rows if row.id != telling.id)]
    return Question(
        tuple(row.id for row in ordered), telling.code, telling.why,
        tuple(telling.candidates or ()), telling.sha256, telling.at, telling.by,
        tuple(dict.fromkeys(row.code for row in [*ordered, *beside])),
        tuple(dict.fromkeys(row.code for row in beside)), tuple(row.id for row in beside),
    )  # fmt: skip
