"""Pictures of a pile: taken in as they are, read in other processes, turned into scans.

A picture is a row before it is read, so a crash loses none: what was waiting or half read is
read again, and the scans' keys make that once.
"""

import datetime as dt
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from core.config import home
from core.orders import photo_files
from core.store import db
from core.store.tables import pictures as pictures_table
from core.store.tables import pile_pictures, piles, scans
from core.store.types import now

OPEN = ("waiting", "reading")

# Set when a picture came in, so that the reader of the same process starts at once.
work = threading.Event()


class PictureRefused(ValueError):
    """The picture was not taken; the message says what to do."""


@dataclass(frozen=True)
class PilePicture:
    """A picture in a pile. `pages`: [{"number", "width", "height", "codes", "unread"}]."""

    id: int
    sha256: str
    filename: str
    state: str
    error: str
    pages: list[dict[str, Any]]
    added_at: dt.datetime
    added_by: str


@dataclass(frozen=True)
class Added:
    """A picture taken in; `new` is False when this pile has it already."""

    id: int
    sha256: str
    new: bool


def add_picture(
    pile_id: int,
    data: bytes,
    filename: str,
    by: str,
    kind: str = "label",
    engine: Engine | None = None,
) -> str:
    """Keep a picture's bytes and let it be read soon; gives its SHA-256. Raises PictureRefused."""
    folder = home().pictures
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="incoming-") as here:
        file = Path(here) / "photo"
        file.write_bytes(data)
        return add_file(pile_id, file, filename, by, kind, engine).sha256


def add_file(
    pile_id: int,
    file: Path,
    filename: str,
    by: str,
    kind: str = "label",
    engine: Engine | None = None,
) -> Added:
    """As `add_picture`, of a file on the same disk, which is moved. Raises PictureRefused."""
    if not file.stat().st_size:
        raise PictureRefused("This file is empty. Take the photo again.")
    sha256, size = photo_files.keep(file)
    name = Path(filename.replace("\\", "/")).name[:300] or "photo"
    with db.writing(engine) as connection:
        if connection.scalar(select(piles.c.id).where(piles.c.id == pile_id)) is None:
            raise PictureRefused("This pile does not exist any more. Choose another one.")
        picture = {"sha256": sha256, "filename": name, "size": size, "created_at": now()}
        _insert(connection, pictures_table, {**picture, "mime": "", "width": 0, "height": 0})
        row = {
            "pile_id": pile_id,
            "sha256": sha256,
            "filename": name,
            "state": "waiting" if kind == "label" else "read",
            "error": "",
            "added_at": now(),
            "added_by": by,
            "kind": kind,
        }
        new = _insert(connection, pile_pictures, row)
        here = select(pile_pictures.c.id).where(
            pile_pictures.c.pile_id == pile_id,
            pile_pictures.c.sha256 == sha256,
            pile_pictures.c.kind == kind,
        )
        added = Added(int(connection.scalar(here) or 0), sha256, new)
    work.set()
    return added


def _insert(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless it is there already; gives whether it was inserted."""
    postgresql = connection.dialect.name == "postgresql"
    statement = (postgresql_insert if postgresql else sqlite_insert)(table).values(**row)
    return bool(connection.execute(statement.on_conflict_do_nothing()).rowcount)


def pictures(pile_id: int, limit: int = 60, engine: Engine | None = None) -> list[PilePicture]:
    """The newest label pictures of a pile, newest first."""
    query = (
        select(pile_pictures)
        .where(pile_pictures.c.pile_id == pile_id, pile_pictures.c.kind == "label")
        .order_by(pile_pictures.c.id.desc())
        .limit(limit)
    )
    with db.reading(engine) as connection:
        return [_picture(row) for row in connection.execute(query)]


def open_count(pile_id: int, engine: Engine | None = None) -> int:
    """How many pictures of the pile are still to be read."""
    query = select(func.count()).where(
        pile_pictures.c.pile_id == pile_id, pile_pictures.c.state.in_(OPEN)
    )
    with db.reading(engine) as connection:
        return connection.scalar(query) or 0


def proofs(order_id: int, engine: Engine | None = None) -> list[PilePicture]:
    """Every picture that shows a parcel of the order, in any pile, oldest first."""
    query = (
        select(pile_pictures)
        .join(
            scans,
            (scans.c.sha256 == pile_pictures.c.sha256)
            & (scans.c.pile_id == pile_pictures.c.pile_id),
        )
        .where(scans.c.order_id == order_id, scans.c.undone_at.is_(None))
        .distinct()
        .order_by(pile_pictures.c.id)
    )
    with db.reading(engine) as connection:
        return [_picture(row) for row in connection.execute(query)]


def _picture(row: Row[Any]) -> PilePicture:
    return PilePicture(
        id=row.id,
        sha256=row.sha256,
        filename=row.filename,
        state=row.state,
        error=row.error,
        pages=(row.reading or {}).get("pages", []),
        added_at=row.added_at,
        added_by=row.added_by,
    )


def thumbnail(sha256: str, page: int, engine: Engine | None = None) -> Path | None:
    """A small JPEG of a picture that was read; None for every other one."""
    query = select(pile_pictures.c.id).where(
        pile_pictures.c.sha256 == sha256, pile_pictures.c.state == "read"
    )
    with db.reading(engine) as connection:
        known = connection.scalar(query.limit(1)) is not None
    return photo_files.thumbnail(sha256, page) if known else None
