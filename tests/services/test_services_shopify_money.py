"""Shopify: money in the customer's currency, and what was given back before a cancel."""

from typing import Any

import pytest
from services_answering import Answering
from shopify_nodes import node

from core.services.outcome import Confirmed
from core.services.ports import ShopOrder
from core.services.shops.shopify import Shopify


def read(shop: Shopify, server: Answering, **changes: Any) -> ShopOrder:
    server.will_say({"data": {"order": node(**changes)}})
    outcome = shop.read_order("gid://shopify/Order/1001")
    assert isinstance(outcome, Confirmed)
    return outcome.value


def money(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "RON"}}


def refund(at: str | None, *, restocked: bool) -> dict[str, Any]:
    rows = [{"quantity": 1, "restocked": restocked}]
    return {"createdAt": at, "refundLineItems": {"nodes": rows}}


@pytest.mark.parametrize(
    ("refunds", "restocked"),
    [
        ([refund("2026-11-19T08:00:00Z", restocked=True)], None),
        ([refund("2026-11-19T08:00:00Z", restocked=True),
          refund("2026-11-22T10:15:02Z", restocked=False)], False),
        ([refund("2026-11-19T08:00:00Z", restocked=False),
          refund("2026-11-22T10:14:58Z", restocked=True)], True),
        ([refund(None, restocked=True)], True),
    ],
)  # fmt: skip
def test_a_part_given_back_before_the_cancel_is_not_what_the_cancel_put_back(
    refunds: list[Any], restocked: bool | None, shop: Shopify, server: Answering
) -> None:
    order = read(shop, server, cancelledAt="2026-11-22T10:15:00Z", refunds=refunds)
    assert order.restocked is restocked


def both(amount: str, shown: str, currency: str = "EUR") -> dict[str, Any]:
    theirs = {"amount": shown, "currencyCode": currency}
    return {**money(amount), "presentmentMoney": theirs}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({"currentTotalPriceSet": both("120.50", "24.30")}, (2430, "EUR")),
        ({"currentTotalPriceSet": both("120.50", "120.50", "RON")}, None),
        ({"currentTotalPriceSet": money("120.50")}, None),
        ({"currentTotalPriceSet": {**money("120.50"), "presentmentMoney": None}}, None),
        ({"currentTotalPriceSet": both("0.00", "0.00"), "totalPriceSet": both("50.00", "10.10"),
          "cancelledAt": "2026-11-22T10:15:00Z"}, (1010, "EUR")),
    ],
)  # fmt: skip
def test_a_total_that_the_customer_saw_in_another_currency_is_read_beside_the_shops(
    changes: dict[str, Any], total: tuple[int, str] | None, shop: Shopify, server: Answering
) -> None:
    order = read(shop, server, **changes)
    assert order.second_total == total
    assert order.currency == "RON"
