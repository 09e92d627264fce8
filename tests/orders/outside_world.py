"""A sandbox over HTTP with one shop and one courier, for tests of what comes back by itself."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import requests
from sqlalchemy import select

from core.clock import now
from core.orders.piles import piles, scans
from core.orders.shop.upsert import upsert_orders
from core.services.ports import ShopOrder, ShopParcel
from core.settings import connections
from core.settings.connections import Connection
from core.store import db
from core.store.tables import parcels

SHIPPED = dt.timedelta(days=9)


def load(base_url: str, events: dict[str, Sequence[str]], returns: dict[str, str]) -> None:
    """Give DPD these parcels with their statuses in words, and these return numbers."""
    moment = now().isoformat()
    known = [
        {
            "courier": "dpd",
            "tracking": tracking,
            "events": [{"at": moment, "code": "", "text": text} for text in texts],
        }
        for tracking, texts in events.items()
    ]
    world = {
        "now": moment,
        "shop": {"name": "Casa", "domain": "casa.myshopify.com", "currency": "RON",
                 "vat_code": "RO12345674"},
        "orders": [], "invoices": [], "products": [], "courier_events": known,
        "returns": [{"courier": "dpd", "return_number": number, "tracking": tracking}
                    for number, tracking in returns.items()],
    }  # fmt: skip
    requests.post(f"{base_url}/_sandbox/load", json=world, timeout=10).raise_for_status()


def calls(base_url: str, service: str = "dpd") -> int:
    """How often a service of the sandbox was called."""
    answer = requests.get(f"{base_url}/_sandbox/calls", timeout=10).json()
    return len(answer.get(service, ()))


def connect_shop() -> int:
    """A shop that is never asked in these tests."""
    with db.writing() as connection:
        return connections.save(
            connection, kind="shop", service="shopify", name="Casa",
            settings={"base_url": "https://casa.example"}, secrets_={},
        )  # fmt: skip


def connect_dpd(base_url: str) -> Connection:
    """DPD at this address."""
    with db.writing() as connection:
        made = connections.save(
            connection, kind="courier", service="dpd", name="DPD",
            settings={"base_url": f"{base_url}/dpd/v1", "username": "sandbox",
                      "timeout_seconds": "2", "rate_per_second": "500", "rate_capacity": "500"},
            secrets_={"password": "sandbox"},
        )  # fmt: skip
        return connections.load(connection, made)


def add_order(shop: int, number: int, *trackings: str, **changes: Any) -> int:
    """A shipped order with these DPD parcels; gives its id."""
    at = now() - SHIPPED
    boxes = tuple(
        ShopParcel(one, "DPD", f"gid://f/{number}", "SUCCESS", "IN_TRANSIT", at)
        for one in trackings
    )
    values: dict[str, Any] = {
        "gid": f"gid://shopify/Order/{number}", "name": f"#{number}", "created_at": at,
        "updated_at": at, "cancelled_at": None, "cancel_reason": "", "payment": "cod",
        "financial_status": "PENDING", "fulfillment_status": "FULFILLED", "total_minor": 12100,
        "currency": "RON", "customer_name": "Ana Pop", "customer_key": f"k{number}", "phone": "",
        "email": "", "county": "Cluj", "city": "Cluj", "note": "", "tags": (), "attributes": {},
        "can_notify": False, "lines": (), "parcels": boxes, **changes,
    }  # fmt: skip
    with db.writing() as connection:
        return upsert_orders(connection, shop, [ShopOrder(**values)])[values["gid"]]


def pile(name: str = "Monday") -> int:
    """An open pile."""
    return piles.create(name)


def scan(pile_id: int, code: str, key: str = "") -> scans.ScanResult:
    """Ana scans a code."""
    return scans.take_scan(pile_id, code, source="scanner", key=key or code)


def parcel(tracking: str) -> Any:
    """The parcel's row."""
    with db.reading() as connection:
        return connection.execute(select(parcels).where(parcels.c.tracking == tracking)).one()
