"""`refuz decode`: what the reader sees in pictures."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.cli import say
from core.intake import PictureError, ReaderPool, Reading


def decode(files: Sequence[Path], *, as_json: bool) -> int:
    """Print one line a picture; exit status 1 when a picture could not be opened."""
    failed = 0
    began = time.perf_counter()
    with ReaderPool() as pool:
        for path, result in pool.read_many(files):
            told = told_of(path, result)
            failed += told["error"] is not None
            _print(told, as_json=as_json)
    if not as_json:
        say.line(f"{len(files)} pictures in {time.perf_counter() - began:.1f} s, {failed} not read")
    return 1 if failed else 0


def told_of(path: Path, result: list[Reading] | PictureError) -> dict[str, Any]:
    """The line of one picture: file, ms, codes with text, format and corners, error."""
    if isinstance(result, PictureError):
        return {"file": str(path), "ms": 0.0, "codes": [], "error": str(result)}
    return {
        "file": str(path),
        "ms": round(sum(reading.ms for reading in result), 1),
        "codes": [
            {
                "text": code.text,
                "format": code.format,
                "corners": [[round(x, 1), round(y, 1)] for x, y in code.corners],
            }
            for reading in result
            for code in reading.codes
        ],
        "error": None,
    }


def _print(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say.record(told)
        return
    print(f"{told['file']}: {told['error'] or ''}")
    for code in told["codes"]:
        print(f"  {code['format']:12} {code['text']}")
