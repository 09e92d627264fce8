"""Looks at a JPEG's headers without decoding it: size and number of scans.

A progressive file may repeat its scans thousands of times in a few kilobytes; libjpeg-turbo's
advice to programs that take files from strangers is to count them.
"""

import numpy as np

from core.intake.codes import PictureCode
from core.intake.types import PictureError

MOST_FRAME_PIXELS = 4_500_000  # a camera's 2,560 x 1,440 frame passes
MOST_PICTURES = 4  # in one file, previews included
MOST_SCANS = 30  # a progressive JPEG of the usual encoders has about ten

SCAN_MARKER = 0xDA
START_OF_SCAN = SCAN_MARKER << 8 | 0xFF  # as a number of two bytes, the lower one first
END = b"\xff\xd9"
NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
FRAME_MARKERS = frozenset({0xC0, 0xC1, 0xC2})

NOT_A_FRAME = PictureCode.NO_CAMERA_PICTURE
TOO_LARGE = PictureCode.TOO_LARGE
BROKEN = PictureCode.BROKEN


def check_frame(data: bytes) -> None:
    """Raise PictureError unless the bytes are a JPEG that a camera page may have sent."""
    if not data.startswith(b"\xff\xd8"):
        raise PictureError(NOT_A_FRAME)
    width, height = _size(data)
    if not width or not height:
        raise PictureError(NOT_A_FRAME)
    if width * height > MOST_FRAME_PIXELS:
        raise PictureError(TOO_LARGE)
    check_scans(data)


def check_scans(data: bytes) -> None:
    """Raise PictureError for a JPEG with more scans than any encoder writes.

    Within a scan the bytes FF DA cannot stand (FF is stuffed), so each is a scan's beginning.
    Previews in the headers and the further pictures of an MPO add their own few.
    """
    scans = _starts_of_scans(data)
    if scans > MOST_SCANS and scans > MOST_SCANS * min(MOST_PICTURES, 1 + data.count(END)):
        raise PictureError(BROKEN)


def _starts_of_scans(data: bytes) -> int:
    """How often FF DA stands, from even bytes on and from odd ones: bytes.count takes five times
    as long, up to 3 ms a photo."""
    pairs = (np.frombuffer(data, "<u2", (len(data) - begin) // 2, begin) for begin in (0, 1))
    return sum(int(np.count_nonzero(each == START_OF_SCAN)) for each in pairs)


def is_progressive(data: bytes) -> bool:
    """Whether the whole picture comes again and again, finer each time, not from top to bottom."""
    _, at = _frame(data)
    return data[at + 1 : at + 2] == b"\xc2"


def _size(data: bytes) -> tuple[int, int]:
    """Width and height by the first frame header; (0, 0) where there is none."""
    return _frame(data)[0]


def _frame(data: bytes) -> tuple[tuple[int, int], int]:
    """Width and height of the first frame header, and where it stands; zeros without one."""
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xFF:  # fill bytes
            at += 1
        elif marker in NO_LENGTH:
            at += 2
        elif marker in FRAME_MARKERS:
            width, height = data[at + 7 : at + 9], data[at + 5 : at + 7]
            return (int.from_bytes(width), int.from_bytes(height)), at
        elif marker == SCAN_MARKER:
            break
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4]))
    return (0, 0), 0
