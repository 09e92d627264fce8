"""The ordinary life of clients that others wrote, errors and paging included, in our sandbox."""

import json
import urllib.error
from typing import Any

import pytest
import requests

shopify = pytest.importorskip("shopify", reason="ShopifyAPI is not installed (requirements/dev)")
stripe = pytest.importorskip("stripe", reason="stripe is not installed (requirements/dev)")
smartbill_sdk = pytest.importorskip("smartbill_sdk", reason="smartbill-rest-sdk is not installed")

VAT_CODE = "RO12345674"

# ---------------------------------------------------------------- Shopify's own, PyPI ShopifyAPI


@pytest.fixture
def graphql(address: str) -> Any:
    """Its GraphQL class; only the address is ours."""
    shopify.ShopifyResource.set_site(f"{address}/shopify/admin/api/2026-10")
    shopify.ShopifyResource.headers = {"X-Shopify-Access-Token": "shpat_sandbox"}
    return shopify.GraphQL()


def ask(graphql: Any, query: str, **variables: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(graphql.execute(query, variables))
    return answer


ORDERS = """query ($first: Int!, $after: String) {
  orders(first: $first, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } } }"""
CANCEL = """mutation ($id: ID!) {
  orderCancel(orderId: $id, reason: DECLINED, restock: true) {
    job { id done } orderCancelUserErrors { code message } } }"""


def test_shopifys_client_reads_every_order_page_by_page(graphql: Any) -> None:
    names, after = [], None
    while True:
        page = ask(graphql, ORDERS, first=5, after=after)["data"]["orders"]
        names += [one["name"] for one in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert sorted(names) == [f"#{5000 + number}" for number in range(1, 13)]


def test_shopifys_client_cancels_once_and_is_told_the_second_time(graphql: Any) -> None:
    gid = "gid://shopify/Order/5001"
    first = ask(graphql, CANCEL, id=gid)["data"]["orderCancel"]
    assert first["job"]["id"].startswith("gid://shopify/Job/")
    assert first["orderCancelUserErrors"] == []
    [error] = ask(graphql, CANCEL, id=gid)["data"]["orderCancel"]["orderCancelUserErrors"]
    assert error["message"] in (
        "Cannot cancel an order that has already been canceled",
        "Cancellation is already in progress",
    )


def test_shopifys_client_adds_tags_and_sees_them(graphql: Any) -> None:
    gid = "gid://shopify/Order/5002"
    add = 'mutation ($id: ID!) { tagsAdd(id: $id, tags: ["refused"]) { node { id } } }'
    assert ask(graphql, add, id=gid)["data"]["tagsAdd"]["node"]["id"] == gid
    read = "query ($id: ID!) { order(id: $id) { tags } }"
    assert ask(graphql, read, id=gid)["data"]["order"]["tags"] == ["refused"]


def test_shopifys_client_reads_an_order_whole(graphql: Any) -> None:
    query = """query ($id: ID!) { order(id: $id) {
      name displayFinancialStatus displayFulfillmentStatus totalPriceSet { shopMoney { amount } }
      lineItems(first: 5) { nodes { title quantity } }
      fulfillments(first: 5) { trackingInfo(first: 5) { number company } } } }"""
    order = ask(graphql, query, id="gid://shopify/Order/5003")["data"]["order"]
    assert order["totalPriceSet"]["shopMoney"]["amount"] == "121.00"
    assert order["lineItems"]["nodes"] == [{"title": "Vas", "quantity": 1}]
    assert order["fulfillments"][0]["trackingInfo"] == [
        {"number": "705003", "company": "FAN Courier"}
    ]


def test_shopifys_client_cancels_with_the_older_form_of_a_refund(graphql: Any) -> None:
    cancel = """mutation ($id: ID!) { orderCancel(
      orderId: $id, reason: CUSTOMER, restock: false, refund: true, notifyCustomer: false) {
      job { id } userErrors { message } } }"""
    cancelled = ask(graphql, cancel, id="gid://shopify/Order/5004")["data"]["orderCancel"]
    assert cancelled["userErrors"] == []
    read = "query ($id: ID!) { order(id: $id) { cancelledAt cancelReason closed } }"
    order = ask(graphql, read, id="gid://shopify/Order/5004")["data"]["order"]
    assert (order["cancelReason"], order["closed"]) == ("CUSTOMER", True)


def test_shopifys_client_meets_a_wrong_token_as_http_401(graphql: Any) -> None:
    shopify.ShopifyResource.headers = {"X-Shopify-Access-Token": "shpat_wrong"}
    with pytest.raises(urllib.error.HTTPError) as refused:
        shopify.GraphQL().execute("{ shop { name } }")
    assert refused.value.code == 401


def test_shopifys_client_is_told_of_an_unknown_field(graphql: Any) -> None:
    [error] = ask(graphql, "{ shop { nonsense } }")["errors"]
    assert "nonsense" in error["message"]


# ---------------------------------------------------------------- Stripe's own, PyPI stripe


@pytest.fixture
def payments(address: str) -> Any:
    """Stripe's client; only the address is ours."""
    base = {"api": f"{address}/stripe"}
    return stripe.StripeClient("sk_test_sandbox", base_addresses=base, max_network_retries=0)


def test_stripes_client_pages_through_every_invoice(payments: Any) -> None:
    first = payments.v1.invoices.list({"limit": 10})
    assert len({one.id for one in first.auto_paging_iter()}) == 35


def test_stripes_client_credits_once_by_its_key_and_reads_it_back(payments: Any) -> None:
    wanted = {"invoice": "in_1Foreign000001", "amount": 12100}
    options = {"idempotency_key": "foreign-1"}
    preview = payments.v1.credit_notes.preview(wanted)
    assert preview.amount == 12100
    note = payments.v1.credit_notes.create(wanted, options)
    again = payments.v1.credit_notes.create(wanted, options)
    assert again.id == note.id
    assert payments.v1.credit_notes.retrieve(note.id).invoice == "in_1Foreign000001"
    listed = payments.v1.credit_notes.list({"invoice": "in_1Foreign000001"})
    assert [one.id for one in listed.data] == [note.id]


def test_stripes_client_is_told_of_errors_in_stripes_kinds(payments: Any, address: str) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        payments.v1.invoices.retrieve("in_1Nobody")
    wrong = stripe.StripeClient("sk_wrong", base_addresses={"api": f"{address}/stripe"})
    with pytest.raises(stripe.AuthenticationError):
        wrong.v1.invoices.list()


def test_stripes_client_voids_an_open_invoice_once(payments: Any) -> None:
    assert payments.v1.invoices.void_invoice("in_1Foreign000002").status == "void"
    with pytest.raises(stripe.InvalidRequestError, match="open invoices"):
        payments.v1.invoices.void_invoice("in_1Foreign000002")


def test_stripes_client_voids_a_credit_note_and_the_invoice_stands_again(payments: Any) -> None:
    note = payments.v1.credit_notes.create({"invoice": "in_1Foreign000003", "amount": 12100})
    credited = payments.v1.invoices.retrieve("in_1Foreign000003")
    assert credited.pre_payment_credit_notes_amount == 12100
    assert payments.v1.credit_notes.void_credit_note(note.id).status == "void"
    assert payments.v1.credit_notes.retrieve(note.id).status == "void"
    again = payments.v1.invoices.retrieve("in_1Foreign000003")
    assert again.pre_payment_credit_notes_amount == 0
    with pytest.raises(stripe.InvalidRequestError, match="issued credit notes"):
        payments.v1.credit_notes.void_credit_note(note.id)


def test_stripes_client_finds_the_invoice_of_an_order(payments: Any) -> None:
    found = payments.v1.invoices.search({"query": "metadata['order']:'#7'"})
    assert [one.id for one in found.auto_paging_iter()] == ["in_1Foreign000007"]


def test_stripes_client_is_told_that_more_than_the_invoice_cannot_be_credited(
    payments: Any,
) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        payments.v1.credit_notes.create({"invoice": "in_1Foreign000004", "amount": 99999})


# ---------------------------------------------------------------- PyPI smartbill-rest-sdk


@pytest.fixture
def bills(address: str) -> Any:
    """The public client of SmartBill; only the address is ours."""
    base = f"{address}/smartbill/SBORO/api/"
    client = smartbill_sdk.SmartBillClient("sandbox@refuz.example", "sandbox-token", base_url=base)
    yield client
    client.close()


def storno(number: str) -> Any:
    from smartbill_sdk.models import invoices

    return invoices.StornoRequest.model_validate(
        {"companyVatCode": VAT_CODE, "seriesName": "FR", "number": number}
    )


def test_smartbills_client_reverses_once_and_is_told_the_second_time(bills: Any) -> None:
    made = bills.invoices.reverse(storno("0001"))
    assert (made.series, made.number) == ("FR", "0036")
    assert made.document_view_url
    with pytest.raises(smartbill_sdk.SmartBillError, match="deja stornata"):
        bills.invoices.reverse(storno("0001"))


def test_smartbills_client_reads_a_payment_and_annuls(bills: Any) -> None:
    status = bills.invoices.payment_status(VAT_CODE, "FR", "0002")
    assert status.unpaid_amount == 121.0
    assert not bills.invoices.cancel(VAT_CODE, "FR", "0002").error_text


def test_smartbills_client_knows_the_block_for_a_limit(bills: Any, address: str) -> None:
    """It maps 403 to a limit, as live calls are answered."""
    control = f"{address}/_sandbox"
    fault = {"share": 1.0, "kinds": ["block"], "services": ["smartbill"]}
    requests.put(f"{control}/settings", json={"block_seconds": 1}, timeout=30)
    requests.put(f"{control}/faults", json=fault, timeout=30)
    try:
        with pytest.raises(smartbill_sdk.SmartBillRateLimitError):
            bills.invoices.reverse(storno("0003"))
    finally:
        requests.put(f"{control}/faults", json={"share": 0.0, "kinds": []}, timeout=30)


def test_smartbills_client_restores_what_it_annulled(bills: Any) -> None:
    bills.invoices.cancel(VAT_CODE, "FR", "0004")
    with pytest.raises(smartbill_sdk.SmartBillError, match="deja anulata"):
        bills.invoices.cancel(VAT_CODE, "FR", "0004")
    bills.invoices.restore(VAT_CODE, "FR", "0004")
    with pytest.raises(smartbill_sdk.SmartBillError, match="nu este anulata"):
        bills.invoices.restore(VAT_CODE, "FR", "0004")


def test_smartbills_client_reads_series_taxes_and_a_document(bills: Any) -> None:
    assert [one.name for one in bills.taxes.series(VAT_CODE).list] == ["FR"]
    assert [one.percentage for one in bills.taxes.taxes(VAT_CODE).taxes] == [21.0]
    assert bills.invoices.pdf(VAT_CODE, "FR", "0005").startswith(b"%PDF")


def test_smartbills_client_deletes_only_the_newest_of_a_series(bills: Any) -> None:
    with pytest.raises(smartbill_sdk.SmartBillError, match="nu este ultima"):
        bills.invoices.delete(VAT_CODE, "FR", "0006")
    assert not bills.invoices.delete(VAT_CODE, "FR", "0035").error_text


def test_smartbills_client_meets_a_wrong_company_and_token_as_a_sign_in(
    bills: Any, address: str
) -> None:
    with pytest.raises(smartbill_sdk.SmartBillAuthError):
        bills.invoices.cancel("RO99", "FR", "0007")
    base = f"{address}/smartbill/SBORO/api/"
    with (
        smartbill_sdk.SmartBillClient("sandbox@refuz.example", "wrong", base_url=base) as wrong,
        pytest.raises(smartbill_sdk.SmartBillAuthError),
    ):
        wrong.taxes.series(VAT_CODE)


def test_smartbills_client_is_told_of_an_unknown_invoice(bills: Any) -> None:
    with pytest.raises(smartbill_sdk.SmartBillError, match="gasit"):
        bills.invoices.reverse(storno("9999"))
