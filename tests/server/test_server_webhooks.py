"""Webhooks over HTTP: the sandbox's shop sends them, the route keeps them and answers at once."""

import time
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, select
from starlette.applications import Starlette
from starlette.types import ASGIApp

from core.orders.shop import webhook_queue
from core.sandbox import process
from core.server.routes import table
from core.settings import connections
from core.store import db, disk
from core.store.tables import orders, webhooks_seen

ROOT = Path(__file__).resolve().parents[2]
SECRET = "sandbox-client-secret"
ORDER = {
    "id": 1, "name": "#1", "created_at": "2026-11-10T08:00:00Z", "tags": [], "attributes": [],
    "updated_at": "2026-11-12T08:00:00Z", "cancelled_at": None, "cancel_reason": None,
    "payment": "cod", "gateway": "", "financial_status": "PENDING", "note": "",
    "fulfillment_status": "UNFULFILLED", "address": {"city": "Cluj", "province": "Cluj"},
    "customer": {"id": 1, "first_name": "A", "last_name": "P", "email": "", "phone": ""},
    "total_minor": 100, "currency": "RON", "restockable": True, "lines": [], "fulfillments": [],
}  # fmt: skip


@pytest.fixture
def base(engine: Engine, serve: Any) -> str:
    """The desk's routes, served."""
    app: ASGIApp = Starlette(routes=table.routes(ROOT / "pages" / "components"))
    return str(serve(app))


def connect(address: str) -> None:
    with db.writing() as connection:
        connections.save(
            connection, kind="shop", service="shopify", name="Casa Verde",
            settings={"base_url": address, "timeout_seconds": "2"},
            secrets_={"token": "shpat_sandbox", "client_secret": SECRET},
        )  # fmt: skip


def seen() -> list[Any]:
    with db.reading() as connection:
        return list(connection.execute(select(webhooks_seen)))


def test_the_shop_tells_of_a_cancelled_order_and_it_is_kept_before_anything_is_asked(
    base: str, tmp_path: Path
) -> None:
    """Sent and signed by the sandbox; read from the shop only when the worker comes to it."""
    running = process.start(tmp_path / "sandbox")
    try:
        world = {
            "now": "2026-11-20T08:00:00Z", "orders": [ORDER], "invoices": [], "products": [],
            "shop": {"domain": "casa.myshopify.com"}, "courier_events": [],
        }  # fmt: skip
        connect(f"{running.base_url}/shopify")
        control = f"{running.base_url}/_sandbox"
        target = {"webhook": {"url": f"{base}/webhooks/shopify", "secret": SECRET}}
        requests.post(f"{control}/load", json=world, timeout=30).raise_for_status()
        requests.put(f"{control}/settings", json=target, timeout=30).raise_for_status()
        requests.post(f"{control}/orders/1/cancel", timeout=30).raise_for_status()
        deadline = time.monotonic() + 10
        while not seen() and time.monotonic() < deadline:
            time.sleep(0.05)
        [row] = seen()
        assert (row.topic, row.body["order"]) == ("orders/cancelled", "gid://shopify/Order/1")
        assert row.body["cancelled"]
        assert row.processed_at is None
        assert "shopify" not in requests.get(f"{control}/calls", timeout=30).json()
        assert len(webhook_queue.process_pending()) == 1
        with db.reading() as connection:
            assert connection.scalar(select(orders.c.cancelled_at)) is not None
    finally:
        running.stop()


def test_a_message_signed_with_another_secret_is_refused_and_not_kept(
    base: str, tmp_path: Path
) -> None:
    connect("http://127.0.0.1:9")
    headers = {"X-Shopify-Hmac-SHA256": "bm90IHNpZ25lZA==", "X-Shopify-Webhook-Id": "1"}
    answer = requests.post(f"{base}/webhooks/shopify", data=b"{}", headers=headers, timeout=30)
    assert answer.status_code == 401
    assert seen() == []


def test_a_message_is_asked_for_again_while_the_disk_is_almost_full(
    base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect("http://127.0.0.1:9")
    monkeypatch.setattr(disk, "SPACE_NEEDED", 1 << 62)
    answer = requests.post(f"{base}/webhooks/shopify", data=b"{}", timeout=30)
    assert answer.status_code == 507  # any 5xx: the shop sends it again for two days
    assert requests.post(f"{base}/webhooks/none", data=b"{}", timeout=30).status_code == 404
    assert seen() == []
