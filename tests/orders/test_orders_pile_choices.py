"""A choice for the pile is the pile's own: what joins later has it, and what differs is named."""

from typing import Any

import outside_world as world
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from core.orders.piles import differing, edits, review
from core.store import db
from core.store.tables import order_lines, orders, parcels, pile_orders, scans


@pytest.fixture
def shop(engine: Engine) -> int:
    return world.connect_shop()


PILES_CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "restock": st.booleans(),
        "notify": st.booleans(),
        "refund": st.booleans(),
        "document": st.sampled_from(["storno", "annul", "none"]),
        "reason": st.sampled_from(["DECLINED", "OTHER", "FRAUD"]),
        "cancel_fulfillments": st.booleans(),
        "staff_note": st.sampled_from(["", "back on Monday"]),
    },
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=PILES_CHOICES, alone=PILES_CHOICES)
def test_what_joins_a_pile_later_has_its_choices_and_what_differs_is_named(
    shop: int, chosen: dict[str, Any], alone: dict[str, Any]
) -> None:
    with db.writing() as connection:
        for table in (scans, pile_orders, order_lines, parcels, orders):
            connection.execute(delete(table))
    world.add_order(shop, 1, "1ONB24222308781")
    world.add_order(shop, 2, "1ONB24222308782")
    pile = world.pile()
    world.scan(pile, "1ONB24222308781")
    edits.set_options_of_pile(pile, **chosen)
    world.scan(pile, "1ONB24222308782")
    rows = review.review(pile)
    assert len(rows) == 2
    for name, value in chosen.items():
        assert [one == value for one in rows[name].tolist()] == [True, True]
    assert differing.differing(pile) == []
    first = int(rows.iloc[-1]["order_id"])
    edits.set_options(pile, [first], **alone)
    other = {
        name: value for name, value in alone.items()
        if name in differing.COMPARED and value != rows.iloc[0][name]
    }  # fmt: skip
    ready = review.runnable_orders(pile)
    found = [one.choices for one in differing.differing(pile)]
    assert found == ([other] if other and first in ready else [])
