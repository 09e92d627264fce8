"""Keeps customers' names out of the record, which never changes, and from who may not see them."""

import json
from typing import Any

from core.reasons import Reason
from core.rights import Right, may

# Reasons whose parameters `ours` and `theirs` are names of customers.
NAMING = ("judge_customer_differs", "another_customer")
FIELDS = (
    "customer",
    "customer_name",
    "billed_to",
    "phone",
    "email",
    "street",
    "remark",
    "staff_note",
)
GONE = "…"


def for_reader(reason: Reason | None) -> Reason | None:
    """A reason as the one who acts may read it: without customers' names unless they may see them.

    For edges; what is stored and decided by keeps its names.
    """
    return reason if reason is None or may(Right.NAMES) else nameless(reason)


def nameless(reason: Reason) -> Reason:
    """A reason without customers' names: for whatever leaves the desk."""
    return Reason.from_json(without_names(reason.as_json()))


def without_names(value: Any) -> Any:
    """JSON without what names a customer: by the field's name, and in reasons that compare two."""
    if isinstance(value, dict):
        if value.get("code") in NAMING and isinstance(value.get("parameters"), dict):
            parameters = {**value["parameters"], "ours": GONE, "theirs": GONE}
            return {**value, "parameters": parameters}
        return {
            key: GONE if key in FIELDS and part else without_names(part)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [without_names(part) for part in value]
    if isinstance(value, str) and value.startswith("{"):
        return _in_text(value)
    return value


def _in_text(text: str) -> str:
    """The same for a reason kept as text."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return text
    if not isinstance(parsed, dict) or not any(code in text for code in NAMING):
        return text
    return json.dumps(without_names(parsed), ensure_ascii=False, sort_keys=True)
