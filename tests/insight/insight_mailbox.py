"""A mail server of one test: it takes letters in over a real socket, and offers no encryption."""

import socketserver
import ssl
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        box: Mailbox = self.server.box  # type: ignore[attr-defined]
        self._say("220 mailbox")
        while line := self.rfile.readline():
            text = line.decode().strip()
            box.lines.append(text)
            word = text.upper().split(" ")[0].split(":")[0]
            if word == "QUIT":
                self._say(box.farewell)
                return
            if word == "DATA":
                self._take(box)
            else:
                if text.upper().startswith("RCPT TO:"):
                    box.recipients.append(text[8:].split(" ")[0])
                self._say("250 ok")

    def _take(self, box: "Mailbox") -> None:
        self._say("354 go on")
        data = b""
        while (line := self.rfile.readline()) != b".\r\n":
            data += line.removeprefix(b".")
        box.messages.append(message_from_bytes(data, policy=policy.default))
        self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Mailbox:
    """What came in: `messages`, `recipients`, and every line the client said."""

    def __init__(self, *, farewell: str = "221 bye", context: ssl.SSLContext | None = None) -> None:
        """`farewell`: what it answers to QUIT; `context`: encrypted from the first byte on."""
        self.farewell = farewell
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.lines: list[str] = []
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session)
        if context is not None:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._server.box = self  # type: ignore[attr-defined]
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
