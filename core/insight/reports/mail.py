"""Sends the digest by SMTP, where an address to send to is set.

`REFUZ_SMTP_URL` is `smtp://user:password@host:587` (STARTTLS where the server offers it; a
password is never sent without) or `smtps://…:465`; `REFUZ_DIGEST_TO` one or more addresses, with
commas; `REFUZ_DIGEST_FROM` the sender, by default the user.
"""

import os
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from core.errors import UserError
from core.i18n.letters import visible
from core.insight.reports.digest import Digest

TIMEOUT = 30.0  # seconds


class MailError(UserError):
    """The digest could not be sent; the message says what to do."""


@dataclass(frozen=True)
class Post:
    """Where and how mail is sent."""

    host: str
    port: int
    encrypted: bool
    user: str
    password: str
    sender: str
    to: tuple[str, ...]

    def send(self, digest: Digest, head: str = "", stamp: str = "") -> None:
        """Send the digest, once, with the record's signed head and stamp.  Raises MailError."""
        self._send(self._message(digest, head, stamp))

    def send_text(self, subject: str, text: str) -> None:
        """Send a few lines.  Raises MailError."""
        message = EmailMessage()
        message["Subject"] = " ".join(visible(subject).split())
        message["From"] = self.sender
        message["To"] = ", ".join(self.to)
        message.set_content(text)
        self._send(message)

    def _send(self, message: EmailMessage) -> None:
        try:
            with self._connect() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(f"The mail was not sent by {self.host}: {error}.") from error

    def _connect(self) -> smtplib.SMTP:
        safe = ssl.create_default_context()
        if self.encrypted:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=safe)
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=safe)
        elif self.user:
            server.close()
            raise smtplib.SMTPException("it offers no encryption, so no password is sent to it")
        return server

    def _message(self, digest: Digest, head: str, stamp: str) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = digest.subject
        message["From"] = self.sender
        message["To"] = ", ".join(self.to)
        told = f"{digest.subject}\n\nThe page is attached; open it in a browser.\n"
        if head:
            told += f"\nThe record's signed head, to be kept with this mail:\n{head}\n"
        if stamp:
            told += f"\nIts newest time stamp (RFC 3161):\n{stamp}\n"
        message.set_content(told, cte="quoted-printable")
        message.add_alternative(digest.html, subtype="html")
        message.add_attachment(
            digest.html.encode(), maintype="text", subtype="html",
            filename=f"digest-{digest.monday:%Y-%m-%d}.html",
        )  # fmt: skip
        return message


def configured(environment: Mapping[str, str] | None = None) -> Post | None:
    """How to send, or None where nothing is set.  Raises MailError for what makes no sense."""
    told = os.environ if environment is None else environment
    url, to = told.get("REFUZ_SMTP_URL", ""), told.get("REFUZ_DIGEST_TO", "")
    if not url and not to:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise MailError("REFUZ_SMTP_URL must read like smtp://user:password@mail.example:587.")
    addresses = tuple(filter(None, (one.strip() for one in to.split(","))))
    user = unquote(parts.username or "")
    sender = told.get("REFUZ_DIGEST_FROM") or (user if "@" in user else "")
    if not addresses or not all("@" in one for one in (*addresses, sender)):
        raise MailError("Set REFUZ_DIGEST_TO and REFUZ_DIGEST_FROM to e-mail addresses.")
    encrypted = parts.scheme == "smtps"
    port = parts.port or (465 if encrypted else 587)
    password = unquote(parts.password or "")
    return Post(parts.hostname, port, encrypted, user, password, sender, addresses)
