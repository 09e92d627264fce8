"""Where the bytes of pictures lie: one file a content hash, and small copies for the screen."""

import hashlib
import os
import threading
from pathlib import Path

from core.config import home
from core.intake import PictureError, doors
from core.orders.photos.codes import PhotoCode
from core.rights import Right, door
from core.store import disk

THUMBNAIL = 480  # pixels of the longer side
LARGE = 1600  # the same, where a person reads what is printed
PIECE = 2**20


def keep(file: Path) -> tuple[str, int]:
    """Move a file in, named by its SHA-256; gives hash and size. The same bytes are kept once.

    The bytes are on the disk before the move, and the move is one step.
    """
    digest = hashlib.sha256()
    with file.open("rb+") as held:
        while piece := held.read(PIECE):
            digest.update(piece)
        size = held.tell()
        os.fsync(held.fileno())
    there = path_of(digest.hexdigest())
    there.parent.mkdir(parents=True, exist_ok=True)
    file.replace(there)
    return digest.hexdigest(), size


def path_of(sha256: str) -> Path:
    """Where a picture's bytes are kept. Raises PictureError for what is no hash."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise PictureError(PhotoCode.GONE)
    return home().pictures / sha256[:2] / f"{sha256}.bin"


@door(Right.SCAN, Right.FOLLOW_UP)
def thumbnail(sha256: str, page: int = 0, *, large: bool = False) -> Path | None:
    """A small upright JPEG of a picture's page, made once; None where there is none to show.

    Opened as the reader opens it, so that what was read lies where it is outlined.
    """
    source = path_of(sha256)
    if not source.exists():  # its customer was forgotten, or its time is over
        return None
    small = source.with_suffix(f".{page}-large.jpg" if large else f".{page}.jpg")
    if small.exists():
        return small
    if disk.is_short(home()):
        return None  # what is there is shown, no more is made
    try:
        made = doors.thumbnail(source, page, LARGE if large else THUMBNAIL)
    except PictureError:
        return None
    fresh = small.with_suffix(f".{os.getpid()}-{threading.get_ident()}.new")
    fresh.write_bytes(made)
    fresh.replace(small)
    return small


def forget(sha256: str) -> None:
    """Remove a picture's bytes and all its small copies."""
    source = path_of(sha256)
    for one in source.parent.glob(f"{sha256}.*"):
        one.unlink(missing_ok=True)
