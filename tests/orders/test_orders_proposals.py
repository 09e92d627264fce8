"""A courier's "returned" only proposes: a scan or a person confirms, nothing cancels by itself."""

import datetime as dt

import outside_world as world
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, select, update

from core.clock import now
from core.errors import UserError
from core.orders.couriers import proposals
from core.orders.piles import edits, piles, review
from core.reversal.worker import scheduled_jobs
from core.settings import preferences
from core.store import db
from core.store.tables import orders, parcels, pile_orders, reversals, scans
from core.store.tables import piles as piles_table

BACK = "Livrat la expeditor"


@pytest.fixture
def shop(engine: Engine) -> int:
    """A shop, with the preference on."""
    prefer(propose_returned=True)
    return world.connect_shop()


def prefer(**changes: object) -> None:
    with db.writing() as connection:
        preferences.save(connection, **changes)


def tell(tracking: str, status: str = "returned", days: int = 0) -> None:
    """The courier said so, some days ago."""
    with db.writing() as connection:
        connection.execute(
            update(parcels)
            .where(parcels.c.tracking == tracking)
            .values(status=status, status_text=BACK, status_at=now() - dt.timedelta(days=days))
        )


def returned(shop: int, number: int, tracking: str = "") -> int:
    """An order whose parcel the courier brought back."""
    order = world.add_order(shop, number, tracking or f"8123456{number:04}")
    tell(tracking or f"8123456{number:04}")
    return order


def proposed() -> int:
    """The proposed pile."""
    pile_id, _ = proposals.waiting()
    assert pile_id
    return pile_id


def parcel(tracking: str) -> int:
    return int(world.parcel(tracking).id)


def groups(pile_id: int) -> dict[str, str]:
    """What the review table says of each order of a pile."""
    frame = review.review(pile_id)
    return dict(zip(frame["order"], frame["group"], strict=True))


def test_nothing_is_proposed_while_the_preference_is_off_as_it_is_at_first(engine: Engine) -> None:
    returned(world.connect_shop(), 1)
    assert proposals.propose_returned() == 0
    assert piles.all_piles() == []


def test_what_a_courier_reports_as_returned_is_proposed_by_the_job_and_only_proposed(
    shop: int, outside: str
) -> None:
    """The whole way: the courier is asked over HTTP, the pile is made, every order is held."""
    world.add_order(shop, 1, "81234567001")
    world.add_order(shop, 2, "81234567002")
    statuses = {"81234567001": ["Refuzat de destinatar", BACK], "81234567002": ["In retur"]}
    world.load(outside, statuses, {})
    world.connect_dpd(outside)
    scheduled_jobs.JOBS["couriers"]()
    pile = proposed()
    assert groups(pile) == {"#1": "held"}
    assert review.runnable_orders(pile) == []
    [one] = proposals.unconfirmed(pile)
    assert (one.order, one.tracking, one.courier, one.said) == ("#1", "81234567001", "dpd", BACK)
    with db.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(reversals)) == 0
    scheduled_jobs.JOBS["couriers"]()
    assert len(piles.all_piles()) == 1


@pytest.mark.parametrize("status", ["refused", "returning", "delivered", "lost", "unknown", ""])
def test_no_other_status_proposes_anything(shop: int, status: str) -> None:
    returned(shop, 1)
    tell("81234560001", status)
    assert proposals.propose_returned() == 0


def test_a_scan_confirms_a_proposed_parcel(shop: int) -> None:
    order = returned(shop, 1)
    returned(shop, 2)
    assert proposals.propose_returned() == 2
    assert world.scan(proposed(), "81234560001").verdict == "matched"
    assert review.runnable_orders(proposed()) == [order]
    assert [one.order for one in proposals.unconfirmed(proposed())] == ["#2"]


def test_a_person_confirms_what_lies_before_them(shop: int) -> None:
    order = returned(shop, 1)
    returned(shop, 2)
    proposals.propose_returned()
    proposals.confirm(proposed(), [parcel("81234560001")])
    assert review.runnable_orders(proposed()) == [order]
    assert proposals.waiting() == (proposed(), 1)


@given(st.lists(st.sampled_from(["out", "back", "here"]), min_size=1, max_size=4))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_word_for_one_parcel_is_none_for_the_orders_other_parcels(
    shop: int, boxes: list[str]
) -> None:
    """ "These are here" had let an order run whose second parcel was still out."""
    with db.writing() as connection:
        for table in (scans, pile_orders, parcels, orders, piles_table):
            connection.execute(delete(table))
    numbers = [f"8123456{place:04}" for place in range(len(boxes))]
    order = world.add_order(shop, 1, *numbers)
    for number, state in zip(numbers, boxes, strict=True):
        if state != "out":
            tell(number)
    assert proposals.propose_returned() == ("back" in boxes or "here" in boxes)
    if set(boxes) == {"out"}:
        return
    pile = proposed()
    said = [parcel(one) for one, state in zip(numbers, boxes, strict=True) if state == "here"]
    proposals.confirm(pile, said)
    proposals.confirm(pile, said)  # a second press says no more
    assert len(proposals.unconfirmed(pile)) == boxes.count("back")
    [row] = review.review(pile).to_dict("records")
    assert (row["scanned"], row["parcels"]) == (boxes.count("here"), len(boxes))
    assert review.runnable_orders(pile) == ([order] if set(boxes) == {"here"} else [])


def test_a_parcel_confirmed_that_was_delivered_before_is_held_as_such(shop: int) -> None:
    returned(shop, 1)
    with db.writing() as connection:
        connection.execute(update(parcels).values(outcome="delivered"))
    proposals.propose_returned()
    proposals.confirm(proposed(), [parcel("81234560001")])
    assert groups(proposed()) == {"#1": "delivered"}


def test_only_a_proposed_pile_can_be_confirmed_this_way(shop: int) -> None:
    pile = world.pile()
    returned(shop, 1)
    with pytest.raises(UserError, match="not proposed"):
        proposals.confirm(pile, [parcel("81234560001")])
    assert proposals.unconfirmed(pile) == []


def test_what_a_person_took_out_is_not_proposed_again(shop: int) -> None:
    order = returned(shop, 1)
    proposals.propose_returned()
    edits.remove_order(proposed(), order)
    assert proposals.propose_returned() == 0
    piles.close(proposed())
    returned(shop, 2)
    assert proposals.propose_returned() == 1
    assert groups(proposed()) == {"#2": "held"}


def test_a_parcel_scanned_into_another_pile_is_good_there_and_leaves_the_proposal(
    shop: int,
) -> None:
    returned(shop, 1)
    proposals.propose_returned()
    assert world.scan(world.pile(), "81234560001").verdict == "matched"
    proposals.propose_returned()
    assert proposals.waiting() == (proposed(), 0)


def test_parcels_of_a_pile_long_back_or_cancelled_are_not_proposed(shop: int) -> None:
    returned(shop, 1)
    world.scan(world.pile(), "81234560001")
    returned(shop, 2)
    tell("81234560002", days=90)
    world.add_order(shop, 3, "81234560003", cancelled_at=now())
    tell("81234560003")
    assert proposals.propose_returned() == 0


def test_the_pile_of_people_comes_before_the_one_that_is_proposed(shop: int) -> None:
    mine = world.pile()
    returned(shop, 1)
    proposals.propose_returned()
    assert [one.id for one in piles.open_piles()] == [mine, proposed()]
