"""Which codes lie on one label: a second one beside a code that matched is an "other code".

A label carries more than its tracking number: a routing code, the sender's reference, the same
number as QR. Measured on the 40 sample photos: such codes lie within 0.3 of their own length from
the code that matched, codes of a neighbouring label never nearer than 1.4.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from core.labels import read_label
from core.labels.codes import LabelCode
from core.matching.match import MatchCode
from core.matching.not_parcels import is_not_parcel
from core.reasons import Reason, ReasonCode
from core.store.states import MatchOutcome, ScanVerdict
from core.store.tables import scans

SAME_LABEL = 0.5  # of the code's longer side, from the code that matched
Box = tuple[float, float, float, float]


class OtherCode(ReasonCode):
    """What a code beside one that matched is; no parameters."""

    ON_MATCHED_LABEL = "scan_on_matched_label"


BESIDE = Reason(OtherCode.ON_MATCHED_LABEL)


def settle(connection: Connection, pile_id: int, sha256: str, sight: str = "") -> frozenset[int]:
    """Give the unmatched codes of one picture in a pile their verdict, and those that lie beside a
    matched code no longer their question back; gives the scans that lie beside one. `sight`: in
    place of a picture, codes that a camera saw together.

    Called whenever a scan of the picture matched, or its match went: the outcome stays
    "unmatched", so that scans = matched + ambiguous + unmatched (rule 8).
    """
    if not sha256 and not sight:
        return frozenset()
    together = scans.c.sha256 == sha256 if sha256 else scans.c.sight == sight
    query = select(scans).where(scans.c.pile_id == pile_id, together, scans.c.undone_at.is_(None))
    rows = connection.execute(query.order_by(scans.c.id)).all()
    matched = [row for row in rows if row.outcome == MatchOutcome.MATCHED]
    others = [row for row in rows if row.outcome == MatchOutcome.UNMATCHED]
    beside = {row.id for row in others if _lies_on_a_matched_label(row, matched)}
    for row in others:
        asks = row.verdict != ScanVerdict.NOT_TRACKING
        if asks and row.id in beside:
            _write(connection, row.id, ScanVerdict.NOT_TRACKING, BESIDE)
        elif row.why == BESIDE and row.id not in beside:
            if is_not_parcel(connection, row.code_key):
                said = Reason(LabelCode.SAID_NOT_PARCEL)
                _write(connection, row.id, ScanVerdict.NOT_TRACKING, said)
            else:
                _write(connection, row.id, ScanVerdict.UNKNOWN, Reason(MatchCode.NO_ORDER))
    return frozenset(row.id for row in others if row.id in beside and _is_beside(row))


def _is_beside(row: Any) -> bool:
    """Not one that is known as something else by itself, and says so."""
    return bool(row.why == BESIDE or row.verdict != ScanVerdict.NOT_TRACKING)


def _write(connection: Connection, scan_id: int, verdict: ScanVerdict, why: Reason) -> None:
    connection.execute(update(scans).where(scans.c.id == scan_id).values(verdict=verdict, why=why))


def _lies_on_a_matched_label(row: Any, matched: Sequence[Any]) -> bool:
    """A code that no courier's rule is sure of, right beside one that matched."""
    if not row.corners:
        return False
    if any(one.certainty in ("sure", "fair") for one in read_label(row.code_key).candidates):
        return False
    own = box_of(row.corners)
    near = SAME_LABEL * max(own[2] - own[0], own[3] - own[1])
    return any(gap(own, box_of(one.corners)) <= near for one in matched if one.corners)


def box_of(corners: Sequence[Sequence[float]]) -> Box:
    """Left, top, right and bottom, in pixels."""
    across, down = [one[0] for one in corners], [one[1] for one in corners]
    return min(across), min(down), max(across), max(down)


def gap(one: Box, other: Box) -> float:
    """How far two boxes are from each other, in pixels; 0 where they touch."""
    across = max(0.0, one[0] - other[2], other[0] - one[2])
    down = max(0.0, one[1] - other[3], other[1] - one[3])
    return float((across**2 + down**2) ** 0.5)
