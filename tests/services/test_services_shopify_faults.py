"""T8 at Shopify: each fault of the network × each call; an effect arrives once at the most."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

import misbehaving
import pytest
from services_answering import Split, answering, connected
from sqlalchemy import Engine

from core.services import registry
from core.services.http.failures import CannotRead
from core.services.outcome import NotSent, RefusedForNow
from core.services.ports import CancelRequest
from core.services.shops import common as shops_common
from core.services.shops.shopify import Shopify

GID = "gid://shopify/Order/1001"
SINCE = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
DESK = "https://desk.example/webhooks/shopify"
JOB = "gid://shopify/Job/1"
RESULT = "gid://shopify/OrderCancelJobResult/1"
PARCEL = "gid://shopify/Fulfillment/5"

EFFECTS: dict[str, Callable[[Shopify], object]] = {
    "cancel": lambda shop: shop.cancel(CancelRequest(GID)),
    "cancel_fulfillment": lambda shop: shop.cancel_fulfillment(PARCEL),
    "add_tags": lambda shop: shop.add_tags(GID, ["x"]),
}
READS: dict[str, Callable[[Shopify], object]] = {
    "read_order": lambda shop: shop.read_order(GID),
    "cancel_state": lambda shop: shop.cancel_state(GID),
    "cancel_state of a job": lambda shop: shop.cancel_state(GID, JOB),
    "cancel_state of a result": lambda shop: shop.cancel_state(GID, RESULT),
    "subscribe": lambda shop: shop.subscribe(DESK),
    "changed_orders": lambda shop: _reason(lambda: list(shop.changed_orders(SINCE, lambda _: ()))),
    "all_orders": lambda shop: _reason(lambda: list(shop.all_orders())),
}
# At Shopify neither HTML nor another service's words are evidence of anything.
TABLE = {
    fault: "Unknown" if becomes == "Answer" else becomes
    for fault, becomes in misbehaving.FAULTS.items()
}
TOKEN = {"token": "shpat_abcdef123456"}
LENT = {"client_id": "id", "client_secret": "secret"}  # the app's own: a token is fetched first


def _reason(reading: Callable[[], object]) -> object:
    with pytest.raises(CannotRead) as ended:
        reading()
    return ended.value.outcome


def shop_at(base_url: str, number: int = 1, **sign_in: str) -> Shopify:
    """Shopify at this address, with a bucket of its own for each number."""
    connection = connected("shopify", "shop", base_url, **(sign_in or TOKEN))
    connection.settings["timeout_seconds"] = "0.3"
    if not base_url.startswith("http://127.0.0.1:"):
        connection.settings["other_host"] = urlsplit(base_url).netloc
    return cast("Shopify", registry.adapter(replace(connection, id=number)))


@pytest.fixture(autouse=True)
def once_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long readings are not tried again."""
    monkeypatch.setattr(shops_common, "TRIES", 0)


def test_each_call_meets_each_fault_as_the_table_says_and_effects_arrive_once_at_most(
    fault: str, faulty: misbehaving.Running, engine: Engine
) -> None:
    became, reached = {}, {}
    for number, (name, call) in enumerate({**READS, **EFFECTS}.items(), start=1):
        before = len(faulty.requests)
        became[name] = type(call(shop_at(faulty.base_url, number))).__name__
        reached[name] = len(faulty.requests) - before
    assert became == dict.fromkeys(became, TABLE[fault])
    assert {name: reached[name] for name in EFFECTS if reached[name] > 1} == {}


def test_a_subscription_that_meets_a_fault_is_asked_for_once_and_not_taken_for_made(
    fault: str, faulty: misbehaving.Running, engine: Engine
) -> None:
    """The list of subscriptions comes well; to make the first of those missing meets the fault."""
    with answering() as good:
        good.will_say({"data": {"webhookSubscriptions": {"nodes": []}}})
        shop = shop_at(good.base_url)
        bad = shop_at(faulty.base_url, 2)
        clients: Any = (shop._api.client, bad._api.client)
        shop._api.client = cast("Any", Split(*clients, 1))
        outcome = shop.subscribe(DESK)
    assert type(outcome).__name__ == TABLE[fault]
    assert len(faulty.requests) <= 1


def test_a_fault_at_the_sign_in_means_that_the_effect_was_not_sent(
    fault: str, faulty: misbehaving.Running, engine: Engine
) -> None:
    for number, (name, call) in enumerate(EFFECTS.items(), start=1):
        outcome = call(shop_at(faulty.base_url, number, **LENT))
        assert isinstance(outcome, NotSent | RefusedForNow), (name, outcome)
    assert not any(b"/graphql.json" in one for one in faulty.requests)


def test_the_connection_test_tells_every_fault_in_a_sentence(
    fault: str, faulty: misbehaving.Running, engine: Engine
) -> None:
    [finding] = shop_at(faulty.base_url).check()
    assert not finding.ok
    assert "Shopify" in str(finding.say)
