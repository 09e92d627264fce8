"""What the sandbox's two shops do to an order, asked in this process."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox_calling import body_of, call, load
from sandbox_world import GID, order

from core.sandbox.services.shopify import bulk, cancel
from core.sandbox.services.shopify import orders as shopify_orders
from core.sandbox.services.shopify.changes import Mutations
from core.sandbox.services.woocommerce import orders as woo
from core.sandbox.services.woocommerce.common import node_of
from core.sandbox.services.woocommerce.rest import WooCommerce
from core.sandbox.services.woocommerce.webhooks import Webhooks
from core.sandbox.state import State

ONE = GID.format(1)
PAID = {"financial_status": "PAID", "payment": "prepaid"}


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State(tmp_path / "state")
    yield made
    made.close()


def settings(state: State, **values: Any) -> None:
    state.put("control", "settings", {"job_delay": 0.0, **values})


def stock(state: State) -> int:
    return int((state.get("product", "V1") or {})["stock"])


# ---------------------------------------------------------------- Shopify: cancelling

CHOSEN = {"orderId": ONE, "restock": True, "reason": "DECLINED"}


@pytest.mark.parametrize(
    ("changes", "chosen", "message"),
    [
        ({}, {"orderId": GID.format(2)}, "Order does not exist"),
        ({}, {"staffNote": "x" * 256}, cancel.LONG_NOTE),
        ({}, {"refund": True, "refundMethod": {}}, cancel.TWO_REFUNDS),
        ({"return_status": "OPEN"}, {}, cancel.RETURNS),
        (PAID, {}, cancel.SHIPPED),
        ({"cancelled_at": "2026-11-11T08:00:00Z"}, {}, cancel.ALREADY),
    ],
)  # fmt: skip
def test_a_cancel_of_shopify_is_refused_by_name_and_changes_nothing(
    state: State, changes: dict[str, Any], chosen: dict[str, Any], message: str
) -> None:
    load(state, orders=[order(1, **changes)])
    refused = cancel.refusal(state, {**CHOSEN, **chosen})
    assert refused is not None
    assert refused[1] == message


def test_a_cancel_of_shopify_takes_a_note_of_255_characters(state: State) -> None:
    load(state, orders=[order(1)])
    assert cancel.refusal(state, {**CHOSEN, "staffNote": "x" * 255}) is None


def test_a_cancel_is_done_once_its_job_is_due_and_not_before(state: State) -> None:
    load(state, orders=[order(1)])
    settings(state, job_delay=60)
    seen: list[tuple[str, str]] = []
    cancel.begin(state, CHOSEN)
    cancel.run_due(state, lambda topic, gid: seen.append((topic, gid)))
    assert (seen, (state.get("order", ONE) or {})["cancelled_at"]) == ([], None)
    again = cancel.refusal(state, CHOSEN)
    assert again is not None
    assert again[1] == cancel.RUNNING


def test_a_cancel_voids_what_nobody_paid_and_puts_the_stock_back_once(state: State) -> None:
    load(state, orders=[order(1)])
    settings(state)
    job = cancel.begin(state, {**CHOSEN, "staffNote": "Refused at the door"})
    seen: list[tuple[str, str]] = []
    for _ in range(2):
        cancel.run_due(state, lambda topic, gid: seen.append((topic, gid)))
    assert seen == [("orders/cancelled", ONE)]
    found = state.get("order", ONE) or {}
    assert (found["financial_status"], found["staff_note"], found["restocked"]) == (
        "VOIDED", "Refused at the door", True,
    )  # fmt: skip
    assert stock(state) == 5 + 2
    assert (state.get("job", job) or {})["done"] is True


@pytest.mark.parametrize(("refund", "status"), [(True, "REFUNDED"), (None, "PAID")])
def test_a_paid_order_is_refunded_where_that_was_chosen(
    state: State, refund: bool | None, status: str
) -> None:
    load(state, orders=[order(1, **PAID, fulfillments=[])])
    settings(state)
    cancel.begin(state, {**CHOSEN, "restock": False, "refund": refund})
    cancel.run_due(state, lambda *_: None)
    assert (state.get("order", ONE) or {})["financial_status"] == status
    assert stock(state) == 5


def test_a_paid_cancel_with_stock_fails_where_the_location_is_closed(state: State) -> None:
    load(state, orders=[order(1, **PAID, fulfillments=[])])
    settings(state, location_active=False)
    job = cancel.begin(state, CHOSEN)
    cancel.run_due(state, lambda *_: pytest.fail("nothing was changed"))
    assert (state.get("job", job) or {})["failed"] == cancel.NO_LOCATION
    result = shopify_orders.node(state, job.replace("Job", "OrderCancelJobResult")) or {}
    assert (result["status"], result["errors"][0]["message"]) == ("FAILED", cancel.NO_LOCATION)


def test_who_cancels_by_hand_does_it_once_and_leaves_the_stock(state: State) -> None:
    load(state, orders=[order(1)])
    assert cancel.by_hand(state, ONE)
    assert not cancel.by_hand(state, ONE)
    assert not cancel.by_hand(state, GID.format(2))
    assert stock(state) == 5


# ---------------------------------------------------------------- Shopify: marks and lists


def test_a_tag_is_added_once_and_taken_off_again(state: State) -> None:
    load(state, orders=[order(1, tags=["vip"])])
    seen: list[str] = []
    made = Mutations(state, "http://shop", lambda topic, _gid: seen.append(topic)).mutations()
    tags: Any = made["tagsAdd"]
    for _ in range(2):
        tags(None, id=ONE, tags=["refuz", "vip"])
    assert (state.get("order", ONE) or {})["tags"] == ["vip", "refuz"]
    off: Any = made["tagsRemove"]
    off(None, id=ONE, tags=["vip", "never"])
    assert (state.get("order", ONE) or {})["tags"] == ["refuz"]
    assert seen == ["orders/updated"] * 2
    assert tags(None, id="gid://shopify/Order/9", tags=["a"])["node"] is None


def test_an_order_is_unfulfilled_once_its_last_parcel_is_called_back(state: State) -> None:
    two = [{**order(1)["fulfillments"][0], "id": number} for number in (71, 72)]
    load(state, orders=[order(1, fulfillments=two)])
    called_back: Any = Mutations(state, "", lambda *_: None).mutations()["fulfillmentCancel"]
    statuses = []
    for number in (71, 71, 72):
        called_back(None, id=f"gid://shopify/Fulfillment/{number}")
        statuses.append((state.get("order", ONE) or {})["fulfillment_status"])
    assert statuses == ["PARTIALLY_FULFILLED", "PARTIALLY_FULFILLED", "UNFULFILLED"]
    assert (state.get("ledger", ONE) or {})["fulfillment_cancelled"] == 2
    missing = called_back(None, id="gid://shopify/Fulfillment/9")
    assert missing["userErrors"][0]["message"] == "Fulfillment not found."


@pytest.mark.parametrize(
    ("first", "after", "nodes", "more"),
    [(2, None, [0, 1], True), (2, 2, [2, 3], True), (3, 2, [2, 3, 4], False), (2, 5, [], False)],
)
def test_a_list_of_shopify_comes_page_by_page(
    first: int, after: int | None, nodes: list[int], more: bool
) -> None:
    cursor = base64.b64encode(str(after).encode()).decode() if after else None
    page = shopify_orders.connection(list(range(5)), first, cursor)
    assert page["nodes"] == nodes
    assert page["pageInfo"]["hasNextPage"] is more
    assert page["pageInfo"]["hasPreviousPage"] is bool(after)


def test_a_token_with_too_few_scopes_sees_no_parcels(state: State) -> None:
    load(state, orders=[order(1)])
    made = shopify_orders.plain_order(state, ONE, order(1))["fulfillments"]
    assert made[0]["trackingInfo"][0]["number"] == "7000100000001"
    settings(state, scopes=["write_orders"])
    assert shopify_orders.plain_order(state, ONE, order(1))["fulfillments"] == []


@pytest.mark.parametrize(
    ("changes", "current", "due"),
    [({}, "259.80", "259.80"), ({"current_total_minor": 12990}, "129.90", "129.90"),
     (PAID, "259.80", "0.00"), ({"cancelled_at": "2026-11-11T08:00:00Z"}, "0.00", "0.00")],
)  # fmt: skip
def test_what_an_order_comes_to_now_and_what_is_due(
    state: State, changes: dict[str, Any], current: str, due: str
) -> None:
    node = shopify_orders.plain_order(state, ONE, order(1, **changes))
    amounts = [node[name]["shopMoney"]["amount"] for name in (
        "totalPriceSet", "currentTotalPriceSet", "totalOutstandingSet")]  # fmt: skip
    assert amounts == ["259.80", current, due]


def test_a_bulk_job_tells_every_order_with_its_lines_once_it_is_done(state: State) -> None:
    load(state, orders=[order(1, metafields={"custom.invoice": "OB 1"}), order(2)])
    settings(state, job_delay=60)
    query = '{ orders { invoice: metafield(namespace: "custom", key: "invoice") } }'
    begun = bulk.start(state, "http://shop", query)["bulkOperation"]
    assert (begun["status"], begun["url"]) == ("RUNNING", None)
    busy = bulk.start(state, "http://shop", query)
    assert busy["userErrors"][0]["message"] == bulk.BUSY
    path = "/shopify/bulk/" + begun["id"].rpartition("/")[2]
    assert bulk.lines(state, path) is None
    state.put("bulk", begun["id"], {**(state.get("bulk", begun["id"]) or {}), "due": 0})
    newest = bulk.newest(state) or {}
    assert (newest["status"], newest["objectCount"]) == ("COMPLETED", "2")
    rows = [json.loads(one) for one in (bulk.lines(state, path) or "").splitlines()]
    assert [one.get("__parentId", one["id"]) for one in rows] == [ONE, ONE] + [GID.format(2)] * 2
    assert (rows[0]["invoice"]["value"], rows[2]["invoice"]) == ("OB 1", None)
    assert bulk.lines(state, "/shopify/bulk/1") is None


def test_a_bulk_query_takes_no_variables(state: State) -> None:
    refused = bulk.start(state, "http://shop", "query($id: ID!) { orders }")
    assert refused["bulkOperation"] is None


# ---------------------------------------------------------------- WooCommerce

WOO = woo.key_of("1")


def woo_order(number: int = 1, **changes: Any) -> dict[str, Any]:
    return order(number, shop="woocommerce", **changes)


def test_an_order_of_any_world_is_written_in_woocommerces_shape() -> None:
    node = node_of(woo_order(**PAID, attributes=[{"key": "invoice", "value": "OB:1"}]))
    assert (node["number"], node["status"], node["total"]) == ("1", "processing", "259.80")
    assert node["date_paid_gmt"] == node["date_created_gmt"] == "2026-11-01T08:00:00"
    line = node["line_items"][0]
    assert float(line["total"]) + float(line["total_tax"]) == pytest.approx(259.80)
    assert line["meta_data"] == [{"id": 1, "key": "_reduced_stock", "value": "2"}]
    assert {one["key"]: one["value"] for one in node["meta_data"]} == {
        "invoice": "OB:1", "awb_fan": ["7000100000001"],
    }  # fmt: skip
    assert node_of(node) is node


def test_an_order_cancelled_before_has_taken_no_stock() -> None:
    node = node_of(woo_order(cancelled_at="2026-11-11T08:00:00Z"))
    assert (node["status"], node["line_items"][0]["meta_data"]) == ("cancelled", [])


def test_woocommerce_puts_stock_back_with_the_first_cancel_alone(state: State) -> None:
    load(state, orders=[woo_order()])
    for _ in range(2):
        woo.change(state, "1", {"status": "cancelled"})
    assert stock(state) == 5 + 2
    counted = state.get("ledger", WOO) or {}
    assert (counted["cancelled"], counted["restocked"]) == (1, 1)


def test_a_correction_over_pending_is_no_second_cancel(state: State) -> None:
    load(state, orders=[woo_order()])
    settings(state, dies_halfway=1.0)
    with pytest.raises(woo.Died):
        woo.change(state, "1", {"status": "cancelled"})
    assert ((woo.find(state, "1") or {})["status"], stock(state)) == ("cancelled", 5)
    for status in ("pending", "cancelled"):
        woo.change(state, "1", {"status": status})
    assert stock(state) == 5 + 2
    counted = state.get("ledger", WOO) or {}
    assert (counted["cancelled"], counted["corrected"]) == (1, 1)


def test_a_mark_replaces_all_of_its_key_and_the_shops_own_flag_never_shows(state: State) -> None:
    load(state, orders=[woo_order(attributes=[{"key": "refuz", "value": "a"}])])
    rows = [{"key": "refuz", "value": "b"}, {"key": woo.STOCK_REDUCED, "value": "no"}]
    changed = woo.change(state, "1", {"meta_data": rows})
    assert [one["value"] for one in changed["meta_data"] if one["key"] == "refuz"] == ["b"]
    assert set(woo.shown(changed)) & {"shop", "name", "stock_reduced"} == set()
    woo.change(state, "1", {"status": "cancelled"})
    assert stock(state) == 5  # the flag said that none had been taken


KEY = {"authorization": "Basic " + base64.b64encode(b"ck_sandbox:cs_sandbox").decode()}


def test_woocommerce_lists_by_its_own_filters(state: State) -> None:
    load(state, orders=[woo_order(n) for n in (1, 2, 3)])
    shop = WooCommerce(state).service

    def ids(**query: Any) -> list[int]:
        path = "/wp-json/wc/v3/orders"
        return [one["id"] for one in body_of(shop.answer(state, call("GET", path, query=query)))]

    modified = "2026-11-10T08:01:00"  # of order 1
    assert ids(modified_after=modified, orderby="modified", order="asc") == [2, 3]
    assert ids(per_page=2, page=2, orderby="id", order="asc") == [3]
    assert ids(include="3,1", orderby="id") == [3, 1]
    woo.change(state, "2", {"status": "trash"})
    assert ids(orderby="id", order="asc") == [1, 3]
    assert ids(status="trash,cancelled") == [2]
    too_many = call("GET", "/wp-json/wc/v3/orders", query={"per_page": 101})
    assert shop.answer(state, too_many).status_code == 400


def test_woocommerce_refuses_a_wrong_key_a_wrong_status_and_a_number_that_nobody_has(
    state: State,
) -> None:
    load(state, orders=[woo_order()])
    shop = WooCommerce(state).service
    path = "/wp-json/wc/v3/orders/{}"
    refused = shop.admit(state, call("GET", path.format(1), headers={"authorization": "x"}))
    assert refused is not None
    assert refused.status_code == 401
    assert shop.admit(state, call("GET", path.format(1), headers=KEY)) is None
    wrong = call("PUT", path.format(1), body={"status": "gone"})
    assert shop.answer(state, wrong).status_code == 400
    for method, status in (("GET", 404), ("PUT", 400), ("DELETE", 404)):
        assert shop.answer(state, call(method, path.format(9), body={})).status_code == status
    assert shop.cancel_by_hand is not None
    assert [shop.cancel_by_hand(one) for one in ("1", "1", "9")] == [True, False, None]


def test_a_subscription_is_shown_without_its_secret_and_gone_once_deleted(state: State) -> None:
    hooks = Webhooks(state)
    sent = {"topic": "order.updated", "delivery_url": "http://127.0.0.1:9/", "secret": "s"}
    made = hooks.answer(call("POST", "/webhooks", body=sent), [])
    assert (made.status_code, body_of(made)["id"], "secret" in body_of(made)) == (201, 1, False)
    unknown = hooks.answer(call("POST", "/webhooks", body={**sent, "topic": "order.lost"}), [])
    assert unknown.status_code == 400
    hooks.answer(call("PUT", "/webhooks/1", body={"status": "paused"}), ["1"])
    assert body_of(hooks.answer(call("GET", "/webhooks"), []))[0]["status"] == "paused"
    assert hooks.answer(call("DELETE", "/webhooks/1"), ["1"]).status_code == 200
    assert hooks.answer(call("DELETE", "/webhooks/1"), ["1"]).status_code == 404
