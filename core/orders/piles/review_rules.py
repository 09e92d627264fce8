"""Decides, for one order of a pile, whether it may run by itself, and says so in words."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Literal

from core.i18n.reasons import sentence
from core.orders.shop.holds import HELD
from core.reasons import Reason

Group = Literal["will run", "held", "delivered", "done"]

GOING = {
    "queued": "In line in a run.",
    "working": "Being processed.",
    "waiting": "Waiting in a run.",
    "needs_person": "Needs a person: see Follow-up.",
    "done": "Done.",
}


@dataclass(frozen=True)
class Facts:
    """What is known of one order in one pile. `back`: parcel id → picture of those scanned."""

    row: Any
    parcels: Sequence[Any]
    invoices: Sequence[Any]
    back: Mapping[int, str]
    accounts: Set[str]
    revert_invoices: bool


@dataclass(frozen=True)
class Judgement:
    """The group, what will happen in a sentence, and why not where it is held."""

    group: Group
    what: str = ""
    why: str = ""


def judge(facts: Facts) -> Judgement:
    """The first rule that holds an order back decides; without any it will run."""
    row = facts.row
    if row.state in GOING:
        return Judgement("done", "", GOING[row.state])
    if row.cancelled_at is not None:
        return Judgement(
            "done", "", "Cancelled at the shop already; see Follow-up for its invoice."
        )
    if not row.included:
        return Judgement("held", "", "Left out by hand.")
    held = _held(facts)
    if held:
        return held
    return Judgement("will run", _what(facts))


def _held(facts: Facts) -> Judgement | None:
    row = facts.row
    if row.hold:
        return Judgement("held", "", sentence(Reason(HELD[row.hold]), "en"))
    back = [box for box in facts.parcels if box.id in facts.back]
    if any(box.outcome == "delivered" for box in back):
        return Judgement("delivered", "", "The courier says it was delivered. Look at the parcel.")
    missing = len(facts.parcels) - len(back)
    if missing and not row.accept_partial:
        count = len(facts.parcels)
        why = f"{len(back)} of {count} parcels came back. Scan the rest, or accept it as it is."
        return Judgement("held", "", why)
    if row.fulfillment_status == "UNFULFILLED" and not facts.parcels:
        return Judgement("held", "", "This order has not been shipped.")
    if _paid_and_shipped(row) and not row.cancel_fulfillments:
        why = "It is paid and shipped: Shopify cancels it only after its fulfillment is cancelled."
        return Judgement("held", "", why)
    unknown = {one.service for one in facts.invoices} - set(facts.accounts)
    if unknown and row.document != "none" and facts.revert_invoices:
        return Judgement("held", "", f"Its invoice is at {', '.join(unknown)}: connect it first.")
    return None


def _paid_and_shipped(row: Any) -> bool:
    """Shopify refuses to cancel paid and fulfilled orders (recorded from live shops)."""
    return bool(row.financial_status == "PAID" and row.fulfillment_status != "UNFULFILLED")


def _what(facts: Facts) -> str:
    row = facts.row
    words = ["Cancel, restock" if row.restock else "Cancel"]
    if row.document == "none" or not facts.revert_invoices:
        words.append("leave the invoice")
    elif not facts.invoices:
        words.append("no invoice known")
    else:
        verb = "annul" if row.document == "annul" else "reverse"
        count = len(facts.invoices)
        words.append(f"{verb} {'the invoice' if count == 1 else f'{count} invoices'}")
    return ", ".join(words)
