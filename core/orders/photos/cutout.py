"""The part of a photo where one code lies, with the label around it: what a person must read."""

from sqlalchemy import select

from core.intake import PictureError, doors
from core.orders.photos import storage
from core.rights import Right, door, require_pile
from core.store import db
from core.store.tables import pile_pictures, scans

AROUND = 1.3  # of the code's longer side, to each side: the label's address and sums
WIDEST = 900  # pixels
SMALL = 360  # pixels, in a list


@door(Right.SCAN, Right.PILE)
def cutout(scan_id: int, widest: int = WIDEST) -> bytes | None:
    """A JPEG of the label of this scan, `widest` pixels at most; None where its code has no place
    in a kept picture.

    Cut from our own large copy: the stranger's bytes are opened by the readers only (rule 16).
    """
    query = (
        select(scans.c.corners, scans.c.code, scans.c.sha256, pile_pictures.c.reading)
        .join(pile_pictures, pile_pictures.c.sha256 == scans.c.sha256)
        .where(scans.c.id == scan_id, pile_pictures.c.kind == "label")
    )
    with db.reading() as connection:
        row = connection.execute(query.limit(1)).one_or_none()
    pages = ((row.reading or {}).get("pages") or []) if row is not None else []
    if row is None or not row.corners or not pages:
        return None
    page = next((one for one in pages if _shows(one, row.code)), pages[0])
    large = storage.thumbnail(row.sha256, int(page["number"]), large=True)
    if large is None:
        return None
    corners = tuple((float(x), float(y)) for x, y in row.corners)
    try:
        return doors.part(large, corners, int(page["width"]), AROUND, widest)
    except PictureError:
        return None


@door(Right.SCAN, Right.PILE)
def label_of(pile_id: int, order_id: int) -> bytes | None:
    """A small JPEG of the label that this order has in the pile; None without a picture of it."""
    require_pile(pile_id)
    query = (
        select(scans.c.id)
        .where(scans.c.pile_id == pile_id, scans.c.order_id == order_id)
        .where(scans.c.undone_at.is_(None), scans.c.sha256 != "")
        .order_by(scans.c.id.desc())
    )
    with db.reading() as connection:
        scan_id = connection.scalar(query.limit(1))
    return cutout(scan_id, SMALL) if scan_id is not None else None


def _shows(page: dict[str, object], code: str) -> bool:
    codes = page.get("codes")
    return isinstance(codes, list) and any(one.get("text") == code for one in codes)
