"""Keeps original pictures by content hash: the same photo twice is one file."""

import hashlib
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from core.intake.opening import open_picture
from core.intake.types import PictureError

THUMBNAIL = 480  # pixels of the longer side
MIMES = {
    b"\xff\xd8": "image/jpeg", b"\x89P": "image/png", b"%P": "application/pdf",
    b"II": "image/tiff", b"MM": "image/tiff", b"RI": "image/webp", b"GI": "image/gif",
}  # fmt: skip


@dataclass(frozen=True)
class StoredPicture:
    """Where a picture lies. Width and height of the first page, upright, in pixels."""

    sha256: str
    path: Path
    mime: str
    size: int
    width: int
    height: int


class PictureStore:
    """A folder of originals, `ab/abcdef….bin`, and of thumbnails beside them."""

    def __init__(self, root: Path) -> None:
        """Keep pictures below this folder."""
        self._root = root

    def put(self, data: bytes, filename: str) -> StoredPicture:  # noqa: ARG002 (kept by its hash)
        """Keep a picture. Raises PictureError when it is none."""
        page = open_picture(data)[0]
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        if not path.exists():
            _write(path, data)
        height, width = page.gray.shape
        mime = MIMES.get(data[:2], "image/heic")
        return StoredPicture(digest, path, mime, len(data), width, height)

    def path(self, sha256: str) -> Path:
        """Where the picture of this hash lies. Raises PictureError for what is no hash."""
        if len(sha256) != 64 or not all(c in "0123456789abcdef" for c in sha256):
            raise PictureError("There is no such picture.")
        return self._root / sha256[:2] / f"{sha256}.bin"

    def open(self, sha256: str) -> bytes:
        """The original's bytes. Raises PictureError when it is gone."""
        path = self.path(sha256)
        if not path.exists():
            raise PictureError("This picture is not kept any more.")
        return path.read_bytes()

    def thumbnail(self, sha256: str) -> bytes:
        """A small upright JPEG, made once. Raises PictureError."""
        small = self.path(sha256).with_suffix(".thumb.jpg")
        if not small.exists():
            image = Image.fromarray(open_picture(self.open(sha256))[0].gray)
            image.thumbnail((THUMBNAIL, THUMBNAIL))
            buffer = io.BytesIO()
            image.save(buffer, "JPEG", quality=80)
            _write(small, buffer.getvalue())
        return small.read_bytes()


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        part.write(data)
    Path(part.name).replace(path)
