"""What a row of the record says besides what was done, in words; a file holds it as it is kept."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from core.i18n.counted import Counted
from core.i18n.language import number, translate
from core.i18n.letters import visible
from core.i18n.preference_labels import LABELS
from core.i18n.reasons import sentence
from core.reasons import Reason

# What machines know a thing by; and what the sentence of the action says already.
UNSAID = frozenset(
    {"key", "kind", "effect", "alarm", "by", "order_ids", "gid", "job", "accepted", "updated_at"}
)
# What stands under these names is one of our own words, which has its translation.
OUR_WORDS = frozenset({"from", "to", "source", "document", "condition", "outcome", "target", "why"})
MOST = 12  # of a list; the file has them all


def detail_line(
    detail: Mapping[str, object], language: str = "en", zone: ZoneInfo | None = None
) -> str:
    """A row's detail on one line, "CVZ 0042 · attempt: 2"; what holds nothing is left out.

    Zero and False are told; a first attempt is not. Times are those of `zone`.
    """
    return " · ".join(_parts(detail, language, zone))


def subject_line(subject: str, language: str = "en") -> str:
    """What a row of the record is about, "parcel 7000…" or "35 parcels", in the reader's words.

    An order is known by its name alone, a connection by the name that people gave it.
    """
    kind, _, name = subject.partition(" ")
    whole = translate(subject, language)
    if whole != subject or not name:
        return visible(whole)
    if kind == "order" or name.casefold().startswith(kind.casefold()):
        return visible(name)
    if kind.isdecimal():
        counted = "{count} " + translate(name, language)
        return (Counted(counted) if language == "ro" else counted).format(count=kind)
    return visible(f"{translate(kind, language)} {name}")


def _parts(detail: Mapping[str, object], language: str, zone: ZoneInfo | None) -> Iterator[str]:
    """The words of each field that is told, in the detail's order."""
    for name, value in detail.items():
        if name in UNSAID or value is None or value in ("", [], {}):
            continue
        # Nothing new: a first attempt, and a good end. (True is a 1 in Python, and no attempt.)
        if (name, value) in (("attempt", 1), ("outcome", "confirmed")) and value is not True:
            continue
        if isinstance(value, str) and value.startswith("gid://"):
            continue
        label = translate(name.replace("_", " "), language)
        if name in LABELS and isinstance(value, (list, tuple)) and len(value) == 2:
            yield _preference(name, value, language, zone)
        elif isinstance(value, Mapping) and "code" in value:
            yield sentence(Reason.from_json(value), language)
        elif name == "evidence" and isinstance(value, Mapping):
            yield _answer(value, language)
        elif name == "result" and isinstance(value, Mapping):
            yield from _result(value, language, zone)
        elif isinstance(value, Mapping):
            inner = ", ".join(_parts(value, language, zone))
            if inner:
                yield f"{label}: {inner}"
        elif name == "outcome" and isinstance(value, str):
            yield translate(visible(value.replace("_", " ")), language)
        elif name in ("target", "why"):
            yield translate(_word(value, language, zone), language)
        elif name == "changes":
            yield _word(value, language, zone)
        elif name in OUR_WORDS and isinstance(value, str):
            yield f"{label}: {translate(visible(value), language)}"
        else:
            yield f"{label}: {_word(value, language, zone)}"


def _preference(name: str, values: Sequence[Any], language: str, zone: ZoneInfo | None) -> str:
    """A preference's change, from what to what; sums in the currency, not in its hundredths."""
    sides = [one / 100 if name.endswith("_minor") else one for one in values]
    old, new = (
        number(one, language, 2) if isinstance(one, float) else _word(one, language, zone) or "–"
        for one in sides
    )
    return f"{translate(LABELS[name], language)}: {old} → {new}"


def _moved(value: Mapping[str, object], language: str) -> str:
    """A parcel's way from one state to the next, and what its courier said."""
    states = (translate(str(value[name] or "–"), language) for name in ("from", "to"))
    change = f"{value['tracking']}: {' → '.join(states)}"
    text = str(value.get("text") or "")
    return visible(f"{change} ({text})" if text else change)


def _result(value: Mapping[str, object], language: str, zone: ZoneInfo | None) -> Iterator[str]:
    """What an effect left behind: its storno's number first."""
    number = f"{value.get('series') or ''} {value.get('number') or ''}".strip()
    if number:
        yield visible(number)
    yield from _parts(
        {name: one for name, one in value.items() if name not in ("series", "number")},
        language, zone,
    )  # fmt: skip


def _answer(value: Mapping[str, object], language: str) -> str:
    """Who answered what; the answer itself is in the file and on Follow-up."""
    service, status = str(value.get("service") or ""), value.get("status")
    if status is None:
        return translate("{service} did not answer", language).format(service=visible(service))
    words = translate("{service} answered {status}", language)
    return words.format(service=visible(service), status=status)


def _word(value: Any, language: str, zone: ZoneInfo | None) -> str:
    if isinstance(value, bool):
        return translate("yes" if value else "no", language)
    if isinstance(value, Mapping):
        if {"tracking", "from", "to"} <= value.keys():
            return _moved(value, language)
        return ", ".join(_parts(value, language, zone))
    if isinstance(value, (list, tuple)):
        shown = [_word(one, language, zone) for one in value[:MOST]]
        return ", ".join(shown) + (" …" if len(value) > MOST else "")
    text = visible(str(value))
    return _moment(text, zone) or text


def _moment(text: str, zone: ZoneInfo | None) -> str:
    """A time as the page writes it; "" where the text is none."""
    if "T" not in text:
        return ""
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        return ""
    return f"{at.astimezone(zone) if at.tzinfo else at:%d.%m.%Y %H:%M}"
