"""Shopify's subscriptions: which topics are asked for, and what a refused address says."""

from services_answering import Answering

from core.services.outcome import Confirmed, Refused
from core.services.shops.shopify import Shopify

URI = "https://desk.example/webhooks/shopify"


def test_only_missing_topics_are_subscribed(shop: Shopify, server: Answering) -> None:
    there = [{"id": "1", "topic": "ORDERS_CANCELLED"}, {"id": "2", "topic": "ORDERS_UPDATED"}]
    server.will_say({"data": {"webhookSubscriptions": {"nodes": there}}})
    for id_ in ("3", "4"):
        payload = {"webhookSubscription": {"id": id_}, "userErrors": []}
        server.will_say({"data": {"webhookSubscriptionCreate": payload}})
    outcome = shop.subscribe(URI)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == 2
    asked = [one.json["variables"] for one in server.asked[1:]]
    assert [one["topic"] for one in asked] == ["FULFILLMENTS_CREATE", "FULFILLMENTS_UPDATE"]
    assert {one["uri"] for one in asked} == {URI}


def test_an_address_that_shopify_does_not_take_is_told(shop: Shopify, server: Answering) -> None:
    assert isinstance(shop.subscribe("http://desk.local/webhooks/shopify"), Refused)
    assert server.asked == []
    server.will_say({"data": {"webhookSubscriptions": {"nodes": []}}})
    errors = [{"field": ["uri"], "message": "Address is invalid"}]
    server.will_say({"data": {"webhookSubscriptionCreate": {"userErrors": errors}}})
    outcome = shop.subscribe(URI)
    assert isinstance(outcome, Refused)
    assert "Address is invalid" in str(outcome.why)
