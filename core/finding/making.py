"""Makes a box of each label, in pictures that were read, that no code led to an order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from core.clock import now
from core.intake import PictureError, doors
from core.intake.types import Corners
from core.orders.photos import storage
from core.store import db
from core.store.states import BoxState, MatchOutcome, ScanVerdict
from core.store.tables import boxes, pile_pictures, scans

PICTURES_AT_ONCE = 20
# What a scan turned out to be where a box is made of its label.
CALLS = (ScanVerdict.UNKNOWN, ScanVerdict.UNSURE, ScanVerdict.AMBIGUOUS)

ScanRow = Row[Any, Any, Any, Any]  # id, code, outcome, verdict


def make() -> int:
    """Make boxes of the pictures that were read and not looked at for boxes yet; gives how many.

    At most 20 pictures a call; several processes may call it at once: each box is made once.
    """
    query = select(pile_pictures).where(
        pile_pictures.c.state == "read",
        pile_pictures.c.kind == "label",
        ~pile_pictures.c.boxes_made,
    )
    with db.reading() as connection:
        found = connection.execute(query.limit(PICTURES_AT_ONCE)).all()
    return sum(_make(row) for row in found)


def _make(picture: Row[Any]) -> int:
    """Make a picture's boxes, once: whoever marks the picture first writes them."""
    rows: list[dict[str, object]] = []
    with db.reading() as connection:
        scan_of = _scans_by_code(connection, picture)
    for page in (picture.reading or {}).get("pages", []):
        try:
            rows += _boxes_of(picture, page, scan_of)
        except PictureError:
            continue  # the picture's own state tells it
    with db.writing() as connection:
        done = (
            update(pile_pictures)
            .where(pile_pictures.c.id == picture.id, ~pile_pictures.c.boxes_made)
            .values(boxes_made=True)
            .returning(pile_pictures.c.id)
        )
        if connection.execute(done).all() and rows:
            connection.execute(insert(boxes), rows)
    return len(rows)


def _scans_by_code(connection: Connection, picture: Row[Any]) -> dict[str, ScanRow]:
    """The scans that this picture's codes became in its pile, each under its code's text."""
    query = select(scans.c.id, scans.c.code, scans.c.outcome, scans.c.verdict).where(
        scans.c.pile_id == picture.pile_id,
        scans.c.sha256 == picture.sha256,
        scans.c.undone_at.is_(None),
    )
    return {row.code: row for row in connection.execute(query)}


@dataclass(frozen=True)
class _Seen:
    """A code of a page with its scan, or a place that was not read. `calls`: it asks for a box."""

    corners: Corners
    scan: ScanRow | None
    calls: bool


def _seen_on(page: Mapping[str, Any], scan_of: Mapping[str, ScanRow]) -> list[_Seen]:
    seen = []
    for code in page["codes"]:
        scan = scan_of.get(code["text"])
        calls = scan is not None and scan.verdict in CALLS
        seen.append(_Seen(_corners(code["corners"]), scan, calls))
    return [*seen, *(_Seen(_corners(place), None, calls=True) for place in page["unread"])]


def _corners(stored: Iterable[tuple[float, float]]) -> Corners:
    return tuple((x, y) for x, y in stored)


def _boxes_of(
    picture: Row[Any], page: Mapping[str, Any], scan_of: Mapping[str, ScanRow]
) -> list[dict[str, object]]:
    """The rows of `boxes` for one page of a picture's stored reading.

    One for each label that asks for one and holds no code of a known order; on a page without any
    code, for the whole page. Raises PictureError where the picture cannot be opened.
    """
    seen = _seen_on(page, scan_of)
    if seen and not any(one.calls for one in seen):
        return []
    anchors: list[Corners | None] = [one.corners for one in seen]
    made: list[dict[str, object]] = []
    number = int(page["number"])
    for paper in doors.find_papers(storage.path_of(picture.sha256), number, anchors or [None]):
        on_it = [seen[at] for at in paper.anchors] if seen else []
        of_codes = [one.scan for one in on_it if one.scan is not None]
        matched = any(scan.outcome == MatchOutcome.MATCHED for scan in of_codes)
        if matched or (seen and not any(one.calls for one in on_it)):
            continue
        made.append(
            {
                "pile_id": picture.pile_id, "picture_id": picture.id, "page": number,
                "paper": [list(one) for one in paper.paper],
                "scan_id": next((scan.id for scan in of_codes if scan.verdict in CALLS), None),
                "state": BoxState.WAITING, "created_at": now(),
            }
        )  # fmt: skip
    return made
