"""The one HTTP client: it decides, from an exception or an answer, what became of a call.

what came                                                    outcome
connection refused, no such name, TLS, connect timeout       NotSent
429, a question's 503 with Retry-After, a limit in words
  with any status (core.services.http.limit_words)           RefusedForNow
read timeout, reset, truncated, unreadable, over 10 MB,
  too slow in all, redirect, any other 5xx                   Unknown
anything else, HTML and "200 with an error" included         Answer: the adapter reads it

A gateway may say 503 after it has passed an effect on; its Retry-After is kept all the same. Only a
service's own word that it is under maintenance tells that nothing was done. With 502 and 504 it
says that it had: to an effect they are Unknown whatever words their page has.
"""

import datetime as dt
import json as jsonlib
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from math import isfinite
from typing import IO
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from core.clock import now
from core.errors import RefuzError, TooLate
from core.reasons import Reason
from core.services.codes import ServiceCode
from core.services.http import failures, limit_words, masking
from core.services.http.failures import CannotRead
from core.services.http.urls import address, with_query
from core.services.http.wire import (
    CONNECT_AHEAD,
    Arrived,
    Attempt,
    Limits,
    Stale,
    carry,
)
from core.services.limits import lanes
from core.services.limits.lanes import CONNECT_SECONDS, Lane
from core.services.limits.rate import LONGEST_WAIT, Deferred, Throttle
from core.services.outcome import Evidence, NotSent, RefusedForNow, Unknown
from core.services.ports import Rate
from core.store import db
from core.store.types import storable_json

__all__ = ["Answer", "HttpClient", "Stale", "fenced"]

LONGEST_BODY = 10 * 1024 * 1024
LONGEST_PAUSE = 3600.0
LONGEST_DOWNLOAD = 1800.0
USER_AGENT = "Refuz/0.1"

# A gateway's own word that it passed the call on, and that what came back was no answer.
_PASSED_ON = frozenset({502, 504})
_FAILURES = (
    requests.RequestException,
    OSError,
    ValueError,  # a header or an address that cannot be written
    TooLate,
)

_FENCE: ContextVar[Callable[[], None] | None] = ContextVar("fence", default=None)


@contextmanager
def fenced(check: Callable[[], None]) -> Iterator[None]:
    """Ask `check` right before any effect is written, after every wait.

    When it raises Stale nothing is sent and the call gives NotSent.
    """
    token = _FENCE.set(check)
    try:
        yield
    finally:
        _FENCE.reset(token)


class _Paused(RefuzError):
    """The service asked everybody to wait while this call waited for its turn."""

    def __init__(self, until: dt.datetime, why: Reason) -> None:
        super().__init__(str(why))
        self.refused = RefusedForNow(why, until)


@dataclass(frozen=True)
class Answer:
    """A complete answer; `json` is None where the body is no JSON (HTML, nothing, NaN)."""

    status: int
    text: str = field(repr=False)
    json: object | None = field(repr=False)
    evidence: Evidence


HttpResult = Answer | NotSent | RefusedForNow | Unknown


# PostgreSQL keeps no NUL in a text or in JSON; what a service says must not stop the record.
_NUL = {0: "\ufffd"}
_ESCAPED_NUL = ("\\u0000", "\\ufffd")


class _TooMuch(RefuzError):
    """A body longer than anything a service has to say."""


class HttpClient:
    """Speaks to one service for one connection, within the connection's shared rate.

    Proxies of the environment are not used: behind one, nobody could tell what was sent.
    """

    def __init__(
        self,
        service: str,
        key: str,
        base_url: str,
        rate: Rate,
        timeout: float = 30.0,
        *,
        block_seconds: float = 10.0,
        secrets: Collection[str] = (),
        title: str = "",
        follows_rate: bool = False,
        throttle: Throttle | None = None,
        effect_rate: Rate | None = None,
    ) -> None:
        """`timeout` is for a whole call, in seconds; `block_seconds` for a limit without a time.

        `effect_rate`: effects have a bucket and a window of their own.
        `secrets` are values that must never show in evidence. `key` names the shared throttle;
        with `follows_rate` the adapter tells it what the service says of its own bucket.
        """
        self.service = service
        self.title = title or service.capitalize()
        address = base_url.strip().rstrip("/")
        self.base_url = address if "://" in address else f"https://{address}"
        self.timeout = timeout
        self.throttle = throttle or Throttle(key, rate, db.engine(), follows=follows_rate)
        self.window = lanes.window_of(self.throttle, rate, timeout)
        self._effect_rate = effect_rate
        self._effects: Lane | None = None
        self._block_seconds = block_seconds
        self._secrets = set(secrets)

    def _lane(self, *, effect: bool) -> Lane:
        usual = Lane(self.throttle, self.window)
        if not effect or self._effect_rate is None:
            return usual
        if self._effects is None:
            self._effects = lanes.effects_lane(usual, self._effect_rate, self.timeout)
        return self._effects

    def call(
        self,
        method: str,
        path: str,
        *,
        json: object | None = None,
        form: Mapping[str, object] | None = None,
        text: str | None = None,
        params: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        effect: bool,
        cost: float = 1.0,
    ) -> HttpResult:
        """One call, never repeated; effects go on a connection of their own. `text`: a raw body."""
        fields = json if isinstance(json, Mapping) else None
        hidden = self._secrets | masking.secrets_in(headers, form, fields, params)
        body = form if text is None else text.encode()
        prepared = self._prepare(method, path, json, body, params, headers, effect)
        if isinstance(prepared, NotSent):
            return prepared
        lane = self._lane(effect=effect)
        fence = _FENCE.get() if effect else None
        checks = [fence] if fence is not None else []
        request = f"{method} {path}"
        if lane.window is None:
            attempt = Attempt(once=effect, check=lambda: _ask(checks))
            return self._in_turn(prepared, attempt, lane, checks, request, hidden, cost)
        place = lane.window.enter(LONGEST_WAIT)
        if place is None:
            return RefusedForNow(
                ServiceCode.CROWDED.of(), now() + dt.timedelta(seconds=LONGEST_WAIT / 2)
            )
        checks.insert(0, place.check)
        attempt = Attempt(once=effect, check=lambda: _ask(checks))
        try:
            return self._in_turn(prepared, attempt, lane, checks, request, hidden, cost)
        finally:
            lane.window.leave(place, called=attempt.sent)

    def _in_turn(
        self,
        prepared: requests.PreparedRequest,
        attempt: Attempt,
        lane: Lane,
        checks: list[Callable[[], None]],
        request: str,
        hidden: set[str],
        cost: float,
    ) -> HttpResult:
        turn = lane.throttle.reserve(cost)
        if isinstance(turn, Deferred):
            return RefusedForNow(turn.why, now() + dt.timedelta(seconds=turn.seconds))
        if turn.seconds > 0:  # a call into a block may begin it anew
            checks.insert(0, lambda: _not_blocked(lane.throttle))
        attempt.turn = time.monotonic() + turn.seconds
        if turn.seconds > CONNECT_AHEAD:
            time.sleep(turn.seconds - CONNECT_AHEAD)
        return self._send(prepared, attempt, request, hidden)

    def lines(self, url: str) -> Iterator[object]:
        """The JSON lines behind an address that the service gave, read without our sign-in.

        Any size, in at most LONGEST_DOWNLOAD; one line is at most 10 MB. Raises CannotRead. The
        address must be https, or on the service's own host.
        """
        if not _may_be_read(url, self.base_url):
            raise CannotRead(Unknown(self._why(ServiceCode.UNSAFE_LINES)))
        # First into a file: whoever uses the lines may be slower than the service has patience.
        with tempfile.TemporaryFile() as file:
            try:
                self._download(url, file)
                file.seek(0)
                yield from _json_lines(file)
            except _FAILURES as error:
                evidence = Evidence(self.service, "GET lines", None, type(error).__name__)
                why = self._why(ServiceCode.LIST_BROKE_OFF)
                raise CannotRead(Unknown(why, evidence)) from error

    def _download(self, url: str, file: IO[bytes]) -> None:
        prepared = requests.Request("GET", url, headers={"User-Agent": USER_AGENT}).prepare()
        limits = Limits(min(CONNECT_SECONDS, self.timeout), LONGEST_DOWNLOAD, self.timeout)
        arrived = Arrived()
        carry(prepared, Attempt(once=True, check=None), limits, file.write, arrived)
        if arrived.status != 200:
            raise OSError(f"answered {arrived.status}")

    def _prepare(
        self,
        method: str,
        path: str,
        json: object | None,
        body: Mapping[str, object] | bytes | None,
        params: Mapping[str, object] | None,
        headers: Mapping[str, str] | None,
        effect: bool,
    ) -> requests.PreparedRequest | NotSent:
        all_headers = {"User-Agent": USER_AGENT, "Accept": "application/json", **(headers or {})}
        if effect:
            all_headers["Connection"] = "close"
        request = requests.PreparedRequest()
        try:
            request.prepare_method(method)
            request.url = with_query(address(self.base_url + path), params or {})
            request.prepare_headers(all_headers)
            request.prepare_body(body, None, json)
            return request
        except (requests.RequestException, ValueError, urllib3.exceptions.HTTPError):
            return NotSent(self._why(ServiceCode.BADLY_WRITTEN))

    def _send(
        self, prepared: requests.PreparedRequest, attempt: Attempt, request: str, hidden: set[str]
    ) -> HttpResult:
        whole = self.timeout + CONNECT_AHEAD
        limits = Limits(min(CONNECT_SECONDS, self.timeout), whole, whole)
        arrived, body = Arrived(), _Body()
        try:
            carry(prepared, attempt, limits, body.take, arrived)
        except _Paused as meanwhile:
            return meanwhile.refused
        except Stale as stale:
            if attempt.sent:  # only the repeat was stopped
                return Unknown(stale.reason, Evidence(self.service, request, arrived.status))
            return NotSent(stale.reason)
        except _TooMuch:
            why = self._why(ServiceCode.TOO_MUCH)
            return Unknown(why, Evidence(self.service, request, arrived.status))
        except _FAILURES as error:
            if not attempt.sent:
                return NotSent(self._why(failures.not_sent(error)))
            excerpt = masking.excerpt(f"{type(error).__name__}: {error}", hidden)
            evidence = Evidence(self.service, request, arrived.status, excerpt)
            return Unknown(self._why(failures.unknown(error)), evidence)
        text = bytes(body).decode("utf-8", errors="replace")
        text = text.translate(_NUL).replace(*_ESCAPED_NUL)
        evidence = Evidence(self.service, request, arrived.status, masking.excerpt(text, hidden))
        status, parsed = arrived.status or 0, _json(text)
        limit = limit_words.limit_in(status, text, parsed)
        closed = status == 503 and arrived.retry_after > 0
        if limit or status == 429 or closed:
            paused = self._pause(status, self._seconds_to_wait(arrived.retry_after, limit))
            nothing_done = status == 429 or (limit and status not in _PASSED_ON)
            nothing_done = nothing_done or (closed and limit_words.is_maintenance(parsed))
            if nothing_done or not attempt.once:
                return paused
        return self._classify(status, text, parsed, evidence)

    def _classify(self, status: int, text: str, parsed: object, evidence: Evidence) -> HttpResult:
        if 300 <= status < 400:
            return Unknown(self._why(ServiceCode.REDIRECTED), evidence)
        if status >= 500:
            return Unknown(self._why(ServiceCode.OWN_ERROR, status=status), evidence)
        return Answer(status, text, parsed, evidence)

    def _seconds_to_wait(self, retry_after: float, limit: str) -> float:
        return retry_after or limit_words.seconds_in(limit, now()) or self._block_seconds

    def _pause(self, status: int, seconds: float) -> RefusedForNow:
        until = now() + dt.timedelta(seconds=min(seconds, LONGEST_PAUSE))
        why = self._why(ServiceCode.WAIT, status=status)
        usual = self._lane(effect=False)
        lanes.block({usual, self._lane(effect=True)}, until, why)
        return RefusedForNow(why, until)

    def _why(self, code: ServiceCode, **more: int) -> Reason:
        return code.of(title=self.title, **more)


def _ask(checks: list[Callable[[], None]]) -> None:
    for check in checks:
        check()


def _not_blocked(throttle: Throttle) -> None:
    paused = throttle.blocked()
    if paused is not None:
        raise _Paused(*paused)


class _Body(bytearray):
    """A body as it comes in; longer than anything a service has to say it is given up."""

    def take(self, data: bytes) -> None:
        self += data
        if len(self) > LONGEST_BODY:
            raise _TooMuch


def _may_be_read(url: str, base_url: str) -> bool:
    there, own = urlsplit(url), urlsplit(base_url)
    return there.scheme == "https" or (there.scheme, there.netloc) == (own.scheme, own.netloc)


def _json_lines(file: IO[bytes]) -> Iterator[object]:
    while line := file.readline(LONGEST_BODY):
        if len(line) == LONGEST_BODY:
            raise ValueError("a line without an end")
        if line.strip():
            yield _json_line(line)


def _json_line(line: bytes) -> object:
    text = line.decode("utf-8", errors="replace").replace(*_ESCAPED_NUL)
    try:
        return storable_json(_DECODER.decode(text), text)
    except RecursionError as error:
        raise ValueError("a line of too many levels") from error


def _json(text: str) -> object | None:
    try:
        parsed: object = storable_json(_DECODER.decode(text), text)
    except (ValueError, RecursionError):
        return None
    return parsed


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(f"{digits} is no number")
    return number


_DECODER = jsonlib.JSONDecoder(parse_constant=_no_number, parse_float=_finite)
