"""Labels made anew and fulfillments taken back are no parcels, unless somebody saw the box."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from core.clock import now
from core.insight.filters import Filters
from core.insight.queries import parcel_list
from core.insight.store import snapshot
from core.matching.match import match
from core.orders.couriers import tracking
from core.orders.imports import importing
from core.orders.judge import facts
from core.orders.piles.scans import parcel_is_back
from core.orders.shop.upsert import upsert_orders
from core.services.ports import CourierEvent, ShopOrder, ShopParcel
from core.settings import connections
from core.store import db
from core.store.tables import order_lines, orders, parcels

BEGAN = dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC)
OLD, NEW, THIRD = "7000121099301", "7000121099302", "7000121099303"


@pytest.fixture
def shop(engine: Engine) -> int:
    with db.writing() as connection:
        return connections.save(
            connection, kind="shop", service="shopify", name="Lumina", settings={},
            secrets_={},
        )  # fmt: skip


def box(number: str, status: str = "SUCCESS", shown: str = "IN_TRANSIT") -> ShopParcel:
    return ShopParcel(number, "FAN Courier", f"gid://f/{number[-2:]}", status, shown, BEGAN)


def order(*boxes: ShopParcel, hours: int = 0, number: int = 1, **more: Any) -> ShopOrder:
    plain = ShopOrder(
        gid=f"gid://o/{number}", name=f"#{number}", created_at=BEGAN,
        updated_at=BEGAN + dt.timedelta(hours=hours), cancelled_at=None, cancel_reason="",
        payment="cod", financial_status="PENDING", fulfillment_status="FULFILLED",
        total_minor=24_690, currency="RON", customer_name="", customer_key="", phone="", email="",
        county="", city="", note="", tags=(), attributes={}, can_notify=False, lines=(),
        parcels=boxes,
    )  # fmt: skip
    return replace(plain, **more)


def write(shop: int, *found: ShopOrder) -> None:
    with db.writing() as connection:
        upsert_orders(connection, shop, found)


def counted(number: int = 1) -> dict[str, int]:
    """The tracking numbers that count for an order, as the judge sees them, and their value."""
    with db.reading() as connection:
        order_id = connection.scalar(select(orders.c.id).where(orders.c.name == f"#{number}"))
        assert order_id is not None
        known = facts.of_order(connection, order_id, facts.Choices())
        assert known is not None
        return {one.tracking: one.value_minor for one in known.parcels}


def report(number: str, status: Any, ago: dt.timedelta = dt.timedelta()) -> None:
    with db.writing() as connection:
        event = CourierEvent(number, now() - ago, status, text=status)
        tracking.write_events(connection, [event], [], source="courier")


@pytest.mark.parametrize(
    "gone",
    [box(OLD, "CANCELLED", "CANCELED"), box(OLD, "CANCELLED", ""), box(OLD, shown="LABEL_VOIDED")],
)
def test_what_was_taken_back_is_no_parcel_whichever_comes_first(
    shop: int, gone: ShopParcel
) -> None:
    write(shop, order(gone, box(NEW)))
    assert counted() == {NEW: 24_690}
    write(shop, order(box(OLD), number=2))
    write(shop, order(gone, box(NEW), hours=1, number=2))
    assert counted(2) == {NEW: 24_690}


def test_a_corrected_number_takes_the_place_of_the_mistyped_one(shop: int) -> None:
    write(shop, order(box(OLD), box(THIRD)))
    write(shop, order(box(NEW), box(THIRD), hours=1))
    assert counted() == {NEW: 12_345, THIRD: 12_345}


def test_a_number_put_on_another_fulfillment_counts(shop: int) -> None:
    write(shop, order(box(OLD, "CANCELLED"), replace(box(OLD), fulfillment_gid="gid://f/2")))
    assert counted() == {OLD: 24_690}


@pytest.mark.parametrize("status", ["transit", "out", "refused", "returning", "delivered", "lost"])
def test_what_a_courier_has_seen_counts_whatever_the_shop_shows(shop: int, status: Any) -> None:
    write(shop, order(box(OLD)))
    report(OLD, status)
    write(shop, order(box(OLD, "CANCELLED"), box(NEW), hours=1))
    assert counted() == {OLD: 12_345, NEW: 12_345}
    write(shop, order(box(OLD, "CANCELLED"), number=2))
    report(OLD, status)  # told after it was taken back
    assert counted(2) == {OLD: 0}


@pytest.mark.parametrize("status", ["created", "cancelled", "unknown"])
def test_an_announced_label_is_not_a_parcel_that_was_seen(shop: int, status: Any) -> None:
    write(shop, order(box(OLD)))
    report(OLD, status)
    write(shop, order(box(NEW), hours=1))
    assert counted() == {NEW: 24_690}


@pytest.mark.parametrize("later", ["created", "cancelled", "unknown"])
def test_what_a_courier_had_it_had_whatever_it_says_afterwards(shop: int, later: Any) -> None:
    write(shop, order(box(OLD)))
    report(OLD, "transit")
    report(OLD, later)
    write(shop, order(box(NEW), hours=1))
    assert set(counted()) == {OLD, NEW}


def test_a_word_that_comes_late_still_shows_that_the_courier_had_the_parcel(shop: int) -> None:
    write(shop, order(box(OLD)))
    report(OLD, "created")
    report(OLD, "out", ago=dt.timedelta(hours=3))
    write(shop, order(box(NEW), hours=1))
    assert set(counted()) == {OLD, NEW}
    with db.reading() as connection:
        statuses = connection.scalars(select(parcels.c.status).where(parcels.c.tracking == OLD))
        assert list(statuses) == ["created"]


def test_a_scan_of_an_old_label_finds_its_order_and_makes_it_count(shop: int) -> None:
    write(shop, order(box(OLD)))
    write(shop, order(box(NEW), hours=1))
    with db.writing() as connection:
        found = match(connection, OLD)
        assert (found.outcome, found.order_name) == ("matched", "#1")
        parcel_is_back(connection, found.parcel_id, dt.datetime(2026, 11, 20, tzinfo=dt.UTC))
    assert set(counted()) == {OLD, NEW}
    write(shop, order(box(NEW), hours=2))
    assert set(counted()) == {OLD, NEW}


def test_a_number_that_another_order_really_has_is_that_orders_only(shop: int) -> None:
    write(shop, order(box(OLD)))
    write(shop, order(box(NEW), hours=1), order(box(OLD), number=2))
    with db.reading() as connection:
        found = match(connection, OLD)
    assert (found.outcome, found.order_name) == ("matched", "#2")


def test_analytics_counts_one_parcel_of_a_label_made_anew(shop: int, engine: Engine) -> None:
    write(shop, order(box(OLD)))
    wanted = Filters(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    assert len(snapshot.current(engine).choose(wanted)) == 1
    write(shop, order(box(OLD, "CANCELLED"), box(NEW), hours=1))
    chosen = snapshot.current(engine).choose(wanted)
    assert [int(one) for one in chosen["value_minor"]] == [24_690]
    assert list(parcel_list(engine, wanted)["tracking"]) == [NEW]


def test_a_cancelled_order_keeps_the_parcels_it_had(shop: int) -> None:
    write(shop, order(box(OLD)))
    write(shop, order(box(OLD, "CANCELLED", "CANCELED"), hours=1, cancelled_at=BEGAN))
    assert counted() == {OLD: 24_690}


def test_a_label_that_was_made_anew_and_comes_back_all_the_same_is_worth_nothing_beside_it(
    shop: int,
) -> None:
    """Else the order would be lost twice in Analytics."""
    write(shop, order(box(OLD)))
    write(shop, order(box(OLD, "CANCELLED"), box(NEW), hours=1))
    report(OLD, "refused")
    assert counted() == {OLD: 0, NEW: 24_690}
    write(shop, order(box(OLD, "CANCELLED"), hours=2))
    assert counted() == {OLD: 24_690}


def test_the_only_parcel_of_an_order_gets_its_value_though_it_was_taken_back(shop: int) -> None:
    write(shop, order(box(OLD, "CANCELLED")))
    report(OLD, "refused")
    write(shop, order(box(OLD, "CANCELLED"), hours=1))
    assert counted() == {OLD: 24_690}


@pytest.mark.parametrize("total", [24_690, 0])
def test_a_parcel_first_shown_when_its_order_is_cancelled_shares_what_the_order_was_worth(
    shop: int, total: int
) -> None:
    write(shop, order(box(OLD), box(THIRD, "CANCELLED")))
    both = (box(OLD, "CANCELLED", "CANCELED"), box(NEW), box(THIRD))
    write(shop, order(*both, hours=1, cancelled_at=BEGAN, total_minor=total))
    assert counted() == {OLD: 12_345, NEW: 12_345}
    write(shop, order(*both, hours=2, cancelled_at=BEGAN, total_minor=total))
    assert counted() == {OLD: 12_345, NEW: 12_345}


def test_nothing_is_taken_back_where_the_shop_shows_no_parcels(shop: int) -> None:
    write(shop, order(box(OLD)))
    write(shop, order(hours=1, parcels=None))
    assert counted() == {OLD: 24_690}


def listed(shop: int, text: str) -> None:
    table = importing.read_table(text.encode(), "list.csv")
    importing.import_orders(shop, table, importing.guess_columns(table.headers))


def test_a_list_with_a_corrected_number_takes_the_old_one_back(shop: int) -> None:
    listed(shop, f"Order;AWB;Total\n#1;{OLD};246,90\n")
    listed(shop, f"Order;AWB;Total\n#1;{NEW};246,90\n")
    assert counted() == {NEW: 24_690}


def test_a_list_about_an_order_of_the_shop_takes_back_only_what_lists_told(shop: int) -> None:
    write(shop, order(box(THIRD)))
    listed(shop, f"Order;AWB;Total\n#1;{OLD};246,90\n")
    assert set(counted()) == {THIRD, OLD}
    listed(shop, f"Order;AWB;Total\n#1;{NEW};246,90\n")
    assert counted() == {THIRD: 24_690, NEW: 0}
    write(shop, order(box(THIRD), hours=1))
    assert set(counted()) == {THIRD, NEW}


def worth() -> list[tuple[str, bool, int]]:
    """Of every parcel that is kept: its number, whether it is void, its value."""
    with db.reading() as connection:
        rows = connection.execute(select(parcels).order_by(parcels.c.id)).all()
        return [(row.tracking, bool(row.void), row.value_minor) for row in rows]


def test_a_number_that_a_list_brings_back_is_worth_nothing_beside_what_took_its_place(
    shop: int,
) -> None:
    """Analytics would count the order twice."""
    write(shop, order(box(OLD)))
    write(shop, order(hours=1))  # taken back, and nothing in its place: it keeps the value
    assert worth() == [(OLD, True, 24_690)]
    write(shop, order(box(THIRD), hours=2))
    listed(shop, f"Order;AWB;Total\n#1;{OLD};246,90\n")
    assert sum(value for _, _, value in worth()) == 24_690
    assert set(counted()) == {THIRD, OLD}


@pytest.mark.parametrize("cancelled_at", [None, BEGAN])
def test_a_number_that_a_list_brings_back_alone_has_the_orders_value(
    shop: int, cancelled_at: dt.datetime | None
) -> None:
    listed(shop, f"Order;AWB;Total\n#1;{OLD};246,90\n")
    listed(shop, f"Order;AWB;Total\n#1;{NEW};246,90\n")
    write(shop, order(hours=1, parcels=None, cancelled_at=cancelled_at))
    listed(shop, f"Order;AWB;Total\n#1;{OLD};246,90\n")
    assert worth() == [(OLD, False, 24_690), (NEW, True, 0)]
    listed(shop, f"Order;AWB;Total\n#1;{NEW};246,90\n")
    assert worth() == [(OLD, True, 0), (NEW, False, 24_690)]


STEP = st.tuples(st.booleans(), st.sets(st.sampled_from([OLD, NEW, THIRD]), min_size=1))


@given(st.lists(STEP, min_size=1, max_size=5))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 4,
)
def test_an_orders_parcels_are_worth_what_it_was_whoever_told_of_them(
    shop: int, steps: list[tuple[bool, set[str]]]
) -> None:
    with db.writing() as connection:
        for table in (parcels, order_lines, orders):
            connection.execute(delete(table))
    write(shop, order(box(OLD)))
    for hours, (by_shop, numbers) in enumerate(steps, 1):
        if by_shop:
            write(shop, order(*(box(one) for one in sorted(numbers)), hours=hours))
        else:
            rows = "".join(f"#1;{one};246,90\n" for one in sorted(numbers))
            listed(shop, f"Order;AWB;Total\n{rows}")
        assert sum(counted().values()) == 24_690
        assert sum(value for _, void, value in worth() if void) == 0


SHOWN = st.dictionaries(
    st.sampled_from([OLD, NEW, THIRD]), st.sampled_from(["SUCCESS", "CANCELLED"]), max_size=3
)
ROUNDS = st.lists(st.tuples(SHOWN, st.sets(st.sampled_from([OLD, NEW, THIRD]))), max_size=5)


@given(ROUNDS)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples * 3 // 5,
)
def test_a_number_counts_exactly_while_it_is_shown_or_once_it_was_seen(
    shop: int, rounds: list[tuple[dict[str, str], set[str]]]
) -> None:
    with db.writing() as connection:
        for table in (parcels, order_lines, orders):
            connection.execute(delete(table))
    known, seen = set[str](), set[str]()
    for hours, (shown, couriers_see) in enumerate(rounds):
        write(shop, order(*(box(*one) for one in shown.items()), hours=hours))
        known |= set(shown)
        live = {number for number, status in shown.items() if status == "SUCCESS"}
        assert set(counted()) == live | seen
        if live:
            assert sum(counted().values()) == 24_690
        for number in couriers_see & known:
            report(number, "transit")
            seen.add(number)
        assert set(counted()) == live | seen
        assert sum(counted().values()) <= 24_690
