"""WooCommerce's webhooks: made and listed by its interface, sent after a change."""

import base64
import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime

import requests
from starlette.responses import JSONResponse, Response

from core.sandbox.calls import SandboxCall
from core.sandbox.state import Document, State

KIND = "woo_webhook"
TOPICS = frozenset({"order.created", "order.updated", "order.deleted", "order.restored"})


class Webhooks:
    """The shop's subscriptions."""

    def __init__(self, state: State) -> None:
        """Keep them in this state."""
        self._state = state

    def answer(self, call: SandboxCall, rest: list[str]) -> Response:
        """`/webhooks`, `/webhooks/{id}`."""
        if call.method == "GET":
            return JSONResponse([_shown(one) for one in self._state.all(KIND).values()])
        if call.method == "POST":
            return self._make(call.json)
        hook = self._state.get(KIND, rest[0] if rest else "")
        if hook is None:
            return JSONResponse({"code": "woocommerce_rest_webhook_invalid_id"}, 404)
        if call.method == "PUT":
            hook = {**hook, **call.json}
            self._state.put(KIND, rest[0], hook)
        else:
            self._state.drop(KIND, rest[0])
        return JSONResponse(_shown(hook))

    def _make(self, body: Document) -> Response:
        if body.get("topic") not in TOPICS:
            return JSONResponse({"code": "woocommerce_rest_invalid_webhook_topic"}, 400)
        number = 1 + max((int(one) for one in self._state.all(KIND)), default=0)
        hook = {"id": number, "status": "active", **body}
        self._state.put(KIND, str(number), hook)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        _in_background(hook["delivery_url"], f"webhook_id={number}".encode(), form)
        return JSONResponse(_shown(hook), 201)

    def tell(self, topic: str, body: Document) -> None:
        """Send it to every active subscription of the topic, once; nothing is tried again."""
        raw = json.dumps(body).encode()
        for hook in list(self._state.all(KIND).values()):
            if hook["topic"] == topic and hook["status"] == "active":
                _in_background(hook["delivery_url"], raw, _headers(hook, raw))


def _shown(hook: Document) -> Document:
    """The secret is not given back."""
    return {name: value for name, value in hook.items() if name != "secret"}


def _headers(hook: Document, raw: bytes) -> dict[str, str]:
    """The delivery id is made of the webhook and the second: two orders may share one."""
    signed = hmac.new(hook["secret"].encode(), raw, hashlib.sha256).digest()
    second = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    resource, _, event = hook["topic"].partition(".")
    return {
        "Content-Type": "application/json",
        "X-WC-Webhook-Source": "http://127.0.0.1/",
        "X-WC-Webhook-Topic": hook["topic"],
        "X-WC-Webhook-Resource": resource,
        "X-WC-Webhook-Event": event,
        "X-WC-Webhook-Signature": base64.b64encode(signed).decode(),
        "X-WC-Webhook-ID": str(hook["id"]),
        "X-WC-Webhook-Delivery-ID": hashlib.md5(f"{hook['id']}{second}".encode()).hexdigest(),  # noqa: S324
    }


def _in_background(url: str, raw: bytes, headers: dict[str, str]) -> None:
    threading.Thread(
        target=_post, args=(url, raw, headers), name="woo-webhook", daemon=True
    ).start()


def _post(url: str, raw: bytes, headers: dict[str, str]) -> None:
    try:
        requests.post(url, data=raw, headers=headers, timeout=5)
    except requests.RequestException:
        return
