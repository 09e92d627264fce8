"""Whether there is room left on the disk that holds everything written."""

import shutil

from core.config import Home

ROOM_NEEDED = 50 * 1024 * 1024  # bytes; below it runs are paused


def shortage(where: Home) -> str:
    """What a run's page says when the disk of the home is almost full; "" while there is room.

    A database on another machine has a disk of its own, which is not seen from here.
    """
    if shutil.disk_usage(where.root).free > ROOM_NEEDED:
        return ""
    return "Paused: the disk is almost full. Make room, then press “Go on” in Review."
