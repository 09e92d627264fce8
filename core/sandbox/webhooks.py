"""Tells the desk of changes in the sandbox's shop, as Shopify's webhooks do."""

import base64
import hashlib
import hmac
import json
import threading
import uuid

import requests

from core.sandbox.state import State

TRIES = 3


class Webhooks:
    """Posts changes to the target of the settings: {"url", "secret"}."""

    def __init__(self, state: State) -> None:
        """Look for the target in this state's settings."""
        self._state = state

    def tell(self, topic: str, gid: str) -> None:
        """Send one webhook in the background, where a target is set."""
        target = self._state.settings["webhook"]
        order = self._state.get("order", gid)
        if not target or order is None:
            return
        body = json.dumps(
            {
                "id": order["id"],
                "admin_graphql_api_id": gid,
                "name": order["name"],
                "cancelled_at": order["cancelled_at"],
                "updated_at": order["updated_at"],
            }
        ).encode()
        signature = base64.b64encode(
            hmac.new(target["secret"].encode(), body, hashlib.sha256).digest()
        ).decode()
        shop = self._state.get("shop", "shop") or {}
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": str(shop.get("domain", "")),
            "X-Shopify-Webhook-Id": str(uuid.uuid4()),
            "X-Shopify-API-Version": "2026-10",
            "X-Shopify-Hmac-SHA256": signature,
        }
        threading.Thread(
            target=_post, args=(target["url"], body, headers), name="webhook", daemon=True
        ).start()


def _post(url: str, body: bytes, headers: dict[str, str]) -> None:
    for _ in range(TRIES):
        try:
            if requests.post(url, data=body, headers=headers, timeout=5).ok:
                return
        except requests.RequestException:
            continue
