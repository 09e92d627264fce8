"""The key of this home: secrets are sealed with it, and what hides customers is made of it."""

import contextlib
import hashlib
import hmac
import os
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

from core.config import home

KEY_FILE = "secret.key"


def derived_key(purpose: str) -> bytes:
    """A key of this home for one purpose, 32 bytes, the same every time."""
    key = (os.environ.get("REFUZ_SECRET_KEY") or "").encode() or key_of_home()
    return hmac.new(key, purpose.encode(), hashlib.sha256).digest()


def key_of_home() -> bytes:
    """The key's file, made where there is none."""
    file = home().root / KEY_FILE
    if not file.exists():
        _make_key(file)
    return file.read_bytes()


def _make_key(file: Path) -> None:
    """Write a new key, unless another process has written one meanwhile."""
    with tempfile.NamedTemporaryFile(dir=file.parent) as fresh:  # readable by the owner only
        fresh.write(Fernet.generate_key())
        fresh.flush()
        # Linking fails where the name is taken: of two processes starting at once one key wins.
        with contextlib.suppress(FileExistsError):
            os.link(fresh.name, file)
