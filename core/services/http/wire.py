"""The wire under the HTTP client, by libcurl: it knows whether a request has begun to leave.

That one bit (`Attempt.sent`) is what separates "not sent" from "unknown", whatever exception came.
libcurl asks before it writes a request's first byte (CURLOPT_PREREQFUNCTION), and ends a request
whose time is over. What goes wrong is raised as requests' exceptions.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import certifi
import pycurl
import requests

from core.errors import RefuzError, TooLate
from core.reasons import Reason
from core.services.codes import ServiceCode

CONNECT_AHEAD = 0.25  # seconds before its turn at which a request begins to connect

_CERTIFICATE = {
    pycurl.E_PEER_FAILED_VERIFICATION,
    pycurl.E_SSL_CONNECT_ERROR,
    pycurl.E_SSL_CACERT_BADFILE,
    pycurl.E_SSL_CIPHER,
}


class Stale(RefuzError):
    """Raised by a fence: this request must not be sent any more; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        """Keep the reason."""
        super().__init__(str(reason))
        self.reason = reason


class Attempt:
    """One request on its way: its turn, its fence, its deadline, and whether it began to leave."""

    def __init__(self, *, once: bool, check: Callable[[], None] | None) -> None:
        """`once`: never written again. `turn`: the monotonic moment before which nothing is."""
        self.once = once
        self.sent = False
        self.turn = 0.0
        self.deadline = float("inf")
        self._check = check

    def before_write(self) -> None:
        """The last moment before the first byte: wait for the turn, ask the fence."""
        if self.sent:  # libcurl writes a reading again when its kept connection was dead
            if self.once:
                raise Stale(ServiceCode.SENT_ALREADY.of())
            return
        pause = self.turn - time.monotonic()
        if pause > 0:  # even a sleep of nothing hands the interpreter to another thread
            time.sleep(pause)
        if self._check is not None:
            self._check()
        if time.monotonic() > self.deadline:
            raise TooLate(ServiceCode.NO_TIME_LEFT)
        self.sent = True


@dataclass(frozen=True)
class Limits:
    """Seconds: to connect, for the whole request, and without a byte of the answer."""

    connect: float
    whole: float
    silent: float


@dataclass
class Arrived:
    """The head of an answer, as far as it came: its status, and seconds to wait (0: not told).

    Nobody looks at its other headers. libcurl would hand over each of them by itself, and the
    worker's threads wait for the interpreter each time.
    """

    status: int | None = None
    retry_after: float = 0.0


def carry(
    prepared: requests.PreparedRequest,
    attempt: Attempt,
    limits: Limits,
    take: Callable[[bytes], object],
    arrived: Arrived,
) -> None:
    """Send it once, fill `arrived`, and give the body to `take` piece by piece.

    Redirects are not followed and proxies of the environment not used. Raises what the fence or
    `take` raised, TooLate, and requests' ConnectTimeout, ReadTimeout, SSLError, ConnectionError.
    """
    attempt.deadline = time.monotonic() + limits.whole
    guard = _Guard()
    curl = _handle()
    _set_limits(curl, limits)
    _set_request(curl, prepared, once=attempt.once)
    curl.setopt(pycurl.PREREQFUNCTION, lambda *_: _MAY_BEGIN[guard.passes(attempt.before_write)])
    curl.setopt(pycurl.WRITEFUNCTION, lambda data: None if guard.passes(take, data) else 0)
    try:
        curl.perform()
    except pycurl.error as error:
        if guard.raised is not None:
            raise guard.raised from None
        raise _as_requests_says(error, attempt) from error
    finally:
        arrived.status = curl.getinfo(pycurl.RESPONSE_CODE) or None
        arrived.retry_after = float(curl.getinfo(pycurl.RETRY_AFTER))


_MAY_BEGIN = {True: pycurl.PREREQFUNC_OK, False: pycurl.PREREQFUNC_ABORT}


class _Guard:
    """Keeps an exception that cannot cross libcurl; the request is ended in its stead."""

    raised: BaseException | None = None

    def passes(self, call: Callable[..., object], *args: object) -> bool:
        try:
            call(*args)
        except BaseException as error:  # noqa: BLE001 (raised again outside of libcurl)
            self.raised = error
            return False
        return True


_LOCAL = threading.local()


def _handle() -> pycurl.Curl:
    """This thread's handle, which keeps connections; never one that came with a fork."""
    if getattr(_LOCAL, "process", None) != os.getpid():
        _LOCAL.process, _LOCAL.curl = os.getpid(), pycurl.Curl()
    curl: pycurl.Curl = _LOCAL.curl
    curl.reset()  # the options; connections stay
    return curl


def _set_limits(curl: pycurl.Curl, limits: Limits) -> None:
    curl.setopt(pycurl.NOSIGNAL, 1)
    curl.setopt(pycurl.CONNECTTIMEOUT_MS, round(limits.connect * 1000))
    curl.setopt(pycurl.TIMEOUT_MS, round(limits.whole * 1000))
    if limits.silent < limits.whole:
        curl.setopt(pycurl.LOW_SPEED_LIMIT, 1)
        curl.setopt(pycurl.LOW_SPEED_TIME, max(1, round(limits.silent)))


def _set_request(curl: pycurl.Curl, prepared: requests.PreparedRequest, *, once: bool) -> None:
    """Tell libcurl what to send; `once`: over a connection of its own."""
    body = prepared.body or b""
    curl.setopt(pycurl.URL, str(prepared.url))
    curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
    curl.setopt(pycurl.PATH_AS_IS, 1)
    curl.setopt(pycurl.PROXY, "")
    curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
    # Nothing packed is asked for: libcurl does not see where it was cut. What comes packed all the
    # same is unpacked.
    curl.setopt(pycurl.ACCEPT_ENCODING, "gzip, deflate")
    headers = [*_lines(prepared.headers), b"Accept-Encoding: identity"]
    curl.setopt(pycurl.CAINFO, _bundle())
    if body or prepared.method == "POST":
        curl.setopt(pycurl.POSTFIELDS, body)
    curl.setopt(pycurl.CUSTOMREQUEST, str(prepared.method))
    curl.setopt(pycurl.HTTPHEADER, headers)
    if once:
        # A kept-alive connection may be dead without showing it: needless unknowns.
        curl.setopt(pycurl.FRESH_CONNECT, 1)
        curl.setopt(pycurl.FORBID_REUSE, 1)


def _lines(headers: Mapping[str, str]) -> Iterator[bytes]:
    """Headers as libcurl takes them; "X:" takes away one that it would add by itself."""
    names = {name.lower() for name in headers}
    for name, value in headers.items():
        if name.lower() != "content-length":  # libcurl counts for itself
            yield (f"{name}: {value}" if value else f"{name};").encode("latin-1")
    yield b"Expect:"
    if "content-type" not in names:
        yield b"Content-Type:"


def _bundle() -> str:
    return (
        os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or certifi.where()
    )


def _as_requests_says(error: pycurl.error, attempt: Attempt) -> requests.RequestException:
    code, message = error.args[0], str(error.args[-1])
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return (requests.ReadTimeout if attempt.sent else requests.ConnectTimeout)(message)
    if code in _CERTIFICATE:
        return requests.exceptions.SSLError(message)
    if code == pycurl.E_COULDNT_RESOLVE_HOST:
        return UnknownName(message)
    return requests.ConnectionError(message)


class UnknownName(RefuzError, requests.ConnectionError):
    """The network knows no such host."""
