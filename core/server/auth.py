"""Who may come in: on the sandbox everybody on this computer, else whoever is signed in.

On loopback the Host header must name this computer, so that a foreign web page cannot reach the
desk through a name that resolves to 127.0.0.1 (DNS rebinding). Once a connection is not the
sandbox's, or somebody has an account, every page, route and websocket asks for a session
(`core.people`); beyond loopback, and wherever a proxy forwards calls, the sandbox asks for the
token printed at start. Some routes are open because they check for themselves: the health checks
tell a stranger only "ok" or "ready", a pairing or invitation link carries its own one-time token,
a webhook its signature, the sign-in page a password. `/metrics` answers this computer, whatever
the server listens on, and whoever brings REFUZ_METRICS_TOKEN.
"""

import asyncio
import os
import re
import secrets
from urllib.parse import parse_qsl, urlencode

import structlog
from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import rights
from core.people import devices, presence, sessions
from core.people.sessions import ADDRESS, Session, SessionKind
from core.server import lanes
from core.server.error_pages import refusal
from core.server.http_helpers import foreign_origin
from core.server.lanes import Failures
from core.server.reach import Reach, host_name, names_this_computer, was_forwarded
from core.server.sign_in import cookies
from core.server.sign_in.forms import to_sign_in
from core.store.db import StoreError

log = structlog.get_logger(__name__)

# Whole paths, as the routes have them: what is below or beside them is Streamlit's page.
OPEN = re.compile(r"/(pair|welcome|sign-in)/[^/]+|/sign-in/openid/back")
OPEN_TO_POST = re.compile(
    r"/(pair|welcome|webhooks)/[^/]+|(/sign-in|/welcome/[^/]+)/passkey(/options)?"
)
SIGN_IN = "/sign-in"
HEALTH = ("/healthz", "/readyz")
METRICS = "/metrics"
MACHINES = "/api/v1/"  # what a program reaches with a token
# What a phone that was let in to scan may call.
SCANNING = ("/api/scans", "/api/frames", "/api/photos", "/api/pile/", "/api/me", "/api/commands",
            "/phone", "/station/", "/sign-out")  # fmt: skip


class AuthMiddleware:
    """ASGI middleware around everything, Streamlit's own pages and websocket included."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        network: bool,
        token: str,
        reach: Reach | None = None,
    ) -> None:
        """`network`: the server listens beyond loopback; `token`: the one printed at start;
        `reach`: the public address, where there is one."""
        self._app = app
        self._reach = reach or Reach()
        self._network = network or bool(self._reach.url)
        self._failures = Failures()
        self._token = token

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
        if scope["type"] != "websocket":
            return receive, send
        ended = False

        async def checked() -> Message:
            nonlocal ended
            waiting = asyncio.ensure_future(receive())
            try:
                while True:
                    await asyncio.wait({waiting}, timeout=cookies.LOOK_SECONDS)
                    if waiting.done() and waiting.result()["type"] != "websocket.receive":
                        return waiting.result()
                    if await self._ended(scope):
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

    async def _ended(self, scope: Scope) -> bool:
        """Whether an open page must be closed: signed out, or sign-in was turned on."""
        scope["refuz.accounts"] = await _accounts_on()
        asked = scope["refuz.network"] or scope["refuz.accounts"]
        return asked and await self._stranger(scope) is not None

    async def _refuse(self, scope: Scope) -> Response | None:
        """The answer to a call that may not come in; None: it may. Marks the scope for the rest."""
        headers = Headers(scope=scope)
        network = self._network or _came_from_outside(scope) or was_forwarded(scope)
        scope["refuz.network"] = network
        scope["refuz.client"] = self._reach.client(scope)
        scope["refuz.https"] = self._reach.https
        if len(headers.getlist("host")) > 1:
            return refusal(421, "host", headers)
        named = self._reach.names(headers.get("host", ""))
        scope["refuz.public"] = self._reach.url if named else ""
        if scope["type"] == "websocket" and foreign_origin(headers):
            return refusal(403, "foreign", headers)
        if scope["path"] == METRICS:
            return self._may_measure(scope, headers)
        if self._reach.url and not self._is_ours(scope, headers) and scope["path"] not in HEALTH:
            return refusal(421, "host", headers)
        if scope.get("refuz.beside") and scope["path"] not in HEALTH:
            return self._beside(scope, headers)
        here = names_this_computer(host_name(headers.get("host", "")))
        is_open = _is_open(scope)
        if not network and not here and not is_open:
            return refusal(421, "host", headers)
        scope["refuz.accounts"] = await _accounts_on()
        scope["refuz.asked"] = network or scope["refuz.accounts"]
        if is_open or scope["path"] == SIGN_IN:
            await self._bind_session(scope)
            return None
        brings = scope["path"].startswith(MACHINES) and _bearer(HTTPConnection(scope))
        if scope["refuz.asked"] or brings:
            return await self._stranger(scope)
        await self._bind_session(
            scope
        )  # nobody must sign in here, but a paired phone has its person
        return None

    def _may_measure(self, scope: Scope, headers: Headers) -> Response | None:
        """A program on this computer, or one that brings REFUZ_METRICS_TOKEN."""
        if from_this_computer(scope, headers):
            return None
        wanted, client = os.environ.get("REFUZ_METRICS_TOKEN", ""), str(scope["refuz.client"])
        brought = _bearer(HTTPConnection(scope))
        if not wanted or not brought:
            return refusal(403, "scope", headers)
        if self._failures.too_many(client):
            return refusal(429, "slow", headers)
        if not secrets.compare_digest(brought.encode(), wanted.encode()):
            self._failures.note(client)
            log.warning("sign_in_failed", client=client, path=METRICS)
            return refusal(401, "token", headers)
        return None

    def _beside(self, scope: Scope, headers: Headers) -> Response:
        """Where the desk lives below a path: that path alone lacks its slash, others are not it."""
        if scope["type"] == "http" and scope["path"] == self._reach.base:
            query = scope["query_string"].decode("latin-1")
            return RedirectResponse(f"/?{query}" if query else "/", status_code=307)
        return refusal(404, "beside", headers)

    def _is_ours(self, scope: Scope, headers: Headers) -> bool:
        """Whether Host is the public address, or this computer's own name without a proxy."""
        host = headers.get("host", "")
        own = not was_forwarded(scope) and names_this_computer(host_name(host))
        return own or self._reach.names(host)

    async def _bind_session(self, scope: Scope) -> Session | None:
        """The session of a call; one of the time without accounts opens nothing afterwards."""
        call = HTTPConnection(scope)
        token = _bearer(call) if scope["path"].startswith(MACHINES) else ""
        secret = token or cookies.secret_of(call)
        session = await cookies.session_of(secret) if secret else None
        if session is not None and bool(token) != (session.kind == SessionKind.API):
            session = None  # a program's token is no cookie, and the other way round
        if session is not None and scope["refuz.accounts"] and session.person_id is None:
            session = None
        scope["refuz.session"] = session
        client = scope["refuz.client"][:ADDRESS]
        if session is not None and client and session.address != client:
            await to_thread.run_sync(sessions.moved, session.id, client, limiter=lanes.GATE)
        return session

    async def _stranger(self, scope: Scope) -> Response | None:
        call = HTTPConnection(scope)
        session = await self._bind_session(scope)
        if session is not None:
            return None if _in_scope(session, scope) else refusal(403, "scope", call.headers)
        if scope["path"].startswith(MACHINES) and _bearer(call):
            return await self._wrong_token(scope, call)
        if scope["refuz.accounts"]:
            return _to_sign_in(scope, call)
        token = call.query_params.get("token", "")
        if scope["type"] != "http" or not token:
            return refusal(401, "token", call.headers)
        if not self._failures.too_many(scope["refuz.client"]) and secrets.compare_digest(
            token.encode(), self._token.encode()
        ):
            return await _sign_in(call)
        return await self._wrong_token(scope, call)

    async def _wrong_token(self, scope: Scope, call: HTTPConnection) -> Response:
        """Whoever tries many tokens must wait; each try is a line in the log and the record."""
        client = str(scope.get("refuz.client", ""))
        if self._failures.too_many(client):
            return refusal(429, "slow", call.headers)
        self._failures.note(client)
        log.warning("sign_in_failed", client=client, path=scope["path"])
        path = scope["path"].replace("\0", "")
        await to_thread.run_sync(_record_failure, path, client, limiter=lanes.GATE)
        return refusal(401, "token", call.headers)


def _record_failure(path: str, client: str) -> None:
    """Into the trail where that can be written; a stranger is refused all the same."""
    try:
        devices.sign_in_failed(path, client)
    except (SQLAlchemyError, StoreError) as error:
        log.warning("sign_in_failure_not_recorded", client=client, error=type(error).__name__)


def _bearer(call: HTTPConnection) -> str:
    """The token that a program brings, "" for none."""
    kind, _, token = call.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


async def _accounts_on() -> bool:
    seen = presence.sign_in_seen()
    if seen is not None:
        return seen
    try:
        return await to_thread.run_sync(presence.sign_in_on, limiter=lanes.GATE)
    except (SQLAlchemyError, StoreError):
        return True  # where nobody can be looked up, nobody comes in


def _is_open(scope: Scope) -> bool:
    """Whether a route checks for itself who calls."""
    if scope["type"] != "http":
        return False
    path = str(scope["path"])
    if scope["method"] == "POST":
        return OPEN_TO_POST.fullmatch(path) is not None
    looks = scope["method"] in ("GET", "HEAD")
    return looks and (path in HEALTH or OPEN.fullmatch(path) is not None)


def _to_sign_in(scope: Scope, call: HTTPConnection) -> Response:
    """A browser that opens a page is led to the form; whatever else asks is refused."""
    opens = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
    if opens and "text/html" in call.headers.get("accept", ""):
        return to_sign_in(scope["path"], call.url.query)
    return refusal(401, "account", call.headers)


def _actor_of(scope: Scope) -> rights.Actor:
    """Whoever the gate let in; on open paths, which check for themselves, nobody."""
    path = scope["path"]
    session, client = scope.get("refuz.session"), str(scope["refuz.client"])
    if session is not None:
        return sessions.actor_of(session, client)
    if _is_open(scope) or path == METRICS or scope["refuz.asked"]:
        return rights.NOBODY
    return rights.local_owner("", client)


def _in_scope(session: Session, scope: Scope) -> bool:
    """Whether a session may call this at all; its rights are asked by core as well."""
    if session.scope == sessions.Scope.OPERATE:
        return True
    return scope["type"] == "http" and str(scope["path"]).startswith(SCANNING)


async def _sign_in(call: HTTPConnection) -> Response:
    """Turn the printed token into a cookie, and take it out of the address bar."""
    name = cookies.device_name(call.headers.get("user-agent", ""))
    client = str(call.scope.get("refuz.client", ""))

    def admit() -> str:
        return devices.admit(name, "desk", address=client)[0]

    secret = await to_thread.run_sync(admit)
    kept = [(key, value) for key, value in parse_qsl(call.url.query) if key != "token"]
    there = "/" + call.url.path.lstrip("/\\") + (f"?{urlencode(kept)}" if kept else "")
    response = RedirectResponse(there, status_code=303)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    cookies.give(response, secret, call=call, kind=SessionKind.BROWSER)
    return response


def from_this_computer(scope: Scope, headers: Headers) -> bool:
    """Whether a program here called us itself, under this computer's own name."""
    peer = scope.get("client")
    here = peer is not None and names_this_computer(str(peer[0]).removeprefix("::ffff:"))
    named = names_this_computer(host_name(headers.get("host", "")))
    return here and named and not was_forwarded(scope) and not _came_from_outside(scope)


def _came_from_outside(scope: Scope) -> bool:
    """Whether this very connection ends on an address other than loopback, whatever was meant."""
    server = scope.get("server")
    if not server or server[1] is None:
        return False
    return not names_this_computer(str(server[0]).removeprefix("::ffff:"))
