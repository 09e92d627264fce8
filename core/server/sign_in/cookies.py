"""The one cookie: a session's secret, out of reach of scripts and, over https, of other hosts.

Lax, not Strict: whoever comes back from another service's sign-in must be known at once. A form
or call that changes something is looked at by its origin besides.
"""

from anyio import to_thread
from starlette.requests import HTTPConnection
from starlette.responses import Response

from core.people import sessions
from core.people.sessions import LONGEST, Kind, Session
from core.server import lanes

LOOK_SECONDS = 0.2  # between two looks whether the sign-in of an open page still holds
PLAIN = "refuz_session"
SECURE = "__Host-refuz"  # browsers take it by https only, for this very host and the path "/"


def secret_of(call: HTTPConnection) -> str:
    """The secret that a call brings, "" for none: by https only the cookie that needs https."""
    return call.cookies.get(SECURE) or ("" if is_secure(call) else call.cookies.get(PLAIN, ""))


async def session_of(secret: str) -> Session | None:
    """The session of a secret; a thread is asked for only where it was not looked up just now."""
    fresh, session = sessions.remembered(secret)
    if fresh:
        return session
    return await to_thread.run_sync(sessions.known, secret, limiter=lanes.GATE)


def is_secure(call: HTTPConnection) -> bool:
    """Whether the caller comes by https, through a proxy too."""
    return call.url.scheme in ("https", "wss") or bool(call.scope.get("refuz.https"))


def give(response: Response, secret: str, *, secure: bool, kind: Kind) -> None:
    """Let the browser keep a session's secret."""
    response.set_cookie(
        SECURE if secure else PLAIN,
        secret,
        max_age=int(LONGEST[kind].total_seconds()),
        httponly=True,
        samesite="lax",
        secure=secure,
        path="/",
    )


def take(response: Response, *, secure: bool) -> None:
    """Let the browser forget it."""
    response.delete_cookie(
        SECURE if secure else PLAIN, path="/", secure=secure, httponly=True, samesite="lax"
    )


def device_name(agent: str) -> str:
    """A browser's name for the list of devices, from its user agent."""
    systems = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")
    browsers = {"Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
    system = next((name for name in systems if name in agent), "device")
    browser = next((name for key, name in browsers.items() if key in agent), "browser")
    return f"{browser} on {system.replace('Macintosh', 'Mac')}"
