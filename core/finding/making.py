"""Makes a box of each label, in pictures that were read, that no code led to an order."""

from typing import Any

from sqlalchemy import Connection, insert, select, update

from core.clock import now
from core.intake import PictureError, doors
from core.intake.types import Corners
from core.orders.photos import storage
from core.store import db
from core.store.states import BoxState, MatchOutcome, ScanVerdict
from core.store.tables import boxes, pile_pictures, scans

PICTURES_AT_ONCE = 20
CALLS = (ScanVerdict.UNKNOWN, ScanVerdict.UNSURE, ScanVerdict.AMBIGUOUS)


def make() -> int:
    """Make boxes of the pictures that were read since; gives how many."""
    query = select(pile_pictures).where(
        pile_pictures.c.state == "read",
        pile_pictures.c.kind == "label",
        ~pile_pictures.c.boxes_made,
    )
    with db.reading() as connection:
        found = connection.execute(query.limit(PICTURES_AT_ONCE)).all()
    return sum(_make(row) for row in found)


def _make(picture: Any) -> int:
    rows = []
    with db.reading() as connection:
        scan_of = _scans(connection, picture)
    for page in (picture.reading or {}).get("pages", []):
        try:
            rows += _of_page(picture, page, scan_of)
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


def _scans(connection: Connection, picture: Any) -> dict[str, object]:
    query = select(scans.c.id, scans.c.code, scans.c.outcome, scans.c.verdict).where(
        scans.c.pile_id == picture.pile_id,
        scans.c.sha256 == picture.sha256,
        scans.c.undone_at.is_(None),
    )
    return {row.code: row for row in connection.execute(query)}


def _of_page(picture: Any, page: dict[str, Any], scan_of: dict[str, Any]) -> list[dict[str, Any]]:
    of_codes = [scan_of.get(one["text"]) for one in page["codes"]]
    corners = [*(one["corners"] for one in page["codes"]), *page["unread"]]
    scanned = [*of_codes, *(None for _ in page["unread"])]
    calls = [
        scan.verdict in CALLS if scan is not None else at >= len(of_codes)
        for at, scan in enumerate(scanned)
    ]
    if corners and not any(calls):
        return []
    anchors: list[Corners | None] = [tuple((x, y) for x, y in one) for one in corners]
    anchors = anchors or [None]
    made = []
    for paper in doors.find_papers(storage.path_of(picture.sha256), int(page["number"]), anchors):
        on_it = [scanned[at] for at in paper.anchors] if corners else []
        matched = any(one is not None and one.outcome == MatchOutcome.MATCHED for one in on_it)
        if matched or not (any(calls[at] for at in paper.anchors) if corners else True):
            continue
        scan = next((one.id for one in on_it if one is not None and one.verdict in CALLS), None)
        made.append(
            {
                "pile_id": picture.pile_id, "picture_id": picture.id, "page": int(page["number"]),
                "paper": [list(one) for one in paper.paper], "scan_id": scan,
                "state": BoxState.WAITING, "created_at": now(),
            }
        )  # fmt: skip
    return made
