"""What of a run waits for a second person: its size, money paid back, a judge gone against.

A run that is split is still one: its size is counted with all orders that were begun within a day,
from the same pile or by the same person, without a second person's yes. The limit is a sum of one
currency: no exchange rate is known here, so a run in any other always waits.
"""

import datetime as dt
from typing import Any

from sqlalchemy import Connection, func, or_, select

from core.audit import approvals
from core.audit.approvals import ApprovalKind
from core.clock import now
from core.money import one_code
from core.rights import actor
from core.store.tables import orders, preferences, reversals, runs

PART = 900  # ids in one question to the database
TOGETHER = dt.timedelta(days=1)  # within which runs count as one


def by_two(connection: Connection, pile_id: int | None, wanted: list[dict[str, Any]]) -> bool:
    """Use a second person's yes to exactly these orders, choices and documents up.

    `wanted`: order_id, options and proof of each. True where a yes was needed and there; raises
    approvals.WaitsForAnother.
    """
    rule = approvals.rule(connection)
    if not rule.on:
        return False
    what = sorted(wanted, key=lambda one: int(one["order_id"]))
    ids = [one["order_id"] for one in what]
    before = _before(connection, pile_id, ids)
    sums, together = _sums(connection, ids), _sums(connection, [*ids, *before])
    against = sum(bool(one["options"].get("waived")) for one in what)  # said now, or in review
    refunds = any(one["options"].get("refund") for one in what)
    count = len(ids) + len(before)
    no_limit = sorted(
        currency
        for currency, minor in together.items()
        if minor > 0 and one_code(currency) != one_code(rule.currency)
    )
    own = sum(together.values()) - sum(together[currency] for currency in no_limit)
    large = count > rule.orders or own > rule.sum_minor or bool(no_limit)
    if not (large or refunds or against):
        return False
    kind = (
        ApprovalKind.ALL_THE_SAME
        if against
        else ApprovalKind.REFUND
        if refunds
        else ApprovalKind.RUN
    )
    names = connection.scalars(
        select(orders.c.name).where(orders.c.id.in_(ids[:3])).order_by(orders.c.id)
    ).all()
    subject = f"pile {pile_id}" if pile_id is not None and len(ids) > 1 else f"order {names[0]}"
    detail: dict[str, Any] = {"orders": len(ids), "sums": sums, "first": list(names),
                            "refund": refunds}  # fmt: skip
    if no_limit:
        detail |= {"no_limit": no_limit}
    if against:
        detail |= {"against": against}
    if before:
        detail |= {"together": count, "sums_together": together}
    return approvals.need(connection, kind, subject, what, detail)


def _before(connection: Connection, pile_id: int | None, ids: list[int]) -> list[int]:
    """The other orders that count together with a run: ids, each once."""
    rule_row = select(preferences.c.key).where(preferences.c.key == "two_people")
    connection.execute(rule_row.with_for_update())  # two runs at a time do not miss each other
    mine = [reversals.c.requested_by == actor().name]
    if pile_id is not None:
        mine.append(runs.c.pile_id == pile_id)
    begun = func.coalesce(runs.c.created_at, reversals.c.created_at)
    query = (
        select(reversals.c.order_id)
        .outerjoin(runs, reversals.c.run_id == runs.c.id)
        .where(begun > now() - TOGETHER, ~reversals.c.approved, or_(*mine))
    )
    found = set(connection.scalars(query))
    return sorted(found - set(ids))


def _sums(connection: Connection, ids: list[int]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for at in range(0, len(ids), PART):
        query = (
            select(orders.c.currency, func.sum(orders.c.total_minor))
            .where(orders.c.id.in_(ids[at : at + PART]))
            .group_by(orders.c.currency)
        )
        for currency, minor in connection.execute(query):
            sums[currency] = sums.get(currency, 0) + int(minor)
    return sums
