"""What WooCommerce sends by itself: believed only when signed, a repeat known by what it says."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from core.orders.shop import webhooks
from core.orders.shop.webhooks import ShopSecrets
from core.settings import connections
from core.store import db
from core.store.tables import webhooks_seen

TODAY = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)
SECRET = "o frază lungă a magazinului"
CHANGED = {"id": 501, "status": "cancelled", "date_modified_gmt": "2026-11-03T10:00:00"}


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day of the messages, which are not kept when they are old."""
    monkeypatch.setattr(webhooks, "now", lambda: TODAY)


@pytest.fixture
def shop_id(engine: Engine) -> int:
    with db.writing(engine) as connection:
        return connections.save(
            connection, kind="shop", service="woocommerce", name="Casa Verde",
            settings={"base_url": "https://casaverde.ro"},
            secrets_={
                "consumer_key": "ck_x", "consumer_secret": "cs_x", "webhook_secret": SECRET,
            },
        )  # fmt: skip


def send(
    engine: Engine,
    body: Any,
    topic: str = "order.updated",
    delivery: str = "one second",
    secret: str = SECRET,
) -> str:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signed = hmac.new(secret.encode(), raw, hashlib.sha256).digest()
    headers = {
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Signature": base64.b64encode(signed).decode(),
        "X-WC-Webhook-Delivery-ID": delivery,
        "X-WC-Webhook-Source": "https://casaverde.ro/",
    }
    return webhooks.accept(raw, headers, service="woocommerce")


def kept(engine: Engine) -> list[tuple[str, Any]]:
    with db.reading(engine) as connection:
        rows = connection.execute(select(webhooks_seen).order_by(webhooks_seen.c.webhook_id))
        return [(row.topic, row.body) for row in rows]


def test_a_signed_message_names_its_order_and_its_change(engine: Engine, shop_id: int) -> None:
    assert send(engine, CHANGED) == "accepted"
    detail = {"order": "501", "updated_at": "2026-11-03T10:00:00+00:00", "cancelled": True}
    assert kept(engine) == [("order.updated", detail)]


@pytest.mark.usefixtures("shop_id")
def test_a_wrong_signature_is_refused(engine: Engine) -> None:
    assert send(engine, CHANGED, secret="another") == "refused"
    assert kept(engine) == []


@pytest.mark.usefixtures("shop_id")
def test_orders_of_one_second_share_a_delivery_id_and_are_all_kept(engine: Engine) -> None:
    verdicts = [send(engine, {**CHANGED, "id": number}) for number in (501, 502, 503)]
    assert verdicts == ["accepted"] * 3


@pytest.mark.usefixtures("shop_id")
def test_a_repeat_has_another_delivery_id_and_is_a_repeat_all_the_same(engine: Engine) -> None:
    assert send(engine, CHANGED) == "accepted"
    assert send(engine, CHANGED, delivery="two seconds") == "duplicate"
    later = {**CHANGED, "date_modified_gmt": "2026-11-03T10:00:01"}
    assert send(engine, later, delivery="two seconds") == "accepted"


@pytest.mark.usefixtures("shop_id")
def test_the_trash_tells_no_moment_and_is_read_each_time(engine: Engine) -> None:
    assert send(engine, {"id": 501}, "order.deleted") == "accepted"
    assert send(engine, {"id": 501}, "order.deleted", "later") == "duplicate"  # it waits already
    with db.writing(engine) as connection:
        connection.execute(update(webhooks_seen).values(processed_at=TODAY))
    assert send(engine, {"id": 501}, "order.deleted", "later") == "accepted"
    with db.reading(engine) as connection:
        [row] = connection.execute(select(webhooks_seen)).all()
    assert (row.body, row.processed_at) == ({"order": "501"}, None)


@pytest.mark.usefixtures("shop_id")
def test_old_changes_and_topics_of_others_are_answered_and_not_kept(engine: Engine) -> None:
    old = {**CHANGED, "date_modified_gmt": "2026-11-02T11:59:59"}
    assert send(engine, old) == "stale"
    for topic in ("product.updated", "action.woocommerce_order_status_cancelled", "order.updatedx"):
        assert send(engine, CHANGED, topic) == "unknown"
    assert kept(engine) == []


@pytest.mark.usefixtures("shop_id")
def test_the_unsigned_ping_is_answered_and_not_kept(engine: Engine) -> None:
    assert webhooks.accept(b"webhook_id=10", {}, service="woocommerce") == "ping"
    assert webhooks.accept(b"webhook_id=x", {}, service="woocommerce") == "refused"
    headers = {"X-WC-Webhook-Topic": "order.updated"}
    verdict = webhooks.accept(b"webhook_id=10", headers, service="woocommerce")
    assert verdict == "refused"
    assert kept(engine) == []


def test_two_shops_may_count_their_orders_alike(engine: Engine) -> None:
    shops = []
    for name in ("one", "two"):
        with db.writing(engine) as connection:
            shops.append(
                connections.save(
                    connection, kind="shop", service="woocommerce", name=name,
                    settings={"base_url": f"https://{name}.ro"},
                    secrets_={"consumer_key": "k", "consumer_secret": "s", "webhook_secret": name},
                )
            )  # fmt: skip
    assert send(engine, CHANGED, secret="one") == "accepted"
    assert send(engine, CHANGED, secret="two") == "accepted"
    with db.reading(engine) as connection:
        assert sorted(connection.scalars(select(webhooks_seen.c.shop_id))) == sorted(shops)


@pytest.mark.usefixtures("shop_id")
def test_what_one_shop_signed_is_not_anothers(engine: Engine) -> None:
    raw = json.dumps({"id": 1}).encode()
    signed = base64.b64encode(hmac.new(SECRET.encode(), raw, hashlib.sha256).digest()).decode()
    headers = {
        "X-Shopify-Topic": "orders/updated", "X-Shopify-Webhook-Id": "1",
        "X-Shopify-Hmac-SHA256": signed,
    }  # fmt: skip
    assert webhooks.accept(raw, headers, service="shopify") == "refused"


def test_every_recorded_delivery_is_taken_as_what_it_is(
    engine: Engine, shared: Path, shop_id: int
) -> None:
    file = shared / "woocommerce/recorded/07b_webhook_deliveries.json"
    if not file.is_file():
        pytest.skip("the recordings of WooCommerce are absent")
    rows = [row for row in json.loads(file.read_text()) if row.get("direction") == "shop -> us"]
    assert len(rows) >= 5
    secrets = [ShopSecrets(shop_id, (rows[0]["secret"],))]
    verdicts = [
        webhooks.accept(
            row["request"]["raw_body"].encode(), row["request"]["headers"], secrets, "woocommerce",
        )
        for row in rows
    ]  # fmt: skip
    # One topic, action.…, is none of ours; the last was sent by hand again.
    assert verdicts[-1] == "duplicate"
    assert sorted(verdicts[:-1]) == ["accepted"] * (len(rows) - 2) + ["unknown"]
    orders = {body["order"] for _, body in kept(engine)}
    assert orders == {"371", "372"}
