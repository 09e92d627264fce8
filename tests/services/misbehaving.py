"""A server that does one wrong thing, at the level of sockets: the faults of test T8.

`FAULTS` names them all with what becomes of a call that meets them; `running(fault)` serves one.
An adapter's test runs each of its calls against each fault and compares by `expected`.
"""

import datetime as dt
import functools
import ipaddress
import socket
import ssl
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TIMEOUT = 0.5  # seconds a client of these tests waits for a whole call

# What the client itself makes of each fault. "Answer" is left to the adapter, and must never
# become Confirmed: HTML and a body of somebody else's are no evidence. "truncated" ends before its
# Content-Length, "cut_json" is as long as that says.
FAULTS: dict[str, str] = {
    "refused": "NotSent",
    "dns": "NotSent",
    "tls": "NotSent",
    "connect_timeout": "NotSent",
    "timeout_before": "Unknown",
    "timeout_after": "Unknown",
    "reset": "Unknown",
    "truncated": "Unknown",
    "cut_json": "Answer",
    "html_200": "Answer",
    "error_text_200": "Answer",
    "429_retry_after": "RefusedForNow",
    "429": "RefusedForNow",
    "500": "Unknown",
    "502": "Unknown",
    "503": "Unknown",
    "504": "Unknown",
    "redirect": "Unknown",
    "huge_body": "Unknown",
    "dribble": "Unknown",
}


@dataclass
class Running:
    """Where the fault is served, and what reached it."""

    base_url: str
    requests: list[bytes] = field(default_factory=list)


def answer(status: str, body: bytes, *headers: str) -> bytes:
    """An answer as it is written on the wire."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


_HTML = b"<html><body>Bad gateway</body></html>"
_JSON = "Content-Type: application/json"
_PLAIN: dict[str, bytes] = {
    "html_200": answer("200 OK", _HTML, "Content-Type: text/html"),
    "error_text_200": answer("200 OK", b'{"errorText": "Ceva nu a mers."}', _JSON),
    "429_retry_after": answer("429 Too Many Requests", b"{}", _JSON, "Retry-After: 7"),
    "429": answer("429 Too Many Requests", b"{}", _JSON),
    "500": answer("500 Internal Server Error", b'{"message": "oops"}', _JSON),
    "502": answer("502 Bad Gateway", _HTML, "Content-Type: text/html"),
    "503": answer("503 Service Unavailable", b""),
    "504": answer("504 Gateway Timeout", _HTML, "Content-Type: text/html"),
    "cut_json": answer("200 OK", b'{"data": {"number": "0043", "series": "CT', _JSON),
    "truncated": answer("200 OK", b'{"data": {"a": 1}}', _JSON)[:-5],
}


def read_request(connection: socket.socket) -> bytes:
    """One whole request as it came."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    chunk = connection.recv(65536)
    if not chunk:
        raise ConnectionError("the client went away")
    return chunk


def _serve_one(fault: str, connection: socket.socket, own: Running, stop: threading.Event) -> None:
    if fault == "timeout_before":  # nothing is even read
        stop.wait(4 * TIMEOUT)
        return
    own.requests.append(read_request(connection))
    match fault:
        case "timeout_after":
            stop.wait(4 * TIMEOUT)
        case "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        case "redirect":
            place = f"Location: {own.base_url}/elsewhere"
            connection.sendall(answer("307 Temporary Redirect", b"", place))
        case "huge_body":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
            for _ in range(11 * 16):
                connection.sendall(b" " * 65536)
        case "dribble":
            for byte in answer("200 OK", b'{"data": {}}', _JSON):
                if stop.wait(TIMEOUT / 5):
                    break
                connection.sendall(bytes([byte]))
        case _:
            connection.sendall(_PLAIN[fault])


def _accept(fault: str, listener: socket.socket, own: Running, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, suppress(OSError):
            _serve_one(fault, connection, own, stop)


@contextmanager
def _listening(fault: str) -> Iterator[Running]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        own, stop = Running(f"http://127.0.0.1:{listener.getsockname()[1]}"), threading.Event()
        thread = threading.Thread(target=_accept, args=(fault, listener, own, stop), daemon=True)
        thread.start()
        try:
            yield own
        finally:
            stop.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextmanager
def _refusing() -> Iterator[Running]:
    with socket.socket() as taken:  # bound, so that nobody else takes it, but not listening
        taken.bind(("127.0.0.1", 0))
        yield Running(f"http://127.0.0.1:{taken.getsockname()[1]}")


@contextmanager
def _unknown_name() -> Iterator[Running]:
    yield Running("https://shop.invalid")  # RFC 2606: never resolves


@contextmanager
def _full_backlog() -> Iterator[Running]:
    """A listener that accepts nobody and whose queue is full: connecting takes for ever."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(listener.getsockname())
        time.sleep(0.05)
        yield Running(f"http://127.0.0.1:{listener.getsockname()[1]}")
        for one in waiting:
            one.close()


@functools.cache
def certificate() -> Path:
    """A self-signed certificate with its key: nobody has reason to trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = Path(tempfile.mkdtemp()) / "certificate.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@contextmanager
def _untrusted() -> Iterator[Running]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        own = Running(f"https://127.0.0.1:{listener.getsockname()[1]}")

        def shake_hands() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    own.requests.append(read_request(context.wrap_socket(connection, True)))

        thread = threading.Thread(target=shake_hands, daemon=True)
        thread.start()
        try:
            yield own
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


_SPECIAL: dict[str, Callable[[], object]] = {
    "refused": _refusing,
    "dns": _unknown_name,
    "connect_timeout": _full_backlog,
    "tls": _untrusted,
}


@contextmanager
def running(fault: str) -> Iterator[Running]:
    """Serve one fault of FAULTS until the block ends."""
    make = _SPECIAL.get(fault)
    with make() if make else _listening(fault) as own:  # type: ignore[attr-defined]
        yield own
