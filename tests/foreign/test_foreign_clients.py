"""The ordinary life of clients that others wrote, errors and paging included, in our sandbox."""

import json
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
    told: dict[str, Any] = json.loads(graphql.execute(query, variables))
    return told


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


def test_stripes_client_voids_an_open_invoice(payments: Any) -> None:
    assert payments.v1.invoices.void_invoice("in_1Foreign000002").status == "void"


# ---------------------------------------------------------------- PyPI smartbill-rest-sdk


@pytest.fixture
def bills(address: str) -> Any:
    """The public client of SmartBill; only the address is ours."""
    base = f"{address}/smartbill/SBORO/api/"
    client = smartbill_sdk.SmartBillClient("sandbox@storno.example", "sandbox-token", base_url=base)
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
    told = bills.invoices.payment_status(VAT_CODE, "FR", "0002")
    assert told.unpaid_amount == 121.0
    assert not bills.invoices.cancel(VAT_CODE, "FR", "0002").error_text


def test_smartbills_client_knows_the_block_for_a_limit(bills: Any, address: str) -> None:
    """It maps 403 to a limit, as live calls are answered."""
    control = f"{address}/_sandbox"
    fault = {"share": 1.0, "kinds": ["block"], "services": ["smartbill"]}
    requests.put(f"{control}/settings", json={"block_seconds": 1}, timeout=5)
    requests.put(f"{control}/faults", json=fault, timeout=5)
    try:
        with pytest.raises(smartbill_sdk.SmartBillRateLimitError):
            bills.invoices.reverse(storno("0003"))
    finally:
        requests.put(f"{control}/faults", json={"share": 0.0, "kinds": []}, timeout=5)


# ---------------------------------------------------------------- Oblio, as its npm client signs in


def test_oblios_official_sign_in_is_json_and_is_taken(address: str) -> None:
    """@obliosoftware/oblioapi: JSON to authorize, then a bearer token."""
    api = f"{address}/oblio/api"
    login = {"client_id": "sandbox@storno.example", "client_secret": "sandbox-secret",
             "grant_type": "client_credentials"}  # fmt: skip
    token = requests.post(f"{api}/authorize/token", json=login, timeout=5).json()
    assert token["request_time"].isdigit()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    named = {"cif": VAT_CODE, "seriesName": "FR", "number": "0001"}

    def get(path: str, **params: str) -> Any:
        told = requests.get(f"{api}/{path}", params=params, headers=headers, timeout=5)
        return told.json()["data"]

    assert get("docs/invoice", **named)["stornoed"] == "0"
    assert get("nomenclature/series", cif=VAT_CODE)[0]["name"] == "FR"
    assert get("nomenclature/vat_rates", cif=VAT_CODE)
    collect = requests.put(f"{api}/docs/invoice/collect", json=named, headers=headers, timeout=5)
    assert collect.status_code == 200
    assert get("docs/invoice", **named)["collected"] == "1"
    refund = {"type": "Factura", "seriesName": "FR", "number": "0001", "refund": 1}
    body = {"cif": VAT_CODE, "seriesName": "FR", "referenceDocument": refund}
    made = requests.post(f"{api}/docs/invoice", json=body, headers=headers, timeout=5).json()
    own = get("docs/invoice", **named)
    assert (own["stornoed"], own["storno"], own["collected"]) == ("1", "0", "0")
    other = get("docs/invoice", **{**named, "number": made["data"]["number"]})
    assert (other["stornoed"], other["storno"], other["total"]) == ("0", "1", "-121.00")
