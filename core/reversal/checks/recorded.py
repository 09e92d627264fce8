"""Whether the tables say what the record says: both are written in one transaction (rule 9)."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from core.audit.actions import Action
from core.reasons import Reason
from core.reversal.checks.codes import MisfitCode
from core.rights import Right, door
from core.store.states import EffectKind, EffectState
from core.store.tables import audit, effects, invoices, orders, reversals

Misfit = tuple[str, Reason]  # subject and reason


@door(Right.RECORD)
def misfits(connection: Connection) -> Iterator[Misfit]:
    """Confirmed calls that the record does not tell of, and stornos of another number than it."""
    recorded = _confirmed_numbers(connection)
    query = (
        select(
            effects.c.kind, effects.c.target, reversals.c.order_id, orders.c.name,
            invoices.c.storno_number,
        )
        .join(reversals, reversals.c.id == effects.c.reversal_id)
        .join(orders, orders.c.id == reversals.c.order_id)
        .outerjoin(invoices, invoices.c.id == effects.c.invoice_id)
        .where(effects.c.state == EffectState.CONFIRMED)
        .order_by(effects.c.id)
    )  # fmt: skip
    for row in connection.execute(query):
        numbers = recorded.get((row.order_id, str(row.kind), row.target))
        about = {"order": row.name, "effect": str(row.kind)}
        if numbers is None:
            yield f"order {row.name}", MisfitCode.NOT_IN_THE_RECORD.of(**about)
        elif row.kind == EffectKind.STORNO and _differ(row.storno_number, numbers):
            given = {"order": row.name, "ours": row.storno_number, "theirs": ", ".join(numbers)}
            yield f"order {row.name}", MisfitCode.RECORD_NAMES_ANOTHER.of(**given)


def _differ(number: str | None, numbers: list[str]) -> bool:
    return bool(number and numbers) and number not in numbers


def _confirmed_numbers(connection: Connection) -> dict[tuple[int, str, str], list[str]]:
    """By order, kind and target of each call that was confirmed: the numbers it was given."""
    query = select(audit.c.order_id, audit.c.detail).where(
        audit.c.action == Action.EFFECT_CONFIRMED.value
    )
    found: dict[tuple[int, str, str], list[str]] = {}
    for order_id, detail in connection.execute(query):
        fields: dict[str, Any] = json.loads(detail) if isinstance(detail, str) else detail
        key = (order_id, str(fields.get("kind")), str(fields.get("target")))
        number = (fields.get("result") or {}).get("number")
        found.setdefault(key, []).extend([str(number)] if number else [])
    return found
