"""How the desk is reached from outside: configured, never guessed.

REFUZ_PUBLIC_URL is the address people open: `https://desk.example.com`, or one below a path of
another site, `https://example.com/desk`, which the proxy hands on whole; REFUZ_TRUSTED_PROXIES
lists the addresses of the proxies that may tell whom they speak for. A call that a proxy forwarded
to the loopback listener is a call from the network.
"""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import logs
from core.config import Home
from core.errors import RefuzError

log = structlog.get_logger(__name__)

ADDRESS_FILE = "address"  # in the home: how its desk is opened

FORWARDED = (
    "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-server",
    "x-forwarded", "x-forwarded-port", "x-forwarded-scheme", "x-original-forwarded-for",
    "x-original-host", "x-real-ip", "x-client-ip", "x-cluster-client-ip",
    "x-envoy-external-address", "x-amzn-trace-id", "x-azure-clientip", "x-proxyuser-ip",
    "client-ip", "forwarded-for", "via", "cf-connecting-ip", "cf-ray",
    "cdn-loop", "fastly-client-ip", "true-client-ip",
)  # fmt: skip
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?\Z")
BASE = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*\Z")
WHOLE_SITE = re.compile(rb"(;\s*path=)/(?=\s*(?:;|\Z))", re.IGNORECASE)  # in a Set-Cookie

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class WrongAddress(RefuzError):
    """REFUZ_PUBLIC_URL or REFUZ_TRUSTED_PROXIES cannot be understood; the message says how."""


@dataclass(frozen=True)
class Reach:
    """The public address, "" where there is none, and who may speak for others."""

    url: str = ""
    proxies: tuple[Network, ...] = field(default=())

    @property
    def host(self) -> str:
        """Name and port of the public address, as browsers write them in Host."""
        return urlsplit(self.url).netloc.lower()

    @property
    def https(self) -> bool:
        """Whether people come by https."""
        return self.url.startswith("https://")

    @property
    def base(self) -> str:
        """The path that the desk lives below, `/desk`; "" at the root of its host."""
        return urlsplit(self.url).path

    def names(self, host: str) -> bool:
        """Whether a Host header names the public address."""
        return bool(self.url) and host.lower() == self.host

    def client(self, scope: Scope) -> str:
        """The caller's address: the proxy's word is taken only from a proxy that is named.

        Each proxy adds whom it speaks for at the end, so named ones are gone back through from
        there; what is before the first other address anybody could have written.
        """
        client = scope.get("client")
        found = str(client[0]) if client else ""
        # Some proxies add a line of theirs.
        forwarded = Headers(scope=scope).getlist("x-forwarded-for")
        for one in reversed(",".join(forwarded).split(",")):
            if not one.strip() or not self.is_proxy(found):
                break
            found = _without_port(one.strip())
        return found

    def is_proxy(self, address: str) -> bool:
        """Whether this is the address of a proxy that may speak for others."""
        try:
            found = ipaddress.ip_address(address.removeprefix("::ffff:"))
        except ValueError:
            return False
        return any(found in network for network in self.proxies)


def _without_port(address: str) -> str:
    """Some proxies (Azure's) tell the caller's port too, which is another one each time."""
    host, _, port = address.rpartition(":")
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return host if port.isdecimal() and host and ":" not in host else address


def from_environment(environment: Mapping[str, str] | None = None) -> Reach:
    """As REFUZ_PUBLIC_URL and REFUZ_TRUSTED_PROXIES say. Raises WrongAddress."""
    variables = os.environ if environment is None else environment
    return Reach(
        _public(variables.get("REFUZ_PUBLIC_URL", "").strip()),
        _proxies(variables.get("REFUZ_TRUSTED_PROXIES", "")),
    )


def _public(url: str) -> str:
    if not url:
        return ""
    must = "REFUZ_PUBLIC_URL must read like https://desk.example.com or https://example.com/desk"
    try:
        parts = urlsplit(url.rstrip("/"))
        _ = parts.port  # raises where it is none
    except ValueError as error:
        raise WrongAddress(must) from error
    wrong = parts.query or parts.fragment or parts.username or not HOST.match(parts.netloc)
    if parts.scheme not in ("http", "https") or wrong or not BASE.match(parts.path):
        raise WrongAddress(must)
    return parts.geturl()


def _proxies(listed: str) -> tuple[Network, ...]:
    try:
        return tuple(
            ipaddress.ip_network(one.strip(), strict=False)
            for one in listed.split(",")
            if one.strip()
        )
    except ValueError as error:
        message = "REFUZ_TRUSTED_PROXIES must list addresses: 127.0.0.1, 10.0.0.0/8"
        raise WrongAddress(message) from error


def was_forwarded(scope: Scope) -> bool:
    """Whether a proxy handed this call on.

    One that is set up to say nothing (nginx's bare `proxy_pass`) still speaks HTTP/1.0, which no
    browser does.
    """
    headers = Headers(scope=scope)
    return scope.get("http_version") == "1.0" or any(name in headers for name in FORWARDED)


def host_name(host: str) -> str:
    """The name in a Host header without its port; "" for what no browser sends."""
    found = HOST.match(host)
    return found.group(1).strip("[]") if found else ""


def beyond_loopback(address: str | None) -> bool:
    """Whether a server bound to this address can be reached from other machines."""
    if not address:
        return True  # the server's own default: all addresses
    return not address.startswith("unix://") and not names_this_computer(address)


def names_this_computer(host: str) -> bool:
    """Whether a name or an address is this computer's own loopback."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def note_address(where: Home, url: str) -> None:
    """Keep in the home how its desk is opened, for commands that print links to it.

    It stays when the desk ends: it mostly starts again at the same address. A disk that is full
    keeps no desk from starting.
    """
    try:
        (where.root / ADDRESS_FILE).write_text(f"{url}\n", "utf-8")
    except OSError as error:
        log.warning("the desk's address could not be kept", error=logs.what(error))


def noted_address(where: Home) -> str:
    """How the desk of this home was opened last; "" where none ran, or what is kept is none."""
    try:
        url = (where.root / ADDRESS_FILE).read_text("utf-8").strip()
        parts = urlsplit(url)
    except (OSError, ValueError):  # not UTF-8 is a ValueError too
        return ""
    return url if parts.scheme in ("http", "https") and HOST.match(parts.netloc) else ""


def base() -> str:
    """The path that this process's desk lives below, `/desk`; "" at the root. Raises WrongAddress.

    For links that our pages and scripts write; redirects and cookies get it by themselves.
    """
    return from_environment().base


def base_of(scope: Scope) -> str:
    """The path that a call came below, as `SubPath` noted it; "" at the root."""
    return str(scope.get("refuz.base", ""))


class SubPath:
    """ASGI middleware before all routes: the desk below a path of another site.

    Everything within knows the paths of the root. What leads back to the browser is written for
    where it is: redirects, and the path of cookies, so that the site's other programs get none.
    """

    def __init__(self, app: ASGIApp, *, base: str) -> None:
        """`base`: as `Reach.base`; "" changes nothing."""
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call below the path; whatever is beside it is marked for the gate."""
        if not self._base or scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope["refuz.base"] = self._base
        inside, whole = scope["path"].removeprefix(self._base), scope["path"]
        scope["refuz.beside"] = not inside.startswith("/") or inside == whole
        if not scope["refuz.beside"]:  # in place: what is around us logs and answers by it
            scope["path"], scope["raw_path"] = inside, quote(inside).encode()

        async def written(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [self._outward(name, value) for name, value in message["headers"]]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, written)

    def _outward(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        """A header of an answer with our path in front of its addresses and its cookies' paths."""
        there = self._base.encode()
        lowered = name.lower()
        if lowered == b"location" and value.startswith(b"/") and not value.startswith(b"//"):
            return name, there + value
        if lowered == b"set-cookie" and not value.startswith(b"__Host-"):
            return name, WHOLE_SITE.sub(rb"\g<1>" + there, value)
        return name, value
