"""Keeps customers' names out of the record: it cannot be changed when one must be forgotten."""

import json
from typing import Any

# Reasons whose parameters `ours` and `theirs` are names of customers.
NAMING = ("judge_customer_differs", "another_customer")
FIELDS = ("customer", "customer_name", "phone", "email", "street", "remark")
GONE = "…"


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
        told = json.loads(text)
    except ValueError:
        return text
    if not isinstance(told, dict) or not any(code in text for code in NAMING):
        return text
    return json.dumps(without_names(told), ensure_ascii=False, sort_keys=True)
