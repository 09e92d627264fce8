"""Asks a program elsewhere that is no service of the shop's: an authority for time stamps, the
service people sign in by, the receiver of alarms.

Whatever it does, it takes so many seconds in all and so many bytes: a pause between two pieces that
is allowed alone lets a slow answer hold a thread, and whoever waits behind it, for hours.
"""

import os
from collections.abc import Mapping

from core.errors import RefuzError

CONNECT_SECONDS = 5.0


class NotAnswered(RefuzError):
    """There was no whole answer; the message is one word of why."""


def ask(
    method: str,
    url: str,
    *,
    seconds: float,
    longest: int | None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    """Status and body of one call, which follows no redirect. Raises NotAnswered.

    `seconds`: of the whole call; `longest`: bytes of the body, unpacked; None where nobody wants
    it: then the status alone is an answer, whatever becomes of the body.
    """
    import certifi
    import pycurl

    found = bytearray()

    def take(piece: bytes) -> int | None:
        if longest is None:
            return 0
        found.extend(piece)
        return None if len(found) <= longest else 0

    curl = pycurl.Curl()
    try:
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, round(min(CONNECT_SECONDS, seconds) * 1000))
        curl.setopt(pycurl.TIMEOUT_MS, round(seconds * 1000))
        authorities = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
        curl.setopt(pycurl.CAINFO, authorities or certifi.where())
        if body is not None:
            curl.setopt(pycurl.POSTFIELDS, body)
        curl.setopt(pycurl.CUSTOMREQUEST, method)
        fields = {"User-Agent": "Refuz", "Expect": "", **(headers or {})}
        lines = [f"{name}: {value}" if value else f"{name}:" for name, value in fields.items()]
        curl.setopt(pycurl.HTTPHEADER, lines)
        curl.setopt(pycurl.WRITEFUNCTION, take)
        curl.perform()
        return int(curl.getinfo(pycurl.RESPONSE_CODE)), bytes(found)
    except pycurl.error as error:
        status = int(curl.getinfo(pycurl.RESPONSE_CODE))
        if longest is None and status >= 200:
            return status, b""
        raise NotAnswered(_why(error.args[0])) from error
    except UnicodeError as error:  # an address that cannot be written
        raise NotAnswered("WrongAddress") from error
    finally:
        curl.close()


def _why(code: int | str) -> str:
    """What kind of failure a number of libcurl is, in a word for `NotAnswered`."""
    import pycurl

    names: dict[int | str, str] = {
        pycurl.E_OPERATION_TIMEDOUT: "Timeout",
        pycurl.E_WRITE_ERROR: "TooLong",
        pycurl.E_PEER_FAILED_VERIFICATION: "SSLError",
        pycurl.E_SSL_CONNECT_ERROR: "SSLError",
        pycurl.E_PARTIAL_FILE: "BrokenOff",
        pycurl.E_RECV_ERROR: "BrokenOff",
    }
    return names.get(code, "ConnectionError")
