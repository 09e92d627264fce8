"""Keeps tokens and passwords unreadable in the database file, its backups and its logs."""

import functools
import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from core.audit import keyring
from core.audit.keyring import KEY_FILE as KEY_FILE
from core.audit.keyring import derived_key as derived_key
from core.config import home
from core.errors import UserError
from core.settings.codes import SettingsCode


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


def _fernet() -> Fernet:
    return Fernet(os.environ.get("REFUZ_SECRET_KEY") or keyring.key_of_home())
