"""Whether there is room left on the disk that holds everything written.

Whoever writes files of any size asks here first, so that the last megabytes are left to what must
not be lost: scans, and the outcomes of what was sent. A test lists who writes files and who asks.
"""

import shutil
from pathlib import Path

from core.config import Home
from core.errors import UserError
from core.reasons import N_, ReasonCode

ROOM_NEEDED = 50 * 1024 * 1024  # bytes; below it runs are paused and nothing large is taken


class RoomCode(ReasonCode):
    """Why something is not written."""

    NO_ROOM = (
        "room_none",
        N_("The disk is almost full: nothing was written. Make room, then try again."),
    )
    SHORT = (
        "room_short",
        N_(
            "The disk is almost full: {free} MB are left. Runs are paused, and photos, files and "
            "messages of shops are refused until there is room."
        ),
    )


class NoRoom(UserError):
    """The disk is almost full; nothing was written."""


def is_short(where: Home) -> bool:
    """Whether the disk of the home is almost full.

    A database on another machine has a disk of its own, which is not seen from here.
    """
    return left(where) <= ROOM_NEEDED


def left(where: Home) -> int:
    """Bytes that may still be written on the disk of the home."""
    return free(where.root)


def free(folder: Path) -> int:
    """Bytes that may still be written on the disk of a folder."""
    return shutil.disk_usage(folder).free


def ask(folder: Path, size: int = 0) -> None:
    """Before so many bytes are written below a folder. Raises NoRoom."""
    if free(folder) - size <= ROOM_NEEDED:
        raise NoRoom(RoomCode.NO_ROOM)
