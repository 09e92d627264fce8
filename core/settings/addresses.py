"""Where passwords may go: by https, to the service's own hosts, and to whom they were typed for.

Each service declares its hosts beside its adapter (`ServiceInfo.hosts`). Any other is a person's
choice: the setting OTHER_HOST names that one host, so that the choice stands in the record, waits
for a second person with the address, and does not hold for the next address.
"""

import ipaddress
import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from core.errors import UserError
from core.settings.codes import SettingsCode

BARE_NAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
ADDRESS = "base_url"  # the setting of every connection that says where its calls go
OTHER_HOST = "other_host"  # the setting that names the one host which is not the service's own
OWN_DOMAIN = "own domain"  # among a service's hosts: it runs wherever its owner lets it
# A name that the whole world can ask for: no bare number, no name of a local network.
PUBLIC_NAME = re.compile(r"(?!-)[\w-]+(\.[\w-]+)*\.([^\W\d_]{2,}|xn--[a-z0-9-]+)")
LOCAL = re.compile(r"\.(local|localdomain|internal|intranet|lan|home|corp|arpa)$")


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


def check_host(settings: Mapping[str, str], title: str, hosts: Collection[str]) -> None:
    """`check`, and raise UnsafeAddress unless passwords may go to the host of the address.

    They may go to the `hosts` of the service called `title` ("*.x.com": one name before it;
    OWN_DOMAIN: any public one) at https's own port, to this computer, and to the host that
    OTHER_HOST names, with its port where that is another one.
    """
    check(settings)
    chosen = settings.get(OTHER_HOST, "").strip().lower()
    address = settings.get(ADDRESS, "").strip()
    if not address:
        return
    parts = urlsplit(_with_scheme(address))
    host, written = (parts.hostname or "").lower(), parts.netloc.lower().removesuffix(":443")
    if chosen and chosen.removesuffix(":443") != written:
        raise UnsafeAddress(SettingsCode.OTHER_HOST_IDLE, host=written, chosen=chosen)
    if chosen or _is_loopback(host):
        return
    if written != host or not any(_fits(host, one) for one in hosts):
        if OWN_DOMAIN in hosts:
            raise UnsafeAddress(SettingsCode.NOT_PUBLIC_HOST, host=written, title=title)
        known = ", ".join(sorted(hosts))
        raise UnsafeAddress(SettingsCode.NOT_ITS_HOST, host=written, title=title, known=known)


def moved(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Whether the settings name another server than before: scheme, host or port differ."""
    return _origin(old.get(ADDRESS, "")) != _origin(new.get(ADDRESS, ""))


def _origin(address: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; what is no address stands in the host's place."""
    try:
        parts = urlsplit(_with_scheme(address.strip()))
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
        return parts.scheme, (parts.hostname or "").lower(), port
    except ValueError:
        return "", address, None


def _fits(host: str, known: str) -> bool:
    """Whether a host is the known one, one below "*.name", or any public one (OWN_DOMAIN)."""
    if known == OWN_DOMAIN:
        return bool(PUBLIC_NAME.fullmatch(host)) and not LOCAL.search(host)
    if known.startswith("*."):
        name, _, rest = host.partition(".")
        return bool(re.fullmatch(r"[a-z0-9][a-z0-9-]*", name)) and rest == known[2:]
    return host == known


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
