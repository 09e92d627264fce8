"""Whatever a door gives, it names no customer to a role that may see no names."""

import datetime as dt
import inspect
import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, select

from core import rights
from core.insight import queries
from core.insight.filters import Filters
from core.rights import ALL_BUT_HOST, Actor, Right
from core.store import db
from core.store.tables import orders, piles, runs
from tests.people import people_doors

pytestmark = pytest.mark.parametrize("desk", ["finished"], indirect=True)
NAMELESS = Actor("Kim", ALL_BUT_HOST - {Right.NAMES, Right.ERASE}, person_id=7, session_id=1)
CUSTOMERS = ("Pop", "ana@example.com", "0722000000")
LEAST = 12  # doors that the arguments below fit
# Rooms whose doors show parcels and orders; the services are asked by none of these.
SHOWING = (
    "core.audit.trail.", "core.finding.boxes.", "core.insight.queries.", "core.orders.piles.card.",
    "core.orders.piles.review.", "core.orders.piles.questions.", "core.reversal.runs.finance.",
    "core.reversal.runs.results.", "core.reversal.runs.follow_up.",
)  # fmt: skip

FACTS = {"core.orders.piles.review.of_pile"}  # what the judge goes by, for `refuz plan` on the host


def given(connection: Any, filters: Filters) -> dict[str, Any]:
    """Arguments by the names that doors have for them."""
    one = {name: connection.scalars(select(table.c.id).limit(1)).one()
           for name, table in (("pile_id", piles), ("run_id", runs))}  # fmt: skip
    held = connection.scalars(select(orders.c.id).where(orders.c.name == "#2")).one()
    return {**one, "order_id": held, "connection": connection, "db": connection, "words": "Pop",
            "source": queries.engine(), "engine": queries.engine(), "filters": filters}  # fmt: skip


def text_of(thing: Any) -> str:
    if isinstance(thing, pd.DataFrame):
        return json.dumps(json.loads(thing.astype(str).to_json()), ensure_ascii=False)
    if isinstance(thing, Iterator):
        return " ".join(text_of(one) for one in thing)
    if isinstance(thing, dict):
        return " ".join(f"{text_of(key)} {text_of(value)}" for key, value in thing.items())
    if isinstance(thing, (list, tuple)):
        return " ".join(text_of(one) for one in thing)
    return repr(thing)


def shown(who: Actor) -> dict[str, str]:
    """What each door that these arguments fit shows to somebody."""
    found = {}
    for name, function in sorted(people_doors.called().items()):
        if not rights.rights_of(function) or not name.startswith(SHOWING):
            continue
        with db.reading() as connection, rights.acting(who):
            known = given(connection, Filters(dt.date(2026, 1, 1), dt.date(2026, 12, 31)))
            needs = [
                one.name
                for one in inspect.signature(function).parameters.values()
                if one.default is inspect.Parameter.empty
            ]
            if not set(needs) <= set(known):
                continue
            try:
                found[name] = text_of(function(**{one: known[one] for one in needs}))
            except Exception as error:  # noqa: BLE001 (shut, or other arguments)
                found[name] = str(error)
    return found


def test_no_door_names_a_customer_to_who_may_see_no_names(desk: Engine) -> None:
    owner = Actor("Ana", ALL_BUT_HOST, person_id=8, session_id=2)
    named = {name for name, text in shown(owner).items() if any(one in text for one in CUSTOMERS)}
    assert "core.reversal.runs.finance.stornos" in named, "the customers are there to be seen"
    asked = shown(NAMELESS)
    assert len(asked) > LEAST
    leaks = {name for name, text in asked.items() if any(one in text for one in CUSTOMERS)}
    assert leaks - FACTS == set()
