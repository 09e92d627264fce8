"""A sandbox process over HTTP, spoken to without any of Refuz's own clients."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from core.sandbox import process

TOKEN = {"X-Shopify-Access-Token": "shpat_sandbox"}
SMARTBILL = ("sandbox@refuz.example", "sandbox-token")
FGO = {
    "Authorization": "Bearer fgo_test_api_v1_sandbox",
    "Fgo-Cod-Unic": "12345674",
    "Fgo-Url-Platforma": "https://casa-verde.example",
}
GID = "gid://shopify/Order/{}"
CANCEL = """mutation($id: ID!, $restock: Boolean!, $refund: OrderCancelRefundMethodInput) {
  orderCancel(orderId: $id, reason: DECLINED, restock: $restock, refundMethod: $refund) {
    job { id done } jobResult { id }
    orderCancelUserErrors { field message code }
  }
}"""
READ = """query($id: ID!) { order(id: $id) {
  cancelledAt displayFinancialStatus displayFulfillmentStatus
  refunds(first: 5) { refundLineItems(first: 5) { nodes { quantity restocked } } }
} }"""


def order(number: int, **changes: Any) -> dict[str, Any]:
    """A shipped order, to be paid at the door, with two vases in it."""
    return {
        "id": number, "name": f"#{number}", "created_at": "2026-11-01T08:00:00Z",
        "updated_at": f"2026-11-10T08:{number % 60:02}:00Z", "cancelled_at": None,
        "cancel_reason": None, "payment": "cod", "gateway": "Cash on Delivery (COD)",
        "financial_status": "PENDING", "fulfillment_status": "FULFILLED",
        "customer": {"id": 7001, "first_name": "Ana", "last_name": "Pop",
                     "email": "ana@example.com", "phone": "+40722123456"},
        "address": {"city": "Cluj", "province": "Cluj", "zip": "400001", "address1": "x"},
        "total_minor": 25980, "currency": "RON", "note": "", "tags": [], "restockable": True,
        "attributes": [],
        "lines": [{"id": number * 10, "title": "Vas", "sku": "V1", "quantity": 2,
                   "price_minor": 12990}],
        "fulfillments": [{"id": number + 500_000, "created_at": "2026-11-02T08:00:00Z",
                          "status": "SUCCESS", "display_status": "IN_TRANSIT",
                          "tracking": [{"company": "FAN", "number": f"70001{number:08}"}],
                          "line_ids": [number * 10]}],
        **changes,
    }  # fmt: skip


def invoice(service: str, number: str, **changes: Any) -> dict[str, Any]:
    """An open invoice of the tenth of November."""
    return {
        "service": service, "series": "CVZ", "number": number, "order_name": "#1",
        "total_minor": 12100, "currency": "RON", "issued_on": "2026-11-10", "state": "open",
        **changes,
    }  # fmt: skip


def world(**parts: Any) -> dict[str, Any]:
    """A world with these orders, invoices, products …"""
    return {
        "now": "2026-11-20T08:00:00Z",
        "shop": {"name": "Casa Verde", "domain": "casa-verde.myshopify.com", "currency": "RON",
                 "vat_code": "RO12345674", "series": {"oblio": ["OB", "STORNO"], "fgo": ["ST"]}},
        "orders": [], "invoices": [], "products": [{"sku": "V1", "title": "Vas", "stock": 5}],
        "courier_events": [], "returns": [], **parts,
    }  # fmt: skip


class Sandbox:
    """The services and the controls of one running sandbox."""

    def __init__(self, base_url: str) -> None:
        """Speak to it at this address."""
        self.base_url = base_url

    def control(self, method: str, path: str, body: object = None) -> Any:
        """A control of the sandbox."""
        answer = requests.request(method, f"{self.base_url}/_sandbox/{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def load(self, **parts: Any) -> None:
        """Replace the world."""
        self.control("POST", "load", world(**parts))

    def settings(self, **values: Any) -> None:
        """Change its settings."""
        self.control("PUT", "settings", values)

    def faults(self, *kinds: str, **values: Any) -> None:
        """Every call meets one of these faults; none at all without kinds."""
        share = 1.0 if kinds else 0.0
        self.control("PUT", "faults", {"share": share, "kinds": list(kinds), **values})

    def ledger(self) -> dict[str, Any]:
        """What was really done."""
        ledger: dict[str, Any] = self.control("GET", "ledger")
        return ledger

    def gql(self, query: str, version: str = "2026-10", **variables: Any) -> dict[str, Any]:
        """Ask the shop; gives its data. Fails on an error of the document."""
        body = self.post("shopify/admin/api/" + version + "/graphql.json", TOKEN,
                         {"query": query, "variables": variables}).json()  # fmt: skip
        assert "errors" not in body, body["errors"]
        data: dict[str, Any] = body["data"]
        return data

    def post(self, path: str, headers: dict[str, str], body: object) -> requests.Response:
        """A POST of JSON to a service."""
        return requests.post(f"{self.base_url}/{path}", json=body, headers=headers, timeout=10)

    def cancel(self, number: int, **chosen: Any) -> dict[str, Any]:
        """Ask the shop to cancel an order; gives the payload."""
        variables = {"restock": False, **chosen, "id": GID.format(number)}
        payload: dict[str, Any] = self.gql(CANCEL, **variables)["orderCancel"]
        return payload

    def job(self, payload: dict[str, Any]) -> dict[str, Any]:
        """How a cancellation ended."""
        query = """query($id: ID!) { node(id: $id) { ... on OrderCancelJobResult {
            done status errors { message } } } }"""
        for _ in range(100):
            result: dict[str, Any] = self.gql(query, id=payload["jobResult"]["id"])["node"]
            if result["done"]:
                return result
            time.sleep(0.05)
        raise AssertionError("the job did not end")

    def read(self, number: int) -> dict[str, Any]:
        """The order as the shop tells it."""
        node: dict[str, Any] = self.gql(READ, id=GID.format(number))["order"]
        return node

    def storno(self, number: str, **body: Any) -> requests.Response:
        """Ask SmartBill to reverse an invoice."""
        known = {"companyVatCode": "RO12345674", "seriesName": "CVZ", "number": number, **body}
        url = f"{self.base_url}/smartbill/SBORO/api/invoice/reverse"
        return requests.post(url, json=known, auth=SMARTBILL, timeout=10)


@contextmanager
def running(directory: Path) -> Iterator[tuple[Sandbox, process.RunningSandbox]]:
    """A sandbox process on this directory."""
    file = directory / "world.json"
    directory.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.write_text(json.dumps(world()))
    started = process.start(directory / "state", world=file)
    try:
        yield Sandbox(started.base_url), started
    finally:
        started.stop()
