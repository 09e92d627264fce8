"""Takes in what a shop sends by itself: believed only when signed, kept first, worked on later
(`webhook_queue`).
"""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import structlog
from sqlalchemy import Connection as DbConnection
from sqlalchemy import select, update

from core import rights
from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.orders.shop.sync import ShopCode
from core.rights import Right, door
from core.services import registry
from core.services.outcome import Confirmed, Outcome, Refusal, Refused
from core.services.shops.messages import Message, host_of
from core.settings import connections
from core.settings.connections import Connection
from core.store import db
from core.store.statements.rows import insert_if_absent
from core.store.tables import webhooks_seen

log = structlog.get_logger(__name__)

WebhookAnswer = Literal["accepted", "duplicate", "stale", "unknown", "refused", "ping"]

LONGEST_BODY = 2 * 1024 * 1024
STALE = dt.timedelta(days=1)  # Shopify tries for 4 hours; what is older has been polled long ago


@dataclass(frozen=True)
class ShopSecrets:
    """The secrets that a shop's webhooks may be signed with: the new one, and the one before.

    `host` is the shop's address: shops of one app share its secret.
    """

    shop_id: int
    secrets: tuple[str, ...]
    host: str = ""


def shop_secrets(service: str = "shopify") -> list[ShopSecrets]:
    """The webhook secrets of every connected shop of this service."""
    messages = registry.messages(service)
    with db.reading() as connection:
        shops = connections.all_connections(connection, "shop")
    return [
        ShopSecrets(
            shop.id,
            tuple(shop.secrets[name] for name in messages.secrets if shop.secrets.get(name)),
            host_of(shop.settings.get("base_url", "")),
        )
        for shop in shops
        if messages is not None and shop.service == service
    ]


def accept(
    raw_body: bytes,
    headers: Mapping[str, str],
    secrets: Iterable[ShopSecrets] | None = None,
    service: str = "shopify",
) -> WebhookAnswer:
    """Check the signature over the raw bytes and keep the message; quick, nothing is asked.

    Answer `refused` with 401, everything else with 200. Not kept, but told in the log: an unsigned
    `ping`, a topic that is none of ours, what its own body dates older than a day, a repeat. Raises
    registry.UnknownService.
    """
    reader = registry.messages(service)
    if reader is None or len(raw_body) > LONGEST_BODY:
        return "refused"
    message = reader.read(raw_body, {name.lower(): value for name, value in headers.items()})
    if message.is_ping:
        return "ping"
    with rights.acting(rights.WORKER):  # the signature is the caller's right
        known = shop_secrets(service) if secrets is None else secrets
    shop_id = _signer(raw_body, message.signature, known, message.host)
    if shop_id is None or not message.id:
        return "refused"
    verdict = _kept(message, f"{service}:{shop_id}:{message.id}", shop_id, reader.topics)
    if verdict != "accepted":
        log.info(
            "webhook_not_kept", shop=shop_id, why=verdict, topic=message.topic[:60],
            order=message.gid,
        )  # fmt: skip
    return verdict


def _kept(
    message: Message, webhook_id: str, shop_id: int, topics: Collection[str]
) -> WebhookAnswer:
    """Keep a message to be worked on: of a wanted topic, not too old, each once."""
    if message.topic not in topics:
        return "unknown"
    if message.at is not None and message.at < now() - STALE:
        return "stale"
    row = {
        "webhook_id": webhook_id,
        "topic": message.topic,
        "shop_id": shop_id,
        "body": _kept_body(message),
        "received_at": now(),
    }
    with db.writing() as connection:
        if insert_if_absent(connection, webhooks_seen, row):
            return "accepted"
        if message.at is None and _sent_again(connection, webhook_id):
            return "accepted"
    return "duplicate"


def _sent_again(connection: DbConnection, webhook_id: str) -> bool:
    """Let the one row of a message that tells no moment wait again; False if it waited anyway.

    An order thrown away, taken back and thrown away again is told twice in the same words. The
    new moment keeps a reading that is under way from being taken for the answer (`_mark`).
    """
    known = webhooks_seen.c.webhook_id == webhook_id
    done = connection.scalar(select(webhooks_seen.c.processed_at).where(known))
    connection.execute(
        update(webhooks_seen)
        .where(known)
        .values(processed_at=None, received_at=now(), failures=0, retry_at=None)
    )
    return done is not None


def _signer(
    raw_body: bytes, signature: str, shops: Iterable[ShopSecrets], domain: str
) -> int | None:
    """The shop whose secret made the signature. Every secret is tried, in constant time each.

    Where several shops have that secret, the one whose address the message names.
    """
    try:
        given = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return None
    fitting = []
    for shop in shops:
        for secret in shop.secrets:
            made = hmac.new(secret.encode(), raw_body, hashlib.sha256).digest()
            if hmac.compare_digest(made, given):
                fitting.append(shop)
    named = next((shop for shop in fitting if shop.host == domain), None)
    chosen = named or next(iter(fitting), None)
    return None if chosen is None else chosen.shop_id


def _kept_body(message: Message) -> dict[str, object]:
    """The order the message is about ("": it names none) and its stamp; no personal data."""
    if message.updated_at is None or not message.gid:
        return {"order": message.gid}
    at = message.updated_at.isoformat()
    return {"order": message.gid, "updated_at": at, "cancelled": message.cancelled}


# ---------------------------------------------------------------- asking for them


@door(Right.CONNECT)
def subscribe(shop: Connection, uri: str) -> Outcome[int]:
    """Have the shop send its changes to `uri`; Confirmed(number of new subscriptions). Audited.

    Refused, before anything is asked, for a shop whose messages nobody could check.
    """
    reader = registry.messages(shop.service)
    if reader is None or not any(shop.secrets.get(name) for name in reader.secrets):
        code = reader.missing if reader else ShopCode.NO_MESSAGES
        return Refused(code.of(), Refusal.INVALID)
    outcome = registry.shop(shop).subscribe(uri.strip())
    if isinstance(outcome, Confirmed):
        with db.writing() as connection:
            detail = {"address": uri.strip(), "new": outcome.value}
            trail.record(connection, Action.WEBHOOKS_SUBSCRIBED, f"shop {shop.name}", detail)
    return outcome
