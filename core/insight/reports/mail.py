"""Sends the digest by SMTP, where an address to send to is set.

`REFUZ_SMTP_URL` is `smtp://user:password@host:587` (STARTTLS where the server offers it; a
password is never sent without) or `smtps://…:465`; `REFUZ_DIGEST_TO` one or more addresses, with
commas; `REFUZ_DIGEST_FROM` the sender, by default the user.
"""

import contextlib
import os
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import structlog

from core.errors import UserError
from core.i18n.language import translate
from core.i18n.letters import visible
from core.insight.reports.digest import Digest
from core.reasons import N_

log = structlog.get_logger(__name__)

SILENCE_SECONDS = 30.0  # without a byte of the server's
WHOLE_SECONDS = 120.0  # for a mail, whatever the server does: who waits behind it waits no longer


ATTACHED = N_("The page is attached; open it in a browser.")
HEAD = N_("The record's signed head, to be kept with this mail:")
STAMP = N_("Its newest time stamp (RFC 3161):")


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
        slow = f"it took longer than {WHOLE_SECONDS:g} seconds"
        with contextlib.closing(self._caller()) as call, _ended_in_time(call) as late:
            try:
                self._begin(call)
                refused = call.send_message(message)
            except (OSError, smtplib.SMTPException) as error:
                why = slow if late.is_set() else error
                raise MailError(f"The mail was not sent by {self.host}: {why}.") from error
            if refused:
                log.warning("mail_refused_for_some", host=self.host, recipients=len(refused))
            # It is the server's now: what it says at the parting makes nothing undone.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                call.quit()

    def _caller(self) -> smtplib.SMTP:
        if self.encrypted:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(timeout=SILENCE_SECONDS, context=context)
        return smtplib.SMTP(timeout=SILENCE_SECONDS)

    def _begin(self, call: smtplib.SMTP) -> None:
        # smtplib looks a certificate's name up where a constructor would have put it.
        call._host = self.host  # type: ignore[attr-defined]  # noqa: SLF001
        call.connect(self.host, self.port)
        call.ehlo()
        if not self.encrypted and call.has_extn("starttls"):
            call.starttls(context=ssl.create_default_context())
        elif not self.encrypted and self.user:
            raise smtplib.SMTPException("it offers no encryption, so no password is sent to it")
        if self.user:
            call.login(self.user, self.password)

    def _message(self, digest: Digest, head: str, stamp: str) -> EmailMessage:
        """The mail: text, HTML, attachment; with the record's signed head and its time stamp."""
        message = EmailMessage()
        message["Subject"] = digest.subject
        message["From"] = self.sender
        message["To"] = ", ".join(self.to)

        def written(sentence: str) -> str:
            return translate(sentence, digest.language)

        text = f"{digest.subject}\n\n{written(ATTACHED)}\n"
        if head:
            text += f"\n{written(HEAD)}\n{head}\n"
        if stamp:
            text += f"\n{written(STAMP)}\n{stamp}\n"
        message.set_content(text, cte="quoted-printable")
        message.add_alternative(digest.html, subtype="html")
        message.add_attachment(
            digest.html.encode(), maintype="text", subtype="html",
            filename=f"digest-{digest.monday:%Y-%m-%d}.html",
        )  # fmt: skip
        return message


@contextlib.contextmanager
def _ended_in_time(call: smtplib.SMTP) -> Iterator[threading.Event]:
    """Within, a call that lasts for too long loses its connection; gives whether it did.

    smtplib's own limit is for each byte: a server that sends one a minute holds it for hours.
    """
    done, late = threading.Event(), threading.Event()

    def watch() -> None:
        left = WHOLE_SECONDS
        while not done.wait(left):  # again and again: it may be about to connect
            late.set()
            left = 0.1
            with contextlib.suppress(OSError, AttributeError):
                call.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

    threading.Thread(target=watch, name="mail-deadline", daemon=True).start()
    try:
        yield late
    finally:
        done.set()


def configured(environment: Mapping[str, str] | None = None) -> Post | None:
    """How to send, or None where nothing is set.  Raises MailError for what makes no sense."""
    variables = os.environ if environment is None else environment
    url, to = variables.get("REFUZ_SMTP_URL", ""), variables.get("REFUZ_DIGEST_TO", "")
    if not url and not to:
        return None
    must = "REFUZ_SMTP_URL must read like smtp://user:password@mail.example:587."
    try:
        parts = urlsplit(url)
        named = parts.port  # raises where it is none
    except ValueError as error:
        raise MailError(must) from error
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise MailError(must)
    addresses = tuple(filter(None, (one.strip() for one in to.split(","))))
    user = unquote(parts.username or "")
    sender = variables.get("REFUZ_DIGEST_FROM") or (user if "@" in user else "")
    if not addresses or not all("@" in one for one in (*addresses, sender)):
        raise MailError("Set REFUZ_DIGEST_TO and REFUZ_DIGEST_FROM to e-mail addresses.")
    encrypted = parts.scheme == "smtps"
    port = named or (465 if encrypted else 587)
    password = unquote(parts.password or "")
    return Post(parts.hostname, port, encrypted, user, password, sender, addresses)
