"""Whatever a program elsewhere answers with, it takes so long and so many bytes."""

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from core.audit import outside
from core.audit.outside import NotAnswered

SECONDS, LONGEST = 0.8, 5_000
HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
Answer = Callable[[socket.socket], None]
LONG = b"n" * 400


def drip(begin: bytes, piece: bytes = b"x") -> Answer:
    def answer(caller: socket.socket) -> None:
        caller.sendall(begin)
        for _ in range(200):
            caller.sendall(piece)
            time.sleep(0.05)

    return answer


def say(*pieces: bytes) -> Answer:
    def answer(caller: socket.socket) -> None:
        for piece in pieces:
            caller.sendall(piece)

    return answer


def endless(caller: socket.socket) -> None:
    caller.sendall(HEAD + b"\r\n")
    for _ in itertools.repeat(None):
        caller.sendall(b"x" * 65_536)


HOSTILE: dict[str, Answer] = {
    "silent": lambda caller: time.sleep(3),
    "a body that drips": drip(HEAD + b"Content-Length: 4000\r\n\r\n"),
    "a head that drips": drip(HEAD, b"X: y\r\n"),
    "a status that drips": drip(b"HTTP/1.1 200 ", b"O"),
    "cut off": say(HEAD + b"Content-Length: 4000\r\n\r\n", b"half"),
    "too long by its own word": say(HEAD + b"Content-Length: 9000000\r\n\r\n", b"x" * 9_000),
    "endless": endless,
    "a head without end": lambda caller: [caller.sendall(b"X: " + LONG + b"\r\n")
                                          for _ in itertools.repeat(None)] and None,
    "no HTTP": say(b"220 mail ready\r\n"),
    "nothing": say(),
}  # fmt: skip


@pytest.fixture
def server() -> Iterator[Callable[[Answer], str]]:
    listening = [socket.create_server(("127.0.0.1", 0))]

    def begin(answer: Answer) -> str:
        def serve() -> None:
            while True:
                try:
                    caller, _ = listening[0].accept()
                except OSError:
                    return
                with caller, suppress(OSError):
                    caller.recv(65_536)
                    answer(caller)

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listening[0].getsockname()[1]}/there"

    yield begin
    listening[0].close()


@pytest.mark.timed
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_no_answer_holds_its_caller_or_is_taken_for_whole(
    server: Callable[[Answer], str], name: str
) -> None:
    began = time.monotonic()
    with pytest.raises(NotAnswered):
        outside.ask("POST", server(HOSTILE[name]), body=b"?", seconds=SECONDS, longest=LONGEST)
    assert time.monotonic() - began < 3 * SECONDS


@pytest.mark.parametrize("name", ["a body that drips", "cut off", "endless"])
def test_where_nobody_wants_the_body_the_status_is_the_answer(
    server: Callable[[Answer], str], name: str
) -> None:
    url = server(HOSTILE[name])
    assert outside.ask("POST", url, body=b"?", seconds=SECONDS, longest=None)[0] == 200


def test_a_redirect_is_an_answer_and_not_followed(server: Callable[[Answer], str]) -> None:
    there = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    assert outside.ask("GET", server(say(there)), seconds=SECONDS, longest=LONGEST) == (302, b"")


def test_a_whole_answer_is_given_with_its_status(server: Callable[[Answer], str]) -> None:
    answer = say(b"HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\n", b"body")
    assert outside.ask("GET", server(answer), seconds=SECONDS, longest=LONGEST) == (404, b"body")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "gopher://127.0.0.1/x", "ldap://a/b"])
def test_only_http_is_spoken(address: str) -> None:
    with pytest.raises(NotAnswered):
        outside.ask("GET", address, seconds=SECONDS, longest=LONGEST)
