"""What can be changed in the sandbox's shop by GraphQL, as the root of its mutations."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError

from core.sandbox.services.shopify import bulk, cancel, orders
from core.sandbox.state import Document, State

OnChange = Callable[[str, str], None]


class Mutations:
    """The mutations, over the state."""

    def __init__(self, state: State, base_url: str, on_change: OnChange) -> None:
        """`base_url` is where bulk results are fetched; `on_change` is told of each change."""
        self._state = state
        self._base_url = base_url
        self._on_change = on_change

    def mutations(self) -> dict[str, object]:
        """The root of all changes."""
        return {
            "orderCancel": self._cancel,
            "fulfillmentCancel": self._cancel_fulfillment,
            "tagsAdd": self._tag,
            "tagsRemove": self._untag,
            "orderUpdate": self._update,
            "bulkOperationRunQuery": self._bulk,
            "webhookSubscriptionCreate": self._hook,
        }

    def run_due(self) -> None:
        """Finish the cancellations whose job is due."""
        cancel.run_due(self._state, self._on_change)

    def cancel_by_hand(self, gid: str) -> bool:
        """Somebody's click in the admin; False where the order was cancelled before."""
        done = cancel.by_hand(self._state, gid)
        if done:
            self._on_change("orders/cancelled", gid)
        return done

    def _may(self, scope: str, root: str) -> None:
        if scope not in self._state.settings["scopes"]:
            text = f"Access denied for {root} field. Required access: `{scope}` access scope."
            raise GraphQLError(text, extensions={"code": "ACCESS_DENIED"})

    # ------------------------------------------------------------ cancelling

    def _cancel(self, _info: Any, **chosen: Any) -> Document:
        self._may("write_orders", "orderCancel")
        error = cancel.refusal(self._state, chosen)
        if error is not None:
            refused = dict(zip(("field", "message", "code"), error, strict=True))
            return {
                "job": None, "jobResult": None, "orderCancelUserErrors": [refused],
                "userErrors": [refused],
            }  # fmt: skip
        job = cancel.begin(self._state, chosen)
        self.run_due()
        result = job.replace("Job", "OrderCancelJobResult")
        return {
            "job": orders.job_node(self._state, job),
            "jobResult": orders.node(self._state, result),
            "orderCancelUserErrors": [],
            "userErrors": [],
        }

    def _cancel_fulfillment(self, _info: Any, id: str) -> Document:  # noqa: A002 (Shopify's name)
        self._may("write_merchant_managed_fulfillment_orders", "fulfillmentCancel")
        for gid, order in list(self._state.all("order").items()):
            for one in order["fulfillments"]:
                if f"gid://shopify/Fulfillment/{one['id']}" == id:
                    return self._cancelled_fulfillment(gid, order, one, id)
        refused = [{"field": ["id"], "message": "Fulfillment not found."}]
        return {"fulfillment": None, "userErrors": refused}

    def _cancelled_fulfillment(
        self, gid: str, order: Document, one: Document, fulfillment: str
    ) -> Document:
        if one["status"] != "CANCELLED":
            changed = [
                {**f, "status": "CANCELLED"} if f["id"] == one["id"] else f
                for f in order["fulfillments"]
            ]
            standing = any(f["status"] == "SUCCESS" for f in changed)
            status = "PARTIALLY_FULFILLED" if standing else "UNFULFILLED"
            self._touch(gid, {**order, "fulfillments": changed, "fulfillment_status": status})
            self._state.count("fulfillment_cancelled", gid)
        node = orders.fulfillment_node(self._state, fulfillment)
        return {"fulfillment": node, "userErrors": []}

    # ------------------------------------------------------------ marks

    def _tag(self, _info: Any, id: str, tags: list[str]) -> Document:  # noqa: A002
        order = self._state.get("order", id)
        if order is None:
            missing = [{"field": ["id"], "message": "Order does not exist"}]
            return {"node": None, "userErrors": missing}
        if set(tags) - set(order["tags"]):
            self._touch(id, {**order, "tags": list(dict.fromkeys([*order["tags"], *tags]))})
            self._state.count("tagged", id)
        return {"node": orders.order_node(self._state, id), "userErrors": []}

    def _untag(self, _info: Any, id: str, tags: list[str]) -> Document:  # noqa: A002
        order = self._state.get("order", id)
        if order is None:
            missing = [{"field": ["id"], "message": "Order does not exist"}]
            return {"node": None, "userErrors": missing}
        if set(tags) & set(order["tags"]):
            self._touch(id, {**order, "tags": [one for one in order["tags"] if one not in tags]})
        return {"node": orders.order_node(self._state, id), "userErrors": []}

    def _update(self, _info: Any, input: Document) -> Document:  # noqa: A002
        gid = input["id"]
        order = self._state.get("order", gid)
        if order is None:
            missing = [{"field": ["id"], "message": "Order does not exist"}]
            return {"order": None, "userErrors": missing}
        self._touch(gid, {**order, "note": input.get("note", order["note"])})
        return {"order": orders.order_node(self._state, gid), "userErrors": []}

    def _touch(self, gid: str, order: Document) -> None:
        self._state.put("order", gid, {**order, "updated_at": datetime.now(UTC).isoformat()})
        self._on_change("orders/updated", gid)

    # ------------------------------------------------------------ bulk, webhooks

    def _bulk(self, _info: Any, query: str, groupObjects: bool = False) -> Document:  # noqa: ARG002, N803
        return bulk.start(self._state, self._base_url, query)

    def _hook(self, _info: Any, topic: str, webhookSubscription: Document) -> Document:  # noqa: N803
        uri = webhookSubscription.get("uri") or webhookSubscription.get("callbackUrl") or ""
        taken = any(
            (one["topic"], one["uri"]) == (topic, uri) for one in self._state.all("hook").values()
        )
        if taken:
            message = "Address for this topic has already been taken"
            refused = [{"field": ["webhookSubscription", "uri"], "message": message}]
            return {"webhookSubscription": None, "userErrors": refused}
        name = f"gid://shopify/WebhookSubscription/{len(self._state.all('hook')) + 1}"
        hook = {"id": name, "topic": topic, "uri": uri}
        self._state.put("hook", name, hook)
        return {"webhookSubscription": hook, "userErrors": []}
