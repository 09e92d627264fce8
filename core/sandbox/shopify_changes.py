"""What can be changed in the sandbox's shop: cancelling, tags, notes, bulk jobs, webhooks."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError

from core.sandbox import shopify_orders
from core.sandbox.state import Document, State

ALREADY = "Cannot cancel an order that has already been canceled"
RUNNING = "Cancellation is already in progress"
SHIPPED = "Cannot cancel an order that has outstanding fulfillments"
RETURNS = "Cannot cancel an order that has returns"
LONG_NOTE = "Staff note is too long. Maximum length is 255 characters."
TWO_REFUNDS = "Only one of the arguments `refund` or `refund_method` is allowed."


class Changes:
    """The mutations, over the state."""

    def __init__(self, state: State, base_url: str) -> None:
        """`base_url` is where bulk results are fetched; `on_change` is told of each change."""
        self._state = state
        self._base_url = base_url
        self.on_change: Callable[[str, str], None] = lambda _topic, _gid: None

    def mutations(self) -> dict[str, Any]:
        """The root of all changes."""
        return {
            "orderCancel": self._cancel,
            "fulfillmentCancel": self._cancel_fulfillment,
            "tagsAdd": self._tag,
            "orderUpdate": self._update,
            "bulkOperationRunQuery": self._bulk,
            "webhookSubscriptionCreate": self._hook,
        }

    def _may(self, scope: str, root: str) -> None:
        if scope not in self._state.settings["scopes"]:
            text = f"Access denied for {root} field. Required access: `{scope}` access scope."
            raise GraphQLError(text, extensions={"code": "ACCESS_DENIED"})

    # ------------------------------------------------------------ cancelling

    def _cancel(self, _info: Any, **chosen: Any) -> Document:
        self._may("write_orders", "orderCancel")
        gid: str = chosen["orderId"]
        order = self._state.get("order", gid)
        error = self._refusal(order, chosen)
        if error is not None:
            field, message, code = error
            refused = {"field": field, "message": message, "code": code}
            return {
                "job": None, "jobResult": None, "orderCancelUserErrors": [refused],
                "userErrors": [refused],
            }  # fmt: skip
        job = f"gid://shopify/Job/{uuid.uuid4()}"
        self._state.put(
            "job",
            job,
            {
                "done": False,
                "order": gid,
                "due": time.time() + self._state.settings["job_delay"],
                "restock": chosen["restock"],
                "reason": chosen["reason"],
                "note": chosen.get("staffNote"),
                "refund": bool(chosen.get("refund") or chosen.get("refundMethod")),
            },
        )
        self.run_due()
        result = job.replace("Job", "OrderCancelJobResult")
        return {
            "job": shopify_orders._job(self._state, job),
            "jobResult": shopify_orders._node(self._state, result),
            "orderCancelUserErrors": [],
            "userErrors": [],
        }

    def _refusal(
        self, order: Document | None, chosen: Document
    ) -> tuple[list[str] | None, str, str] | None:
        if order is None:
            return ["orderId"], "Order does not exist", "NOT_FOUND"
        if len(chosen.get("staffNote") or "") > 255:
            return ["staffNote"], LONG_NOTE, "INVALID"
        if chosen.get("refund") is not None and chosen.get("refundMethod") is not None:
            return ["refund"], TWO_REFUNDS, "INVALID"
        if order.get("return_status", "NO_RETURN") != "NO_RETURN":
            return ["orderId"], RETURNS, "INVALID"
        standing = any(one["status"] == "SUCCESS" for one in order["fulfillments"])
        if order["financial_status"] == "PAID" and standing:
            return ["orderId"], SHIPPED, "INVALID"
        if not self._state.settings["refuse_repeats"]:
            return None
        if order["cancelled_at"]:
            return ["orderId"], ALREADY, "INVALID"
        if self._running(chosen["orderId"]):
            return None, RUNNING, "INVALID"
        return None

    def _running(self, gid: str) -> bool:
        jobs = self._state.all("running").values()
        return any(job["order"] == gid for job in jobs)

    def run_due(self) -> None:
        """Apply the cancellations whose job is due."""
        at = time.time()
        for name, job in list(self._state.all("job").items()):
            if not job["done"] and job["due"] <= at:
                self._state.put("job", name, {**job, "done": True})
                self._state.drop("running", name)
                self.cancel_now(job["order"], job["reason"], job["restock"], job["note"])
            elif not job["done"] and self._state.get("running", name) is None:
                self._state.put("running", name, job)

    def cancel_now(self, gid: str, reason: str, restock: bool, note: str | None) -> None:
        """Cancel the order: the end of the job, or somebody's click in the admin."""
        order = self._state.get("order", gid)
        if order is None:
            return
        moment = datetime.now(UTC).isoformat()
        financial = {"PENDING": "VOIDED", "PAID": "REFUNDED"}
        self._state.put(
            "order",
            gid,
            {
                **order,
                "cancelled_at": order["cancelled_at"] or moment,
                "updated_at": moment,
                "cancel_reason": reason,
                "staff_note": note,
                "financial_status": financial.get(order["financial_status"], "VOIDED"),
                "restocked": restock,
            },
        )
        self._state.count("cancelled", gid)
        if restock:
            self._state.count("restocked", gid)
        self.on_change("orders/cancelled", gid)

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
            body = {**order, "fulfillments": changed, "fulfillment_status": "UNFULFILLED"}
            self._touch(gid, body)
            self._state.count("fulfillment_cancelled", gid)
        return {
            "fulfillment": shopify_orders._fulfillment_by_id(self._state, fulfillment),
            "userErrors": [],
        }

    # ------------------------------------------------------------ marks

    def _tag(self, _info: Any, id: str, tags: list[str]) -> Document:  # noqa: A002
        order = self._state.get("order", id)
        if order is None:
            missing = [{"field": ["id"], "message": "Order does not exist"}]
            return {"node": None, "userErrors": missing}
        if set(tags) - set(order["tags"]):
            self._touch(id, {**order, "tags": list(dict.fromkeys([*order["tags"], *tags]))})
            self._state.count("tagged", id)
        return {"node": {"__typename": "Order", "id": id}, "userErrors": []}

    def _update(self, _info: Any, input: Document) -> Document:  # noqa: A002
        gid = input["id"]
        order = self._state.get("order", gid)
        if order is None:
            missing = [{"field": ["id"], "message": "Order does not exist"}]
            return {"order": None, "userErrors": missing}
        self._touch(gid, {**order, "note": input.get("note", order["note"])})
        return {"order": shopify_orders.order_node(self._state, gid), "userErrors": []}

    def _touch(self, gid: str, order: Document) -> None:
        self._state.put("order", gid, {**order, "updated_at": datetime.now(UTC).isoformat()})
        self.on_change("orders/updated", gid)

    # ------------------------------------------------------------ bulk, webhooks

    def _bulk(self, _info: Any, query: str, groupObjects: bool = False) -> Document:  # noqa: ARG002, N803
        name = f"gid://shopify/BulkOperation/{uuid.uuid4().int % 10**12}"
        url = f"{self._base_url}/shopify/bulk/{name.rsplit('/', 1)[1]}"
        operation = {
            "id": name, "status": "COMPLETED", "errorCode": None, "url": url,
            "objectCount": str(len(self._state.all("order"))),
            "createdAt": datetime.now(UTC).isoformat(),
            "completedAt": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        self._state.put("bulk", name, operation)
        return {"bulkOperation": operation, "userErrors": []}

    def bulk_lines(self, _path: str) -> str:
        """The result of a bulk operation: every order as it is now."""
        from core.sandbox.shopify import bulk_lines

        return bulk_lines(self._state)

    def _hook(self, _info: Any, topic: str, webhookSubscription: Document) -> Document:  # noqa: N803
        name = f"gid://shopify/WebhookSubscription/{len(self._state.all('hook')) + 1}"
        hook = {"id": name, "topic": topic, "uri": webhookSubscription.get("uri") or ""}
        self._state.put("hook", name, hook)
        return {"webhookSubscription": hook, "userErrors": []}
