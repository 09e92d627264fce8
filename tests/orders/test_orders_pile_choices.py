"""A choice for the pile is the pile's own: what joins later has it, and what differs is named."""

from collections.abc import Callable
from typing import Any

import outside_world as world
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, update

from core.clock import now
from core.orders.aliases import learn
from core.orders.couriers import proposals, returns
from core.orders.piles import differing, edits, review
from core.settings import preferences
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


def scanned(pile: int, number: str) -> None:
    world.scan(pile, number)


def linked(pile: int, number: str) -> None:
    taken = world.scan(pile, "UNKNOWN-77120")
    edits.link_by_hand(taken.scan_id, world.parcel(number).id, remember=False)


def matched_later(pile: int, number: str) -> None:
    world.scan(pile, "UNKNOWN-77121")
    with db.writing() as connection:
        learn(connection, "UNKNOWN-77121", world.parcel(number).id, source="person")
    returns.resolve_scans()


def scanned_again(pile: int, number: str) -> None:
    world.scan(pile, number)
    edits.undo_last_scan(pile)
    edits.set_options_of_pile(pile, staff_note="later still")
    world.scan(pile, number, "again")


@pytest.mark.parametrize("joins", [scanned, linked, matched_later, scanned_again])
def test_an_order_has_the_piles_choices_whatever_way_it_joins(
    shop: int, joins: Callable[[int, str], None]
) -> None:
    order = world.add_order(shop, 1, "81234567001")
    pile = world.pile()
    chosen = {"restock": True, "refund": False, "document": "annul", "reason": "FRAUD",
              "notify": True, "staff_note": "later still"}  # fmt: skip
    edits.set_options_of_pile(pile, **chosen)
    joins(pile, "81234567001")
    [row] = review.review(pile).to_dict("records")
    assert {name: row[name] for name in chosen} == chosen
    assert row["order_id"] == order
    assert differing.differing(pile) == []


def test_a_proposed_pile_keeps_its_choices_for_what_couriers_bring_later(shop: int) -> None:
    with db.writing() as connection:
        preferences.save(connection, propose_returned=True)
    for number in (1, 2):
        world.add_order(shop, number, f"8123456700{number}")
        with db.writing() as connection:
            mine = parcels.c.tracking == f"8123456700{number}"
            back = {"status": "returned", "status_text": "x", "status_at": now()}
            connection.execute(update(parcels).where(mine).values(back))
        proposals.propose_returned()
        pile, _ = proposals.waiting()
        if number == 1:
            edits.set_options_of_pile(pile, restock=True, document="none")
    rows = review.review(pile)
    assert (rows["restock"].tolist(), rows["document"].tolist()) == ([True] * 2, ["none"] * 2)
