"""Reads values out of an answer that may have any shape: nothing from outside is believed."""

from collections.abc import Mapping
from typing import Any

from core.services.http.client import Answer


def fields(answer: Answer) -> dict[str, Any]:
    """The answer's JSON object, or an empty one where it is HTML, a list or nothing at all."""
    return answer.json if isinstance(answer.json, dict) else {}


def carried_out(answer: Answer) -> bool:
    """HTTP's word that a call did what it says: 200, or 201 where it made something."""
    return answer.status in (200, 201)


def inner(body: Mapping[str, object], name: str) -> dict[str, object]:
    """An object inside the answer, or an empty one where it has another shape."""
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def word(body: dict[str, object], name: str) -> str:
    """A text or a number of the answer as text, stripped; "" for anything else."""
    value = body.get(name)
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
