"""What others wrote, unchanged but for the address: official and public clients, recordings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from core.sandbox import process

VAT_CODE = "RO12345674"


def _invoice(service: str, number: int) -> dict[str, Any]:
    name = f"in_1Foreign{number:06d}" if service == "stripe" else f"{number:04d}"
    return {
        "service": service, "series": "FR", "number": name, "order_name": f"#{number}",
        "total_minor": 12100, "currency": "RON", "issued_on": "2026-11-10", "state": "open",
    }  # fmt: skip


def _order(number: int) -> dict[str, Any]:
    return {
        "id": number, "name": f"#{number}", "created_at": "2026-11-10T08:00:00Z",
        "updated_at": "2026-11-12T08:00:00Z", "cancelled_at": None, "cancel_reason": None,
        "payment": "cod", "gateway": "Cash on Delivery (COD)", "financial_status": "PENDING",
        "fulfillment_status": "FULFILLED",
        "customer": {"id": number, "first_name": "Ana", "last_name": "Pop", "email": "a@b.ro",
                     "phone": "0722000000"},
        "address": {"city": "Cluj", "province": "Cluj", "zip": "400001", "address1": "Str. 1"},
        "total_minor": 12100, "currency": "RON", "note": "", "tags": [], "restockable": True,
        "attributes": [],
        "lines": [{"id": number, "title": "Vas", "sku": "V1", "quantity": 1, "price_minor": 12100,
                   "image": None}],
        "fulfillments": [{"id": number, "created_at": "2026-11-11T08:00:00Z", "status": "SUCCESS",
                          "display_status": "IN_TRANSIT", "line_ids": [number],
                          "tracking": [{"company": "FAN Courier", "number": f"70{number}"}]}],
    }  # fmt: skip


WORLD = {
    "now": "2026-11-20T08:00:00Z",
    "shop": {"name": "Casa Verde", "domain": "casa-verde.myshopify.com", "currency": "RON",
             "vat_code": VAT_CODE},
    "orders": [_order(5000 + number) for number in range(1, 13)],
    "invoices": [_invoice(service, number)
                 for service in ("smartbill", "oblio", "stripe") for number in range(1, 36)],
    "products": [{"sku": "V1", "title": "Vas", "stock": 100}],
    "courier_events": [], "returns": [],
}  # fmt: skip


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    started = process.start(tmp_path_factory.mktemp("foreign"))
    yield started.base_url
    started.stop()


@pytest.fixture
def address(_running: str) -> str:
    """The sandbox's address, its world new, calm and without limits."""
    requests.post(f"{_running}/_sandbox/load", json=WORLD, timeout=10).raise_for_status()
    settings = {"rate_limits": False, "job_delay": 0.0, "refuse_repeats": True}
    requests.put(f"{_running}/_sandbox/settings", json=settings, timeout=10).raise_for_status()
    return _running


@pytest.fixture
def recorded(shared: Path) -> Path:
    """Answers of a real Shopify that others recorded; they are no part of the project."""
    folder = shared / "shopify" / "recorded"
    if not folder.is_dir():
        pytest.skip("the recorded answers of a real Shopify are not here")
    return folder
