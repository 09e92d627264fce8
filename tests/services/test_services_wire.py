"""What libcurl does under the HTTP client: trust, kept connections, packed bodies, the fence."""

import gzip
import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import misbehaving
import pytest

from core.services.codes import ServiceCode
from core.services.http.client import Answer, HttpClient, fenced
from core.services.http.failures import CannotRead
from core.services.outcome import NotSent, Unknown

ClientFor = Callable[..., HttpClient]
Speak = Callable[[socket.socket, bytes], None]


@contextmanager
def speaking(
    speak: Speak, context: ssl.SSLContext | None = None
) -> Iterator[tuple[str, list[Any]]]:
    """A server that reads one request a connection and lets `speak` answer; what it heard."""
    heard: list[Any] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    wrapped = context.wrap_socket(connection, True) if context else connection
                    heard.append(misbehaving.read_request(wrapped))
                    speak(wrapped, heard[-1])
                except OSError as error:
                    heard.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        scheme = "https" if context else "http"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", heard
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def says(status: str, body: bytes, *headers: str) -> Speak:
    return lambda connection, _: connection.sendall(misbehaving.answer(status, body, *headers))


def test_a_trusted_certificate_is_taken_and_an_untrusted_one_is_not(
    client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(misbehaving.certificate())
    with speaking(says("200 OK", b'{"ok": true}'), context) as (url, heard):
        refused = client_for(url).call("POST", "/", effect=True)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(misbehaving.certificate()))
        taken = [client_for(url).call("POST", "/", effect=effect) for effect in (True, False)]
    assert refused == NotSent(ServiceCode.CERTIFICATE.of(title="Example"))
    assert [isinstance(one, Answer) and one.json for one in taken] == [{"ok": True}] * 2
    assert sum(isinstance(one, bytes) for one in heard) == 2


def test_a_packed_body_is_unpacked(client_for: ClientFor) -> None:
    packed = gzip.compress(b'{"ok": true}')
    with speaking(says("200 OK", packed, "Content-Encoding: gzip")) as (url, _):
        answer = client_for(url).call("GET", "/", effect=False)
    assert isinstance(answer, Answer)
    assert answer.json == {"ok": True}


@pytest.mark.parametrize(
    "packed", [gzip.compress(b" " * 50_000_000), b"not packed"], ids=["bomb", "not packed"]
)
def test_a_body_that_cannot_be_unpacked_or_is_huge_unpacked_is_no_answer(
    packed: bytes, client_for: ClientFor
) -> None:
    with speaking(says("200 OK", packed, "Content-Encoding: gzip")) as (url, _):
        assert isinstance(client_for(url).call("POST", "/", effect=True), Unknown)


def test_an_early_hint_is_not_the_answer(client_for: ClientFor) -> None:
    def speak(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        connection.sendall(misbehaving.answer("503 Service Unavailable", b""))

    with speaking(speak) as (url, _):
        answer = client_for(url).call("POST", "/", effect=True)
    assert isinstance(answer, Unknown)  # a 503 without a time of its own


def test_a_reading_on_a_kept_connection_that_died_is_asked_again(client_for: ClientFor) -> None:
    def speak(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with speaking(speak) as (url, heard):
        client = client_for(url)
        answers = [client.call("GET", "/", effect=False) for _ in range(3)]
    assert all(isinstance(one, Answer) for one in answers)
    assert len(heard) == 3


def test_an_effect_is_written_as_requests_would_write_it(client_for: ClientFor) -> None:
    with speaking(says("200 OK", b"{}")) as (url, heard):
        headers = {"X-Empty": "", "X-Name": "caf\xe9"}
        client = client_for(url)
        client.call("POST", "/a/../b", json={"a": 1}, headers=headers, effect=True)
        client.call("PUT", "/c", form={"x": "1 2"}, effect=True)
        client.call("POST", "/d", effect=True)
        client.call("DELETE", "/e", params={"q": "ș"}, effect=False)
    first, put, empty, delete = heard
    assert first.startswith(b"POST /b HTTP/1.1\r\n")
    assert first.endswith(b'\r\n\r\n{"a": 1}')
    for line in (b"X-Empty:", b"X-Name: caf\xe9", b"Content-Length: 8", b"Connection: close"):
        assert b"\r\n" + line + b"\r\n" in first
    assert b"Accept-Encoding: identity" in first
    assert b"Expect" not in first
    assert put.startswith(b"PUT /c HTTP/1.1\r\n")
    assert put.endswith(b"\r\n\r\nx=1+2")
    assert b"Content-Length: 0\r\n" in empty
    assert b"Content-Type" not in empty
    assert delete.startswith(b"DELETE /e?q=%C8%99 HTTP/1.1\r\n")


def test_an_error_of_the_fence_leaves_nothing_sent_and_is_not_swallowed(
    client_for: ClientFor,
) -> None:
    def broken() -> None:
        raise LookupError("a bug of ours")

    with (
        speaking(says("200 OK", b"{}")) as (url, heard),
        pytest.raises(LookupError),
        fenced(broken),
    ):
        client_for(url).call("POST", "/", effect=True)
    assert not any(isinstance(one, bytes) for one in heard)


def test_no_proxy_of_the_environment_and_no_file_of_passwords_is_used(
    client_for: ClientFor, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password hunter2\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with speaking(says("200 OK", b"{}")) as (url, heard):
        assert isinstance(client_for(url).call("POST", "/", effect=True), Answer)
    assert b"Authorization" not in heard[0]


def test_a_download_that_falls_silent_is_given_up(client_for: ClientFor) -> None:
    silent = threading.Event()

    def speak(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}\n")
        silent.wait(10)

    with speaking(speak) as (url, _):
        with pytest.raises(CannotRead):
            list(client_for(url).lines(f"{url}/file"))
        silent.set()


class _Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = str(self.client_address[1]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


def test_a_process_that_was_forked_has_connections_of_its_own(
    client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        client = client_for(f"http://127.0.0.1:{server.server_port}")
        ports = [client.call("GET", "/", effect=False) for _ in range(2)]
        # A real fork of a test's process, which has threads, may hang for ever.
        monkeypatch.setattr("core.services.http.wire.os.getpid", lambda: -1)
        ports.append(client.call("GET", "/", effect=False))
        server.shutdown()
    ours, again, forked = (one.json for one in ports if isinstance(one, Answer))
    assert ours == again != forked
