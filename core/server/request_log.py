"""Gives each call an id: in the log lines of everything done for it, and in the answer."""

import secrets

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.clock import uptime

log = structlog.get_logger(__name__)
HEADER = b"x-request-id"


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
                told = {"method": scope["method"], "path": scope["path"], "status": status}
                log.info("request_answered", **told, milliseconds=took)
