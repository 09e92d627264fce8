"""Where saved passwords may go: by https, and only to the address they were typed for."""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from core.errors import UserError
from core.settings.codes import SettingsCode

BARE_NAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
ADDRESS = "base_url"  # the setting of every connection that says where its calls go


class UnsafeAddress(UserError):
    """The address cannot be used; the message says how to write it."""


def check(settings: Mapping[str, str]) -> None:
    """Raise UnsafeAddress unless the connection's address is https, or http on this computer."""
    address = settings.get(ADDRESS, "").strip()
    if not address:
        return
    try:
        parts = urlsplit(_with_scheme(address))
        host = parts.hostname or ""
        named = parts.username or parts.password or parts.port == 0  # a wrong port raises
    except ValueError as error:
        raise UnsafeAddress(SettingsCode.ADDRESS) from error
    if not host or named or parts.scheme not in ("http", "https"):
        raise UnsafeAddress(SettingsCode.ADDRESS)
    if parts.scheme == "http" and not _is_loopback(host):
        raise UnsafeAddress(SettingsCode.NO_HTTPS)


def moved(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Whether the settings name another server than before: scheme, host or port differ."""
    return _origin(old.get(ADDRESS, "")) != _origin(new.get(ADDRESS, ""))


def _origin(address: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(_with_scheme(address.strip()))
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
        return parts.scheme, (parts.hostname or "").lower(), port
    except ValueError:
        return "", address, None


def _with_scheme(address: str) -> str:
    """A shop's bare name, `casa-verde.myshopify.com`, is called by https."""
    return f"https://{address}" if BARE_NAME.fullmatch(address) else address


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
