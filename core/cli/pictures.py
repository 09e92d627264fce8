"""`refuz decode`: what the reader sees in pictures."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.cli import say
from core.i18n.letters import visible
from core.intake import Code, Corners, PictureError, ReaderPool, Reading, Unread
from core.intake.doors import pages_unread


def decode(files: Sequence[Path], *, as_json: bool) -> int:
    """Print one line a picture; exit status 1 when a picture could not be opened."""
    failed = 0
    began = time.perf_counter()
    with ReaderPool() as pool:
        for path, result in pool.read_many(files):
            record = picture_record(path, result)
            failed += record["error"] is not None
            _print(record, as_json=as_json)
    if not as_json:
        seconds = time.perf_counter() - began
        say.line(f"Pictures: {len(files)}, not read: {failed}, in {seconds:.1f} s")
    return 1 if failed else 0


def picture_record(path: Path, result: list[Reading] | PictureError) -> dict[str, object]:
    """The line of one picture: file, ms, codes, unread places, error. Pages count from 1."""
    if isinstance(result, PictureError):
        return {"file": str(path), "ms": 0.0, "codes": [], "unread": [], "error": str(result)}
    pages = list(enumerate(result, 1))
    left_out = pages_unread(result)
    return {
        "file": str(path),
        "ms": round(sum(reading.ms for reading in result), 1),
        "codes": [_code(code, page) for page, reading in pages for code in reading.codes],
        "unread": [_unread(one, page) for page, reading in pages for one in reading.unread],
        "error": str(PictureError(left_out)) if left_out else None,
    }


def _code(code: Code, page: int) -> dict[str, object]:
    """A weak code is to be believed only where it is the number of an order."""
    return {
        "text": code.text,
        "format": code.format,
        "confidence": code.confidence,
        "stage": code.stage,
        "page": page,
        "corners": _rounded(code.corners),
    }


def _unread(one: Unread, page: int) -> dict[str, object]:
    return {
        "page": page,
        "corners": _rounded(one.corners),
        "reason": one.reason,
        "guesses": list(one.guesses),
    }


def _rounded(corners: Corners) -> list[list[float]]:
    return [[round(x, 1), round(y, 1)] for x, y in corners]


def _print(record: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say.record(record)
        return
    print(visible(f"{record['file']}: {record['error'] or ''}"))
    for code in record["codes"]:
        weak = "  (weak)" if code["confidence"] == "weak" else ""
        print(f"  {code['format']:12} {visible(code['text'])}{weak}")
    if record["unread"]:
        print(f"  {len(record['unread'])} places look like a code and were not read")
