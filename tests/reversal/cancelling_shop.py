"""A shop at which an order is cancelled; it answers as a test tells it to."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from effects_model import SAID

from core.reasons import quoted
from core.services.outcome import Confirmed, Outcome, Refusal, Refused
from core.services.ports import (
    CancelRequest,
    CancelState,
    Rate,
    ShopCapabilities,
    ShopOrder,
    ShopParcel,
)

CHANGED = dt.datetime(2026, 11, 19, 8, tzinfo=dt.UTC)
CANCELLED = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)  # the next day in Bucharest
STANDS = CancelState(None, updated_at=CHANGED)
GONE = CancelState(
    CANCELLED, updated_at=CANCELLED + dt.timedelta(minutes=1), financial_status="VOIDED"
)
AT_ONCE = ShopCapabilities(
    Rate(1000.0), can_be_asked=True, settle_seconds=90.0, confirms_at_once=True, tells_stock=True
)
BEGINS = replace(AT_ONCE, confirms_at_once=False, tells_stock=False)


def as_seen(state: CancelState) -> Outcome[CancelState]:
    return Confirmed(state, SAID)


@dataclass
class Shop:
    """A shop that answers each call with the next of these, and keeps what it was asked to do."""

    answers: list[Outcome[Any]] = field(default_factory=list)
    states: list[Outcome[CancelState]] = field(default_factory=list)
    orders: list[Outcome[ShopOrder]] = field(default_factory=list)
    capabilities: ShopCapabilities = AT_ONCE
    requests: list[CancelRequest] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    fulfillments: list[str] = field(default_factory=list)
    stays: Collection[str] = ()  # fulfillments that it does not cancel

    def cancel(self, request: CancelRequest) -> Outcome[Any]:
        self.requests.append(request)
        return self.answers.pop(0)

    def cancel_state(self, _gid: str, job: str = "") -> Outcome[CancelState]:
        self.jobs.append(job)
        return self.states.pop(0)

    def read_order(self, _gid: str) -> Outcome[ShopOrder]:
        return self.orders.pop(0)

    def cancel_fulfillment(self, gid: str) -> Outcome[None]:
        self.fulfillments.append(gid)
        if gid in self.stays:
            return Refused(quoted("delivered"), Refusal.INVALID, SAID)
        return Confirmed(None, SAID)


def as_told(**changes: Any) -> Outcome[ShopOrder]:
    """The order of the bench as its shop tells it, later than we had it."""
    plain = ShopOrder(
        gid="gid/1", name="#1", created_at=CHANGED, updated_at=CHANGED + dt.timedelta(hours=2),
        cancelled_at=None, cancel_reason="", payment="cod", financial_status="PENDING",
        fulfillment_status="FULFILLED", total_minor=1, currency="RON", customer_name="Ana",
        customer_key="", phone="", email="", county="", city="", note="", tags=(), attributes={},
        can_notify=True, lines=(), parcels=(),
    )  # fmt: skip
    return Confirmed(replace(plain, **changes), SAID)


def parcel(gid: str, status: str) -> ShopParcel:
    return ShopParcel(f"1ONB{gid}", "Sameday", gid, status, "IN_TRANSIT", CHANGED)
