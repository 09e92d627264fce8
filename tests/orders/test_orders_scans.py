"""Every scan is stored, once; an order is in a pile once; the verdict says what it is (rule 8)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update

from core import rights
from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.i18n.reasons import sentence
from core.labels import normalise
from core.orders.piles import card, edits, piles, review
from core.orders.piles.scans import NoSuchPile, ScanResult, take_scan
from core.store import db
from core.store.tables import (
    aliases,
    orders,
    parcels,
    pile_orders,
    reversals,
    scans,
)

AWB = "1ONB24222308781"


def add(engine: Engine, shop: int, *trackings: str, parcel: Any = None, **order: Any) -> int:
    values = {
        "gid": f"test/{trackings}", "name": f"#{trackings[0][-4:]}", "created_at": now(),
        "updated_at": now(), "payment": "cod", "financial_status": "PENDING",
        "fulfillment_status": "FULFILLED", "total_minor": 14990, "currency": "RON", "tags": [],
        "attributes": {}, "synced_at": now(), "customer_name": "Ana Pop", **order,
    }  # fmt: skip
    with db.writing(engine) as connection:
        made = insert(orders).values(shop_id=shop, **values).returning(orders.c.id)
        order_id = connection.scalar(made) or 0
        for one in trackings:
            connection.execute(
                insert(parcels).values(
                    order_id=order_id, shop_id=shop, tracking=one, tracking_key=normalise(one),
                    payment="cod", **(parcel or {}),
                )
            )  # fmt: skip
    return order_id


def scan(engine: Engine, pile: int, code: str, key: str, **more: Any) -> ScanResult:
    return take_scan(pile, code, source="scanner", key=key, **more)


def test_sixteen_threads_scan_one_parcel_fifty_times_and_no_scan_is_lost(
    engine: Engine, shop: int
) -> None:
    add(engine, shop, AWB)
    pile = piles.create("Monday")
    with ThreadPoolExecutor(16) as pool:
        jobs = [pool.submit(scan, engine, pile, AWB, f"{n % 16}-{n}") for n in range(800)]
        verdicts = Counter(job.result().verdict for job in jobs)
    assert verdicts == {"matched": 1, "seen": 799}
    with db.reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(pile_orders)) == 1
        assert connection.scalar(select(func.count()).select_from(scans)) == 800
    assert card.outcomes(pile) == {"matched": 800}


def test_the_same_key_twice_is_one_scan_with_the_same_answer(engine: Engine, shop: int) -> None:
    add(engine, shop, AWB)
    pile = piles.create("Monday")
    first = scan(engine, pile, AWB, "k1")
    assert scan(engine, pile, AWB, "k1") == replace(first, repeated=True)
    with db.reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(scans)) == 1


@pytest.mark.parametrize(
    ("order", "parcel", "verdict", "sound"),
    [
        ({}, {}, "matched", "good"),
        ({"cancelled_at": now()}, {}, "cancelled", "bad"),
        ({}, {"outcome": "delivered"}, "delivered", "bad"),
        ({"fulfillment_status": "UNFULFILLED"}, {}, "not_shipped", "bad"),
    ],
)
def test_the_verdict_tells_what_stands_in_the_way(
    engine: Engine, shop: int, order: dict[str, Any], parcel: dict[str, Any], verdict: str,
    sound: str,
) -> None:  # fmt: skip
    add(engine, shop, AWB, parcel=parcel, **order)
    pile = piles.create("Monday")
    result = scan(engine, pile, AWB, "k1")
    assert (result.verdict, result.sound, result.outcome) == (verdict, sound, "matched")
    assert (result.why is None) == (verdict == "matched")


def test_a_parcel_reversed_already_and_one_of_another_pile_are_told_apart(
    engine: Engine, shop: int
) -> None:
    done, other = add(engine, shop, AWB), "7000121083646"
    add(engine, shop, other)
    values = {"origin": "pile", "requested_by": "ana", "options": {}, "state": "done"}
    with db.writing(engine) as connection:
        connection.execute(insert(reversals).values(order_id=done, created_at=now(), **values))
    first, second = (piles.create(name) for name in ("one", "two"))
    assert scan(engine, first, AWB, "a").verdict == "done"
    assert scan(engine, first, other, "b").verdict == "matched"
    assert scan(engine, second, other, "c").verdict == "other_pile"


@pytest.mark.parametrize(
    ("code", "form", "weak", "verdict"),
    [
        ("9999999999999", "", False, "unknown"),
        ("9999999999999", "", True, "unsure"),
        ("5901234123457", "EAN13", False, "not_tracking"),
    ],
)
def test_a_code_without_an_order_is_stored_with_the_reason(
    engine: Engine, shop: int, code: str, form: str, weak: bool, verdict: str
) -> None:
    pile = piles.create("Monday")
    result = scan(engine, pile, code, "k", format=form, weak=weak)
    assert (result.verdict, result.outcome) == (verdict, "unmatched")
    assert result.why is not None
    assert sentence(result.why).endswith(".")
    assert card.outcomes(pile) == {"unmatched": 1}


def test_a_weak_reading_of_a_part_of_a_number_is_unsure(engine: Engine, shop: int) -> None:
    add(engine, shop, AWB)
    pile = piles.create("Monday")
    assert scan(engine, pile, AWB[:-3], "a", weak=True).verdict == "unsure"
    assert scan(engine, pile, AWB[:-3], "b").verdict == "matched"


@pytest.mark.parametrize("near", ["1ONB24222308791", "1ONB24222300981", "1ONC24222308781"])
def test_a_weak_reading_asks_where_another_orders_number_is_one_symbol_away(
    engine: Engine, shop: int, near: str
) -> None:
    for tracking in ("1ONB24222308781", near):
        add(engine, shop, tracking)
    pile = piles.create("Monday")
    asked = scan(engine, pile, "1ONB24222308781", "a", weak=True)
    assert (asked.verdict, len(asked.candidates)) == ("ambiguous", 2)
    assert scan(engine, pile, "1ONB24222308781", "b").verdict == "matched"


def test_a_weak_reading_counts_where_no_other_number_is_near(engine: Engine, shop: int) -> None:
    for tracking in ("1ONB24222308781", "1ONB24222319981", "1ONB2422230878"):
        add(engine, shop, tracking)
    pile = piles.create("Monday")
    assert scan(engine, pile, "1ONB24222308781", "a", weak=True).verdict == "matched"


def test_a_changed_choice_is_in_the_record(engine: Engine, shop: int) -> None:
    add(engine, shop, AWB)
    pile = piles.create("Monday")
    scan(engine, pile, AWB, "a")
    with rights.named("ana"):
        edits.set_options_of_pile(pile, restock=True)
    assert bool(review.review(pile).iloc[0]["restock"])
    with db.reading(engine) as connection:
        [entry] = trail.search(connection, actions=[Action.CHOICES_CHANGED])
    assert (entry.actor, entry.detail["choices"]) == ("ana", {"restock": True})


def test_a_scan_for_a_pile_that_is_gone_says_so(engine: Engine) -> None:
    with pytest.raises(NoSuchPile, match="pile"):
        scan(engine, 77, AWB, "k")


def test_undo_takes_the_order_out_and_scanning_again_brings_it_back(
    engine: Engine, shop: int
) -> None:
    order_id = add(engine, shop, AWB)
    pile = piles.create("Monday")
    scan(engine, pile, AWB, "a")
    assert edits.undo_last_scan(pile) == AWB
    assert review.runnable_orders(pile) == []
    assert scan(engine, pile, AWB, "b").verdict == "matched"
    assert review.runnable_orders(pile) == [order_id]


def test_linking_by_hand_teaches_the_code_and_is_in_the_record(engine: Engine, shop: int) -> None:
    order_id = add(engine, shop, AWB)
    pile = piles.create("Monday")
    unknown = scan(engine, pile, "2000000000777", "a")
    with db.reading(engine) as connection:
        parcel_id = connection.scalar(select(parcels.c.id)) or 0
    edits.link_by_hand(unknown.scan_id, parcel_id)
    assert review.runnable_orders(pile) == [order_id]
    later = piles.create("Tuesday")
    assert scan(engine, later, "2000000000777", "b").order_id == order_id
    with db.reading(engine) as connection:
        assert connection.scalars(select(aliases.c.source)).all() == ["person"]
        actions = [entry.action for entry in trail.search(connection)]
        assert Action.LINKED_BY_HAND in actions
        assert trail.verify(connection).ok


def test_two_parcels_of_which_one_came_back_are_held_until_a_person_says_why(
    engine: Engine, shop: int
) -> None:
    order_id = add(engine, shop, AWB, "1ONB24222309999")
    pile = piles.create("Monday")
    scan(engine, pile, AWB, "a")
    held = review.review(pile).iloc[0]
    assert (held["group"], review.runnable_orders(pile)) == ("held", [])
    assert "1 of 2" in held["why"]
    with pytest.raises(UserError):
        edits.all_the_same(pile, order_id, " ")
    assert edits.all_the_same(pile, order_id, "The courier lost the other box")
    assert review.runnable_orders(pile) == [order_id]
    scan(engine, pile, "1ONB24222309999", "b")  # and now it is here
    assert review.runnable_orders(pile) == [order_id]


def test_a_paid_and_shipped_order_is_held_because_the_shop_refuses_it(
    engine: Engine, shop: int
) -> None:
    order_id = add(engine, shop, AWB, payment="prepaid", financial_status="PAID")
    pile = piles.create("Monday")
    scan(engine, pile, AWB, "a")
    assert review.review(pile).iloc[0]["group"] == "held"
    edits.set_options(pile, [order_id], cancel_fulfillments=True)
    assert review.runnable_orders(pile) == []  # nobody has said where the money goes
    edits.set_options(pile, [order_id], refund=False)
    assert review.runnable_orders(pile) == [order_id]


def test_totals_keep_currencies_apart(engine: Engine, shop: int) -> None:
    add(engine, shop, AWB)
    add(engine, shop, "7000121083646", currency="EUR", total_minor=500)
    pile = piles.create("Monday")
    for code in (AWB, "7000121083646"):
        scan(engine, pile, code, code)
    sums = review.totals(pile)
    assert (sums.orders, sums.money) == (2, {"RON": 14990, "EUR": 500})


@pytest.mark.parametrize(
    "change",
    [{"reason": "BORED"}, {"document": "burn"}, {"staff_note": "x" * 256}, {"colour": "red"}],
)
def test_a_choice_that_cannot_be_is_refused_with_a_sentence(
    engine: Engine, change: dict[str, Any]
) -> None:
    pile = piles.create("Monday")
    with pytest.raises(UserError, match=r"\.$"):
        edits.set_options_of_pile(pile, **change)


@pytest.mark.parametrize("words", ["#8781", "ana p", "2222", "1onb"])
def test_orders_are_found_by_what_a_person_remembers(engine: Engine, shop: int, words: str) -> None:
    order_id = add(engine, shop, AWB, phone="0722222")
    with db.writing(engine) as connection:
        connection.execute(update(orders).values(city="Cluj"))
    assert [one.order_id for one in edits.search_orders(words)] == [order_id]
