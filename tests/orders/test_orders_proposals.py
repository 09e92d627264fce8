"""A courier's "returned" only proposes: a scan or a person confirms, nothing cancels by itself."""

import datetime as dt

import outside_world as world
import pytest
from sqlalchemy import Engine, func, select, update

from core.clock import now
from core.errors import UserError
from core.orders.couriers import proposals
from core.orders.piles import edits, piles, review
from core.reversal.worker import scheduled_jobs
from core.settings import preferences
from core.store import db
from core.store.tables import parcels, reversals

BACK = "Livrat la expeditor"


@pytest.fixture
def shop(engine: Engine) -> int:
    """A shop, with the preference on."""
    prefer(propose_returned=True)
    return world.connect_shop()


def prefer(**changes: object) -> None:
    with db.writing() as session:
        preferences.save(session, **changes)


def tell(tracking: str, status: str = "returned", days: int = 0) -> None:
    """The courier said so, some days ago."""
    with db.writing() as session:
        session.execute(
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
    told = {"81234567001": ["Refuzat de destinatar", BACK], "81234567002": ["In retur"]}
    world.load(outside, told, {})
    world.connect_dpd(outside)
    scheduled_jobs.JOBS["couriers"]()
    pile = proposed()
    assert groups(pile) == {"#1": "held"}
    assert review.runnable_orders(pile) == []
    [one] = proposals.unconfirmed(pile)
    assert (one.order, one.tracking, one.courier, one.said) == ("#1", "81234567001", "dpd", BACK)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(reversals)) == 0
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
    proposals.confirm(proposed(), [order])
    assert review.runnable_orders(proposed()) == [order]
    assert proposals.waiting() == (proposed(), 1)


def test_only_a_proposed_pile_can_be_confirmed_this_way(shop: int) -> None:
    pile = world.pile()
    with pytest.raises(UserError, match="not proposed"):
        proposals.confirm(pile, [returned(shop, 1)])
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
