"""What of a run waits for a second person: its size, money paid back, a judge gone against."""

from typing import Any

from sqlalchemy import Connection, func, select

from core.audit import approvals
from core.audit.approvals import Kind
from core.store.tables import orders

PART = 900  # ids in one question to the database


def by_two(
    connection: Connection, pile_id: int | None, wanted: list[dict[str, Any]], *, against: bool
) -> None:
    """Use a second person's yes to exactly these orders, choices and documents up.

    `wanted`: order_id, options and proof of each. Raises approvals.WaitsForAnother.
    """
    rule = approvals.rule(connection)
    if not rule.on:
        return
    what = sorted(wanted, key=lambda one: int(one["order_id"]))
    ids = [one["order_id"] for one in what]
    sums = _sums(connection, ids)
    refunds = any(one["options"].get("refund") for one in what)
    large = len(ids) > rule.orders or any(one > rule.sum_minor for one in sums.values())
    if not (large or refunds or against):
        return
    kind = Kind.ALL_THE_SAME if against else Kind.REFUND if refunds else Kind.RUN
    names = connection.scalars(
        select(orders.c.name).where(orders.c.id.in_(ids[:3])).order_by(orders.c.id)
    ).all()
    subject = f"pile {pile_id}" if pile_id is not None and len(ids) > 1 else f"order {names[0]}"
    told = {"orders": len(ids), "sums": sums, "first": list(names), "refund": refunds}
    approvals.need(connection, kind, subject, what, told)


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
