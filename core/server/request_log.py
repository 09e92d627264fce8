"""Gives each call an id: in the log lines of everything done for it, and in the answer."""

import re
import secrets

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.clock import uptime

log = structlog.get_logger(__name__)
HEADER = b"x-request-id"
# A part of a path that is told as it is: a word of ours or a short number. What else stands in it
# somebody typed.
PLAIN = re.compile(r"[a-z][a-z0-9_-]{0,30}|v?\d{1,8}|")


class RequestLog:
    """Binds `request`, and writes one line a call of ours (not of Streamlit's own files)."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap this application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call under an id of its own."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, begun = secrets.token_hex(6), uptime()
        status = 0

        async def with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), (HEADER, request.encode())]
                message = {**message, "headers": headers}
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request):
            await self._app(scope, receive, with_id)
            if scope["path"].startswith(("/api/", "/webhooks/")):
                took = round((uptime() - begun) * 1000)
                fields = {"method": scope["method"], "path": logged_path(scope["path"]),
                        "status": status}  # fmt: skip
                log.info("request_answered", **fields, milliseconds=took)


def logged_path(path: str) -> str:
    """The path as the log tells it: `/api/v1/scans/…`."""
    return "/".join(part if PLAIN.fullmatch(part) else "…" for part in path.split("/"))
