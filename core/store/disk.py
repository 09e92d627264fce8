"""How much space is left on the disk that holds everything written.

Whoever writes files of any size asks here first, so that the last megabytes are left to what must
not be lost: scans, and the outcomes of what was sent. A test lists who writes files and who asks.
"""

import shutil
from pathlib import Path

from core.config import Home
from core.errors import UserError
from core.reasons import N_, ReasonCode

SPACE_NEEDED = 50 * 1024 * 1024  # bytes; below it runs are paused and nothing large is taken


class DiskCode(ReasonCode):
    """Why something is not written."""

    FULL = (
        "disk_nothing_written",
        N_("The disk is almost full: nothing was written. Make room, then try again."),
    )
    SHORT = (
        "disk_short",
        N_(
            "The disk is almost full: {free} MB are left. Runs are paused, and photos, files and "
            "messages of shops are refused until there is room."
        ),
    )


class DiskFull(UserError):
    """The disk is almost full; nothing was written."""


def is_short(where: Home) -> bool:
    """Whether the disk of the home is almost full.

    A database on another machine has a disk of its own, which is not seen from here.
    """
    return free_at(where) <= SPACE_NEEDED


def free_at(where: Home) -> int:
    """Bytes that may still be written on the disk of the home."""
    return free_bytes(where.root)


def free_bytes(folder: Path) -> int:
    """Bytes that may still be written on the disk of a folder."""
    return shutil.disk_usage(folder).free


def check_free_space(folder: Path, size: int = 0) -> None:
    """Before so many bytes are written below a folder. Raises DiskFull."""
    if free_bytes(folder) - size <= SPACE_NEEDED:
        raise DiskFull(DiskCode.FULL)
