"""What reading the answer of any courier has in common: rows, moments, failures."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from core.clock import now
from core.labels import normalise
from core.services.codes import ServiceCode, TestCode, no_entry
from core.services.http.client import Answer
from core.services.http.tokens import AccessToken, Failure
from core.services.outcome import Refusal, Refused, Unknown
from core.services.ports import CourierEvent, Finding

BUCHAREST = ZoneInfo("Europe/Bucharest")
FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
)
# .NET writes 0001-01-01 or 9999-12-31 where it has no moment.
FIRST_YEAR, LAST_YEAR = 2000, 2100
# "2062" for "2026": written down, it would stand before whatever the courier says later.
MOST_AHEAD = dt.timedelta(days=366)
# Microsoft's JSON: milliseconds since 1970 in UTC; the offset behind them only tells the zone.
DOT_NET = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")


def moment(text: object, zone: ZoneInfo = BUCHAREST) -> dt.datetime | None:
    """A courier's moment in UTC; a time without a zone is of this one. None: unreadable."""
    if not isinstance(text, str) or not text.strip():
        return None
    milliseconds = DOT_NET.fullmatch(text.strip())
    try:
        if milliseconds:
            read = dt.datetime.fromtimestamp(int(milliseconds[1]) / 1000, dt.UTC)
        else:
            parsed = _parsed(text.strip())
            if parsed is None:
                return None
            read = (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if not FIRST_YEAR <= read.year < LAST_YEAR or read > now() + MOST_AHEAD:
        return None
    return read


def _parsed(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        pass
    for pattern in FORMATS:
        try:
            return dt.datetime.strptime(text, pattern)
        except ValueError:
            continue
    return None


def rows(value: object) -> Iterator[dict[str, object]]:
    """The objects of a JSON list; nothing where it is no list."""
    if isinstance(value, list):
        yield from (row for row in value if isinstance(row, dict))


def in_order(events: Iterable[CourierEvent | None]) -> list[CourierEvent]:
    """The events, oldest first. Of one moment they stay as listed, where the oldest stands first.

    Some couriers list the newest first, and some tell no more than the day.
    """
    listed = [event for event in events if event]
    if listed and listed[0].at > listed[-1].at:
        listed.reverse()
    return sorted(listed, key=lambda event: event.at)


def chunks(trackings: Sequence[str], size: int) -> Iterator[list[str]]:
    """The tracking numbers without repeats, in lists of at most `size`."""
    wanted = list(dict.fromkeys(trackings))
    for start in range(0, len(wanted), size):
        yield wanted[start : start + size]


def keys(trackings: Iterable[str]) -> frozenset[str]:
    """The numbers asked for, normalised: an answer may write them otherwise."""
    return frozenset(map(normalise, trackings)) - {""}


def failure(title: str, answer: Answer, message: str = "") -> Refused | Unknown:
    """What an answer that is no list of statuses means; `message` is the courier's own words."""
    if answer.status in (401, 403):
        return Refused(no_entry(title, message), Refusal.NO_PERMISSION, answer.evidence)
    if 400 <= answer.status < 500 or message:
        why = ServiceCode.ANSWERED.of(title=title, status=answer.status)
        if message:
            why = ServiceCode.SAID.of(title=title, said=message)
        return Refused(why, Refusal.INVALID, answer.evidence)
    why = ServiceCode.UNREADABLE.of(title=title, status=answer.status)
    return Unknown(why, answer.evidence)


def signed_in(title: str, token: AccessToken | Failure) -> Finding:
    """The line of "Test connection" that tells whether signing in gave a token."""
    if isinstance(token, AccessToken):
        return Finding(TestCode.SIGN_IN.of(title=title), True)
    return Finding(TestCode.SIGN_IN.of(title=title), False, token.why)
