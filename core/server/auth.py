"""Who may come in: everybody on this computer; over the network only devices that were let in.

On loopback the Host header must name this computer, so that a foreign web page cannot reach the
desk through a name that resolves to 127.0.0.1 (DNS rebinding). Beyond loopback, and wherever a
proxy forwards calls, every page, route and websocket asks for the token printed at start or a
device's cookie. Some routes are open
because they check for themselves: the health checks tell a stranger only "ok" or "ready", a pairing
link carries its own one-time token, a webhook its signature. `/metrics` answers this computer only,
whatever the server listens on.
"""

import asyncio
import ipaddress
import secrets
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import structlog
from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import rights
from core.people import devices
from core.server.error_pages import refusal
from core.server.reach import Reach, host_name, was_forwarded
from core.store.db import StoreError

log = structlog.get_logger(__name__)

COOKIE = "refuz_device"
OPEN_PREFIXES = ("/pair/", "/webhooks/")
HEALTH = ("/healthz", "/readyz")
METRICS = "/metrics"
CACHE_SECONDS = 0.5  # how long a signed-out device may still get in
LOOK_SECONDS = 0.4  # between two looks whether the sign-in of an open page still holds
# What a phone that was let in to scan may call.
SCANNING = ("/api/scans", "/api/frames", "/api/photos", "/api/pile/", "/api/me", "/api/commands",
            "/phone", "/station/")  # fmt: skip


def beyond_loopback(address: str | None) -> bool:
    """Whether a server bound to this address can be reached from other machines."""
    if not address:
        return True  # the server's own default: all addresses
    return not address.startswith("unix://") and not _names_this_computer(address)


def _names_this_computer(host: str) -> bool:
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class Devices:
    """The devices by their cookie, remembered for a second: a page loads 300 files at once."""

    def __init__(self) -> None:
        """Start with nobody known."""
        self._known: dict[str, tuple[float, devices.Device | None]] = {}

    async def of(self, secret: str) -> devices.Device | None:
        """The device, or None for a stranger."""
        asked, device = self._known.get(secret, (0.0, None))
        if time.monotonic() - asked < CACHE_SECONDS:
            return device
        device = await to_thread.run_sync(devices.device_of, secret)
        if len(self._known) > 1000:
            self._known.clear()
        self._known[secret] = (time.monotonic(), device)
        return device


class Gate:
    """ASGI middleware around everything, Streamlit's own pages and websocket included."""

    def __init__(
        self, app: ASGIApp, *, network: bool, token: str, reach: Reach | None = None
    ) -> None:
        """`network`: the server listens beyond loopback; `token`: the one printed at start;
        `reach`: the public address, where there is one."""
        self._app = app
        self._reach = reach or Reach()
        self._network = network or bool(self._reach.url)
        self._failures = Failures()
        self._token = token
        self._devices = Devices()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the call through, or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        answer = await self._refuse(scope)
        if answer is None:
            with rights.acting(_actor_of(scope)):
                await self._app(scope, *self._watched(scope, receive, send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "not allowed"})
        else:
            await answer(scope, receive, send)

    def _watched(self, scope: Scope, receive: Receive, send: Send) -> tuple[Receive, Send]:
        """A page's websocket outlives its sign-in: it is closed within a second of its end."""
        if scope["type"] != "websocket" or not scope["refuz.network"]:
            return receive, send
        ended = False

        async def checked() -> Message:
            nonlocal ended
            waiting = asyncio.ensure_future(receive())
            try:
                while True:
                    await asyncio.wait({waiting}, timeout=LOOK_SECONDS)
                    if waiting.done() and waiting.result()["type"] != "websocket.receive":
                        return waiting.result()
                    if await self._stranger(scope) is not None:
                        break
                    if waiting.done():
                        return waiting.result()
            finally:
                waiting.cancel()
            ended = True
            await send({"type": "websocket.close", "code": 1008, "reason": "signed out"})
            return {"type": "websocket.disconnect", "code": 1008}

        async def unless_ended(message: Message) -> None:
            if not ended:
                await send(message)

        return checked, unless_ended

    async def _refuse(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        network = self._network or _came_from_outside(scope) or was_forwarded(headers)
        scope["refuz.network"] = network
        scope["refuz.client"] = self._reach.client(scope)
        scope["refuz.https"] = self._reach.https
        if scope["type"] == "websocket" and _foreign_origin(headers):
            return refusal(403, "foreign", headers)
        if scope["path"] == METRICS:
            return None if _from_this_computer(scope, headers) else refusal(403, "scope", headers)
        if self._reach.url and not self._is_ours(headers) and scope["path"] not in HEALTH:
            return refusal(421, "host", headers)
        if scope["path"].startswith(OPEN_PREFIXES) or scope["path"] in HEALTH:
            return None
        if network:
            return await self._stranger(scope)
        if not _names_this_computer(host_name(headers.get("host", ""))):
            return refusal(421, "host", headers)
        return None

    def _is_ours(self, headers: Headers) -> bool:
        """Whether Host is the public address, or this computer's own name without a proxy."""
        host = headers.get("host", "")
        own = not was_forwarded(headers) and _names_this_computer(host_name(host))
        return own or self._reach.names(host)

    async def _stranger(self, scope: Scope) -> Response | None:
        call = HTTPConnection(scope)
        secret = call.cookies.get(COOKIE, "")
        if secret:
            device = await self._devices.of(secret)
            if device is not None:
                scope["refuz.device"] = device
                return None if _in_scope(device, scope) else refusal(403, "scope", call.headers)
        token = call.query_params.get("token", "")
        client = str(scope.get("refuz.client", ""))
        if scope["type"] != "http" or not token:
            return refusal(401, "token", call.headers)
        if self._failures.too_many(client):
            return refusal(429, "slow", call.headers)
        if secrets.compare_digest(token.encode(), self._token.encode()):
            secure = call.url.scheme == "https" or self._reach.https
            return await _sign_in(call, secure=secure)
        self._failures.note(client)
        log.warning("sign_in_failed", client=client, path=scope["path"])
        await to_thread.run_sync(_record_failure, scope["path"].replace("\0", ""), client)
        return refusal(401, "token", call.headers)


def _record_failure(path: str, client: str) -> None:
    """Into the trail where that can be written; a stranger is refused all the same."""
    try:
        devices.sign_in_failed(path, client)
    except (SQLAlchemyError, StoreError) as error:
        log.warning("sign_in_failure_not_recorded", client=client, error=type(error).__name__)


def _actor_of(scope: Scope) -> rights.Actor:
    """Whoever the gate let in; on open paths, which check for themselves, nobody."""
    path = scope["path"]
    if path.startswith(OPEN_PREFIXES) or path in (*HEALTH, METRICS):
        return rights.NOBODY
    device, client = scope.get("refuz.device"), str(scope["refuz.client"])
    return devices.actor_of(device, client) if device else rights.local_owner("", client)


def _in_scope(device: devices.Device, scope: Scope) -> bool:
    """Whether a device may call this at all; its rights are asked by core as well."""
    if device.scope == devices.DeviceScope.OPERATE:
        return True
    return scope["type"] == "http" and str(scope["path"]).startswith(SCANNING)


class Failures:
    """Wrong tokens by address: after a few, the address must wait."""

    MOST = 10
    SECONDS = 60.0

    def __init__(self) -> None:
        """Nobody has failed yet."""
        self._of: dict[str, list[float]] = {}

    def note(self, client: str) -> None:
        """One more wrong token came from this address."""
        if len(self._of) > 10_000:
            self._of.clear()
        self._of.setdefault(client, []).append(time.monotonic())

    def too_many(self, client: str) -> bool:
        """Whether the address has failed so often lately that it must wait."""
        since = time.monotonic() - self.SECONDS
        lately = [one for one in self._of.get(client, ()) if one > since]
        if lately:
            self._of[client] = lately
        else:
            self._of.pop(client, None)
        return len(lately) >= self.MOST


async def _sign_in(call: HTTPConnection, *, secure: bool) -> Response:
    """Turn the printed token into a cookie, and take it out of the address bar."""
    name = device_name(call.headers.get("user-agent", ""))
    secret, _ = await to_thread.run_sync(devices.admit, name, "desk")
    kept = [(key, value) for key, value in parse_qsl(call.url.query) if key != "token"]
    there = "/" + call.url.path.lstrip("/\\") + (f"?{urlencode(kept)}" if kept else "")
    response = RedirectResponse(there, status_code=303)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    give_cookie(response, secret, secure=secure)
    return response


def give_cookie(response: Response, secret: str, *, secure: bool) -> None:
    """Let the browser keep the device's secret, out of reach of scripts and of other sites."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=180 * 24 * 3600,
        httponly=True,
        samesite="strict",
        secure=secure,
        path="/",
    )


def device_name(agent: str) -> str:
    """A browser's name for the list of devices, from its user agent."""
    systems = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")
    browsers = {"Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
    system = next((name for name in systems if name in agent), "device")
    browser = next((name for key, name in browsers.items() if key in agent), "browser")
    return f"{browser} on {system.replace('Macintosh', 'Mac')}"


def same_origin(call: HTTPConnection) -> bool:
    """Whether a call that changes something was sent by a page of ours.

    Browsers tell where a call came from, and cannot send the header `X-Refuz` to another site
    without asking it first; programs (a terminal, a script) send the header alone.
    """
    site = call.headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none") or _foreign_origin(call.headers):
        return False
    return "x-refuz" in call.headers


def _foreign_origin(headers: Headers) -> bool:
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")


def _from_this_computer(scope: Scope, headers: Headers) -> bool:
    """Whether a program here called us itself, under this computer's own name."""
    peer = scope.get("client")
    here = peer is not None and _names_this_computer(str(peer[0]).removeprefix("::ffff:"))
    named = _names_this_computer(host_name(headers.get("host", "")))
    return here and named and not was_forwarded(headers) and not _came_from_outside(scope)


def _came_from_outside(scope: Scope) -> bool:
    """Whether this very connection ends on an address other than loopback, whatever was meant."""
    server = scope.get("server")
    if not server or server[1] is None:
        return False
    return not _names_this_computer(str(server[0]).removeprefix("::ffff:"))
