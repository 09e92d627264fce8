"""Pictures of a pile: taken in as they are, read in other processes, turned into scans.

A picture is a row before it is read, so a crash loses none: what was waiting or half read is
read again, and the scans' keys make that once.
"""

import datetime as dt
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, tuple_

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.config import Home, home
from core.errors import UserError
from core.intake import PictureError, doors
from core.orders.photos import storage
from core.orders.photos.codes import PhotoCode
from core.reasons import Reason
from core.rights import Right, actor, door, require_pile
from core.store import db, desk, disk
from core.store.statements.rows import insert_if_absent
from core.store.tables import orders, pile_orders, pile_pictures, piles, scans
from core.store.tables import pictures as pictures_table

OPEN = ("waiting", "reading")
LARGEST = 40 * 2**20  # bytes, as the reader takes them


class _PictureCame(threading.Event):
    """A part of the desk."""

    def __init__(self, _desk: desk.Desk) -> None:
        super().__init__()


def picture_came(where: Home | None = None) -> threading.Event:
    """Set when a picture came in, so that the reader of the same process starts at once."""
    return desk.of(where or home()).part(_PictureCame)


class PictureRefused(UserError):
    """The picture was not taken; the message says what to do."""


@dataclass(frozen=True)
class PilePicture:
    """A picture in a pile. `pages`: [{"number", "width", "height", "codes", "unread"}]."""

    id: int
    sha256: str
    filename: str
    state: str
    error: Reason | None
    pages: list[dict[str, Any]]
    added_at: dt.datetime
    added_by: str


@dataclass(frozen=True)
class Added:
    """A picture taken in; `new` is False when this pile has it already."""

    id: int
    sha256: str
    new: bool


@door(Right.SCAN)
def add_picture(
    pile_id: int,
    source: bytes | Path,
    filename: str,
    order_id: int | None = None,
    *,
    read_by_sender: bool = False,
) -> Added:
    """Keep a copy of a picture: its bytes, or a file that stays where it is. As `add_file`."""
    disk.check_free_space(home().root)
    folder = home().pictures
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="incoming-") as here:
        file = Path(here) / "photo"
        if isinstance(source, bytes):
            file.write_bytes(source)
        else:
            _check_size(source)
            shutil.copyfile(source, file)
        return add_file(pile_id, file, filename, order_id, read_by_sender=read_by_sender)


@door(Right.SCAN)
def add_file(
    pile_id: int,
    file: Path,
    filename: str,
    order_id: int | None = None,
    *,
    read_by_sender: bool = False,
) -> Added:
    """Move a picture in from the same disk. Raises PictureRefused.

    With an order it is kept as proof of how that parcel came back; without one it shows labels
    and is read soon: by the server's reader, or by the sender's process (`photos.reading`), after
    whose crash the server reads it. Raises disk.DiskFull too.
    """
    require_pile(pile_id)
    _check_size(file)
    disk.check_free_space(home().root)
    if order_id is not None:
        _check_proof(file)
    sha256, size = storage.keep(file)
    kind = "label" if order_id is None else "proof"
    name = _plain_name(filename)
    with db.writing() as connection:
        if connection.scalar(select(piles.c.id).where(piles.c.id == pile_id)) is None:
            raise PictureRefused(PhotoCode.NO_PILE)
        order_name = "" if order_id is None else _name_in_pile(connection, pile_id, order_id)
        picture = {"sha256": sha256, "filename": name, "size": size, "created_at": now()}
        insert_if_absent(
            connection, pictures_table, {**picture, "mime": "", "width": 0, "height": 0}
        )
        row = {
            "pile_id": pile_id,
            "sha256": sha256,
            "filename": name,
            "state": _first_state(kind, read_by_sender=read_by_sender),
            "error": None,
            "added_at": now(),
            "added_by": actor().name,
            "kind": kind,
            "order_id": order_id,
        }
        new = insert_if_absent(connection, pile_pictures, row)
        kept = _kept(connection, row)
        if new and order_id is not None:
            detail = {"pile": pile_id, "sha256": sha256}
            subject = f"order {order_name}"
            trail.record(connection, Action.PHOTO_ADDED, subject, detail, order_id)
    picture_came().set()
    return Added(kept, sha256, new)


def _plain_name(filename: str) -> str:
    """A file's own name without the folders before it; `photo` where nothing is left."""
    return Path(filename.replace("\\", "/").replace("\0", "")).name[:300] or "photo"


def _kept(connection: Connection, row: Mapping[str, object]) -> int:
    """The id of this picture in its pile. Raises PictureRefused where another order has it."""
    same = [pile_pictures.c[name] == row[name] for name in ("pile_id", "sha256", "kind")]
    query = select(pile_pictures.c.id, pile_pictures.c.order_id).where(*same)
    there = connection.execute(query).one()
    if there.order_id != row["order_id"]:
        raise PictureRefused(PhotoCode.OF_ANOTHER)
    return int(there.id)


def _first_state(kind: str, *, read_by_sender: bool) -> str:
    if kind == "proof":
        return "read"
    return "reading" if read_by_sender else "waiting"


def _check_size(file: Path) -> None:
    size = file.stat().st_size
    if not size:
        raise PictureRefused(PhotoCode.EMPTY)
    if size > LARGEST:
        raise PictureRefused(PhotoCode.TOO_LARGE, limit=LARGEST // 2**20)


def _check_proof(file: Path) -> None:
    """A proof is not read afterwards, so it is opened now."""
    try:
        doors.check(file)
    except PictureError as error:
        raise PictureRefused(error.reason) from error


def _name_in_pile(connection: Connection, pile_id: int, order_id: int) -> str:
    name = connection.scalar(
        select(orders.c.name)
        .join(pile_orders, pile_orders.c.order_id == orders.c.id)
        .where(pile_orders.c.pile_id == pile_id, orders.c.id == order_id)
    )
    if name is None:
        raise PictureRefused(PhotoCode.ORDER_NOT_HERE)
    return str(name)


@door(Right.SCAN)
def pictures(pile_id: int, limit: int = 60) -> list[PilePicture]:
    """The newest label pictures of a pile, newest first."""
    require_pile(pile_id)
    query = (
        select(pile_pictures)
        .where(pile_pictures.c.pile_id == pile_id, pile_pictures.c.kind == "label")
        .order_by(pile_pictures.c.id.desc())
        .limit(limit)
    )
    with db.reading() as connection:
        return [_picture(row) for row in connection.execute(query)]


@door(Right.SCAN)
def open_count(pile_id: int) -> int:
    """How many pictures of the pile are still to be read."""
    query = select(func.count()).where(
        pile_pictures.c.pile_id == pile_id, pile_pictures.c.state.in_(OPEN)
    )
    with db.reading() as connection:
        return connection.scalar(query) or 0


@door(Right.SCAN)
def count(pile_id: int) -> int:
    """How many pictures of labels the pile has."""
    query = select(func.count()).where(
        pile_pictures.c.pile_id == pile_id, pile_pictures.c.kind == "label"
    )
    with db.reading() as connection:
        return connection.scalar(query) or 0


@door(Right.SCAN, Right.FOLLOW_UP)
def proofs(order_id: int) -> list[PilePicture]:
    """Every picture of the order's parcels, in any pile, oldest first: of labels and as proof."""
    read_in = select(scans.c.pile_id, scans.c.sha256).where(
        scans.c.order_id == order_id, scans.c.undone_at.is_(None), scans.c.sha256 != ""
    )
    shows = tuple_(pile_pictures.c.pile_id, pile_pictures.c.sha256).in_(read_in)
    query = (
        select(pile_pictures)
        .where(or_(pile_pictures.c.order_id == order_id, shows))
        .order_by(pile_pictures.c.id)
    )
    with db.reading() as connection:
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


@door(Right.SCAN)
def thumbnail(sha256: str, page: int, *, large: bool = False) -> Path | None:
    """A small JPEG of a picture that was read (or a large one); None for every other one."""
    query = select(pile_pictures.c.id).where(
        pile_pictures.c.sha256 == sha256, pile_pictures.c.state == "read"
    )
    with db.reading() as connection:
        known = connection.scalar(query.limit(1)) is not None
    return storage.thumbnail(sha256, page, large=large) if known else None
