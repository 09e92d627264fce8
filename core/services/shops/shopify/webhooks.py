"""Asks Shopify to tell us of changes by itself, at an address that it can reach."""

from core.services.codes import ServiceCode
from core.services.http.texts import plain
from core.services.outcome import Confirmed, Outcome, Refusal, Refused, Unknown
from core.services.shops.shopify.api import Data, ShopifyApi
from core.services.shops.shopify.codes import ShopifyCode

TOPICS = ("ORDERS_CANCELLED", "ORDERS_UPDATED", "FULFILLMENTS_CREATE", "FULFILLMENTS_UPDATE")


def subscribe(api: ShopifyApi, uri: str) -> Outcome[int]:
    """Subscribe `uri` to every topic it lacks; Confirmed(how many were new).

    Repeating does no harm. Shopify takes https addresses only, and drops a subscription whose
    address did not answer for four hours.
    """
    if not uri.startswith("https://"):
        return Refused(ShopifyCode.HTTPS_ONLY.of(), Refusal.INVALID)
    listed = api.run("WebhookList", {"uri": uri}, effect=False)
    if not isinstance(listed, Data):
        return listed
    nodes = listed.part("webhookSubscriptions").get("nodes")
    rows = nodes if isinstance(nodes, list) else []
    there = {row.get("topic") for row in rows if isinstance(row, dict)}
    missing = [topic for topic in TOPICS if topic not in there]
    for topic in missing:
        failed = _create(api, topic, uri)
        if failed is not None:
            return failed
    return Confirmed(len(missing), listed.evidence)


def _create(api: ShopifyApi, topic: str, uri: str) -> Outcome[int] | None:
    made = api.run("WebhookCreate", {"topic": topic, "uri": uri}, effect=True)
    if not isinstance(made, Data):
        return made
    payload = made.part("webhookSubscriptionCreate")
    errors = payload.get("userErrors")
    if errors:
        rows = [row for row in errors if isinstance(row, dict)] if isinstance(errors, list) else []
        messages = " ".join(str(row.get("message", "")) for row in rows)
        if "already been taken" in plain(messages):  # somebody else was a moment faster
            return None
        why = ServiceCode.SAID.of(title="Shopify", said=messages)
        return Refused(why, Refusal.INVALID, made.evidence)
    if not payload.get("webhookSubscription"):
        return Unknown(ServiceCode.NO_SUBSCRIPTION.of(title="Shopify"), made.evidence)
    return None
