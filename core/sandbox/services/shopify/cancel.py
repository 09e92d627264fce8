"""Cancelling in the sandbox's shop: refusals by name, a job that takes a while and may fail."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from core.sandbox.state import Document, State

ALREADY = "Cannot cancel an order that has already been canceled"
RUNNING = "Cancellation is already in progress"
SHIPPED = "Cannot cancel an order that has outstanding fulfillments"
RETURNS = "Cannot cancel an order that has returns"
LONG_NOTE = "Staff note is too long. Maximum length is 255 characters."
TWO_REFUNDS = "Only one of the arguments `refund` or `refund_method` is allowed."
NO_LOCATION = "Cannot restock items at a deactivated location"

VOIDED = ("PENDING", "AUTHORIZED")  # what nobody has paid is void once it is cancelled

Refusal = tuple[list[str] | None, str, str]


def refusal(state: State, chosen: Document) -> Refusal | None:
    """Field, message and code of why this cancellation is not begun, or None."""
    order = state.get("order", chosen["orderId"])
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
    if not state.settings["refuse_repeats"]:
        return None
    if order["cancelled_at"]:
        return ["orderId"], ALREADY, "INVALID"
    if any(job["order"] == chosen["orderId"] for job in _open_jobs(state).values()):
        return None, RUNNING, "INVALID"
    return None


def begin(state: State, chosen: Document) -> str:
    """Take the cancellation on; gives the id of its job."""
    job = f"gid://shopify/Job/{uuid.uuid4()}"
    kept = {
        "done": False,
        "failed": "",
        "order": chosen["orderId"],
        "due": time.time() + state.settings["job_delay"],
        "restock": chosen["restock"],
        "reason": chosen["reason"],
        "note": chosen.get("staffNote"),
        "refund": bool(chosen.get("refund") or chosen.get("refundMethod")),
    }
    state.put("job", job, kept)
    state.put("open_job", job, {"order": kept["order"], "due": kept["due"]})
    return job


def _open_jobs(state: State) -> dict[str, Document]:
    return state.all("open_job")


def run_due(state: State, on_change: Callable[[str, str], None]) -> None:
    """Finish the jobs that are due; `on_change` is told of each order cancelled."""
    at = time.time()
    for name, waiting in list(_open_jobs(state).items()):
        job = state.get("job", name)
        if job is None or waiting["due"] > at:
            continue
        failed = _finish(state, job)
        state.drop("open_job", name)
        state.put("job", name, {**job, "done": True, "failed": failed})
        if not failed:
            on_change("orders/cancelled", job["order"])


def _finish(state: State, job: Document) -> str:
    """Cancel the order of a job; gives why it could not be, "" when it is done."""
    order = state.get("order", job["order"])
    if order is None:
        return "Order does not exist"
    active = state.settings["location_active"]
    # Who was faster: another call (only where the proofs let a repeat through), or a person.
    repeat = order["cancelled_at"] is not None
    if repeat and (state.settings["refuse_repeats"] or order.get("cancelled_by_hand")):
        return ALREADY
    if job["restock"] and not active and order["financial_status"] == "PAID":
        return NO_LOCATION
    _cancel(state, job["order"], order, {**job, "restock": job["restock"] and active})
    return ""


def by_hand(state: State, gid: str) -> bool:
    """Somebody cancels the order in the admin, without restock; False where it was before."""
    order = state.get("order", gid)
    if order is None or order["cancelled_at"]:
        return False
    chosen = {"reason": "CUSTOMER", "restock": False, "note": None, "refund": False}
    _cancel(state, gid, {**order, "cancelled_by_hand": True}, chosen)
    return True


def _cancel(state: State, gid: str, order: Document, chosen: Document) -> None:
    moment = datetime.now(UTC).isoformat()
    changed = {
        **order,
        "cancelled_at": order["cancelled_at"] or moment,
        "updated_at": moment,
        "cancel_reason": chosen["reason"],
        "staff_note": chosen["note"],
        "financial_status": _paid_state(order["financial_status"], refund=chosen["refund"]),
        "restocked": bool(chosen["restock"]),
    }
    state.put("order", gid, changed)
    state.count("cancelled", gid)
    if chosen["restock"]:
        _put_back(state, order)
        state.count("restocked", gid)


def _paid_state(before: str, *, refund: bool) -> str:
    if before in VOIDED:
        return "VOIDED"
    return "REFUNDED" if refund and before in ("PAID", "PARTIALLY_PAID") else before


def _put_back(state: State, order: Document) -> None:
    for line in order["lines"]:
        product = state.get("product", line["sku"])
        if product is not None:
            stock = product["stock"] + line["quantity"]
            state.put("product", line["sku"], {**product, "stock": stock})
