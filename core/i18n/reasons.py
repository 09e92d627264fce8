"""A reason in the reader's language."""

import datetime as dt
from collections.abc import Mapping

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from core.i18n.counted import with_de
from core.i18n.language import money, translations
from core.i18n.letters import visible
from core.i18n.sentences import sentence_of
from core.reasons import Amount, CommonCode, Reason, Value


def sentence(reason: Reason | None, language: str = "en") -> str:
    """The sentence of a reason, its parameters written as that language writes them.

    "" for None. A code without a sentence (of a newer version, say) is shown as its name and
    parameters, so that nothing is hidden.
    """
    if reason is None:
        return ""
    if reason.code == CommonCode.SEVERAL:
        parts = reason.parameters["reasons"]
        assert isinstance(parts, tuple)
        return " ".join(word(part, language) for part in parts)
    words = {name: word(value, language) for name, value in reason.parameters.items()}
    catalog, text = translations(language), sentence_of(reason.code)
    if text is None:
        return " ".join([reason.code, *words.values()]).strip()
    if isinstance(text, tuple):
        count = reason.parameters.get("count")
        found = catalog.ngettext(*text, count if isinstance(count, int) else 2)
    else:
        found = catalog.gettext(text)
    counted = with_de(str(found), words) if language == "ro" else str(found)
    return counted.format_map(_Blanks(words))


def action_sentence(action: str, detail: Mapping[str, object], language: str = "en") -> str:
    """What a row of the audit trail says was done; of an effect with its kind."""
    kind = detail.get("kind")
    return sentence(Reason(action, {"kind": Reason(f"kind_{kind}")} if kind else {}), language)


def detail_sentences(detail: Mapping[str, object], language: str = "en") -> dict[str, object]:
    """A row's detail with each reason in it as its sentence."""
    return {
        name: sentence(Reason.from_json(value), language)
        if isinstance(value, Mapping) and "code" in value
        else value
        for name, value in detail.items()
    }


class _Blanks(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


def word(value: Value, language: str = "en") -> str:
    """One parameter as that language writes it."""
    match value:
        case Reason():
            return sentence(value, language)
        case Amount():
            return money(value.minor, value.currency, language)
        case dt.datetime():
            at = format_datetime(value.astimezone(dt.UTC), "short", locale=language)
            return f"{at} UTC"  # of the record's keeping: it means the same on every machine
        case dt.date():
            return str(format_date(value, "medium", locale=language))
        case tuple() | list():
            return ", ".join(word(one, language) for one in value)
        case None:
            return ""
        case bool() | str():
            return visible(str(value))
        case _:
            return str(format_decimal(value, locale=language))
