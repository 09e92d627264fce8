"""Whether there is room left on the disk that holds everything written."""

import shutil

from core.config import Home

ROOM_NEEDED = 50 * 1024 * 1024  # bytes; below it runs are paused and photos refused


def is_short(where: Home) -> bool:
    """Whether the disk of the home is almost full.

    A database on another machine has a disk of its own, which is not seen from here.
    """
    return left(where) <= ROOM_NEEDED


def left(where: Home) -> int:
    """Bytes that may still be written on the disk of the home."""
    return shutil.disk_usage(where.root).free
