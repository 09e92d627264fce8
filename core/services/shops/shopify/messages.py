"""Reads Shopify's webhooks; a repeat is known by its body, since only that is signed.

X-Shopify-Webhook-Id and the topic can be written anew by whoever has one signed body.
"""

import datetime as dt
import re
from collections.abc import Mapping

from core.services.shops.messages import Message, Messages, digest_of, object_of
from core.services.shops.shopify.codes import ShopifyCode

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
LONGEST_ID = 120
_NUMBER = re.compile(r"\d{1,20}")


def read(raw_body: bytes, headers: Mapping[str, str]) -> Message:
    """The message; "" for the order where it is about none, or of a topic that is not ours."""
    topic = headers.get("x-shopify-topic", "")
    body = object_of(raw_body) if topic in TOPICS else {}
    of_order = topic.startswith("orders/")
    text = str(body.get("id") if of_order else body.get("order_id"))
    gid = f"gid://shopify/Order/{text}" if _NUMBER.fullmatch(text) else ""
    named = 0 < len(headers.get("x-shopify-webhook-id", "")) <= LONGEST_ID
    changed = _moment(body.get("updated_at"))
    return Message(
        id=digest_of(raw_body, gid) if named else "",
        topic=topic,
        signature=headers.get("x-shopify-hmac-sha256", ""),
        host=headers.get("x-shopify-shop-domain", "").strip().lower(),
        gid=gid,
        updated_at=changed if of_order else None,
        at=changed or _moment(body.get("created_at")),
        cancelled=body.get("cancelled_at") is not None,
    )


def _moment(text: object) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(str(text))
        return moment.astimezone(dt.UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


MESSAGES = Messages(
    ("client_secret", "old_client_secret"),
    TOPICS,
    read,
    ShopifyCode.SECRET_FIRST,
)
