"""Whether there is room left on the disk that holds everything written."""

import shutil

from core.config import Home

ROOM_NEEDED = 50 * 1024 * 1024  # bytes; below it nothing new is begun


def shortage(where: Home) -> str:
    """A sentence for the page when the home's disk is almost full, else nothing."""
    if shutil.disk_usage(where.root).free > ROOM_NEEDED:
        return ""
    return "Paused: the disk is almost full. Make room, then press Resume."
