"""Reads pictures of labels in reader processes and takes a scan per code, whoever asks for it."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from core.intake import Code, PictureError, ReaderPool, Reading, doors
from core.orders.photos import storage
from core.orders.piles.scans import take_scan
from core.rights import Right, door, named
from core.store import db
from core.store.tables import pile_pictures

ReadResult = list[Reading] | PictureError


def claim(most: int) -> list[Any]:
    """The oldest waiting pictures, at most so many, marked as being read."""
    oldest = (
        select(pile_pictures.c.id)
        .where(pile_pictures.c.state == "waiting")
        .order_by(pile_pictures.c.id)
        .limit(most)
    )
    with db.writing() as connection:
        claimed = connection.execute(
            update(pile_pictures)
            .where(pile_pictures.c.id.in_(oldest), pile_pictures.c.state == "waiting")
            .values(state="reading")
            .returning(pile_pictures)
        )
        return sorted(claimed, key=lambda row: row.id)


@door(Right.SCAN)
def claimed(ids: Sequence[int]) -> list[Any]:
    """The rows of pictures that were added as being read by their sender."""
    query = select(pile_pictures).where(
        pile_pictures.c.id.in_(ids), pile_pictures.c.kind == "label"
    )
    with db.reading() as connection:
        return list(connection.execute(query.order_by(pile_pictures.c.id)))


@door(Right.SCAN)
def read(pool: ReaderPool, rows: Sequence[Any]) -> Iterator[tuple[int, ReadResult, int]]:
    """Read pictures and take their scans; gives each one's id, what was read, how many scans."""
    of: dict[Path, list[Any]] = {}
    for row in rows:
        of.setdefault(storage.path_of(row.sha256), []).append(row)
    for path, result in pool.read_many(list(of)):
        for row in of[path]:
            yield row.id, result, _take(row, result)


def release() -> None:
    """Have every picture read again that a process began and did not end."""
    left = pile_pictures.c.state == "reading"
    with db.writing() as connection:
        connection.execute(update(pile_pictures).where(left).values(state="waiting"))


def scan_key(sha256: str, text: str) -> str:
    """The key of the scan of this text in this picture, however often and by whom it is read."""
    return f"photo/{sha256[:32]}/{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def _take(row: Any, result: ReadResult) -> int:
    """Store the scans first, then that the picture is read: a crash between repeats neither."""
    if isinstance(result, PictureError):
        _note(row, "failed", {"error": result.reason})
        return 0
    codes = _codes(result)
    with named(row.added_by):
        for code in codes:
            take_scan(
                row.pile_id,
                code.text,
                code.format,
                source="photo",
                key=scan_key(row.sha256, code.text),
                sha256=row.sha256,
                corners=code.corners,
                weak=code.confidence == "weak",
            )
    pages = [_page(number, one) for number, one in enumerate(result) if one.error is None]
    _note(row, "read", {"reading": {"pages": pages}, "error": doors.pages_unread(result)})
    return len(codes)


def _note(row: Any, state: str, changes: dict[str, object]) -> None:
    with db.writing() as connection:
        ours = pile_pictures.c.id == row.id
        connection.execute(update(pile_pictures).where(ours).values(state=state, **changes))


def _codes(readings: list[Reading]) -> list[Code]:
    """Every text of the picture once, in reading order; as sure as it was read anywhere."""
    found: dict[str, Code] = {}
    for code in (code for one in readings for code in one.codes):
        if code.text not in found or found[code.text].confidence == "weak":
            found[code.text] = code
    return list(found.values())


def _page(number: int, reading: Reading) -> dict[str, object]:
    return {
        "number": number,
        "width": reading.width,
        "height": reading.height,
        "codes": [
            {
                "text": code.text.replace("\0", ""),
                "format": code.format,
                "corners": _rounded(code.corners),
            }
            for code in reading.codes
        ],
        "unread": [_rounded(unread.corners) for unread in reading.unread],
    }


def _rounded(corners: Any) -> list[list[float]]:
    return [[round(float(x), 1), round(float(y), 1)] for x, y in corners]
