"""A local HTTP server that gives prepared answers and remembers what it was asked."""

import json
import threading
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from core.services import registry
from core.services.http.client import HttpClient
from core.settings.connections import Connection


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body).items()}


@dataclass
class Answering:
    """The server's address, its prepared answers in order, and the requests it saw."""

    base_url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answers: deque[tuple[int, dict[str, str], bytes]] = field(default_factory=deque)

    def will_say(
        self, body: Any, status: int = 200, content_type: str = "application/json", **headers: str
    ) -> "Answering":
        """Prepare one more answer; a text is sent as it is, anything else as JSON."""
        data = body if isinstance(body, str) else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, {"Content-Type": content_type, **named}, data.encode()))
        return self


@contextmanager
def answering() -> Iterator[Answering]:
    """Run such a server on loopback."""
    state = Answering()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = parse_qs(parts.query)
            state.asked.append(Asked(self.command, parts.path, query, headers, body))
            status, own_headers, data = state.answers.popleft()
            self.send_response(status)
            for name, value in {**own_headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 (the library's names)

        def log_message(self, *_: object) -> None:
            """Say nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    state.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


class Split:
    """Two clients in one: the first calls go to the good server, the next to the faulty one."""

    def __init__(self, good: HttpClient, faulty: HttpClient, first: int) -> None:
        self.base_url = uuid.uuid4().hex  # tokens are kept by address: each job has its own
        self._good, self._faulty, self._left = good, faulty, first
        self.throttle = good.throttle

    def call(self, method: str, path: str, **more: Any) -> Any:
        self._left -= 1
        chosen = self._good if self._left >= 0 else self._faulty
        return chosen.call(method, path, **more)


def connected(service: str, kind: str, base_url: str, **values: str) -> Connection:
    """A connection to a service, with the secrets told apart by the service's own form."""
    secret = {one.name for one in registry.info(service).fields if one.secret}
    settings = {name: value for name, value in values.items() if name not in secret}
    secrets = {name: value for name, value in values.items() if name in secret}
    fast = {"timeout_seconds": "5"}
    return Connection(
        1, kind, service, service, {"base_url": base_url, **fast, **settings}, secrets
    )
