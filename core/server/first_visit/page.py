"""Streamlit's own page with what the desk's first paint needs: its style, its server, its language.

Source: `window.__streamlit.BACKEND_BASE_URL` is read by Streamlit 1.67's `static/js/index.*.js`; a
test holds it against the installed Streamlit.
"""

import json
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROOT = b'<div id="root">'  # what only Streamlit's page has
BODY_END = b"</body>"

WIDTH_COOKIE = "refuz-width"  # "phone", "tablet" or "desk"
PHONE, TABLET = 700, 1099  # pixels of the widest, as in desk.css

Script = Callable[[], Awaitable[str]]


def first_words(base: str, language: str) -> str:
    """The script (HTML) that tells Streamlit its server's place and the language of its fields.

    `base`: "/desk", "" at the root. Streamlit else asks below the page's own path first, waits for
    two refusals, and asks again. `language`: "ro", "" for the browser's own; calendars and the
    numbers of fields follow `navigator.language`, read before anything is drawn. A cookie tells
    pages how wide the window is, with the very first of their questions (`WIDTH_COOKIE`).
    """
    script = (
        f"window.__streamlit = {{BACKEND_BASE_URL: location.origin + {json.dumps(base + '/')}}};"
    )
    if language:
        spoken = json.dumps(language)
        script += (
            f'if (navigator.language.split("-")[0] !== {spoken}) Object.defineProperty(navigator, '
            f'"language", {{configurable: true, get: () => {spoken}}});'
        )
    rest = json.dumps(f"; path={base or '/'}; samesite=lax")
    script += (
        f'document.cookie = "{WIDTH_COOKIE}=" + (innerWidth <= {PHONE} ? "phone" : '
        f'innerWidth <= {TABLET} ? "tablet" : "desk") + {rest};'
    )
    return f"<script>{script}</script>"


class FirstPaint:
    """ASGI middleware, within what compresses: Streamlit's page has what it needs at once.

    Drawn by a page's script, the style sheets would come after what they are about, and
    everything would jump. They lie behind Streamlit's own styles, which else won over them.
    """

    def __init__(self, app: ASGIApp, *, style: str, script: Script | None = None) -> None:
        """`style`: CSS text; `script`: asked for HTML at each page, None for none.

        They are for the page with `ROOT`; no other is changed.
        """
        self._app = app
        self._style = f"<style>\n{style}</style>".encode()
        self._script = script

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
                script = (await self._script()).encode() if self._script else b""
                body = body.replace(BODY_END, script + self._style + BODY_END, 1)
                MutableHeaders(scope=start)["Content-Length"] = str(len(body))
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self._app({**scope, "headers": plain}, receive, dressed)


def _is_page(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] == 200 and kind.startswith("text/html")
