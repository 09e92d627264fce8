"""What comes below HTTP's own rules: it costs little, and its answer carries the headers."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.endpoints import WebSocketEndpoint
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from core.server import auth, reach, web
from core.server.headers import BARE, SecurityHeaders, content_policy
from core.server.request_log import RequestLog
from tests.ports import free_port

SOCKET = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


async def size(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def broken(_request: Request) -> Response:
    raise RuntimeError("a fault of ours")


class Hello(WebSocketEndpoint):
    encoding = "text"

    async def on_receive(self, websocket: WebSocket, data: str) -> None:
        await websocket.send_text(data)


@pytest.fixture
def port(engine: object) -> Iterator[int]:
    """A server with the desk's own protocols, gate and headers."""
    app = Starlette(
        routes=[Route("/", size, methods=["GET", "POST"]), Route("/broken", broken),
                WebSocketRoute("/socket", Hello)],
        middleware=[
            Middleware(RequestLog), Middleware(SecurityHeaders, policy=content_policy("")),
            Middleware(auth.AuthMiddleware, network=False, token="printed"),
        ],
    )  # fmt: skip
    free = free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=free, **web.server_options("", ""))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield free
    server.should_exit = True
    thread.join(10)


def said(port: int, *pieces: bytes) -> tuple[int, dict[str, str], int]:
    """The status and headers of the answer (0: none), and how many bytes were taken before it."""
    taken, heard = 0, b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.settimeout(20)
        try:
            for piece in pieces:
                line.sendall(piece)
                taken += len(piece)
        except OSError:
            pass  # it was ended meanwhile
        try:
            while b"\r\n\r\n" not in heard and (more := line.recv(65_536)):
                heard += more
        except OSError:
            pass
    lines = heard.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    headers = dict(one.lower().split(": ", 1) for one in lines[1:] if ": " in one)
    return (int(lines[0].split()[1]) if heard else 0), headers, taken


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        (b"GET /missing HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        (b"GET /broken HTTP/1.1\r\nHost: localhost\r\n\r\n", 500),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        (b"GET / HTTP/1.1\r\n\r\n", 421),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 421),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\n\r\n", 421),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),  # TLS where none is spoken
        (b"BREW / HTCPCP/1.0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
         b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET /socket HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n"
         + SOCKET + b"\r\n", 403),
        (b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n" + SOCKET + b"\r\n", 403),
        (b"GET /socket HTTP/1.1\r\nHost: evil.example\r\n" + SOCKET + b"\r\n", 403),
        (b"GET /socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
         b"Connection: Upgrade\r\nSec-WebSocket-Version: 7\r\nSec-WebSocket-Key: x\r\n\r\n", 400),
        (b"GET /?" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
    ],
    ids=lambda one: str(one) if isinstance(one, int) else None,
)  # fmt: skip
def test_whatever_is_answered_says_what_browsers_may_do_with_it(
    port: int, call: bytes, status: int
) -> None:
    answered, headers, _ = said(port, call)
    assert answered == status
    for name in BARE:
        assert name.lower() in headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers


def test_by_https_the_barest_answer_says_so(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    public = reach.from_environment({"REFUZ_PUBLIC_URL": "https://desk.example.com"})
    monkeypatch.setattr(web.BoundedProtocol, "proxies", public)
    socket_ = b"GET /socket HTTP/1.1\r\nHost: evil.example\r\n" + SOCKET + b"\r\n"
    for call, status in ((b"BREW / HTCPCP/1.0\r\n\r\n", 400), (socket_, 403)):
        answered, headers, _ = said(port, call)
        assert (answered, headers["strict-transport-security"]) == (status, "max-age=31536000")


@pytest.mark.parametrize("host", [b"127.0.0.1", b"localhost"])
def test_a_proxy_that_says_nothing_of_itself_is_known_by_its_old_http(
    port: int, host: bytes
) -> None:
    """nginx's bare `proxy_pass` names this computer as Host and writes no header of its own."""
    bare = b"GET / HTTP/1.%d\r\nHost: %s:%d\r\nConnection: close\r\n\r\n"
    assert said(port, bare % (0, host, port))[0] == 401
    assert said(port, bare % (1, host, port))[0] == 200


def test_a_socket_that_is_ours_still_opens_and_a_long_body_still_comes(port: int) -> None:
    call = b"GET /socket HTTP/1.1\r\nHost: localhost\r\n" + SOCKET + b"\r\n"
    assert said(port, call)[0] == 101
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n"
    long = b"Cookie: " + b"c" * 30_000 + b"\r\n\r\n"  # and all of it in one write
    assert said(port, head + long + b"x" * 3_000_000)[0] == 200
    pieces = b"".join(b"1\r\nx\r\n" for _ in range(50_000))  # 300 kB around 50 kB
    chunked = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert said(port, chunked + pieces + b"0\r\n\r\n")[0] == 200


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nA: ", b"x" * 50_000),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"a: y\r\n" * 8_000),
        (b"GET /", b"x" * 50_000),
        (b"", b"\r\n" * 25_000),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n",
         b"a: y\r\n" * 8_000),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1;",
         b"x" * 50_000),
    ],
    ids=["one header", "many headers", "address", "empty lines", "trailers", "chunk extension"],
)  # fmt: skip
def test_what_is_no_body_is_taken_up_to_a_measure_and_no_further(
    port: int, begin: bytes, piece: bytes
) -> None:
    """A hundred megabytes of headers had cost the server 1.6 GB in fourteen seconds."""
    answered, _, taken = said(port, begin, *[piece] * 2_000)
    assert answered in (0, 431)
    assert taken < 20_000_000, "what the system's own buffers took, and a little"


def test_requests_sent_far_ahead_of_their_answers_end_the_connection(port: int) -> None:
    ahead = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(ahead * 5)
        heard = b""
        while heard.count(b"HTTP/1.1 200") < 5:
            heard += line.recv(65_536)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.settimeout(20)
        heard = b""
        try:
            line.sendall(ahead * 5_000)
            while more := line.recv(65_536):
                heard += more
        except OSError:
            pass
    assert heard.count(b"HTTP/1.1 200") <= web.MOST_PIPELINED + 1
