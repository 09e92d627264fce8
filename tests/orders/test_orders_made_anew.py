"""AWBs made anew, as Shopify's nodes tell them: what is shown alive counts, in any writing."""

import datetime as dt
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from core.clock import now
from core.labels import normalise
from core.matching.match import match
from core.orders.couriers import tracking
from core.orders.judge import facts
from core.orders.piles.scans import parcel_is_back
from core.orders.shop.upsert import upsert_orders
from core.services.ports import CourierEvent, ParcelStatus
from core.services.shops.shopify.orders import order_of
from core.store import db
from core.store.tables import order_lines, orders, parcels

BEGAN = dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC)
TOTAL = 24_691  # not shared evenly by most numbers of parcels
# One order's numbers of several couriers; none is part of another.
NUMBERS = ["7000121083101", "7000121083102", "2000121083103", "URGC10875301", "1ONB24222308301"]
SEEN_AS: list[ParcelStatus] = ["transit", "out", "refused", "returning", "delivered", "lost"]
UNSEEN_AS: list[ParcelStatus] = ["created", "cancelled", "unknown"]


@st.composite
def fulfillments(draw: st.DrawFn) -> list[dict[str, Any]]:
    """What the shop shows at one time: numbers on living and on cancelled fulfillments, also the
    same number on both and several on one, in any order and writing."""
    found = []
    for place in range(draw(st.integers(0, 5))):
        status, shown = draw(
            st.sampled_from(
                [("SUCCESS", "IN_TRANSIT"), ("SUCCESS", "LABEL_PRINTED"), ("SUCCESS", None),
                 ("CANCELLED", "CANCELED"), ("CANCELLED", None), ("SUCCESS", "LABEL_VOIDED")]
            )
        )  # fmt: skip
        numbers = draw(st.lists(st.sampled_from(NUMBERS), max_size=3))
        numbers_sent = [
            {"company": "", "number": draw(st.sampled_from(writings(one)))} for one in numbers
        ]
        found.append(
            {"id": f"gid://shopify/Fulfillment/{place}", "status": status, "displayStatus": shown,
             "createdAt": BEGAN.isoformat(), "trackingInfo": numbers_sent}
        )  # fmt: skip
    return found


def writings(number: str) -> list[str]:
    parted = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    return [number, number.lower(), parted, f" {number} ", f"AWB {number}"]


def is_alive(one: dict[str, Any]) -> bool:
    return (one["status"], one["displayStatus"]) in {
        ("SUCCESS", "IN_TRANSIT"), ("SUCCESS", "LABEL_PRINTED"), ("SUCCESS", None),
    }  # fmt: skip


def alive(sent: list[dict[str, Any]]) -> set[str]:
    """The rule of case 13, said apart from the program: on a fulfillment that is not cancelled."""
    return {key(info["number"]) for one in sent if is_alive(one) for info in one["trackingInfo"]}


def key(text: str) -> str:
    return normalise(text.removeprefix("AWB "))


def write(shop: int, sent: list[dict[str, Any]], hours: int) -> None:
    at = (BEGAN + dt.timedelta(hours=hours)).isoformat()
    money = {"shopMoney": {"amount": "246.91", "currencyCode": "RON"}}
    node = {
        "id": "gid://shopify/Order/1", "name": "#1", "createdAt": BEGAN.isoformat(),
        "updatedAt": at, "displayFinancialStatus": "PENDING",
        "displayFulfillmentStatus": "PARTIALLY_FULFILLED" if sent else "UNFULFILLED",
        "totalPriceSet": money, "currentTotalPriceSet": money, "fulfillments": sent,
        "paymentGatewayNames": ["Cash on Delivery (COD)"],
    }  # fmt: skip
    with db.writing() as connection:
        upsert_orders(connection, shop, [order_of(node, [])])


def counted() -> dict[str, int]:
    with db.reading() as connection:
        order_id = connection.scalar(select(orders.c.id))
        known = facts.of_order(connection, order_id or 0, facts.Choices())
        assert known is not None
        return {normalise(one.tracking): one.value_minor for one in known.parcels}


def courier_tells(number: str, status: ParcelStatus) -> None:
    with db.writing() as connection:
        tracking.write_events(
            connection, [CourierEvent(number, now(), status)], [], source="courier"
        )


def scanned(number: str) -> None:
    """A label made anew still leads to its order."""
    with db.writing() as connection:
        found = match(connection, number)
        assert (found.outcome, found.order_name) == ("matched", "#1")
        parcel_is_back(connection, found.parcel_id, dt.datetime(2026, 11, 20, tzinfo=dt.UTC))


WORD = st.tuples(
    st.sampled_from(NUMBERS), st.sampled_from(["scan", *SEEN_AS, *UNSEEN_AS])
)  # fmt: skip


@given(st.lists(st.tuples(fulfillments(), st.lists(WORD, max_size=2)), min_size=1, max_size=6))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_number_counts_while_a_living_fulfillment_has_it_and_once_somebody_saw_it(
    shop: int, rounds: list[tuple[list[dict[str, Any]], list[tuple[str, Any]]]]
) -> None:
    with db.writing() as connection:
        for table in (parcels, order_lines, orders):
            connection.execute(delete(table))
    known, seen = set[str](), set[str]()
    for hours, (sent, words) in enumerate(rounds):
        write(shop, sent, hours)
        known |= {key(info["number"]) for one in sent for info in one["trackingInfo"]}
        live = alive(sent)
        assert set(counted()) == live | seen
        if live and not seen:
            values = sorted(counted().values())
            assert sum(values) == TOTAL
            assert values[-1] - values[0] <= 1
        for number, word in words:
            if number not in known:
                continue
            if word == "scan":
                scanned(number)
            else:
                courier_tells(number, word)
            if word in ("scan", *SEEN_AS):
                seen.add(number)
        assert live | seen >= set(counted()) >= seen
