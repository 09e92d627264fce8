"""Keeps tokens and passwords unreadable in the database file, its backups and its logs."""

import contextlib
import functools
import hashlib
import hmac
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from core.config import home
from core.errors import UserError
from core.settings.codes import SettingsCode

KEY_FILE = "secret.key"


class SecretsError(UserError):
    """The stored secrets cannot be read with this home's key; the message says what to do."""


def seal(secrets: Mapping[str, str]) -> str:
    """Encrypt a mapping of names to secrets into text."""
    return _fernet().encrypt(json.dumps(dict(secrets)).encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    """Decrypt what `seal` made. Raises SecretsError when the key is another one."""
    if not sealed:
        return {}
    return dict(_unseal(sealed, os.environ.get("REFUZ_SECRET_KEY", ""), home().root))


@functools.lru_cache(maxsize=256)  # each pass over a reversal looks at every connection
def _unseal(sealed: str, _environment_key: str, _root: Path) -> dict[str, str]:
    try:
        opened: dict[str, str] = json.loads(_fernet().decrypt(sealed.encode()))
    except InvalidToken as error:
        raise SecretsError(SettingsCode.OTHER_KEY, file=KEY_FILE) from error
    return opened


def derived_key(purpose: str) -> bytes:
    """A key of this home for one purpose, 32 bytes, the same every time."""
    key = (os.environ.get("REFUZ_SECRET_KEY") or "").encode() or _key_of_home()
    return hmac.new(key, purpose.encode(), hashlib.sha256).digest()


def _fernet() -> Fernet:
    return Fernet(os.environ.get("REFUZ_SECRET_KEY") or _key_of_home())


def _key_of_home() -> bytes:
    file = home().root / KEY_FILE
    if not file.exists():
        _make_key(file)
    return file.read_bytes()


def _make_key(file: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=file.parent) as fresh:  # readable by the owner only
        fresh.write(Fernet.generate_key())
        fresh.flush()
        # Linking fails where the name is taken: of two processes starting at once one key wins.
        with contextlib.suppress(FileExistsError):
            os.link(fresh.name, file)
