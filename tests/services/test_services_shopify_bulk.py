"""Reading all orders from Shopify in bulk, or page by page where no such job runs."""

import json
from typing import Any

import pytest
from services_answering import Answering
from shopify_nodes import line, node, page

from core.services.http.failures import CannotRead
from core.services.shops.shopify import Shopify


def bulk_lines(*rows: dict[str, Any]) -> str:
    """What Shopify writes into the file of a bulk job."""
    return "\n".join(json.dumps(row) for row in rows)


def bulk_node(number: int) -> dict[str, Any]:
    """An order's line in that file: without its own lines, which follow it."""
    return {name: value for name, value in node(number).items() if name != "lineItems"}


def will_run_a_bulk_job(server: Answering, file: str) -> None:
    """Prepare the answers of a whole job."""
    operation = {"id": "gid://shopify/BulkOperation/1", "status": "CREATED"}
    start = {"bulkOperation": operation, "userErrors": []}
    server.will_say({"data": {"bulkOperationRunQuery": start}})
    server.will_say({"data": {"bulkOperation": {**operation, "status": "RUNNING"}}})
    url = f"{server.base_url}/file.jsonl"
    server.will_say({"data": {"bulkOperation": {**operation, "status": "COMPLETED", "url": url}}})
    server.will_say(file)


def test_the_first_load_is_a_bulk_job_whose_lines_follow_their_orders(
    shop: Shopify, server: Answering
) -> None:
    first, second = bulk_node(1), bulk_node(2)
    children = [{**line(n), "__parentId": first["id"]} for n in (1, 2)]
    will_run_a_bulk_job(server, bulk_lines(first, *children, second))
    orders = list(shop.all_orders())
    assert [(order.name, len(order.lines)) for order in orders] == [("#1", 2), ("#2", 0)]
    assert "groupObjects: true" in server.asked[0].json["query"]
    assert "x-shopify-access-token" not in server.asked[-1].headers


def test_lines_that_follow_another_order_are_not_guessed_about(
    shop: Shopify, server: Answering
) -> None:
    stray = {**line(1), "__parentId": "gid://shopify/Order/99"}
    will_run_a_bulk_job(server, bulk_lines(bulk_node(1), stray))
    with pytest.raises(CannotRead):
        list(shop.all_orders())


def test_a_shop_without_orders_has_no_file(shop: Shopify, server: Answering) -> None:
    operation = {"id": "gid://shopify/BulkOperation/1", "status": "COMPLETED", "url": None}
    start = {"bulkOperation": operation, "userErrors": []}
    server.will_say({"data": {"bulkOperationRunQuery": start}})
    server.will_say({"data": {"bulkOperation": operation}})
    assert list(shop.all_orders()) == []


@pytest.mark.parametrize(
    "start",
    [
        {"data": {"bulkOperationRunQuery": {"userErrors": [{"message": "already running"}]}}},
        {"errors": [{"message": "no", "extensions": {"code": "ACCESS_DENIED"}}]},
        {"errors": [{"message": "boom"}]},
    ],
)
def test_where_no_bulk_job_runs_everything_is_read_page_by_page(
    start: dict[str, Any], shop: Shopify, server: Answering
) -> None:
    server.will_say(start).will_say(page([1], "c1")).will_say(page([2]))
    assert [order.name for order in shop.all_orders()] == ["#1", "#2"]
    assert server.asked[1].json["variables"]["query"] is None


def test_a_bulk_job_that_fails_is_made_good_page_by_page(shop: Shopify, server: Answering) -> None:
    operation = {"id": "gid://shopify/BulkOperation/1", "status": "CREATED"}
    start = {"bulkOperation": operation, "userErrors": []}
    server.will_say({"data": {"bulkOperationRunQuery": start}})
    server.will_say({"data": {"bulkOperation": {**operation, "status": "FAILED"}}})
    server.will_say(page([1]))
    assert [order.name for order in shop.all_orders()] == ["#1"]
