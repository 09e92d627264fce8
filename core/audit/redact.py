"""Words of one customer taken out of JSON and texts: service answers, reasons, readings, codes."""

import functools
import hmac
import html
import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, quote_plus

from core.audit.keyring import derived_key
from core.audit.names import GONE, without_names
from core.letters import without_marks

SHORTEST = 4  # letters: what is shorter would take parts of other words along
LIKE_A_NUMBER = re.compile(r"[A-Za-z0-9]{1,60}")  # without what parts it
# Fields of our own at the head of a row's detail: by them the record is compared with the tables,
# also where a customer is called "Storno".
OURS = frozenset({"kind", "target", "outcome", "series", "number"})
SHORT_CODE = 12  # characters: too few to tell who somebody is


class Words:
    """What one customer is known by."""

    def __init__(self, texts: Iterable[str]) -> None:
        """`texts`: names, phones, e-mail and street addresses as they are stored."""
        known = {text.strip() for text in texts}
        # A phone is written with and without its country: its last nine digits are in both.
        known |= {digits[-9:] for text in known if len(digits := re.sub(r"\D", "", text)) >= 9}
        known |= {" ".join(reversed(text.split())) for text in known}
        known |= {without_marks(text) for text in known}  # as labels print them
        known |= {form(text) for text in known for form in _IN_OTHER_TEXT}
        kept = sorted((text for text in known if len(text) >= SHORTEST), key=len, reverse=True)
        self.texts = tuple(kept)  # in every form they are looked for
        self._lower = [text.lower() for text in kept]

    def of(self, value: Any) -> Any:
        """JSON without these words, and without what names any customer by its field."""
        return self._replace(without_names(value))

    def of_detail(self, detail: dict[str, object]) -> dict[str, object]:
        """The same of a row's detail, whose own fields (OURS, and of `result`) stay as they are."""
        redacted: dict[str, Any] = {**self.of(detail), **_ours(detail)}
        if isinstance(result := detail.get("result"), dict):
            redacted["result"] |= _ours(result)
        return redacted

    @functools.cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, self.texts)), re.IGNORECASE)

    def _replace(self, value: Any) -> Any:
        if isinstance(value, dict):
            code = {"code": value["code"]} if {"code", "parameters"} <= value.keys() else {}
            return {key: self._replace(part) for key, part in value.items()} | code
        if isinstance(value, list):
            return [self._replace(part) for part in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        # Nearly no text has any, and looking is cheaper than making a pattern.
        lower = text.lower()
        for one in self._lower:
            if one in lower:
                return self._pattern.sub(GONE, text)
        return text


def _ours(fields: dict[str, object]) -> dict[str, object]:
    return {name: fields[name] for name in OURS & fields.keys() if isinstance(fields[name], str)}


def _in_json(text: str) -> str:
    """As most services write JSON, in ASCII alone."""
    return json.dumps(text)[1:-1]


@functools.lru_cache(maxsize=64)
def known_as(texts: tuple[str, ...]) -> Words:
    """The words of one customer: an order in a run has ten rows in the record."""
    return Words(texts)


# How a text stands inside another one: in JSON, in HTML and XML, in an address.
_IN_OTHER_TEXT: tuple[Callable[[str], str], ...] = (
    _in_json,
    lambda text: _in_json(text).replace("/", "\\/"),
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    html.escape,
    lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    quote,
    quote_plus,
)


def code_for_record(code: str) -> str:
    """A scanned code as the record may name it: as it is, or by a digest where it spells words.

    A square code of a label may hold the address that the parcel goes to, and the record stays. A
    tracking number has digits at least as many as letters. The digest is keyed: whoever has the
    record alone could try out names and addresses.
    """
    bare = re.sub(r"[ ./_-]", "", code)
    digits = sum(one.isdigit() for one in bare)
    if len(code) <= SHORT_CODE or (LIKE_A_NUMBER.fullmatch(bare) and 2 * digits >= len(bare)):
        return code
    key = derived_key("codes in the record")
    return f"{GONE}{hmac.new(key, code.encode(), 'sha256').hexdigest()[:12]}"
