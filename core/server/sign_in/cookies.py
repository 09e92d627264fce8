"""The cookies. One is a session's secret, out of reach of scripts and, over https, of other hosts.

Lax, not Strict: whoever comes back from another service's sign-in must be known at once. A form
or call that changes something is looked at by its origin besides.
"""

from anyio import to_thread
from starlette.requests import HTTPConnection
from starlette.responses import Response

from core.people import sessions
from core.people.sessions import LONGEST, Session, SessionKind
from core.people.ways import stations
from core.server import lanes
from core.server.reach import base_of

LOOK_SECONDS = 0.2  # between two looks whether the sign-in of an open page still holds
PLAIN = "refuz_session"
SECURE = "refuz"  # as `bound` writes it
STATION = ("refuz_station", "refuz-station")  # of a browser at which badges sign on


def bound(name: str, base: str) -> str:
    """A cookie's name by which browsers take it by https only, and for this very host.

    The name for one host is the whole host's (path "/"): below a path of another site, `base`, the
    cookie is that path's alone, and its name says https.
    """
    return f"{'__Secure-' if base else '__Host-'}{name}"


def secret_of(call: HTTPConnection) -> str:
    """The secret that a call brings, "" for none: by https only the cookie that needs https."""
    secure = call.cookies.get(bound(SECURE, base_of(call.scope)))
    return secure or ("" if is_secure(call) else call.cookies.get(PLAIN, ""))


async def session_of(secret: str) -> Session | None:
    """The session of a secret; a thread is asked for only where it was not looked up just now."""
    fresh, session = sessions.remembered(secret)
    if fresh:
        return session
    return await to_thread.run_sync(sessions.cached_of_secret, secret, limiter=lanes.GATE)


def is_secure(call: HTTPConnection) -> bool:
    """Whether the caller comes by https, through a proxy too."""
    return call.url.scheme in ("https", "wss") or bool(call.scope.get("refuz.https"))


def give(response: Response, secret: str, *, call: HTTPConnection, kind: SessionKind) -> None:
    """Let the browser that calls keep a session's secret."""
    secure = is_secure(call)
    response.set_cookie(
        bound(SECURE, base_of(call.scope)) if secure else PLAIN,
        secret,
        max_age=int(LONGEST[kind].total_seconds()),
        httponly=True,
        samesite="lax",
        secure=secure,
        path="/",
    )


def station_of(call: HTTPConnection) -> str:
    """The secret of a station that a call brings, "" for none."""
    return call.cookies.get(_station(call), "")


def give_station(response: Response, secret: str, *, call: HTTPConnection) -> None:
    """Let the browser that calls keep a station's secret."""
    response.set_cookie(
        _station(call), secret, max_age=int(stations.LIFE.total_seconds()),
        httponly=True, samesite="lax", secure=is_secure(call), path="/",
    )  # fmt: skip


def _station(call: HTTPConnection) -> str:
    plain, secure = STATION
    return bound(secure, base_of(call.scope)) if is_secure(call) else plain


def take_back(response: Response, *, call: HTTPConnection) -> None:
    """Let the browser forget its session."""
    secure = is_secure(call)
    name = bound(SECURE, base_of(call.scope)) if secure else PLAIN
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")


def device_name(agent: str) -> str:
    """A browser's name for the list of devices, from its user agent."""
    systems = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")
    browsers = {"Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
    system = next((name for name in systems if name in agent), "device")
    browser = next((name for key, name in browsers.items() if key in agent), "browser")
    return f"{browser} on {system.replace('Macintosh', 'Mac')}"
