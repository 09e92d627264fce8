"""What the program asks of reader processes: the doors that strangers' pictures come in by.

Nothing here loads a decoder. Every door raises PictureError with a reason that says what to do.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from core.intake import jpeg
from core.intake.codes import PictureCode
from core.intake.process import Busy, Failure, Job, JobFailed, ProcessPool, shared
from core.intake.types import Corners, PictureError, Print, Reading
from core.reasons import Reason
from core.rights import Right, door

FRAMES_AT_ONCE = 2
FRAME_SECONDS = 3.0
FRAME_PATIENCE = 0.5  # seconds a frame waits for a reader: the next frame is as good
MOST_PAGES = 500
MOST_FAILED = 5  # pages of one file
PRINT_SECONDS = 60.0  # loading the models included
TEXT_JOBS = "core.intake.text.jobs"

__all__ = [
    "Busy",
    "bars",
    "captioned",
    "check",
    "cut_out",
    "find_papers",
    "frame",
    "pages_unread",
    "part",
    "print_unavailable",
    "read_file",
    "read_print",
    "readers_available",
    "thumbnail",
]

Read = Callable[[bytes], list[Reading]]


@door(Right.SCAN)
def frame(data: bytes) -> Reading:
    """The codes of one camera frame (JPEG, up to 4 megapixels). Raises PictureError, and Busy when
    the readers are behind."""
    jpeg.check_frame(data)
    pool = shared("frames", FRAMES_AT_ONCE, FRAME_SECONDS)
    job = "core.intake.decode.pipeline:read_frame"
    return cast("Reading", _asked(pool, job, data, patience=FRAME_PATIENCE))


def read_file(path: Path, pool: ProcessPool, read: Read | None = None) -> list[Reading]:
    """Every page of a picture or PDF on disk; each page of a PDF is a job of its own.

    A page that cannot be read costs no other, and says so in its own Reading; PictureError is
    raised where none could be.
    """
    if read is not None:
        return cast("list[Reading]", _asked(pool, "core.intake.jobs:apply", read, path))
    pages = cast("int", _asked(pool, "core.intake.jobs:count_pages", path))
    if pages > MOST_PAGES:
        raise PictureError(PictureCode.TOO_MANY_PAGES, limit=MOST_PAGES)
    found: list[Reading] = []
    for page in range(pages):
        failed = [one.error for one in found if one.error is not None]
        if len(failed) >= MOST_FAILED:  # the rest of a poisoned file would cost its seconds each
            found.append(Reading((), (), 0, 0, 0.0, failed[-1]))
            continue
        try:
            found.append(_asked(pool, "core.intake.jobs:read_page", path, page))
        except PictureError as error:
            if pages == 1:
                raise
            found.append(Reading((), (), 0, 0, 0.0, error.reason))
    first = found[0].error if found else None
    if first is not None and all(one.error is not None for one in found):
        raise PictureError(first)
    return found


def pages_unread(readings: Sequence[Reading]) -> Reason | None:
    """Which pages of a file could not be read, as a person counts them, or that it is cut; None
    where all was."""
    numbers = [at for at, one in enumerate(readings, 1) if one.error is not None]
    if numbers:
        return PictureCode.SOME_PAGES.of(pages=_ranges(numbers))
    cut = any(place.reason == PictureCode.CUT_OFF for one in readings for place in one.unread)
    return PictureCode.CUT_OFF.of() if cut else None


def _ranges(numbers: Sequence[int]) -> str:
    """ "2, 5-9" of 2, 5, 6, 7, 8, 9."""
    runs: list[list[int]] = []
    for one in numbers:
        if runs and one == runs[-1][1] + 1:
            runs[-1][1] = one
        else:
            runs.append([one, one])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def thumbnail(path: Path, page: int, side: int) -> bytes:
    """A small upright JPEG of a picture's page, `side` pixels at its longer side."""
    return cast("bytes", _asked(_files(), "core.intake.jobs:thumbnail", path, page, side))


def part(path: Path, corners: Corners, width: int, around: float, side: int) -> bytes:
    """A JPEG of what lies around a code of a picture, see `jobs.part`."""
    return cast(
        "bytes", _asked(_files(), "core.intake.jobs:part", path, corners, width, around, side)
    )


def bars(text: str) -> str:
    """A Code 128 as SVG: drawn in a reader, since the library that draws also decodes."""
    return cast("str", _asked(_files(), "core.intake.jobs:bars", text))


def captioned(path: Path, caption: str, font: Path, side: int) -> bytes:
    """A picture's first page as JPEG with the caption burnt into a strip below it."""
    job = "core.intake.jobs:captioned"
    return cast("bytes", _asked(_files(), job, path, caption, font, side))


def check(path: Path) -> tuple[int, int]:
    """Whether a picture can be opened: width and height of its first page in pixels."""
    return cast("tuple[int, int]", _asked(_files(), "core.intake.jobs:size", path))


def readers_available() -> dict[str, str]:
    """Each reading library, and why it cannot be used ("" where it can)."""
    job = "core.intake.decode.readers:readers_available"
    return cast("dict[str, str]", _asked(_files(), job))


@door(Right.SCAN)
def find_papers(path: Path, page: int, anchors: Sequence[Corners | None]) -> "list[Print]":
    """The labels of a picture's page on which codes lie, given by their corners; None: no code,
    the whole page."""
    return cast("list[Print]", _asked(_files(), f"{TEXT_JOBS}:find_papers", path, page, anchors))


@door(Right.SCAN)
def read_print(path: Path, page: int, corners: Corners) -> "Print":
    """The printed lines of one label, given by its corners."""
    pool = shared("print", 1, PRINT_SECONDS)
    return cast("Print", _asked(pool, f"{TEXT_JOBS}:read_print", path, page, corners))


@door(Right.SCAN)
def cut_out(
    path: Path, page: int, corners: Corners, marks: Sequence[tuple[float, ...]], side: int
) -> bytes:
    """A label upright as JPEG, with boxes (shares of width and height) drawn on it."""
    job = f"{TEXT_JOBS}:cut_out"
    return cast("bytes", _asked(_files(), job, path, page, corners, marks, side))


def print_unavailable() -> str:
    """Why printed text cannot be read on this machine, "" where it can."""
    pool = shared("print", 1, PRINT_SECONDS)
    return cast("str", _asked(pool, "core.intake.text.reader:why_unavailable"))


def _files() -> ProcessPool:
    return shared("files", 2)


def _asked(pool: ProcessPool, job: Job, *args: Any, patience: float | None = None) -> Any:
    try:
        return pool.call(job, *args, patience=patience)
    except JobFailed as failed:
        raise PictureError(_reason(failed)) from failed


def _reason(failed: JobFailed) -> Reason:
    if failed.failure is Failure.TOO_SLOW:
        return PictureCode.TOO_SLOW.of(seconds=round(failed.seconds))
    too_large = failed.failure is Failure.TOO_LARGE
    return (PictureCode.TOO_MUCH_MEMORY if too_large else PictureCode.CRASHED).of()
