"""Pictures → codes: opens what people send safely, and reads every label on it.

Names that need a decoder are loaded at their first use: the server asks reader processes
(`doors`), and never loads one itself.
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

# A reading process has one thread: pictures are shared out over processes. numpy asks for this when
# it is loaded, which the next line does.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from core.intake.pool import ReaderPool
from core.intake.types import Code, Corners, PictureError, Reading, Unread

if TYPE_CHECKING:
    from core.intake.decode.pipeline import read, read_frame, read_pages
    from core.intake.decode.readers import readers_available
    from core.intake.opening import Page, open_picture

__all__ = [
    "Code", "Corners", "Page", "PictureError", "ReaderPool", "Reading",
    "Unread", "open_picture", "read", "read_frame", "read_pages",
    "readers_available",
]  # fmt: skip

_DECODING = {
    "read": "decode.pipeline", "read_frame": "decode.pipeline", "read_pages": "decode.pipeline",
    "readers_available": "decode.readers", "Page": "opening", "open_picture": "opening",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _DECODING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"core.intake.{_DECODING[name]}"), name)
