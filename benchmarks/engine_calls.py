"""The bare side of the engine's benchmark: the same calls an order, with nothing kept."""

import json
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from core.services.http.wire import Arrived, Attempt, Limits, carry
from core.services.shops.shopify import VERSION
from core.services.shops.shopify.documents import document

SHOP_TOKEN = "shpat_sandbox"
TAG = "refused-returned"
SECONDS = 30.0
_local = threading.local()

Send = Callable[[requests.Request], Any]  # gives the answer's JSON, raises on a bad one


def bare_pool(base_url: str, numbers: Iterable[int], threads: int, send: Send) -> None:
    """Reverse these orders of `world` with a pool of threads. Raises on any bad answer."""
    token = _oblio_token(base_url)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda number: _reverse(send, base_url, token, number), numbers))


def by_requests(request: requests.Request) -> Any:
    """As a program without our client would: a session of requests in each thread."""
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
    session: requests.Session = _local.session
    answer = session.send(session.prepare_request(request), timeout=SECONDS)
    answer.raise_for_status()
    return answer.json()


def by_libcurl(request: requests.Request) -> Any:
    """As the engine's client does, without its fence, its turns and its record."""
    arrived, body = Arrived(), bytearray()
    limits = Limits(SECONDS, SECONDS, SECONDS)
    carry(request.prepare(), Attempt(once=False, check=None), limits, body.extend, arrived)
    if arrived.status != 200:
        raise requests.HTTPError(f"{request.url} answered {arrived.status}")
    return json.loads(body)


def points_left(base_url: str) -> tuple[float, float, float]:
    """The shop's bucket: points available, at most, restored a second; to look costs none."""
    bucket = requests.get(f"{base_url}/_sandbox/bucket", timeout=30).json()
    return bucket["currentlyAvailable"], bucket["maximumAvailable"], bucket["restoreRate"]


def throttled(base_url: str) -> int:
    """How many calls the shop has refused as too many."""
    calls = requests.get(f"{base_url}/_sandbox/calls", timeout=30).json()
    return len(calls.get("shopify throttled", []))


def _oblio_token(base_url: str) -> str:
    form = {"client_id": "sandbox@refuz.example", "client_secret": "sandbox-secret"}
    answer = requests.post(f"{base_url}/oblio/api/authorize/token", data=form, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def _shop(send: Send, base_url: str, name: str, variables: dict[str, Any]) -> dict[str, Any]:
    request = requests.Request(
        "POST",
        f"{base_url}/shopify/admin/api/{VERSION}/graphql.json",
        json={"query": document(name), "variables": variables},
        headers={"X-Shopify-Access-Token": SHOP_TOKEN},
    )
    data: dict[str, Any] = send(request)["data"]
    return data


def _reverse(send: Send, base_url: str, token: str, number: int) -> None:
    """Look, cancel, look at the cancel, look for a storno, make it, tag: six calls."""
    gid = f"gid://shopify/Order/{100000 + number}"
    _shop(send, base_url, "CancelState", {"id": gid})
    asked = {"id": gid, "reason": "DECLINED", "restock": False, "notify": False}
    asked = {**asked, "note": None, "refund": None}
    cancel = _shop(send, base_url, "CancelOrder", asked)["orderCancel"]
    job = (cancel.get("jobResult") or cancel["job"])["id"]
    name = "CancelStateByJob" if "/Job/" in job else "CancelStateByResult"
    _shop(send, base_url, name, {"id": gid, "job": job})
    _storno(send, base_url, token, f"{number:05}")
    _shop(send, base_url, "AddTags", {"id": gid, "tags": [TAG]})


def _storno(send: Send, base_url: str, token: str, number: str) -> None:
    asked = {"cif": "RO12345674", "seriesName": "OB", "number": number, "canceled": "-1"}
    head = {"Authorization": f"Bearer {token}"}
    place = f"{base_url}/oblio/api/docs/invoice"
    send(requests.Request("GET", f"{place}/list", params=asked, headers=head))
    body = {
        "cif": "RO12345674",
        "seriesName": "OB",
        "issueDate": "2026-11-20",
        "referenceDocument": {
            "type": "Factura", "seriesName": "OB", "number": number, "refund": 1,
        },
        "idempotencyKey": f"bare-{number}",
    }  # fmt: skip
    send(requests.Request("POST", place, json=body, headers=head))


# ---------------------------------------------------------------- the world


def world(count: int) -> dict[str, Any]:
    """So many shipped, unpaid orders, each with one open invoice at Oblio."""
    return {
        "now": "2026-11-20T08:00:00Z",
        "shop": {
            "name": "Casa Verde", "domain": "casa-verde.myshopify.com", "currency": "RON",
            "vat_code": "RO12345674",
        },
        "orders": [_order(number) for number in range(1, count + 1)],
        "invoices": [
            {
                "service": "oblio", "series": "OB", "number": f"{number:05}",
                "order_name": f"#{100000 + number}", "total_minor": 12345, "currency": "RON",
                "issued_on": "2026-11-10", "state": "open",
            }
            for number in range(1, count + 1)
        ],
        "products": [{"sku": "V1", "title": "Vas", "stock": 100}],
        "courier_events": [],
        "returns": [],
    }  # fmt: skip


def _order(number: int) -> dict[str, Any]:
    return {
        "id": 100000 + number, "name": f"#{100000 + number}",
        "created_at": "2026-11-10T08:00:00Z", "updated_at": "2026-11-12T08:00:00Z",
        "cancelled_at": None, "cancel_reason": None, "payment": "cod",
        "gateway": "Cash on Delivery (COD)", "financial_status": "PENDING",
        "fulfillment_status": "FULFILLED",
        "customer": {
            "id": 7000 + number, "first_name": "Ana", "last_name": "Pop",
            "email": "ana@example.com", "phone": "0722000000",
        },
        "address": {"city": "Cluj", "province": "Cluj", "zip": "400001", "address1": "Str. 1"},
        "total_minor": 12345, "currency": "RON", "note": "", "tags": [], "restockable": True,
        "attributes": [{"key": "invoice", "value": f"oblio:OB:{number:05}"}],
        "lines": [
            {"id": number, "title": "Vas", "sku": "V1", "quantity": 1, "price_minor": 12345,
             "image": None}
        ],
        "fulfillments": [
            {
                "id": 500000 + number, "created_at": "2026-11-11T08:00:00Z",
                "status": "SUCCESS", "display_status": "IN_TRANSIT",
                "tracking": [{"company": "FAN Courier", "number": f"70001{number:08}"}],
                "line_ids": [number],
            }
        ],
    }  # fmt: skip
