"""Headers on every answer: what browsers may do with our pages, and what others may not.

And the style sheets that Streamlit's own page lacks at its first paint.

Sources: the CSP, Permissions-Policy and Referrer-Policy specifications; Streamlit's page has one
inline script, which is let in by its hash, computed from the file that is served.
"""

import base64
import hashlib
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
ONE_YEAR = 365 * 24 * 3600
ROOT = b'<div id="root">'  # what only Streamlit's page has
BODY_END = b"</body>"

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


def content_policy(page: str) -> str:
    """The Content-Security-Policy for a page (HTML text) whose inline scripts are meant."""
    hashes = [
        "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"
        for script in INLINE_SCRIPT.findall(page)
    ]
    policy = {**POLICY, "script-src": " ".join([POLICY["script-src"], *hashes])}
    return "; ".join(f"{name} {value}" for name, value in policy.items())


class SecurityHeaders:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp, *, policy: str) -> None:
        """`policy`: the value of Content-Security-Policy."""
        self._app = app
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Frame-Options": "DENY",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to the answer; those a route set itself stay."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if scope.get("scheme") == "https" or scope.get("refuz.https"):
                    headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR}")
            await send(message)

        await self._app(scope, receive, with_headers)


class FirstPaint:
    """ASGI middleware, within what compresses: Streamlit's page has the desk's style at once.

    Drawn by a page's script, the style sheets would come after what they are about, and
    everything would jump. They lie behind Streamlit's own styles, which else won over them.
    """

    def __init__(self, app: ASGIApp, *, style: str) -> None:
        """`style`: the style sheets (CSS text) for the page with `ROOT`; no other is changed."""
        self._app = app
        self._style = b"<style>\n" + style.encode() + b"</style>"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Collect a page before it is sent on; everything else goes by as it comes."""
        opens = scope["type"] == "http" and scope["method"] == "GET"
        if not opens or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        # Streamlit packs some of its answers itself: this one is packed when it is dressed.
        plain = [one for one in scope["headers"] if one[0] != b"accept-encoding"]
        start: Message | None = None
        body = b""

        async def dressed(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
                return
            if start is None or message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            if ROOT in body:
                body = body.replace(BODY_END, self._style + BODY_END, 1)
                MutableHeaders(scope=start)["Content-Length"] = str(len(body))
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self._app({**scope, "headers": plain}, receive, dressed)


def _is_page(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] == 200 and kind.startswith("text/html")
