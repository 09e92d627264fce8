"""Whether there is room left on the disk that holds everything written."""

import shutil

from core.config import Home

ROOM_NEEDED = 50 * 1024 * 1024  # bytes; below it runs are paused


def is_short(where: Home) -> bool:
    """Whether the disk of the home is almost full.

    A database on another machine has a disk of its own, which is not seen from here.
    """
    return shutil.disk_usage(where.root).free <= ROOM_NEEDED
