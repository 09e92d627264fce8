"""A mail server that is slow, rude or another one than named holds nobody up."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from insight_mailbox import Mailbox

from core.insight.reports import mail
from core.server.certificate import local_certificate


def post(port: int, *, scheme: str = "smtp", host: str = "localhost") -> mail.Post:
    settings = {"REFUZ_SMTP_URL": f"{scheme}://{host}:{port}", "REFUZ_DIGEST_TO": "ana@example.com",
            "REFUZ_DIGEST_FROM": "desk@example.com"}  # fmt: skip
    made = mail.configured(settings)
    assert made is not None
    return made


# What a slow server has said by the book before it sends a letter now and then.
BEFORE = {
    "greeting": [],
    "lines-without-end": [b"220 mailbox\r\n"],
    "after-the-letter": [b"220 mailbox\r\n", *[b"250 ok\r\n"] * 3, b"354 go on\r\n"],
}
DRIPPED = {"lines-without-end": b"250-more\r\n"}


@pytest.fixture(params=list(BEFORE))
def slow_port(request: pytest.FixtureRequest) -> Iterator[int]:
    stop = threading.Event()

    def talk(caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError):
            for said in BEFORE[request.param]:
                caller.sendall(said)
                caller.recv(4096)
            while not stop.wait(0.05):
                caller.sendall(DRIPPED.get(request.param, b"2"))

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=talk, args=listening.accept()[:1], daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield int(listening.getsockname()[1])
        stop.set()


@pytest.mark.timed
def test_a_server_that_sends_a_letter_now_and_then_is_left_after_so_many_seconds(
    slow_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "WHOLE_SECONDS", 0.6)
    began = time.monotonic()
    with pytest.raises(mail.MailError, match=r"longer than 0\.6 seconds"):
        post(slow_port, host="127.0.0.1").send_text("An alarm", "Nothing goes on.")
    assert time.monotonic() - began < 3


def test_a_mail_that_was_taken_is_sent_whatever_the_server_says_at_the_parting() -> None:
    """421, or nothing at all: one that counts as not sent is sent again each minute."""
    with Mailbox(farewell="421 4.7.0 too busy to part") as box:
        post(box.port).send_text("An alarm", "Nothing goes on.")
    assert len(box.messages) == 1


def test_over_tls_the_server_must_be_the_one_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = local_certificate(tmp_path, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    with Mailbox(context=context) as box:
        with pytest.raises(mail.MailError, match="CERTIFICATE_VERIFY_FAILED"):
            post(box.port, scheme="smtps").send_text("An alarm", "To nobody we know.")
        monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
        post(box.port, scheme="smtps").send_text("An alarm", "Nothing goes on.")
    assert len(box.messages) == 1
