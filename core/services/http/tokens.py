"""Access tokens that services lend for a while: fetched once a process, and again when stale."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass

from core import clock
from core.services.http.client import Answer
from core.services.outcome import NotSent, Refused, RefusedForNow, Unknown
from core.store import desk
from core.store.desk import Desk

Failure = NotSent | RefusedForNow | Refused | Unknown


@dataclass(frozen=True)
class AccessToken:
    """A token and the moment, in seconds since boot, at which it is no longer used."""

    value: str
    stale_at: float


def lent(value: str, seconds: float) -> AccessToken:
    """A token lent for so many seconds, given up a little earlier than that."""
    return AccessToken(value, clock.uptime() + seconds - min(60.0, seconds / 10))


def before_effect(failure: Failure) -> Failure:
    """What a failure while preparing an effect means for the effect: it was never sent."""
    return NotSent(failure.why) if isinstance(failure, Unknown) else failure


class Tokens:
    """The tokens of this process, by account; safe to use from several threads."""

    def __init__(self) -> None:
        """None is kept yet."""
        self._kept: dict[str, AccessToken] = {}
        self._locks: dict[str, threading.Lock] = {}

    def get(self, account: str, fetch: Callable[[], AccessToken | Failure]) -> str | Failure:
        """The account's token; `fetch` is called by one thread at a time, when it is stale."""
        with self._locks.setdefault(account, threading.Lock()):
            kept = self._kept.get(account)
            if kept is not None and clock.uptime() < kept.stale_at:
                return kept.value
            fresh = fetch()
            if not isinstance(fresh, AccessToken):
                return fresh
            self._kept[account] = fresh
            return fresh.value

    def drop(self, account: str, value: str) -> None:
        """Forget a token that the service no longer takes, unless it was replaced meanwhile."""
        with self._locks.setdefault(account, threading.Lock()):
            kept = self._kept.get(account)
            if kept is not None and kept.value == value:
                del self._kept[account]


def account(*parts: str) -> str:
    """A name for an account that does not give its password away."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def tokens() -> Tokens:
    """The tokens of this process."""
    return desk.current().part(_none_yet)


def _none_yet(_desk: Desk) -> Tokens:
    return Tokens()


def with_token(
    name: str,
    fetch: Callable[[], AccessToken | Failure],
    send: Callable[[str], Answer | Failure],
    *,
    effect: bool,
) -> Answer | Failure:
    """Send with the account's token; one that is not taken any more is fetched again, once.

    Sending again is safe even for an effect: a 401 says that nothing was done.
    """
    token = tokens().get(name, fetch)
    if not isinstance(token, str):
        return before_effect(token) if effect else token
    answer = send(token)
    if not isinstance(answer, Answer) or answer.status != 401:
        return answer
    tokens().drop(name, token)
    fresh = tokens().get(name, fetch)
    if not isinstance(fresh, str):
        return before_effect(fresh) if effect else fresh
    return send(fresh)
