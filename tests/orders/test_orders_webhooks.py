"""What Shopify sends by itself: signed or refused, once or a duplicate, then read from the shop."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
import shopify_stub
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update
from structlog.testing import capture_logs

from core.orders.shop import patience, webhook_queue, webhooks
from core.orders.shop.webhook_queue import process_pending
from core.orders.shop.webhooks import accept
from core.services.shops import common as shops_common
from core.services.shops.shopify.messages import TOPICS
from core.settings import connections
from core.store import db
from core.store.tables import orders, webhooks_seen

TODAY = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
SECRET = "the app's client secret"
BODY = b'{"id": 1001, "admin_graphql_api_id": "gid://shopify/Order/1001", "email": "ana@x.ro"}'


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day of the messages, which are not kept when they are old."""
    for module in (webhooks, webhook_queue, patience):
        monkeypatch.setattr(module, "now", lambda: TODAY)


@pytest.fixture(autouse=True)
def shop_id(stub: shopify_stub.Shop, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> int:
    """A connected shop whose webhooks are signed with SECRET, and lately with another one."""
    monkeypatch.setattr(shops_common, "TRIES", 0)
    return connect(stub, "Casa Verde", SECRET)


def connect(stub: shopify_stub.Shop, name: str, secret: str) -> int:
    """A shop with this client secret."""
    with db.writing() as connection:
        return connections.save(
            connection,
            kind="shop",
            service="shopify",
            name=name,
            settings={"base_url": stub.base_url, "timeout_seconds": "2"},
            secrets_={
                "token": "shpat_abcdef",
                "client_secret": secret,
                "old_client_secret": "old " + secret,
            },
        )


def signed(body: bytes = BODY, secret: str = SECRET, **changes: str) -> dict[str, str]:
    """The headers of a webhook, signed."""
    made = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {
        "X-Shopify-Topic": "orders/cancelled",
        "X-Shopify-Webhook-Id": "id-1",
        "X-Shopify-Hmac-SHA256": base64.b64encode(made).decode(),
        **changes,
    }


def seen() -> list[Any]:
    """Every message kept."""
    with db.reading() as connection:
        return list(connection.execute(select(webhooks_seen)))


def names() -> list[str]:
    """The names of our orders."""
    with db.reading() as connection:
        return list(connection.scalars(select(orders.c.name)))


# ---------------------------------------------------------------- accepting


def test_a_signed_message_is_accepted_once(shop_id: int) -> None:
    assert accept(BODY, signed()) == "accepted"
    assert accept(BODY, signed()) == "duplicate"
    [row] = seen()
    assert (row.shop_id, row.topic) == (shop_id, "orders/cancelled")


def test_the_sample_of_shopifys_shape_is_accepted(shared: Path, shop_id: int) -> None:
    sample = json.loads((shared / "shopify/samples/webhook_orders_cancelled.json").read_text())
    body = json.dumps(sample["body"]).encode()
    headers = {**sample["headers"], **signed(body)}
    assert accept(body, headers) == "accepted"
    assert seen()[0].body == {
        "order": "gid://shopify/Order/1001",
        "updated_at": "2026-11-22T08:15:01+00:00",
        "cancelled": True,
    }


def test_header_names_may_be_written_in_any_case() -> None:
    lower = {name.lower(): value for name, value in signed().items()}
    assert accept(BODY, lower) == "accepted"


def test_the_old_secret_is_still_good() -> None:
    assert accept(BODY, signed(secret="old " + SECRET)) == "accepted"


def test_the_secret_tells_which_shop_it_was(stub: shopify_stub.Shop) -> None:
    second = connect(stub, "Second", "another secret")
    assert accept(BODY, signed(secret="another secret")) == "accepted"
    assert seen()[0].shop_id == second


def test_of_two_shops_of_one_app_the_one_that_the_message_names_is_meant(
    stub: shopify_stub.Shop, shop_id: int
) -> None:
    """Both sign with the app's secret; the name of the shop tells them apart."""
    with db.writing() as connection:
        second = connections.save(
            connection, kind="shop", service="shopify", name="Hungary",
            settings={"base_url": "casa-verde-hu.myshopify.com"},
            secrets_={"client_secret": SECRET},
        )  # fmt: skip
    domain = {"X-Shopify-Shop-Domain": "Casa-Verde-HU.myshopify.com"}
    assert accept(BODY, signed(**domain)) == "accepted"
    other = BODY + b" "
    assert accept(other, signed(other)) == "accepted"
    assert {row.shop_id for row in seen()} == {second, shop_id}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(secret="wrong"),
        signed(BODY + b" "),
        signed(**{"X-Shopify-Hmac-SHA256": ""}),
        signed(**{"X-Shopify-Hmac-SHA256": "not base64 ăîș"}),
        signed(**{"X-Shopify-Webhook-Id": ""}),
        signed(**{"X-Shopify-Webhook-Id": "x" * 500}),
    ],
)
def test_what_is_not_signed_over_these_very_bytes_is_refused(headers: dict[str, str]) -> None:
    assert accept(BODY, headers) == "refused"
    assert seen() == []


def test_a_shop_without_a_secret_has_no_valid_signature(stub: shopify_stub.Shop) -> None:
    connect(stub, "No secret", "")
    assert accept(BODY, signed(secret="")) == "refused"


def test_no_personal_data_of_a_message_is_kept() -> None:
    accept(BODY, signed())
    assert "ana@x.ro" not in json.dumps(seen()[0].body)


@pytest.mark.parametrize(
    ("topic", "body", "order"),
    [
        ("orders/updated", {"id": 5}, "gid://shopify/Order/5"),
        ("orders/updated", {"id": 5, "updated_at": "today"}, "gid://shopify/Order/5"),
        ("orders/updated", {"id": 5, "updated_at": "2026-11-20T10:00:00"}, "gid://shopify/Order/5"),
        (
            "orders/updated",
            {"id": 5, "updated_at": "0001-01-01T00:00:00+14:00"},
            "gid://shopify/Order/5",
        ),
        ("fulfillments/create", {"id": 9, "order_id": 5}, "gid://shopify/Order/5"),
        ("orders/updated", {"id": "5/../../x"}, ""),
        ("orders/updated", {"id": None}, ""),
        ("orders/updated", [], ""),
    ],
)
def test_a_message_is_only_believed_as_to_which_order_changed(
    topic: str, body: Any, order: str
) -> None:
    raw = json.dumps(body).encode()
    assert accept(raw, signed(raw, **{"X-Shopify-Topic": topic})) == "accepted"
    assert seen()[0].body == {"order": order}


def test_a_signed_message_that_is_no_json_is_kept_and_names_no_order() -> None:
    raw = b"[" * 100_000
    assert accept(raw, signed(raw)) == "accepted"
    assert process_pending() == []
    assert seen()[0].processed_at is not None


def about(number: int, at: dt.datetime) -> bytes:
    """The signed words of a change of this order at this moment."""
    return json.dumps({"id": number, "updated_at": at.isoformat()}).encode()


def test_one_signed_body_is_kept_once_whatever_its_unsigned_headers_say() -> None:
    body = about(7, TODAY)
    verdicts = [
        accept(body, signed(body, **{"X-Shopify-Webhook-Id": f"id-{n}", "X-Shopify-Topic": topic}))
        for n, topic in enumerate(["orders/updated", "orders/cancelled", "orders/create"] * 20)
    ]
    assert verdicts == ["accepted"] + ["duplicate"] * 59
    assert len(seen()) == 1


def test_a_body_that_tells_no_moment_is_worked_on_again_in_its_one_row(
    stub: shopify_stub.Shop,
) -> None:
    stub.put(1001, "2026-11-20T10:00:00Z")
    for _ in range(2):
        assert accept(BODY, signed()) == "accepted"
        assert accept(BODY, signed(**{"X-Shopify-Webhook-Id": "id-9"})) == "duplicate"
        assert len(process_pending()) == 1
    assert len(seen()) == 1


@pytest.mark.parametrize("topic", ["app/uninstalled", "", "orders/delete", "orders/cancelled\x00"])
def test_a_topic_that_is_none_of_ours_is_not_kept(topic: str) -> None:
    with capture_logs() as lines:
        assert accept(BODY, signed(**{"X-Shopify-Topic": topic})) == "unknown"
    assert [(one["event"], one["why"]) for one in lines] == [("webhook_not_kept", "unknown")]
    assert seen() == []


@given(hours=st.integers(-48, 24 * 4000), topic=st.sampled_from(sorted(TOPICS)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_what_its_own_signed_body_dates_over_a_day_ago_is_not_kept(hours: int, topic: str) -> None:
    at = (TODAY - dt.timedelta(hours=hours)).isoformat()
    key = "created_at" if topic == "refunds/create" else "updated_at"
    raw = json.dumps({"id": 5, "order_id": 5, key: at, "unlike": f"{topic} {hours}"}).encode()
    kept = len(seen())
    verdict = accept(
        raw, signed(raw, **{"X-Shopify-Topic": topic, "X-Shopify-Triggered-At": "now"})
    )
    assert verdict in (("stale",) if hours > 24 else ("accepted", "duplicate"))
    assert len(seen()) == kept + (verdict == "accepted")


# ---------------------------------------------------------------- working on them


def test_a_message_makes_the_order_be_read_from_the_shop(stub: shopify_stub.Shop) -> None:
    stub.put(1001, "2026-11-20T10:00:00Z")
    accept(BODY, signed())
    assert len(process_pending()) == 1
    assert names() == ["#1001"]
    assert process_pending() == []


def test_many_messages_about_one_order_are_one_reading(stub: shopify_stub.Shop) -> None:
    stub.put(1001, "2026-11-20T10:00:00Z")
    for number in range(5):
        body = BODY + b" " * number
        assert accept(body, signed(body)) == "accepted"
    process_pending()
    assert stub.names("ReadOrder") == 1
    assert all(row.processed_at for row in seen())


@pytest.mark.parametrize(("minute", "read"), [(10, 0), (11, 1)])
def test_a_message_about_what_is_known_already_costs_no_reading(
    stub: shopify_stub.Shop, minute: int, read: int
) -> None:
    """A run's own cancel, tag and all, is told by the shop as well."""
    at = "2026-11-20T10:10:00Z"
    stub.put(1001, at, cancelled_at=at)
    accept(BODY, signed())
    [order_id] = process_pending()
    stub.asked.clear()
    body = {"id": 1001, "updated_at": f"2026-11-20T12:{minute}:00+02:00", "cancelled_at": at}
    raw = json.dumps(body).encode()
    accept(raw, signed(raw, **{"X-Shopify-Webhook-Id": "id-2"}))
    assert process_pending() == [order_id]  # it may be one cancelled by hand, not taken yet
    assert stub.names("ReadOrder") == read
    assert all(row.processed_at for row in seen())


def later(monkeypatch: pytest.MonkeyPatch, **more: float) -> None:
    """Let time go by for the queue."""
    at = TODAY + dt.timedelta(**more)
    for module in (patience, webhook_queue):
        monkeypatch.setattr(module, "now", lambda: at)


def test_a_message_waits_while_the_shop_cannot_be_read(
    stub: shopify_stub.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.put(1001, "2026-11-20T10:00:00Z")
    stub.down = True
    accept(BODY, signed())
    assert process_pending() == []
    assert seen()[0].processed_at is None
    stub.down = False
    assert process_pending() == []  # it is left alone for a while
    later(monkeypatch, minutes=2)
    assert len(process_pending()) == 1


def test_an_order_that_is_gone_is_not_asked_for_again(stub: shopify_stub.Shop) -> None:
    accept(BODY, signed())
    assert process_pending() == []
    assert seen()[0].processed_at is not None


def test_old_messages_are_forgotten() -> None:
    accept(BODY, signed())
    with db.writing() as connection:
        long_ago = TODAY - dt.timedelta(days=31)
        connection.execute(update(webhooks_seen).values(received_at=long_ago))
    process_pending()
    assert seen() == []
