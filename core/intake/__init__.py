"""Pictures → codes: opens what people send safely, and reads every label on it."""

from core.intake import vision  # noqa: F401 (first: it limits threads before numpy is loaded)
from core.intake.decode.pipeline import read, read_frame, read_pages
from core.intake.decode.readers import readers_available
from core.intake.opening import Page, open_picture
from core.intake.pool import ReaderPool
from core.intake.store import PictureStore, StoredPicture
from core.intake.types import Code, Corners, PictureError, Reading, Unread

__all__ = [
    "Code", "Corners", "Page", "PictureError", "PictureStore", "ReaderPool", "Reading",
    "StoredPicture", "Unread", "open_picture", "read", "read_frame", "read_pages",
    "readers_available",
]  # fmt: skip
