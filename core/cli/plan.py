"""`refuz plan`: what a run of a pile would do, order by order, and why; changes nothing."""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from core.cli import say
from core.i18n.reasons import sentence
from core.orders.judge import proof
from core.orders.judge.facts import Facts
from core.orders.judge.rules import judge
from core.orders.piles import checks, review
from core.settings import preferences
from core.store import db
from core.store.tables import piles


def plan(pile: str, *, as_json: bool) -> int:
    """Print an order a line; exit status 0 where every order of the pile will run or is begun."""
    db.migrate()
    with db.reading() as connection:
        query = select(piles.c.id).order_by(piles.c.id.desc()).limit(1)
        is_id = re.fullmatch(r"[0-9]{1,18}", pile)
        named = piles.c.id == int(pile) if is_id else piles.c.name == pile
        pile_id = connection.scalar(query.where(named))
        if pile_id is None:
            say.give_up(f"There is no pile {pile}.")
        zone = preferences.load(connection).zone
        planned_orders = [planned(facts) for _, facts in review.of_pile(connection, pile_id)]
    checks.look(pile_id)
    for one in planned_orders:
        if as_json:
            say.record(one)
        else:
            for line in _lines(one):
                say.line(line)
    if not as_json and any(one["checking"] for one in planned_orders):
        for pause in checks.pauses():
            until = pause.until.astimezone(zone)
            say.line(f"{pause.service}: {sentence(pause.why)} ({until:%H:%M %Z})")
    return 1 if any(one["group"] in ("held", "delivered") for one in planned_orders) else 0


def planned(facts: Facts) -> dict[str, object]:
    """One order as printed: its group, why it is held, and the sheet that Review shows of it.

    `checking`: what the services say of its documents is still to be read; a run waits for that
    before this order.
    """
    judged = judge(facts)
    sheet = proof.sheet(facts)
    return {
        "order": facts.order.name,
        "group": judged.group,
        "checking": judged.checking,
        "reason": judged.reason.as_json() if judged.reason else None,
        "why": sentence(judged.reason),
        "remedy": sentence(judged.remedy),
        "may_waive": judged.may_waive,
        "restock": facts.chosen.restock,
        "refund": facts.chosen.refund,
        "document": facts.chosen.document if facts.revert_invoices else "none",
        "documents": [
            {**one, "say": sentence(proof.line(one, facts.order.currency))} for one in sheet
        ],
    }


def _lines(order: dict[str, Any]) -> Iterator[str]:
    checking = "being checked" if order["checking"] else ""
    parts = (order["order"], order["group"], checking, order["why"], order["remedy"])
    yield " · ".join(part for part in parts if part)
    for one in order["documents"]:
        yield f"  {one['say']}"
