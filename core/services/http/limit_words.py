"""A limit told in words, whatever status it comes with (rule 13).

SmartBill blocks with 403, through others with 422, and no Retry-After: only its sentence says so
and until when. Gateways turn callers away with a page. In both cases nothing was done.
"""

import datetime as dt
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from core.services.http.texts import plain, without_tags

# What the local services write as the moment of a block has no zone: it is the seller's.
ZONE = ZoneInfo("Europe/Bucharest")
MOST_READ = 4000  # characters of a page; what a limit has to say stands at its beginning
DEEPEST = 3

_CALLS = r"(?:request(?:s|uri(?:le|lor)?)?|cerer(?:i|ile|ilor)|apeluri(?:le|lor)?|call(?:s)?)"
_UNIT = r"(?:s|sec|secunde|seconds?|m|min|minute|minutes?|h|ora|ore|hours?)"
_SAID = r"(?: (?!(?:nu|not)\b)\w+){0,4}"  # between what is blocked and that it is
_FOR_A_WHILE = rf" (?:pentru|timp de|for) \d{{1,5}} {_UNIT}\b"
_LIMIT = re.compile(
    rf"\b(?:depasit|atins) (?:limita|numarul)(?: \w+){{0,3}} {_CALLS}\b"
    rf"|\blimita(?: \w+){{0,3}} {_CALLS}(?: \w+){{0,2}} (?:a fost |este )?(?:depasita|atinsa)\b"
    rf"|\bnumarul maxim(?: de)? {_CALLS}(?: \w+){{0,3}} (?:a fost |este )?(?:depasit|atins)\b"
    rf"|\bprea multe {_CALLS}\b"
    rf"|\btoo many {_CALLS}\b"
    rf"|\b(?:rate|request|api call) limit(?: (?:has been|was|is))?"
    r" (?:exceeded|reached|hit)\b"
    rf"|\b(?:exceeded|reached|over) (?:the |your )?(?:\w+ )?(?:rate|{_CALLS}) (?:limit|quota)\b"
    r"|\b(?:exceeded|reached|over) (?:the |your )?(?:api|request|call|rate) quota\b"
    rf"|\b(?:api|request|call|rate) quota(?: has been| was| is)? exceeded\b"
    rf"|\bquota exceeded for {_CALLS}\b"
    rf"|\bmaximum number of {_CALLS}(?: has been| was)? (?:exceeded|reached)\b"
    rf"|\b(?:exceeded|reached)(?: the)? maximum number of {_CALLS}\b"
    r"|\bexceeded \d+ (?:calls|requests) per (?:second|minute|hour|day)\b"
    r"|\brequest was throttled\b"
    rf"|\b(?:token|token-?ul|cheia|accesul|ip-?ul){_SAID} blocat\w*{_FOR_A_WHILE}"
    rf"|\b(?:token|key|access|ip){_SAID} blocked{_FOR_A_WHILE}"
    r"|\b(?:being |been |are )rate[ -]limited\b"
    r"|\brate[ -]limit(?:ed)?$"
)
_NEGATION = re.compile(r"\b(?:nu|not|never|no|fara|without|n't)(?: \w+){0,3}$")
_GATEWAY = re.compile(
    r"\berror (?:code:? )?10(?:15|20)\b|\byou have been blocked\b|\battention required!"
    r"|\bjust a moment\b|\bchecking your browser\b"
)
_MOMENT = re.compile(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?\b")
_WAIT = re.compile(rf"\b(?:dupa|peste|in|after|for|within|timp de|pentru) (\d{{1,5}}) ?({_UNIT})\b")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "o": 3600}

_ERROR_KEYS = frozenset({"errortext", "error", "errors", "detail", "errormessage", "error_message"})
_TEXT_KEYS = _ERROR_KEYS | {"message", "statusmessage", "mesaj", "motiv", "title", "description"}


def limit_in(status: int, text: str, parsed: object) -> str:
    """The words by which an answer tells of a limit, plain; "" when it tells of none."""
    for sentence in _sentences(status, text, parsed):
        words = plain(without_tags(sentence))
        found = _LIMIT.search(words.rstrip(".! "))
        if found and not _NEGATION.search(words[: found.start()].rstrip()):
            return words
        if not isinstance(parsed, (dict, list)) and _GATEWAY.search(words):
            return words
    return ""


def is_maintenance(parsed: object) -> bool:
    """Whether a problem document (RFC 9457) says that the service itself is closed for a while.

    FGO writes `urn:fgo:api:v2:problem:maintenance`, and that it did not process the call.
    """
    kind = parsed.get("type") if isinstance(parsed, dict) else None
    return isinstance(kind, str) and re.search(r"[:/#]maintenance$", kind) is not None


def seconds_in(words: str, at: dt.datetime) -> float | None:
    """How long the words ask to wait, counted from `at`; None where they do not tell.

    "After 10 min from 24/05/2026 09:32:48" ends at 09:42:48 there. A moment that is over, or later
    than the wait itself allows, comes from another clock and is not followed.
    """
    match = _WAIT.search(words)
    if match is None:
        return None
    wait = float(match[1]) * _SECONDS[match[2][0]]
    begun = _moment(words)
    if begun is None:
        return wait
    left = (begun - at).total_seconds() + wait + 1.0  # the moment is told in whole seconds
    return min(left, wait + 1.0) if left > 0 else None


def _moment(words: str) -> dt.datetime | None:
    found = _MOMENT.search(words)
    if found is None:
        return None
    day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return dt.datetime(year, month, day, hour, minute, second, tzinfo=ZONE)
    except ValueError:
        return None


def _sentences(status: int, text: str, parsed: object) -> Iterator[str]:
    if isinstance(parsed, (dict, list)):
        keys = _TEXT_KEYS if status >= 400 or _says_failed(parsed) else _ERROR_KEYS
        yield from _texts(parsed, keys, DEEPEST, below=isinstance(parsed, list))
    elif status >= 400:
        yield without_tags(text[: 4 * MOST_READ])[:MOST_READ]


def _says_failed(parsed: object) -> bool:
    """Whether a body of HTTP 200 itself says that it is no success."""
    if not isinstance(parsed, dict):
        return False
    fields = {str(name).casefold(): value for name, value in parsed.items()}
    if fields.get("success") is False or fields.get("successfully") is False:
        return True
    status = fields.get("status") or _status_within(fields.get("data"))
    if isinstance(status, str):
        return status.casefold() in ("error", "fail", "failed", "failure")
    return isinstance(status, int) and not isinstance(status, bool) and status >= 400


def _status_within(data: object) -> object:
    """WordPress tells the status of an error beside its words as well, in `data`."""
    return data.get("status") if isinstance(data, dict) else None


def _texts(
    value: object, keys: frozenset[str], depth: int, *, below: bool = False
) -> Iterator[str]:
    """The texts under keys that hold errors; `below`: the value itself is under one."""
    if isinstance(value, str):
        if below:
            yield value
    elif depth and isinstance(value, list):
        for one in value[:10]:
            yield from _texts(one, keys, depth - 1, below=below)
    elif depth and isinstance(value, dict):
        for name, one in value.items():
            inside = str(name).casefold() in (_TEXT_KEYS if below else keys)
            if inside:
                yield from _texts(one, keys, depth - 1, below=True)
