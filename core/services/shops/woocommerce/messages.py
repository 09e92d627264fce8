"""Reads WooCommerce's webhooks.

Its delivery id is made of the webhook and the second, so different orders share one and a true
repeat has another (WOOCOMMERCE I): a repeat is known by topic, order and change.
"""

import re
from collections.abc import Mapping

from core.services.shops.messages import Message, Messages, digest_of, host_of, object_of
from core.services.shops.woocommerce.codes import WooCode
from core.services.shops.woocommerce.orders import moment
from core.services.shops.woocommerce.subscriptions import TOPICS

_PING = re.compile(rb"webhook_id=\d{1,20}")


def read(raw_body: bytes, headers: Mapping[str, str]) -> Message:
    """The message; what names no moment (the trash) is known by its body."""
    topic = headers.get("x-wc-webhook-topic", "")
    body = object_of(raw_body) if topic in TOPICS else {}
    number, changed = body.get("id"), body.get("date_modified_gmt")
    is_order = isinstance(number, int) and not isinstance(number, bool) and number > 0
    delivery = headers.get("x-wc-webhook-delivery-id", "")
    try:
        at = moment(changed) if changed else None
    except ValueError:
        at = None
    gid = str(number) if is_order else ""
    named = f"{topic}:{gid}:{at.isoformat()}" if at else f"{topic}:{digest_of(raw_body, gid)}"
    return Message(
        id=named if topic and (at or delivery) else "",
        topic=topic,
        signature=headers.get("x-wc-webhook-signature", ""),
        host=host_of(headers.get("x-wc-webhook-source", "")),
        gid=gid,
        updated_at=at,
        at=at,
        cancelled=body.get("status") == "cancelled",
        is_ping=not topic and _PING.fullmatch(raw_body) is not None,
    )


MESSAGES = Messages(
    ("webhook_secret",),
    TOPICS,
    read,
    WooCode.MESSAGE_SECRET_FIRST,
)
