"""Reading orders from Shopify: one, and many by pages."""

import datetime as dt
import re
from typing import Any

import pytest
from services_answering import Answering
from shopify_nodes import connection_of, line, node, page

from core.services.http.failures import CannotRead
from core.services.outcome import Confirmed, Refused, RefusedForNow, Unknown
from core.services.ports import ShopOrder
from core.services.shops.common import minor
from core.services.shops.shopify import Shopify

GID = "gid://shopify/Order/1001"


def read(shop: Shopify, server: Answering, **changes: Any) -> ShopOrder:
    """The order read when Shopify tells it with these changes."""
    server.will_say({"data": {"order": node(**changes)}})
    outcome = shop.read_order(GID)
    assert isinstance(outcome, Confirmed)
    return outcome.value


# ---------------------------------------------------------------- one order


def test_an_order_is_read_in_our_words(shop: Shopify, server: Answering) -> None:
    order = read(shop, server)
    assert (order.name, order.payment, order.total_minor) == ("#1001", "cod", 25980)
    assert (order.county, order.city, order.phone) == ("Cluj", "Cluj-Napoca", "+40 722 123 456")
    assert order.attributes == {"invoice": "smartbill:CVZ:0042"}
    assert order.lines[0].price_minor == 12990
    assert order.parcels is not None
    [parcel] = order.parcels  # a fulfillment without a number is no parcel to scan
    assert (parcel.tracking, parcel.display_status) == ("1ONB24222308781", "IN_TRANSIT")


def test_cannot_see_fulfillments_is_not_the_same_as_none(shop: Shopify, server: Answering) -> None:
    assert read(shop, server, fulfillments=[]).parcels is None
    unshipped = read(shop, server, fulfillments=[], displayFulfillmentStatus="UNFULFILLED")
    assert unshipped.parcels == ()


@pytest.mark.parametrize(
    ("gateways", "status", "payment"),
    [
        (["Cash on Delivery (COD)"], "PENDING", "cod"),
        (["Ramburs la curier"], "PAID", "cod"),
        (["Plată la livrare"], "PENDING", "cod"),
        (["cash_on_delivery"], "PENDING", "cod"),
        (["Plată la curier"], "PENDING", "cod"),
        (["Plata cash la livrare"], "PENDING", "cod"),
        (["Utánvét"], "PENDING", "cod"),
        (["Card la curier"], "PENDING", "cod"),
        ([], "PENDING", "cod"),
        ([], None, "cod"),
        ([], "PAID", "prepaid"),
        (["shopify_payments"], "PENDING", "prepaid"),
        (["Codex Pay"], "PAID", "prepaid"),
    ],
)
def test_cash_on_delivery_is_known_by_the_payment_methods_name(
    gateways: list[str], status: str | None, payment: str, shop: Shopify, server: Answering
) -> None:
    order = read(shop, server, paymentGatewayNames=gateways, displayFinancialStatus=status)
    assert order.payment == payment


def test_lines_beyond_the_first_page_are_read_too(shop: Shopify, server: Answering) -> None:
    server.will_say({"data": {"order": node(lineItems=connection_of([line(1)], after="c1"))}})
    server.will_say({"data": {"order": {"lineItems": connection_of([line(2)], after="c2")}}})
    server.will_say({"data": {"order": {"lineItems": connection_of([line(3)])}}})
    outcome = shop.read_order(GID)
    assert isinstance(outcome, Confirmed)
    assert [one.sku for one in outcome.value.lines] == ["L1", "L2", "L3"]
    assert server.asked[2].json["variables"] == {"id": GID, "after": "c2"}


def fulfillment(number: int, numbers: int = 1, status: str = "SUCCESS") -> dict[str, Any]:
    """One fulfillment with some tracking numbers."""
    tracking = [{"company": "FAN", "number": f"70001217{number:03}{n:02}"} for n in range(numbers)]
    gid = f"gid://shopify/Fulfillment/{number}"
    return {"id": gid, "status": status, "displayStatus": "IN_TRANSIT", "trackingInfo": tracking,
            "createdAt": "2026-11-02T09:00:00Z"}  # fmt: skip


@pytest.mark.parametrize(
    ("fulfillments", "numbers", "asked"),
    [(1, 19, False), (19, 1, False), (20, 1, True), (1, 20, True), (23, 1, True), (1, 43, True),
     (249, 1, True), (3, 80, True)],
)  # fmt: skip
def test_parcels_beyond_what_a_list_shows_are_read_too(
    shop: Shopify, server: Answering, fulfillments: int, numbers: int, asked: bool
) -> None:
    whole = [fulfillment(n, numbers) for n in range(fulfillments)]
    cut = [{**one, "trackingInfo": one["trackingInfo"][:20]} for one in whole[:20]]
    server.will_say({"data": {"order": node(fulfillments=cut)}})
    server.will_say({"data": {"order": {"fulfillments": whole}}})
    outcome = shop.read_order(GID)
    assert isinstance(outcome, Confirmed)
    assert len(outcome.value.parcels or ()) == fulfillments * numbers
    assert len(server.asked) == 1 + asked


@pytest.mark.parametrize(("fulfillments", "numbers"), [(250, 1), (1, 250)])
def test_an_order_whose_parcels_are_not_all_shown_is_told_and_keeps_no_other(
    shop: Shopify, server: Answering, fulfillments: int, numbers: int
) -> None:
    cut = [fulfillment(n, numbers) for n in range(fulfillments)]
    server.will_say(page([1, 2])).will_say({"data": {"order": node(1, fulfillments=cut)}})
    server.will_say({"data": {"order": node(2)}})
    server.will_say({"data": {"order": {"fulfillments": cut}}})
    found: list[str] = []
    parts = shop.changed_orders(SINCE, lambda _: ())
    with pytest.raises(CannotRead, match="does not show all parcels of #1"):
        found.extend(one.name for part in parts for one in part.orders)
    assert found == ["#2"]


def money(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "RON"}}


@pytest.mark.parametrize(
    ("was", "left", "due"),
    [
        ([3, 1], [3, 0], "77.70"),  # a line taken out
        ([4], [1], "12.50"),  # fewer of it
        ([0, 2], [5, 2], "900.10"),  # a line put in
        ([2, 2], [2, 2], "60.00"),  # nothing edited
    ],
)
def test_an_edited_order_is_what_its_edits_left(
    was: list[int], left: list[int], due: str, shop: Shopify, server: Answering
) -> None:
    lines = [
        {**line(n), "quantity": old, "currentQuantity": new}
        for n, (old, new) in enumerate(zip(was, left, strict=True))
    ]
    order = read(
        shop, server, lineItems=connection_of(lines), totalPriceSet=money("1000.00"),
        currentTotalPriceSet=money(due),
    )  # fmt: skip
    assert [one.quantity for one in order.lines] == [one for one in left if one]
    assert order.total_minor == int(due.replace(".", ""))


def test_a_cancelled_order_is_told_as_it_was_ordered_since_its_cancel_left_nothing(
    shop: Shopify, server: Answering
) -> None:
    lines = [{**line(1), "quantity": 3, "currentQuantity": 0}]
    order = read(
        shop, server, lineItems=connection_of(lines), totalPriceSet=money("41.00"),
        currentTotalPriceSet=money("0.00"), cancelledAt="2026-11-22T10:15:00Z",
    )  # fmt: skip
    assert (order.total_minor, [one.quantity for one in order.lines]) == (4100, [3])


@pytest.mark.parametrize(
    ("refunds", "restocked"),
    [
        ([], None),
        ([{"refundLineItems": {"nodes": [{"quantity": 1, "restocked": True}]}}], True),
        ([{"refundLineItems": {"nodes": [{"quantity": 1, "restocked": False}]}}], False),
    ],
)
def test_after_a_cancel_it_shows_whether_stock_was_put_back(
    refunds: list[Any], restocked: bool | None, shop: Shopify, server: Answering
) -> None:
    at = "2026-11-22T10:15:00Z"
    assert read(shop, server, cancelledAt=at, refunds=refunds).restocked is restocked
    assert read(shop, server, refunds=refunds).restocked is None


def test_reading_an_order_keeps_no_personal_data_as_evidence(
    shop: Shopify, server: Answering
) -> None:
    server.will_say({"data": {"order": node()}})
    outcome = shop.read_order(GID)
    assert isinstance(outcome, Confirmed)
    assert outcome.evidence is not None
    assert outcome.evidence.excerpt == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"totalPriceSet": None},
        {"createdAt": "yesterday"},
        {"totalPriceSet": {"shopMoney": {"amount": "many", "currencyCode": "RON"}}},
        {"fulfillments": [None]},
        {"lineItems": connection_of([{"id": "x"}])},
    ],
)
def test_an_order_that_cannot_be_read_is_unknown_instead_of_wrong(
    changes: dict[str, Any], shop: Shopify, server: Answering
) -> None:
    server.will_say({"data": {"order": node(**changes)}})
    assert isinstance(shop.read_order(GID), Unknown)


def test_an_order_that_is_gone_is_told(shop: Shopify, server: Answering) -> None:
    server.will_say({"data": {"order": None}})
    outcome = shop.read_order(GID)
    assert isinstance(outcome, Refused)
    assert outcome.code == "not_found"


def test_money_is_read_without_losing_a_ban() -> None:
    assert [minor(text) for text in ("259.8", "0.29", "-12.34", 7)] == [25980, 29, -1234, 700]


# ---------------------------------------------------------------- pages


SINCE = dt.datetime(2026, 11, 20, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))


def changed(shop: Shopify, *known: int) -> list[str]:
    """The names of the changed orders that were read, where these are known."""
    gids = [node(number)["id"] for number in known]
    parts = shop.changed_orders(SINCE, lambda _: gids)
    return [order.name for part in parts for order in part.orders]


def sent(server: Answering) -> list[tuple[str, dict[str, Any]]]:
    """What was asked: name of the document and variables."""
    bodies = [one.json for one in server.asked]
    return [(re.findall(r"query (\w+)", one["query"])[0], one["variables"]) for one in bodies]


def test_only_changes_that_are_not_known_are_read(shop: Shopify, server: Answering) -> None:
    """A run's own cancels are changes too: to read them all would use the points it needs."""
    server.will_say(page([1, 2, 3])).will_say({"data": {"order": node(2)}})
    parts = list(shop.changed_orders(SINCE, lambda stamps: {stamps[0].gid, stamps[2].gid}))
    [(gids, orders, until)] = [(one.gids, one.orders, one.until) for one in parts]
    assert len(gids) == 3
    assert [order.name for order in orders] == ["#2"]
    assert until == orders[0].updated_at
    assert [name for name, _ in sent(server)] == ["ListChanges", "ReadOrder"]
    assert {one["query"] for _, one in sent(server)[:1]} == {"updated_at:>='2026-11-20T10:00:00Z'"}


def test_a_change_whose_order_is_gone_meanwhile_is_left_out(
    shop: Shopify, server: Answering
) -> None:
    server.will_say(page([1])).will_say({"data": {"order": None}})
    assert changed(shop) == []


def test_many_changes_are_read_page_by_page_as_large_as_the_cost_allows(
    shop: Shopify, server: Answering
) -> None:
    many = list(range(1, 13))
    for whole, after, cost in ((many[:10], "c1", 400), (many, "c2", 800), ([4], "", 0)):
        server.will_say(page(many, "elsewhere")).will_say(page(whole, after, cost=cost))
    assert len(changed(shop)) == 10 + 12 + 1
    whole = [one for name, one in sent(server) if name == "ListOrders"]
    assert [(one["first"], one["after"]) for one in whole] == [(10, None), (20, "c1"), (20, "c2")]
    listed = [one["after"] for name, one in sent(server) if name == "ListChanges"]
    assert listed == [None, "c1", "c2"]


def test_a_page_that_costs_too_much_is_asked_for_smaller(shop: Shopify, server: Answering) -> None:
    error = {"message": "Query cost is too high", "extensions": {"code": "MAX_COST_EXCEEDED"}}
    server.will_say({"errors": [error]}).will_say(page([1]))
    assert changed(shop, 1) == []
    assert [one["first"] for _, one in sent(server)] == [250, 125]


def test_a_page_that_fails_for_a_moment_is_asked_for_again(
    shop: Shopify, server: Answering
) -> None:
    server.will_say("<html>", 502, "text/html").will_say(page([1]))
    server.will_say({"data": {"order": node(1)}})
    assert changed(shop) == ["#1"]


def test_one_unreadable_order_keeps_no_other_from_being_read(
    shop: Shopify, server: Answering
) -> None:
    server.will_say(page([1, 2, 3]))
    for number in (1, 2, 3):
        spoilt = {"totalPriceSet": None} if number == 2 else {}
        server.will_say({"data": {"order": node(number, **spoilt)}})
    found: list[str] = []
    parts = shop.changed_orders(SINCE, lambda _: ())
    with pytest.raises(CannotRead, match="#2"):
        found.extend(order.name for part in parts for order in part.orders)
    assert found == ["#1", "#3"]


@pytest.mark.parametrize("at", ["yesterday", None])
def test_a_list_of_changes_without_their_moments_is_not_followed(
    at: str | None, shop: Shopify, server: Answering
) -> None:
    body = page([1])
    body["data"]["orders"]["nodes"][0]["updatedAt"] = at
    server.will_say(body)
    with pytest.raises(CannotRead, match="list of changes"):
        changed(shop)


def partial(*errors: dict[str, Any], data: Any = ...) -> dict[str, Any]:
    """Data with errors beside it, as an app without customer data rights is answered."""
    seen = node(1001, email=None, phone=None, shippingAddress=None)
    return {"data": {"order": seen} if data is ... else data, "errors": list(errors)}


NOT_APPROVED = "This app is not approved to use the email field. See https://shopify.dev/docs"


@pytest.mark.parametrize(
    "error",
    [
        {"message": NOT_APPROVED, "path": ["order", "email"]},
        {"message": NOT_APPROVED, "path": ["order", "email"],
         "extensions": {"code": "ACCESS_DENIED"}},
        {"message": "Access denied for phone.", "path": ["order", "shippingAddress", "phone"]},
        {"message": NOT_APPROVED},
    ],
)  # fmt: skip
def test_data_with_errors_of_protected_fields_beside_it_is_data(
    error: dict[str, Any], shop: Shopify, server: Answering
) -> None:
    server.will_say(partial(error))
    outcome = shop.read_order("gid://shopify/Order/1001")
    assert isinstance(outcome, Confirmed), outcome
    assert outcome.value.email == ""


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (partial({"message": NOT_APPROVED, "path": ["order"]}, data={"order": None}), Refused),
        (partial({"message": "Access denied for id", "path": ["order", "id"]}), Refused),
        (partial({"message": "boom", "path": ["order", "tags"]}), Unknown),
        (partial({"message": NOT_APPROVED, "path": ["order", "email"]}, {"message": "boom"}),
         Unknown),
        (partial({"message": "Throttled", "path": ["order", "email"],
                  "extensions": {"code": "THROTTLED"}}), RefusedForNow),
    ],
)  # fmt: skip
def test_any_other_error_beside_data_is_still_an_error(
    answer: dict[str, Any], kind: type, shop: Shopify, server: Answering
) -> None:
    server.will_say(answer)
    outcome = shop.read_order("gid://shopify/Order/1001")
    assert isinstance(outcome, kind), outcome
