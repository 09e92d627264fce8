"""Where the bytes of pictures lie: one file a content hash, and small copies for the screen."""

import hashlib
import os
import threading
from pathlib import Path

from PIL import Image

from core.config import home
from core.intake import PictureError, PictureStore, open_picture

THUMBNAIL = 480  # pixels of the longer side
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
    """Where a picture's bytes are kept."""
    return PictureStore(home().pictures).path(sha256)


def thumbnail(sha256: str, page: int = 0) -> Path | None:
    """A small upright JPEG of a picture's page, made once; None where there is none to show.

    Opened as the reader opens it, so that what was read lies where it is outlined.
    """
    source = path_of(sha256)
    small = source.with_suffix(f".{page}.jpg")
    if small.exists():
        return small
    try:
        image = Image.fromarray(open_picture(source.read_bytes())[page].gray)
    except (OSError, IndexError, PictureError):
        return None
    image.thumbnail((THUMBNAIL, THUMBNAIL))
    fresh = small.with_suffix(f".{os.getpid()}-{threading.get_ident()}.new")
    image.save(fresh, "JPEG", quality=80)
    fresh.replace(small)
    return small
