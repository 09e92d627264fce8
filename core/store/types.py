"""Column types, and texts, that mean the same on SQLite and on PostgreSQL.

PostgreSQL keeps no NUL in a text. Half of a surrogate pair (a name that was cut in the middle of
an emoji comes so in JSON) is no character: neither database takes it, nor does any page.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

from core import reasons

# SQLite gives an auto-incrementing key to INTEGER only.
Key = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")


T = TypeVar("T")
_HOLDERS = (dict, list, tuple)
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_ESCAPED_NO_TEXT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


def storable(value: T) -> T:
    """The value (texts, lists, objects of JSON), its texts without NUL, halves as U+FFFD.

    The same object where nothing had to change.
    """
    if _is_plain(value):  # the values of nearly every statement
        return value
    changed: Any = value
    match value:
        case str():
            if _is_no_text(value):
                changed = _NO_TEXT.sub(lambda one: "" if one[0] == "\0" else "\ufffd", value)
        case dict():
            pairs = [(storable(key), storable(one)) for key, one in value.items()]
            same = zip(pairs, value.items(), strict=True)
            if any(a is not c or b is not d for (a, b), (c, d) in same):
                changed = dict(pairs)
        case list() | tuple():
            items = [storable(one) for one in value]
            if any(one is not other for one, other in zip(items, value, strict=True)):
                changed = items if isinstance(value, list) else tuple(items)
    return changed  # type: ignore[no-any-return]


def _is_plain(value: object) -> bool:
    """Whether nothing in it has to change, seen by one look: no value holds others."""
    if isinstance(value, dict):
        return _are_plain(value) and _are_plain(value.values())
    return isinstance(value, tuple) and _are_plain(value)


def _are_plain(values: Iterable[object]) -> bool:
    for one in values:
        if isinstance(one, str):
            if _is_no_text(one):
                return False
        elif isinstance(one, _HOLDERS):
            return False
    return True


def storable_json(value: T, text: str) -> T:
    """The same of what was read from this JSON, looked through only where its text gives cause."""
    return storable(value) if _ESCAPED_NO_TEXT.search(text) or _is_no_text(text) else value


def _is_no_text(text: str) -> bool:
    return "\0" in text if text.isascii() else _NO_TEXT.search(text) is not None


def json_of(value: object) -> str:
    """How a JSON column is written."""
    text = json.dumps(value)
    if "\\u0000" in text or "\\ud" in text:  # may be half a pair; most are emoji
        return json.dumps(storable(value))
    return text


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment, aware and in UTC in Python, stored in UTC. Naive values are refused."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Use `timestamptz` on PostgreSQL and text without zone, in UTC, on SQLite."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Convert to UTC; raises ValueError for a naive moment."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value!r}")
        moment = value.astimezone(dt.UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(
        self,
        value: dt.datetime | None,
        dialect: Dialect,  # noqa: ARG002 (SQLAlchemy's signature)
    ) -> dt.datetime | None:
        """Give the moment back aware, in UTC."""
        if value is None:
            return None
        return value.astimezone(dt.UTC) if value.tzinfo else value.replace(tzinfo=dt.UTC)


class ReasonText(TypeDecorator[reasons.Reason]):
    """A `Reason` in one text column; "" for none."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: reasons.Reason | None, dialect: Dialect) -> str:  # noqa: ARG002
        """One line of JSON."""
        return reasons.dumps(value)

    def process_result_value(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> reasons.Reason | None:
        """The reverse."""
        return reasons.loads(value or "")
