"""What a real Shopify answered, as others recorded it, through our adapter.

What each answer must be read as was written by hand from the texts, never copied from what the
adapter gives.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from foreign_answering import Replay, replaying

from core.services.outcome import Confirmed, Outcome, Refused, RefusedForNow, Unknown
from core.services.ports import CancelRequest
from core.services.shops.shopify import Shopify
from core.services.shops.shopify.api import Data
from core.services.shops.shopify.orders import order_of

REFUSALS = {
    "Cannot cancel an order that has outstanding fulfillments": "outstanding_fulfillments",
    "Cannot cancel an order that has already been canceled": "already_cancelled",
    "Cancellation is already in progress": "in_progress",
    "Cannot cancel an order that has returns": "has_returns",
    "Staff note is too long. Maximum length is 255 characters.": "invalid",
    "Only one of the arguments `refund` or `refund_method` is allowed.": "invalid",
    "Customer does not exist": "not_found",
    "Product does not exist": "not_found",
    "Fulfillment not found.": "not_found",
}
HOW_OFTEN = {
    "outstanding_fulfillments": 6, "already_cancelled": 3, "in_progress": 1, "has_returns": 1,
    "invalid": 3, "not_found": 3,
}  # fmt: skip


@pytest.fixture
def replay() -> Iterator[Replay]:
    with replaying() as made:
        yield made


def changes(shop: Shopify) -> dict[str, Callable[[str], Outcome[Any]]]:
    """How each recorded mutation is asked for by us."""
    return {
        "orderCancel": lambda gid: shop.cancel(CancelRequest(gid)),
        "tagsAdd": lambda gid: shop.add_tags(gid, ["refused"]),
        "fulfillmentCancel": shop.cancel_fulfillment,
    }


def pairs(recorded: Path) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The mutation, its payload, and the whole answer of each recorded pair."""
    for one in json.loads((recorded / "cancel_tag_fulfillment.json").read_text()):
        for root, payload in (one["response"].get("data") or {}).items():
            if root in ("orderCancel", "tagsAdd", "fulfillmentCancel"):
                yield root, payload, one["response"]


def errors_of(payload: dict[str, Any]) -> list[dict[str, Any]]:
    return payload.get("orderCancelUserErrors") or payload.get("userErrors") or []


def test_each_of_the_17_recorded_refusals_is_read_by_its_words(
    recorded: Path, replay: Replay
) -> None:
    found: Counter[str] = Counter()
    for root, payload, answer in pairs(recorded):
        if errors_of(payload):
            outcome = changes(replay.shop)[root](replay.answers(answer))
            assert isinstance(outcome, Refused), (outcome, payload)
            assert outcome.code == REFUSALS[errors_of(payload)[0]["message"]]
            found[outcome.code] += 1
    assert found == HOW_OFTEN


def test_each_of_the_101_accepted_cancels_gives_its_job(recorded: Path, replay: Replay) -> None:
    accepted = 0
    for root, payload, answer in pairs(recorded):
        if root == "orderCancel" and payload.get("job"):
            outcome = changes(replay.shop)[root](replay.answers(answer))
            assert isinstance(outcome, Confirmed), (outcome, payload)
            assert outcome.value == payload["job"]["id"]
            accepted += 1
    assert accepted == 101


def test_a_cancel_that_shows_no_job_is_never_a_success(recorded: Path, replay: Replay) -> None:
    """Four were recorded with a selection that holds neither job nor error."""
    seen = 0
    for root, payload, answer in pairs(recorded):
        if root == "orderCancel" and not payload.get("job") and not errors_of(payload):
            outcome = changes(replay.shop)[root](replay.answers(answer))
            assert isinstance(outcome, Unknown), (outcome, payload)
            seen += 1
    assert seen == 4


def test_no_recorded_error_is_taken_for_data(recorded: Path, replay: Replay) -> None:
    """60 kinds of errors, many with data beside them; none of them hides protected fields only."""
    rows = json.loads((recorded / "errors.json").read_text())
    for one in rows:
        replay.answers(one["response"])
        outcome = replay.shop._api.run("ReadOrder", {"id": "gid://shopify/Order/1"}, effect=True)
        codes = {row.get("extensions", {}).get("code") for row in one["response"]["errors"]}
        assert not isinstance(outcome, Data), one["source"]
        if "THROTTLED" in codes:
            assert isinstance(outcome, RefusedForNow), one["source"]
        elif "ACCESS_DENIED" in codes:
            assert isinstance(outcome, Refused), one["source"]
            assert outcome.code == "no_permission"
        elif codes == {"INTERNAL_SERVER_ERROR"}:
            assert isinstance(outcome, Unknown), one["source"]
    assert len(rows) == 60


def test_every_recorded_order_is_read(recorded: Path) -> None:
    """What a query did not ask for is filled up; what it told is read as it stands."""
    moment = "2026-04-01T10:00:00Z"
    money = {"shopMoney": {"amount": "1.00", "currencyCode": "CAD"}}
    filled = {"name": "#1", "createdAt": moment, "updatedAt": moment, "totalPriceSet": money}
    rows = json.loads((recorded / "orders.json").read_text())
    for one in rows:
        node = one["order"]
        made = order_of({**filled, **node}, [], "cash on delivery,ramburs")
        assert made.gid == node["id"]
        assert made.name == node.get("name", "#1")
        assert (made.cancelled_at is not None) == bool(node.get("cancelledAt"))
        assert made.email == (node.get("email") or "")
    assert len(rows) == 109
