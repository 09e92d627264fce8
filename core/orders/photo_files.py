"""Where the bytes of pictures lie: one file a content hash, and small copies for the screen."""

import hashlib
import os
from pathlib import Path

from PIL import Image, ImageOps

from core.config import home

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
    return home().pictures / sha256[:2] / sha256


def thumbnail(sha256: str, page: int = 0) -> Path | None:
    """A small upright JPEG of a picture's page, made once; None where there is none to show.

    Only for pictures that the reader has opened already: it knows the hostile ones.
    """
    source = path_of(sha256)
    small = source.with_name(f"{sha256}.{page}.jpg")
    if small.exists():
        return small
    if not source.exists():
        return None
    try:
        with Image.open(source) as opened:
            opened.seek(page)
            opened.draft("RGB", (THUMBNAIL * 2, THUMBNAIL * 2))
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, EOFError, ValueError, Image.DecompressionBombError):
        return None
    upright.thumbnail((THUMBNAIL, THUMBNAIL))
    fresh = small.with_suffix(f".{os.getpid()}.new")
    upright.save(fresh, "JPEG", quality=80)
    fresh.replace(small)
    return small
