"""What a run did, a row an order."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, func, select

from core.audit.names import for_reader
from core.reasons import N_, Reason, ReasonCode
from core.rights import Right, door, may
from core.store import db
from core.store.states import ReversalState
from core.store.tables import invoices, orders, parcels, reversals

STATES = {
    ReversalState.QUEUED: "in line",
    ReversalState.WORKING: "being processed",
    ReversalState.WAITING: "waiting",
    ReversalState.NEEDS_PERSON: "needs a person",
    ReversalState.DONE: "done",
    ReversalState.STOPPED: "stopped",
}


class DoneCode(ReasonCode):
    """What was done about an order."""

    STEPS = "done_steps", "{steps}"
    CANCELLED = "done_cancelled", N_("order cancelled")
    RESTOCKED = "done_restocked", N_("restocked")
    NOT_SEEN = "done_not_seen", N_("restock asked for, not seen")
    NOT_ASKED_FOR = (
        "done_not_asked_for",
        N_("put back into stock by the shop, not asked for"),
    )
    REVERSED = "done_reversed", N_("invoice reversed")
    NO_INVOICE = "done_no_invoice", N_("no invoice")


@door(Right.PILE)
def results(run_id: int, newest: int | None = None) -> pd.DataFrame:
    """One row an order of the run, or of its `newest` that ended, the last one first.

    Columns: order, tracking, courier, customer, total_minor, currency, state, what, invoice,
    storno, why, finished_at, order_id. Text columns hold "" for nothing,
    `what` and `why` a Reason or None. Customers are named to who may see them (Right.NAMES).
    """
    with db.reading() as connection:
        query = _query(run_id)
        if newest is not None:
            ended = reversals.c.finished_at
            query = query.where(ended.is_not(None)).order_by(None)
            query = query.order_by(ended.desc(), reversals.c.id.desc()).limit(newest)
        frame = pd.read_sql(query, connection)
        ids = None if newest is None else [int(one) for one in frame["order_id"]]
        documents = pd.read_sql(_of(_invoices(run_id), ids), connection)
        boxes = pd.read_sql(_of(_parcels(run_id), ids), connection)
    frame = frame.merge(_joined(boxes, ["tracking", "courier"]), on="order_id", how="left")
    frame = frame.merge(_joined(documents, ["invoice", "storno"]), on="order_id", how="left")
    text = ["tracking", "courier", "invoice", "storno"]
    frame[text] = frame[text].fillna("")
    done = [_what(row) for row in frame.to_dict("records")]
    frame["what"] = pd.Series(done, index=frame.index, dtype=object)
    if not may(Right.NAMES):
        reasons = [for_reader(why) for why in frame["why"]]
        frame["why"] = pd.Series(reasons, index=frame.index, dtype=object)
        frame["customer"] = ""
    return frame[
        [
            "order", "tracking", "courier", "customer", "total_minor", "currency", "state",
            "what", "invoice", "storno", "why", "finished_at", "order_id",
        ]
    ]  # fmt: skip


def _query(run_id: int) -> Select[tuple[object, ...]]:
    """The reversals of a run with their orders, in the order in which they were begun."""
    return (
        select(
            orders.c.name.label("order"),
            orders.c.customer_name.label("customer"),
            orders.c.total_minor,
            orders.c.currency,
            orders.c.cancelled_at,
            reversals.c.state,
            reversals.c.why,
            reversals.c.finished_at,
            reversals.c.options,
            reversals.c.restocked,
            reversals.c.order_id,
        )
        .join(orders, orders.c.id == reversals.c.order_id)
        .where(reversals.c.run_id == run_id)
        .order_by(reversals.c.id)
    )


def _number(series: ColumnElement[str], number: ColumnElement[str]) -> ColumnElement[str]:
    return func.trim(series + " " + number)


def _invoices(run_id: int) -> Select[tuple[object, ...]]:
    return (
        select(
            invoices.c.order_id,
            _number(invoices.c.series, invoices.c.number).label("invoice"),
            _number(invoices.c.storno_series, invoices.c.storno_number).label("storno"),
        )
        .join(reversals, reversals.c.order_id == invoices.c.order_id)
        .where(reversals.c.run_id == run_id)
        .order_by(invoices.c.id)
    )


def _parcels(run_id: int) -> Select[tuple[object, ...]]:
    return (
        select(parcels.c.order_id, parcels.c.tracking, parcels.c.courier)
        .join(reversals, reversals.c.order_id == parcels.c.order_id)
        .where(reversals.c.run_id == run_id, ~parcels.c.void)
        .order_by(parcels.c.id)
    )


def _of(query: Select[tuple[object, ...]], ids: list[int] | None) -> Select[tuple[object, ...]]:
    return query if ids is None else query.where(reversals.c.order_id.in_(ids))


def _joined(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """One row an order; several values in one cell, each once."""

    def together(values: "pd.Series[str]") -> str:
        return ", ".join(dict.fromkeys(value for value in values if value))

    return frame.groupby("order_id", as_index=False)[columns].agg(together)


def _what(row: Mapping[Hashable, Any]) -> Reason | None:
    """What was done: cancelled, restocked, invoice reversed; None: nothing yet."""
    steps = list[DoneCode]()
    options = row["options"]
    if not pd.isna(row["cancelled_at"]):
        steps.append(DoneCode.CANCELLED)
        if isinstance(options, dict) and options.get("restock"):
            unseen = row["restocked"] is False
            steps.append(DoneCode.NOT_SEEN if unseen else DoneCode.RESTOCKED)
        elif row["restocked"] is True:
            steps.append(DoneCode.NOT_ASKED_FOR)
    if row["storno"]:
        steps.append(DoneCode.REVERSED)
    elif row["state"] == ReversalState.DONE and not row["invoice"]:
        steps.append(DoneCode.NO_INVOICE)
    return DoneCode.STEPS.of(steps=tuple(one.of() for one in steps)) if steps else None
