"""The words of the review table: groups, reasons and documents, in the reader's language."""

import pandas as pd

from core.store.states import ReversalState
from pages.common.session import money, t

GROUPS = ("will run", "held", "delivered", "needs a person", "done")


def group_words(*, going: bool = False) -> dict[str, str]:
    """Each group as people call it; what a run under way has taken is not done yet."""
    return {
        "will run": t("Ready to run"),
        "look": t("Needs a look"),
        "held": t("Held"),
        "delivered": t("Delivered"),
        "needs a person": t("Needs a person"),
        "done": t("Under way and done") if going else t("Done"),
    }


def reasons() -> dict[str, str]:
    """Shopify's reasons for cancelling, in words."""
    return {
        "DECLINED": t("Payment declined"),
        "CUSTOMER": t("Customer changed or cancelled"),
        "FRAUD": t("Fraud"),
        "INVENTORY": t("Items unavailable"),
        "STAFF": t("Staff error"),
        "OTHER": t("Other"),
    }


def conditions() -> dict[str, str]:
    """How a parcel came back."""
    return {
        "": "–",
        "unopened": t("Unopened"),
        "opened": t("Opened"),
        "damaged": t("Damaged"),
        "missing items": t("Items missing"),
    }


def documents() -> dict[str, str]:
    """What may be done about an invoice."""
    return {"storno": t("Storno"), "annul": t("Annul"), "none": t("Leave alone")}


def states() -> dict[str, str]:
    """Where an order of a run stands."""
    return {
        ReversalState.QUEUED: t("In line"),
        ReversalState.WORKING: t("Being processed"),
        ReversalState.WAITING: t("Waiting"),
        ReversalState.NEEDS_PERSON: t("Needs a person"),
        ReversalState.DONE: t("Done"),
        ReversalState.STOPPED: t("Stopped"),
    }


def amounts(frame: pd.DataFrame) -> list[str]:
    """The totals of these rows, each in its currency."""
    return [money(int(m), str(c)) for m, c in zip(frame.total_minor, frame.currency, strict=True)]
