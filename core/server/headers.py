"""Headers on every answer: what browsers may do with our pages, and what others may not.

Sources: the CSP, Permissions-Policy and Referrer-Policy specifications; Streamlit's page has one
inline script, which is let in by its hash, computed from the file that is served.
"""

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
ONE_YEAR = 365 * 24 * 3600

# Components bring their scripts as blobs of the page itself; styles are written by Streamlit's
# emotion at run time. Nothing is fetched from another host.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' blob: 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-src": "'self'",
    "frame-ancestors": "'none'",
}


COMMON = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Of what is answered before any application hears of it: a call that is no HTTP, a socket refused.
BARE = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", **COMMON}


HTTPS_ONLY = {"Strict-Transport-Security": f"max-age={ONE_YEAR}"}


def bare(*, https: bool) -> dict[str, str]:
    """The headers of such an answer, where the desk is reached by https or not."""
    return {**BARE, **HTTPS_ONLY} if https else dict(BARE)


def content_policy(*pages: str) -> str:
    """The Content-Security-Policy for pages (HTML text) whose inline scripts are meant."""
    hashes = [
        "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"
        for page in pages
        for script in INLINE_SCRIPT.findall(page)
    ]
    policy = {**POLICY, "script-src": " ".join([POLICY["script-src"], *hashes])}
    return "; ".join(f"{name} {value}" for name, value in policy.items())


class SecurityHeaders:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp, *, policy: str) -> None:
        """`policy`: the value of Content-Security-Policy."""
        self._app = app
        self._headers = {"Content-Security-Policy": policy, **COMMON}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to the answer; those a route set itself stay.

        An error that nobody caught is answered here: Starlette would do it around us.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if scope.get("scheme") == "https" or scope.get("refuz.https"):
                    for name, value in HTTPS_ONLY.items():
                        headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, with_headers)
        except Exception:
            if not begun:
                failed = PlainTextResponse("Internal Server Error", status_code=500)
                await failed(scope, receive, with_headers)
            raise  # for the log
