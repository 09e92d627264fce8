"""Why something is as it is, as data: a code and its parameters. Sentences are made when shown.

Rooms declare their codes as subclasses of `Code`, store and compare `Reason`, and never look at a
text. `core.i18n.reasons.sentence(reason, language)` makes the sentence for a reader. In English it
stands beside its code, or in `core/i18n/sentences`, one file a room.

    class PileCode(Code):
        STOCK_LOCATION_GONE = "stock_location_gone", N_("{shop} has no stock location any more.")

    PileCode.STOCK_LOCATION_GONE.of(shop="Main")

Parameters are values: names, numbers, dates, amounts, other reasons, or the quoted words of an
outside service. A sentence of ours is never a parameter; a `Code` or a `Reason` is.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self, TypeAlias

Sentence: TypeAlias = str | tuple[str, str]
SENTENCES: dict[str, Sentence] = {}  # of the codes that stand beside theirs, once imported


def N_(text: str) -> str:  # noqa: N802 (gettext's own name for a text to find and not to translate)
    """Mark a text for extraction; it is translated when it is shown."""
    return text


def NN_(singular: str, plural: str) -> tuple[str, str]:  # noqa: N802
    """Mark a text that counts, by the parameter `count`, for extraction."""
    return singular, plural


class ReasonCode(StrEnum):
    """A reason's name, stored and compared; unique over all rooms (a test holds it).

    A member is its name, or its name and its English sentence with parameters in braces.
    """

    def __new__(cls, name: str, sentence: Sentence = "") -> Self:
        """Keep the sentence apart: a code compares and stores as its name alone."""
        member = str.__new__(cls, name)
        member._value_ = name
        if sentence:
            SENTENCES[name] = sentence
        return member

    def of(self, **parameters: "Value") -> "Reason":
        """This code's reason; a `Code` among the parameters counts as a bare reason."""
        return Reason.of(self, **parameters)


class CommonCode(ReasonCode):
    """What every room may need."""

    SEVERAL = "several"  # reasons: a tuple, told one after the other
    QUOTED = "quoted"  # text: an outside service's own words, as they came; never a text of ours
    PLAIN = "plain"  # text: English of the command line or the sandbox, which nobody translates


@dataclass(frozen=True)
class Amount:
    """Money as a parameter: minor units (bani) and an ISO currency."""

    minor: int
    currency: str


Value: TypeAlias = "str | int | float | bool | dt.date | Amount | Reason | tuple[Value, ...] | None"


@dataclass(frozen=True)
class Reason:
    """A code and its parameters. Equal and hashable by value; `dumps`/`loads` fit a text column."""

    code: str
    parameters: Mapping[str, Value] = field(default_factory=dict)

    @classmethod
    def of(cls, code: str, /, **parameters: Value) -> "Reason":
        """A reason with its parameters by name; a `Code` among them counts as a bare reason."""
        return cls(str(code), {name: _plain(value) for name, value in parameters.items()})

    def __hash__(self) -> int:
        """Hash what is stored."""
        return hash(self.dumps())

    def __str__(self) -> str:
        """In English, for logs and the command line; a code whose sentence is elsewhere by name."""
        sentence = SENTENCES.get(self.code)
        if self.code in (CommonCode.QUOTED, CommonCode.PLAIN):
            return str(self.parameters["text"])
        if sentence is None:
            return " ".join([self.code, *map(str, self.parameters.values())])
        text = (
            sentence if isinstance(sentence, str) else sentence[self.parameters.get("count") != 1]
        )
        return text.format_map(
            _Blanks({k: _english(value) for k, value in self.parameters.items()})
        )

    def codes(self) -> str:
        """The code, and those of the reasons inside it: `shop_unreadable (quoted)`."""
        inside = [one.codes() for one in _reasons_in(tuple(self.parameters.values()))]
        return f"{self.code} ({', '.join(inside)})" if inside else str(self.code)

    def as_json(self) -> dict[str, object]:
        """`{"code": …}`, with `"parameters"` where there are any: what routes answer."""
        if not self.parameters:
            return {"code": str(self.code)}
        return {
            "code": str(self.code),
            "parameters": {name: _to_json(value) for name, value in self.parameters.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Reason":
        """The reverse of `as_json`. Raises KeyError or ValueError for anything else."""
        parameters = data.get("parameters", {})
        return cls(str(data["code"]), {name: _from_json(part) for name, part in parameters.items()})

    def dumps(self) -> str:
        """One line of JSON for a text column."""
        return json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True)

    @classmethod
    def loads(cls, text: str) -> "Reason":
        """The reverse of `dumps`. Raises KeyError or ValueError for anything else."""
        return cls.from_json(json.loads(text))


def _reasons_in(value: Value) -> Iterator[Reason]:
    if isinstance(value, Reason):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _reasons_in(one)


class _Blanks(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


def _english(value: Value) -> str:
    return ", ".join(map(_english, value)) if isinstance(value, tuple) else str(value)


def quoted(text: str) -> Reason:
    """An outside service's own words where a reason is asked for; never a sentence of ours.

    Only `core/services` calls it, with what came in an answer (a test holds it).
    """
    return Reason.of(CommonCode.QUOTED, text=text)


def together(*reasons: Reason | None) -> Reason | None:
    """Several reasons as one; None for none, the reason itself for one."""
    given = tuple(one for one in reasons if one is not None)
    if len(given) > 1:
        return Reason.of(CommonCode.SEVERAL, reasons=given)
    return given[0] if given else None


def dumps(reason: Reason | None) -> str:
    """A text column that may be empty: "" for None."""
    return "" if reason is None else reason.dumps()


def loads(text: str) -> Reason | None:
    """The reverse of `dumps`: None for ""."""
    return Reason.loads(text) if text else None


def _plain(value: Value) -> Value:
    return Reason(str(value)) if isinstance(value, ReasonCode) else value


def _to_json(value: Value) -> Any:
    if isinstance(value, Reason):
        return value.as_json()
    if isinstance(value, Amount):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, dt.datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, tuple | list):
        return [_to_json(part) for part in value]
    return value


def _from_json(part: Any) -> Value:
    if isinstance(part, list):
        return tuple(_from_json(one) for one in part)
    if not isinstance(part, dict):
        return part  # type: ignore[no-any-return]
    if "code" in part:
        return Reason.from_json(part)
    if "minor" in part:
        return Amount(part["minor"], part["currency"])
    if "moment" in part:
        return dt.datetime.fromisoformat(part["moment"])
    return dt.date.fromisoformat(part["date"])
