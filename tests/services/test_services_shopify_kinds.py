"""Shopify's orders in any shape: parcels cut from plain lists, edited lines, personal data denied.

By the schema (2026-10) `Order.fulfillments(first:)` and `Fulfillment.trackingInfo(first:)` are
plain lists without pages, `LineItem.currentQuantity` and `Order.currentTotalPriceSet` are after
edits.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any, cast

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from services_answering import answering, connected
from shopify_nodes import node
from sqlalchemy import Engine

from core.i18n.reasons import sentence
from core.orders.documents.references import references
from core.reasons import Reason
from core.sandbox import process
from core.services import registry
from core.services.http.failures import CannotRead
from core.services.outcome import Confirmed, Unknown
from core.services.ports import ShopOrder
from core.services.shops.shopify import Shopify
from core.services.shops.shopify.codes import ShopifyTest
from core.services.shops.shopify.orders import order_of

FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
IDS = itertools.count(200_001)
AT = "2026-11-12T08:00:00Z"
SINCE = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
SHOP = {"name": "Casa", "domain": "casa.myshopify.com", "currency": "RON", "vat_code": "RO1"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running sandbox, empty at first."""
    started = process.start(tmp_path_factory.mktemp("kinds"))
    # no test of the rate: a bucket that is never empty
    unhurried = {"points_per_second": 1_000_000}
    requests.put(f"{started.base_url}/_sandbox/settings", json=unhurried, timeout=30)
    yield started.base_url
    started.stop()


def adapter(base_url: str) -> Shopify:
    connection = connected("shopify", "shop", base_url, token="shpat_sandbox")
    connection.settings.update(rate_per_second="1e6", rate_capacity="1e6", timeout_seconds="30")
    return cast("Shopify", registry.adapter(connection))


@pytest.fixture
def shop(address: str, engine: Engine) -> Shopify:
    return adapter(f"{address}/shopify")


def load(address: str, **changes: Any) -> str:
    """One more order in the sandbox's shop; gives its gid."""
    number = next(IDS)
    order = {
        "id": number, "name": f"#{number}", "created_at": AT, "updated_at": AT,
        "cancelled_at": None, "cancel_reason": None, "payment": "cod",
        "gateway": "Cash on Delivery (COD)", "financial_status": "PENDING",
        "fulfillment_status": "FULFILLED",
        "customer": {"id": 1, "first_name": "Ana", "last_name": "Pop", "email": "a@example.com",
                     "phone": "0722000000"},
        "address": {"city": "Cluj", "province": "Cluj", "zip": "400001", "address1": "x"},
        "total_minor": 12_345, "currency": "RON", "note": "", "tags": [], "restockable": True,
        "attributes": [], "lines": [], "fulfillments": [], **changes,
    }  # fmt: skip
    world = {"now": AT, "shop": SHOP, "orders": [order], "invoices": [], "products": [],
             "courier_events": [], "returns": []}  # fmt: skip
    answer = requests.post(f"{address}/_sandbox/load", json=world, timeout=30)
    answer.raise_for_status()
    return f"gid://shopify/Order/{number}"


def as_change(shop: Shopify, gid: str) -> ShopOrder:
    """The order as the list of changes brings it, where all others are known."""
    parts = shop.changed_orders(SINCE, lambda stamps: {one.gid for one in stamps} - {gid})
    [found] = [one for part in parts for one in part.orders]
    return found


# ---------------------------------------------------------------- more parcels than a list shows

# Numbers of each fulfillment: many fulfillments of few, or few of many; at both edges of a list.
MANY = st.one_of(
    st.sampled_from([0, 1, 19, 20, 21, 249, 250, 251, 300]), st.integers(0, 300)
).flatmap(lambda size: st.lists(st.sampled_from([1, 1, 1, 2, 0]), min_size=size, max_size=size))
LONG = st.lists(
    st.one_of(st.sampled_from([19, 20, 21, 249, 250, 251]), st.integers(1, 300)),
    min_size=1, max_size=4,
)  # fmt: skip


def fulfillments(counts: list[int]) -> list[dict[str, Any]]:
    """One fulfillment for each count, with that many numbers."""
    return [
        {"id": 9_000_000 + place, "created_at": AT, "status": "SUCCESS",
         "display_status": "IN_TRANSIT", "line_ids": [],
         "tracking": [{"company": "FAN Courier", "number": f"7{place:06}{one:06}"}
                      for one in range(count)]}
        for place, count in enumerate(counts)
    ]  # fmt: skip


@given(st.one_of(MANY, LONG))
@FEW
def test_every_parcel_of_an_order_is_read_or_the_order_is_told_as_not_whole(
    address: str, shop: Shopify, counts: list[int]
) -> None:
    made = fulfillments(counts)
    gid = load(address, fulfillments=made)
    whole = [parcel["number"] for one in made for parcel in one["tracking"]]
    outcome = shop.read_order(gid)
    if max(len(counts), *counts, 0) >= 250:  # more than these lists can show
        assert isinstance(outcome, Unknown)
        assert "does not show all parcels" in sentence(outcome.why)
        with pytest.raises(CannotRead, match="does not show all parcels"):
            as_change(shop, gid)
        return
    assert isinstance(outcome, Confirmed)
    if not counts:  # shipped, yet without one fulfillment: the token sees too little
        assert outcome.value.parcels is None
        return
    for order in (outcome.value, as_change(shop, gid)):
        assert order.parcels is not None
        assert [one.tracking for one in order.parcels] == whole


# ---------------------------------------------------------------- edited orders

LINE = st.tuples(st.integers(0, 9), st.integers(0, 9))  # ordered (0: put in later), and left
LINES = st.one_of(
    st.lists(LINE, max_size=6),
    st.sampled_from([99, 100, 101, 200, 201, 300]).flatmap(
        lambda size: st.lists(LINE, min_size=size, max_size=size)
    ),
    st.lists(st.tuples(st.integers(1, 9), st.just(0)), max_size=120),  # all taken out
)


@given(LINES, st.integers(0, 10**9), st.integers(0, 10**9), st.booleans())
@FEW
def test_an_order_is_what_its_edits_left_and_a_cancelled_one_what_was_ordered(
    address: str, shop: Shopify, lines: list[tuple[int, int]], was: int, due: int, cancelled: bool
) -> None:
    gid = load(
        address, total_minor=was, current_total_minor=due, cancelled_at=AT if cancelled else None,
        lines=[{"id": place, "title": "Vas", "sku": f"V{place}", "quantity": old,
                "price_minor": 100, "current_quantity": left}
               for place, (old, left) in enumerate(lines)],
    )  # fmt: skip
    kept = [(f"V{place}", old if cancelled else left) for place, (old, left) in enumerate(lines)]
    outcome = shop.read_order(gid)
    assert isinstance(outcome, Confirmed)
    for order in (outcome.value, as_change(shop, gid)):
        assert [(one.sku, one.quantity) for one in order.lines] == [one for one in kept if one[1]]
        assert order.total_minor == (was if cancelled else due)


# ---------------------------------------------------------------- personal data denied

# A whole field, or a part of an address: what Shopify protects of what is asked for.
FIELDS = [
    ("email",), ("phone",), ("shippingAddress",), ("billingAddress",), ("shippingAddress", "phone"),
    ("shippingAddress", "name"), ("shippingAddress", "address1"), ("billingAddress", "name"),
]  # fmt: skip
SAID = [
    "This app is not approved to use the {} field. See https://shopify.dev/docs",
    "This app is not approved to access the MailingAddress object.",
    "Access denied for {} field. Required access: protected customer data.",
]
SHAPES = st.sampled_from(["coded", "bare", "empty code", "no path"])


def denied(where: list[Any], field: tuple[str, ...], said: str, shape: str) -> dict[str, Any]:
    """One error as Shopify tells it beside the data."""
    row: dict[str, Any] = {"message": said.format(field[-1]), "path": [*where, *field]}
    match shape:
        case "coded":
            row["extensions"] = {"code": "ACCESS_DENIED", "documentation": "https://shopify.dev"}
        case "empty code":
            row["extensions"] = {"code": ""}
        case "no path":
            del row["path"]
    return row


def without(fields: set[tuple[str, ...]], number: int) -> dict[str, Any]:
    """An order as it comes to an app that may not see these."""
    address = {"name": "Ana Pop", "phone": "0722", "city": "Cluj", "province": "Cluj",
               "address1": "Str. 1", "address2": None, "zip": "400001",
               "company": None}  # fmt: skip
    order: dict[str, Any] = node(
        number, phone="0733", shippingAddress=address, billingAddress={"name": "Dan Pop"}
    )
    for field in sorted(fields, key=len, reverse=True):
        place = order if len(field) == 1 else order[field[0]]
        place[field[-1]] = None
    return order


@given(
    st.sets(st.sampled_from(FIELDS), min_size=1), st.sampled_from(SAID), SHAPES, st.integers(1, 12)
)
@FEW
def test_an_order_is_taken_in_without_what_was_denied_and_one_finding_names_it(
    engine: Engine, fields: set[tuple[str, ...]], said: str, shape: str, size: int
) -> None:
    with answering() as server:
        shop = adapter(server.base_url)
        nodes = [without(fields, number) for number in range(1, size + 1)]
        page = {"hasNextPage": False, "endCursor": None}
        listed = {"data": {"orders": {"nodes": nodes, "pageInfo": page}}}
        errors = [denied(["orders", "nodes", place], field, said, shape)
                  for place in range(size) for field in sorted(fields)]  # fmt: skip
        server.will_say(listed)
        if size > 10:  # a page of whole orders
            server.will_say({**listed, "errors": errors})
        else:
            for one in nodes:
                beside = [denied(["order"], field, said, shape) for field in sorted(fields)]
                server.will_say({"data": {"order": one}, "errors": beside})
        orders = [one for part in shop.changed_orders(SINCE, lambda _: ()) for one in part.orders]
        server.will_say(
            {"data": {"currentAppInstallation": {"accessScopes": [{"handle": "write_orders"}]}}}
        ).will_say({**listed, "errors": errors})
        findings = [one for one in shop.check() if one.what == ShopifyTest.SEE_CUSTOMER.of()]
    away = {field[0] for field in fields if len(field) == 1}
    parts = fields | {(top, part) for top in away for part in ("name", "phone", "address1")}
    assert len(orders) == size
    for order in orders:
        assert order.email == ("" if ("email",) in fields else "ana@example.com")
        assert order.customer_name == ("" if ("shippingAddress", "name") in parts else "Ana Pop")
        assert order.street == ("" if ("shippingAddress", "address1") in parts else "Str. 1")
        assert order.city == ("" if "shippingAddress" in away else "Cluj")
        own = "" if ("phone",) in fields else "0733"
        assert order.phone == (own if ("shippingAddress", "phone") in parts else "0722")
        assert order.billed_to == (() if ("billingAddress", "name") in parts else ("Dan Pop",))
        assert order.parcels
        assert order.total_minor == 25_980
    [finding] = findings
    names = {field[0] for field in fields} if shape != "no path" else {"customer"}
    assert not finding.ok
    assert isinstance(finding.say, Reason)
    assert finding.say.parameters["names"] == tuple(sorted(names))


@pytest.mark.parametrize("cursor", [None, "", "c1"])
def test_pages_that_lead_nowhere_end_in_a_refusal(engine: Engine, cursor: str | None) -> None:
    """With no cursor, or the same one again, the list would be read without end."""
    page = {"hasNextPage": True, "endCursor": cursor}
    with answering() as server:
        shop = adapter(server.base_url)
        for _ in range(8):
            server.will_say({"data": {"orders": {"nodes": [node(1)], "pageInfo": page}}})
            server.will_say({"data": {"order": node(1)}})
        with pytest.raises(CannotRead):
            list(shop.changed_orders(SINCE, lambda _: ()))
        assert len(server.asked) <= 4


def test_lines_that_come_again_end_in_a_refusal(engine: Engine) -> None:
    lines = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "l1"}}
    end = {"hasNextPage": False, "endCursor": None}
    with answering() as server:
        shop = adapter(server.base_url)
        server.will_say({"data": {"orders": {"nodes": [node(1)], "pageInfo": end}}})
        for _ in range(8):
            server.will_say({"data": {"order": node(1, lineItems=lines)}})
        with pytest.raises(CannotRead):
            list(shop.changed_orders(SINCE, lambda _: ()))
        assert len(server.asked) <= 4


def test_an_attribute_that_comes_twice_keeps_both_its_values() -> None:
    """Shopify's list of attributes may name one key again; the first invoice had been lost."""
    twice = [{"key": "invoice", "value": f"fgo:XS:{n}"} for n in ("0071", "0072", "0071")]
    read = order_of({**node(1), "customAttributes": [*twice, {"key": "gift", "value": None}]}, [])
    assert read.attributes == {"invoice": "fgo:XS:0071\nfgo:XS:0072", "gift": ""}
    assert [one.number for one in references(read.attributes).found] == ["0071", "0072"]
