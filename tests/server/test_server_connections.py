"""Connections: a call that was sent is answered, however late the process is; none is hoarded."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from core.server import reach, web
from tests.ports import free_port

SHORT = 0.2  # seconds, for deadlines of minutes
HELD_UP = 1.0
Start = Callable[[], int]

waits_for_body, held = threading.Event(), threading.Event()


async def answered_then_held_up(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer is out; then the whole process stands still, as on a machine that is busy."""
    await PlainTextResponse("here")(scope, receive, send)
    held.set()
    time.sleep(HELD_UP)  # noqa: ASYNC251 (meant)


class Held:
    __call__ = staticmethod(answered_then_held_up)


async def whole(request: Request) -> Response:
    waits_for_body.set()
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture(params=["uvloop", "asyncio"])
def start(request: pytest.FixtureRequest) -> Iterator[Start]:
    """Serve with our protocol; gives the port."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []
    waits_for_body.clear()
    held.clear()

    def begun() -> int:
        port = free_port()
        routes = [Route("/held", Held()), Route("/whole", whole, methods=["GET", "POST"])]
        options = {"http": web.BoundedProtocol, "loop": request.param, "log_level": "warning"}
        config = uvicorn.Config(Starlette(routes=routes), port=port, **options)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        while not server.started:
            time.sleep(0.01)
        return port

    yield begun
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


def test_a_call_on_an_idle_connection_is_answered_though_its_time_ran_out_before_it_was_read(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "IDLE_SECONDS", SHORT)
    one = http.client.HTTPConnection("127.0.0.1", start(), timeout=20)
    one.request("GET", "/held")
    assert one.getresponse().read() == b"here"
    assert held.wait(10)
    one.request("GET", "/whole")  # sent while nobody reads, on a connection that is to end soon
    assert one.getresponse().read() == b"0"


def test_a_body_that_came_in_time_is_taken_though_it_was_read_after_its_deadline(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "SILENCE_SECONDS", SHORT)
    port = start()
    one = socket.create_connection(("127.0.0.1", port), timeout=20)
    other = socket.create_connection(("127.0.0.1", port), timeout=20)
    one.sendall(b"POST /whole HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
    assert waits_for_body.wait(10)
    other.sendall(b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n")
    assert held.wait(10)
    one.sendall(b"12345")
    answer = http.client.HTTPResponse(one)
    answer.begin()
    assert answer.read() == b"5"


def test_a_silent_connection_is_ended(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IDLE_SECONDS", "SILENCE_SECONDS", "HEADER_SECONDS"):
        monkeypatch.setattr(web, name, SHORT)
    port = start()
    half = b"POST /whole HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n1"
    whole = b"GET /whole HTTP/1.1\r\nHost: x\r\n\r\n"
    for begun in (b"", b"GET / HT", half, whole):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as one:
            one.sendall(begun)
            with suppress(ConnectionResetError):
                while one.recv(4096):
                    pass


@pytest.mark.parametrize(("proxies", "answered"), [("", 3), ("127.0.0.0/8", 5)])
def test_one_address_has_so_many_connections_and_a_proxy_s_any_number(
    start: Start, monkeypatch: pytest.MonkeyPatch, proxies: str, answered: int
) -> None:
    monkeypatch.setattr(web, "MOST_CONNECTIONS", 3)
    monkeypatch.setattr(web, "_is_loopback", lambda _address: False)
    here = reach.from_environment({"REFUZ_TRUSTED_PROXIES": proxies})
    monkeypatch.setattr(web.BoundedProtocol, "proxies", here)
    port, kept, good = start(), list[http.client.HTTPConnection](), 0
    for _ in range(5):
        one = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        kept.append(one)
        with suppress(OSError, http.client.HTTPException):
            one.request("GET", "/whole")
            good += one.getresponse().status == 200
    assert good == answered
    for one in kept:
        one.close()
