"""The sandbox's shop does what Shopify was recorded to do."""

import pytest
import requests
from sandbox_world import GID, TOKEN, Sandbox, order

ALREADY = "Cannot cancel an order that has already been canceled"


@pytest.mark.parametrize(
    ("before", "refund", "after"),
    [
        ("PENDING", None, "VOIDED"),
        ("AUTHORIZED", None, "VOIDED"),
        ("PAID", None, "PAID"),
        ("PAID", {"originalPaymentMethodsRefund": True}, "REFUNDED"),
    ],
)
def test_money_is_given_back_only_where_it_was_asked_for(
    sandbox: Sandbox, before: str, refund: object, after: str
) -> None:
    sandbox.load(
        orders=[
            order(1, financial_status=before, fulfillments=[], fulfillment_status="UNFULFILLED")
        ]
    )
    sandbox.job(sandbox.cancel(1, refund=refund))
    assert sandbox.read(1)["displayFinancialStatus"] == after


def test_stock_comes_back_with_a_restock_and_the_order_shows_it(sandbox: Sandbox) -> None:
    sandbox.load(orders=[order(1), order(2)])
    sandbox.job(sandbox.cancel(1, restock=True))
    sandbox.job(sandbox.cancel(2, restock=False))
    assert sandbox.ledger()["stock"] == {"V1": 7}
    shown = [sandbox.read(n)["refunds"][0]["refundLineItems"]["nodes"] for n in (1, 2)]
    assert shown == [[{"quantity": 2, "restocked": True}], [{"quantity": 2, "restocked": False}]]


def test_a_deactivated_location_takes_nothing_back_and_fails_a_paid_cancel(
    sandbox: Sandbox,
) -> None:
    """As Shopify documents it: unpaid is cancelled without restock, paid is not cancelled."""
    sandbox.settings(location_active=False)
    paid = order(2, financial_status="PAID", fulfillments=[], fulfillment_status="UNFULFILLED")
    sandbox.load(orders=[order(1), paid])
    assert sandbox.job(sandbox.cancel(1, restock=True))["status"] == "SUCCEEDED"
    failed = sandbox.job(sandbox.cancel(2, restock=True))
    assert failed["status"] == "FAILED"
    assert "deactivated location" in failed["errors"][0]["message"]
    assert sandbox.read(2)["cancelledAt"] is None
    assert sandbox.ledger()["stock"] == {"V1": 5}
    assert sandbox.ledger()["totals"]["cancelled"] == 1


@pytest.mark.parametrize("refuse_repeats", [True, False])
def test_who_cancels_by_hand_while_a_job_runs_leaves_one_cancellation(
    sandbox: Sandbox, refuse_repeats: bool
) -> None:
    sandbox.settings(job_delay=0.4, refuse_repeats=refuse_repeats)
    sandbox.load(orders=[order(1)])
    payload = sandbox.cancel(1)
    sandbox.control("POST", "orders/1/cancel")
    job = sandbox.job(payload)
    assert (job["status"], job["errors"][0]["message"]) == ("FAILED", ALREADY)
    assert sandbox.ledger()["orders"][GID.format(1)]["cancelled"] == 1


def test_a_repeat_is_refused_by_name_while_it_runs_and_afterwards(sandbox: Sandbox) -> None:
    sandbox.settings(job_delay=0.3)
    sandbox.load(orders=[order(1)])
    first = sandbox.cancel(1)
    [running] = sandbox.cancel(1)["orderCancelUserErrors"]
    sandbox.job(first)
    [done] = sandbox.cancel(1)["orderCancelUserErrors"]
    assert running["message"] == "Cancellation is already in progress"
    assert (done["field"], done["code"], done["message"]) == (["orderId"], "INVALID", ALREADY)


def test_pages_of_orders_skip_none_that_stayed_and_repeat_one_that_changed(
    sandbox: Sandbox,
) -> None:
    """A cursor is a place in the order of changes, not a count of rows."""
    query = """query($after: String) { orders(first: 2, after: $after, sortKey: UPDATED_AT) {
        nodes { id name } pageInfo { hasNextPage endCursor } } }"""
    sandbox.load(orders=[order(number) for number in range(1, 6)])
    first = sandbox.gql(query)["orders"]
    tag = 'mutation($id: ID!) { tagsAdd(id: $id, tags: ["x"]) { userErrors { message } } }'
    sandbox.gql(tag, id=first["nodes"][0]["id"])  # it moves to the end
    names, page = [one["name"] for one in first["nodes"]], first["pageInfo"]
    while page["hasNextPage"]:
        part = sandbox.gql(query, after=page["endCursor"])["orders"]
        names += [one["name"] for one in part["nodes"]]
        page = part["pageInfo"]
    assert names == ["#1", "#2", "#3", "#4", "#5", "#1"]


def test_a_cursor_that_is_none_is_refused(sandbox: Sandbox) -> None:
    sandbox.load(orders=[order(1)])
    body = {"query": '{ orders(first: 1, after: "bm9uc2Vuc2U=") { nodes { id } } }'}
    reply = sandbox.post("shopify/admin/api/2026-10/graphql.json", TOKEN, body).json()
    assert "Invalid cursor" in reply["errors"][0]["message"]


def test_a_bulk_result_is_read_at_the_address_of_a_finished_job_and_nowhere_else(
    sandbox: Sandbox,
) -> None:
    sandbox.settings(job_delay=0.3)
    sandbox.load(orders=[order(1), order(2)])
    start = """mutation { bulkOperationRunQuery(groupObjects: true, query: "{ orders { id } }") {
        bulkOperation { id status url } userErrors { message } } }"""
    state = "query($id: ID!) { bulkOperation(id: $id) { status url objectCount } }"
    begun = sandbox.gql(start)["bulkOperationRunQuery"]["bulkOperation"]
    assert (begun["status"], begun["url"]) == ("RUNNING", None)
    [busy] = sandbox.gql(start)["bulkOperationRunQuery"]["userErrors"]
    assert "already in progress" in busy["message"]
    sandbox.settings(job_delay=0.0)
    number = begun["id"].rpartition("/")[2]
    early = requests.get(f"{sandbox.base_url}/shopify/bulk/{number}", timeout=30)
    assert early.status_code == 404
    while (operation := sandbox.gql(state, id=begun["id"])["bulkOperation"])["status"] == "RUNNING":
        continue
    assert (operation["status"], operation["objectCount"]) == ("COMPLETED", "2")
    assert (
        len(requests.get(operation["url"], timeout=30).text.splitlines()) == 4
    )  # with their lines
    assert requests.get(f"{sandbox.base_url}/shopify/bulk/1", timeout=30).status_code == 404


def test_an_address_is_subscribed_to_a_topic_once(sandbox: Sandbox) -> None:
    make = """mutation { webhookSubscriptionCreate(topic: ORDERS_CANCELLED, webhookSubscription:
        {uri: "https://desk.example/webhooks/shopify", format: JSON}) {
        webhookSubscription { id } userErrors { message } } }"""
    sandbox.load()
    assert sandbox.gql(make)["webhookSubscriptionCreate"]["webhookSubscription"]
    [error] = sandbox.gql(make)["webhookSubscriptionCreate"]["userErrors"]
    assert error["message"] == "Address for this topic has already been taken"


@pytest.mark.parametrize(
    ("rows", "points"), [("id name", 11), ("id lineItems(first: 5) { nodes { id } }", 56)]
)
def test_a_list_costs_by_its_rows_and_less_where_only_their_own_fields_are_asked_for(
    sandbox: Sandbox, rows: str, points: float
) -> None:
    query = f"query ($n: Int) {{ orders(first: $n) {{ nodes {{ {rows} }} }} }}"
    body = {"query": query, "variables": {"n": 100}}
    reply = sandbox.post("shopify/admin/api/2026-10/graphql.json", TOKEN, body).json()
    assert reply["extensions"]["cost"]["requestedQueryCost"] == points
