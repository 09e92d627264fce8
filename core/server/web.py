"""Runs the dashboard's server: uvicorn with ends for what hangs.

Streamlit's own runner gives uvicorn no deadline, so one unfinished upload kept a stopped server
alive for as long as its client liked. `st.App` is an ASGI app that any server may run.
"""

import asyncio
import faulthandler
import os
import resource
import signal
import ssl
import threading
from collections import Counter
from http import HTTPStatus
from typing import Any, ClassVar

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from core import clock
from core.people.neighbours import neighbours
from core.server.headers import bare
from core.server.reach import Reach, from_environment

HEADER_SECONDS = 15.0  # for a request's first line and headers
SILENCE_SECONDS = 15.0  # between two pieces of a request's body
MOST_CONNECTIONS = 100  # of one stranger's address; a browser opens six and a socket a page
# An idle connection is kept for longer than proxies keep theirs (Caddy two minutes): one that a
# proxy takes up again just as we end it loses the call. Of an address with many it is not.
IDLE_SECONDS, IDLE_OF_MANY, MANY = 125, 5, 50
GRACEFUL_SECONDS = 6  # for requests that are being answered when the server is told to end
END_SECONDS = 12.0  # from the signal to the end, whatever hangs
MOST_HEAD = 65_536  # bytes of a request that are not its body
PIECE = 16_384  # bytes that are read before one looks whether they are too many
MOST_PIPELINED = 20  # requests that wait on one connection; browsers send none ahead
MOST_FILES = 65_536  # open at a time
LONGEST_MESSAGE = 50 * 2**20  # bytes of a websocket message


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 in which nobody may be slow for ever, nor hold a hundred connections."""

    _per_address: ClassVar[Counter[str]] = Counter()
    proxies: ClassVar[Reach] = Reach()  # who may open any number: each speaks for many

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection, refuse one too many, and begin to wait for its headers."""
        super().connection_made(transport)
        # Streamlit gives uvicorn's access log a handler whatever we asked for. Addresses hold links
        # of invitations and what somebody looked for: `request_log` tells calls without them.
        self.access_log = False
        self._deadline: asyncio.TimerHandle | None = None
        self._beside_body = 0
        self._address = neighbours(self.client[0]) if self.client else ""
        self._trusted = _is_loopback(self._address) or (
            self.client is not None and self.proxies.is_proxy(self.client[0])
        )
        self._per_address[self._address] += 1
        if self._per_address[self._address] > MOST_CONNECTIONS and not self._is_trusted():
            transport.abort()
            return
        self._wait(HEADER_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._leave()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """A websocket may be silent: it is watched by its own pings."""
        self._leave()
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        """Read what came, as long as what must be kept of it is not too much."""
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            self._beside_body += len(piece)
            super().data_received(piece)
            if self.transport.is_closing() or self.transport.get_protocol() is not self:
                return
            if self._beside_body > MOST_HEAD:
                self._end(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
                return
            if len(self.pipeline) > MOST_PIPELINED:
                self.transport.abort()
                return

    def send_400_response(self, msg: str) -> None:
        """What came is no HTTP."""
        self._end(HTTPStatus.BAD_REQUEST, msg)

    def _end(self, status: HTTPStatus, text: str = "") -> None:
        """Answer by ourselves, where nothing was answered yet, and close."""
        cycle = self.cycle
        if cycle is not None and cycle.response_started and not cycle.response_complete:
            self.transport.abort()
            return
        body = (text or status.phrase).encode()
        https = self.scheme == "https" or self.proxies.https
        headers = {
            **bare(https=https),
            "Content-Type": "text/plain; charset=utf-8",
            "Connection": "close",
            "Content-Length": str(len(body)),
        }
        lines = [
            f"HTTP/1.1 {status.value} {status.phrase}",
            *(f"{k}: {v}" for k, v in headers.items()),
        ]
        self.transport.write("\r\n".join([*lines, "", ""]).encode() + body)
        self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins: its headers must come soon."""
        self._beside_body = 0
        super().on_message_begin()
        self._wait(HEADER_SECONDS)

    def on_headers_complete(self) -> None:
        """The headers are here: the body must not pause for long."""
        super().on_headers_complete()
        self._wait(SILENCE_SECONDS)

    def on_body(self, body: bytes) -> None:
        """A piece of the body came."""
        self._beside_body = 0
        super().on_body(body)
        self._wait(SILENCE_SECONDS)

    def on_message_complete(self) -> None:
        """The request is whole; how long its answer takes is ours."""
        super().on_message_complete()
        self._rest()

    def on_response_complete(self) -> None:
        """The answer is out: the connection may idle."""
        many = self._per_address[self._address] > MANY and not self._is_trusted()
        self.timeout_keep_alive = IDLE_OF_MANY if many else IDLE_SECONDS
        super().on_response_complete()

    def _is_trusted(self) -> bool:
        return self._trusted

    def _leave(self) -> None:
        self._rest()
        self._per_address[self._address] -= 1
        if self._per_address[self._address] <= 0:
            del self._per_address[self._address]

    def _wait(self, seconds: float) -> None:
        self._rest()
        self._deadline = self.loop.call_later(seconds, self._too_slow)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if self.flow is not None and self.flow.read_paused:
            self._wait(SILENCE_SECONDS)  # we are the slow ones
            return
        self.transport.abort()


class BoundedSocket(WebSocketsSansIOProtocol):
    """A websocket whose refusals carry the headers of every other answer."""

    def __init__(self, *given: Any, **named: Any) -> None:
        """As the server makes it."""
        super().__init__(*given, **named)
        refuse = self.conn.reject

        def reject(status: Any, text: str) -> Any:
            response = refuse(status, text)
            https = self.scheme == "wss" or BoundedProtocol.proxies.https
            response.headers.update(bare(https=https))
            return response

        self.conn.reject = reject  # type: ignore[method-assign]


def _is_loopback(address: str) -> bool:
    return address.startswith("127.") or address in ("::1", "")


def run(app: str, host: str, port: int, certificate: str = "", key: str = "") -> int:
    """Serve until told to end; gives the exit status. `app` is "module:name"."""
    faulthandler.enable()
    allow_many_files()
    BoundedProtocol.proxies = from_environment()
    config = uvicorn.Config(app, host=host, port=port, **server_options(certificate, key))
    server = _EndingServer(config)
    server.run()
    return 0 if server.started else 1


def allow_many_files() -> None:
    """Let this process have as many open files as the system lets it: each connection is one, and
    the limit it begins with is 1,024 on a common Linux."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class _EndingServer(uvicorn.Server):
    """Ends within END_SECONDS of a signal, also when a thread hangs in a picture or a query."""

    def handle_exit(self, sig: int, frame: Any) -> None:
        if not self.should_exit:
            threading.Thread(target=_end_later, args=(sig,), daemon=True).start()
        super().handle_exit(sig, frame)


def _end_later(sig: int) -> None:
    clock.sleep(END_SECONDS)
    os._exit(0 if sig in (signal.SIGTERM, signal.SIGINT) else 1)


def server_options(certificate: str, key: str) -> dict[str, Any]:
    """How uvicorn serves a desk; the paths of a certificate and its key, "" where none is."""
    return {
        "http": BoundedProtocol,
        "ws": BoundedSocket,
        "ws_max_size": LONGEST_MESSAGE,
        "ws_per_message_deflate": True,
        "timeout_graceful_shutdown": GRACEFUL_SECONDS,
        "access_log": False,
        "use_colors": False,
        "log_level": "warning",
        "server_header": False,
        "proxy_headers": False,
        "ssl_certfile": certificate or None,
        "ssl_keyfile": key or None,
        "ssl_version": ssl.PROTOCOL_TLS_SERVER,
    }
