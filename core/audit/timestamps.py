"""RFC 3161 time stamps of the record's head: an authority of its own says when it was so.

The signed heads show that the record is another one, unless whoever changed it has `anchor.key`
too and signs heads anew. A stamp is signed with the authority's key, so no head can be dated back.
REFUZ_TIMESTAMP_URL names the authority, REFUZ_TIMESTAMP_ROOTS the file (PEM) of the certificates
it is trusted by. Each stamp is a line of JSON in `stamps.jsonl` beside the heads: `head` as it was
stamped, letter for letter, and `response`, the authority's TimeStampResp in base64.
"""

import base64
import binascii
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography import x509
from sqlalchemy import Connection

from core.audit import anchor, outside
from core.config import Home
from core.errors import UserError
from core.reasons import N_, Reason, ReasonCode
from core.rights import Right, door

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest, TimeStampResponse

FILE = "stamps.jsonl"
TIMEOUT = 15.0  # seconds, of the whole call
LONGEST = 100_000  # bytes of an answer
LOOKED_AT = 50  # newest stamps that `doctor` checks


class StampCode(ReasonCode):
    """Why there is no stamp, or none that holds."""

    NO_ADDRESS = (
        "stamp_no_address",
        N_("REFUZ_TIMESTAMP_URL must read like https://tsa.example.com/tsr."),
    )
    NO_ROOTS = (
        "stamp_no_roots",
        N_("REFUZ_TIMESTAMP_ROOTS must name a file of certificates (PEM): {file}."),
    )
    NOT_GIVEN = (
        "stamp_not_given",
        N_("The time stamp authority {authority} gave no stamp ({said})."),
    )  # said: an HTTP status, or the kind of the error
    NOT_SIGNED = (
        "stamp_not_signed",
        N_("What the time stamp authority {authority} answered is not signed by it."),
    )
    NOT_ITS = (
        "stamp_not_its",
        N_("Line {line} of the time stamps is none that the authority gave for that head."),
    )


class StampError(UserError):
    """There is no stamp; the reason says why."""


@dataclass(frozen=True)
class Authority:
    """Who stamps, and by which certificates it is believed."""

    url: str
    roots: tuple[x509.Certificate, ...]

    def stamp(self, data: bytes) -> bytes:
        """A TimeStampResp over the data, checked. Raises StampError."""
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

        builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
        asked = builder.build()
        answer = self._asked(asked.as_bytes())
        if not self.holds(answer, data, asked):
            raise StampError(StampCode.NOT_SIGNED.of(authority=self.url))
        return answer

    def holds(self, answer: bytes, data: bytes, asked: "TimeStampRequest | None" = None) -> bool:
        """Whether an answer is a stamp over the data by this authority, and to that request."""
        from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

        nonce = asked.nonce if asked is not None else None
        verifier = VerifierBuilder(roots=list(self.roots), nonce=nonce).build()
        try:
            found: TimeStampResponse = decode_timestamp_response(answer)
            return bool(verifier.verify_message(found, data))
        except (VerificationError, ValueError):
            return False

    def _asked(self, query: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}
        try:
            status, body = outside.ask("POST", self.url, body=query, headers=headers,
                                       seconds=TIMEOUT, longest=LONGEST)  # fmt: skip
        except outside.NotAnswered as error:
            raise StampError(
                StampCode.NOT_GIVEN.of(authority=self.url, said=error.args[0])
            ) from error
        if status != 200:
            raise StampError(StampCode.NOT_GIVEN.of(authority=self.url, said=f"HTTP {status}"))
        return body


def configured(environment: Mapping[str, str] | None = None) -> Authority | None:
    """As the settings say; None where no authority is named. Raises StampError."""
    variables = os.environ if environment is None else environment
    url = variables.get("REFUZ_TIMESTAMP_URL", "").strip()
    if not url:
        return None
    if not _is_web(url):
        raise StampError(StampCode.NO_ADDRESS)
    file = variables.get("REFUZ_TIMESTAMP_ROOTS", "").strip()
    try:
        roots = x509.load_pem_x509_certificates(Path(file or "-").read_bytes())
    except (OSError, ValueError) as error:
        raise StampError(StampCode.NO_ROOTS.of(file=file or "-")) from error
    return Authority(url, tuple(roots))


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is none
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username


def file_of(where: Home) -> Path:
    """Where stamps are kept: beside the heads."""
    return anchor.file_of(where).with_name(FILE)


@door(Right.RECORD)
def keep_stamp(connection: Connection, where: Home) -> bool:
    """Have the head as it is now stamped, where one is configured and the head is new.

    Whether there is a new stamp. Raises StampError.
    """
    authority = configured()
    if authority is None:
        return False
    head = anchor.head_now(connection, where)
    last = _head_of(next(reversed(_lines(where)), ""))
    if not head or json.loads(head)["hash"] == last.get("hash"):
        return False
    response = base64.b64encode(authority.stamp(head.encode())).decode()
    with file_of(where).open("a", encoding="utf-8") as out:
        out.write(json.dumps({"head": head, "response": response}) + "\n")
        out.flush()
        os.fsync(out.fileno())
    return True


@door(Right.RECORD)
def disagreements(connection: Connection, where: Home) -> list[Reason]:
    """What the newest stamps and the record do not agree on. Raises StampError."""
    authority = configured()
    lines = list(enumerate(_lines(where), 1))[-LOOKED_AT:]
    return [] if authority is None else list(_wrong(connection, where, authority, lines))


def kept(where: Home) -> int:
    """How many stamps there are."""
    return len(_lines(where))


@door(Right.RECORD)
def newest(where: Home) -> str:
    """The last stamp's line, "" where there is none."""
    return next(reversed(_lines(where)), "")


def _wrong(
    connection: Connection, where: Home, authority: Authority, lines: list[tuple[int, str]]
) -> Iterator[Reason]:
    for number, line in lines:
        try:
            fields = json.loads(line)
            head, response = (
                str(fields["head"]),
                base64.b64decode(fields["response"], validate=True),
            )
        except (ValueError, KeyError, TypeError, binascii.Error):
            head, response = "", b""
        if not authority.holds(response, head.encode()):
            yield StampCode.NOT_ITS.of(line=number)
        elif why := anchor.disagreement_of(connection, where, head, number):
            yield why
            return


def _head_of(line: str) -> dict[str, str]:
    try:
        found = json.loads(json.loads(line)["head"])
    except (ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _lines(where: Home) -> list[str]:
    file = file_of(where)
    return file.read_text("utf-8").splitlines() if file.exists() else []
