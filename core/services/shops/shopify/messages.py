"""Reads Shopify's webhooks; a repeat is known by its X-Shopify-Webhook-Id."""

import datetime as dt
import re
from collections.abc import Mapping

from core.services.shops.messages import Message, Messages, object_of

TOPICS = frozenset(
    {
        "orders/cancelled",
        "orders/create",
        "orders/updated",
        "fulfillments/create",
        "fulfillments/update",
        "refunds/create",
    }
)
_NUMBER = re.compile(r"\d{1,20}")


def read(raw_body: bytes, headers: Mapping[str, str]) -> Message:
    """The message; "" for the order where it is about none, or of a topic that is not ours."""
    topic = headers.get("x-shopify-topic", "")
    body = object_of(raw_body) if topic in TOPICS else {}
    of_order = topic.startswith("orders/")
    text = str(body.get("id") if of_order else body.get("order_id"))
    return Message(
        id=headers.get("x-shopify-webhook-id", ""),
        topic=topic,
        signature=headers.get("x-shopify-hmac-sha256", ""),
        host=headers.get("x-shopify-shop-domain", "").strip().lower(),
        gid=f"gid://shopify/Order/{text}" if _NUMBER.fullmatch(text) else "",
        updated_at=_moment(body.get("updated_at")) if of_order else None,
        cancelled=body.get("cancelled_at") is not None,
    )


def _moment(told: object) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(str(told))
        return moment.astimezone(dt.UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


MESSAGES = Messages(
    ("client_secret", "old_client_secret"),
    read,
    "Type in the client secret and save first: without it nobody can tell whether a message is "
    "really the shop's.",
)
