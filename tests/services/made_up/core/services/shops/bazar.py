"""Bazar, a shop system that nobody runs: plain JSON, a key, cancels done at once."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.reasons import N_, ReasonCode
from core.services.codes import ServiceCode, TestCode
from core.services.http.answers import fields
from core.services.http.client import Answer, HttpClient
from core.services.http.failures import CannotRead
from core.services.outcome import Confirmed, Outcome, Refusal, Refused, Unknown
from core.services.ports import (
    CancelRequest,
    CancelState,
    Changes,
    Finding,
    Known,
    OrderStamp,
    Rate,
    ServiceInfo,
    SettingField,
    ShopCapabilities,
    ShopOrder,
)


class BazarCode(ReasonCode):
    """What only this service says."""

    NO_STOCK = "bazar_no_stock", N_("Bazar does not tell of stock.")


INFO = ServiceInfo(
    service="bazar",
    kind="shop",
    title="Bazar",
    hosts=("bazar.example",),
    fields=(
        SettingField("base_url", N_("Address"), default="https://bazar.example/rest"),
        SettingField("bazar_key", N_("API key"), secret=True),
    ),
)
CAPABILITIES = ShopCapabilities(rate=Rate(20, 20), can_be_asked=True)


class Bazar:
    """The port `Shop`."""

    def __init__(self, client: HttpClient, key: str) -> None:
        self.capabilities = CAPABILITIES
        self._client = client
        self._headers = {"X-Key": key}

    def _ask(self, method: str, path: str, body: object = None) -> Outcome[dict[str, Any]]:
        answer = self._client.call(
            method, path, json=body, headers=self._headers, effect=method != "GET"
        )
        if not isinstance(answer, Answer):
            return answer
        received = fields(answer)
        if code := received.get("no"):
            return Refused(
                ServiceCode.SAID.of(title=INFO.title, said=str(code)), str(code), answer.evidence
            )
        if answer.status != 200 or not received:
            return Unknown(
                ServiceCode.UNREADABLE.of(title=INFO.title, status=answer.status), answer.evidence
            )
        return Confirmed(dict(received), answer.evidence)

    def read_order(self, gid: str) -> Outcome[ShopOrder]:
        order = self._ask("GET", f"/orders/{gid}")
        if not isinstance(order, Confirmed):
            return order
        return Confirmed(_order(order.value), order.evidence)

    def cancel(self, request: CancelRequest) -> Outcome[str]:
        answer = self._ask("POST", f"/orders/{request.gid}/cancel", {"restock": request.restock})
        return Confirmed("", answer.evidence) if isinstance(answer, Confirmed) else answer

    def cancel_state(self, gid: str, job: str = "") -> Outcome[CancelState]:
        order = self.read_order(gid)
        if not isinstance(order, Confirmed):
            return order
        return Confirmed(CancelState(order.value.cancelled_at), order.evidence)

    def put_stock_back(self, gid: str) -> Outcome[CancelState]:
        return Refused(BazarCode.NO_STOCK.of(), Refusal.CANNOT_BE_ASKED)

    def cancel_fulfillment(self, fulfillment_gid: str) -> Outcome[None]:
        return Confirmed(None, before=True)

    def add_tags(self, gid: str, tags: Sequence[str]) -> Outcome[dt.datetime | None]:
        answer = self._ask("POST", f"/orders/{gid}/tags", {"tags": list(tags)})
        return Confirmed(None, answer.evidence) if isinstance(answer, Confirmed) else answer

    def all_orders(self) -> Iterator[ShopOrder]:
        answer = self._ask("GET", "/orders")
        if not isinstance(answer, Confirmed):
            raise CannotRead(answer)
        yield from map(_order, answer.value["orders"])

    def changed_orders(self, since: dt.datetime, known: Known) -> Iterator[Changes]:
        changed = [one for one in self.all_orders() if one.updated_at >= since]
        stamps = [OrderStamp(one.gid, one.updated_at, bool(one.cancelled_at)) for one in changed]
        skipped = set(known(stamps))
        read = tuple(one for one in changed if one.gid not in skipped)
        until = max([since, *(one.updated_at for one in changed)])
        yield Changes(tuple(one.gid for one in changed), read, until)

    def subscribe(self, uri: str) -> Outcome[int]:
        return Confirmed(0)

    def check(self) -> list[Finding]:
        answer = self._ask("GET", "/orders")
        if isinstance(answer, Confirmed):
            return [Finding(TestCode.SIGN_IN.of(title=INFO.title), True)]
        return [Finding(TestCode.SIGN_IN.of(title=INFO.title), False, answer.why)]


def _order(row: Mapping[str, Any]) -> ShopOrder:
    cancelled = row["cancelled_at"]
    return ShopOrder(
        gid=str(row["id"]), name=row["name"],
        created_at=dt.datetime.fromisoformat(row["created_at"]),
        updated_at=dt.datetime.fromisoformat(row["updated_at"]),
        cancelled_at=dt.datetime.fromisoformat(cancelled) if cancelled else None,
        cancel_reason="", payment="cod", financial_status="PENDING", fulfillment_status="FULFILLED",
        total_minor=row["total_minor"], currency=row["currency"], customer_name="", customer_key="",
        phone="", email="", county="", city="", note="", tags=tuple(row["tags"]), attributes={},
        can_notify=False, lines=(), parcels=(),
    )  # fmt: skip


def make(
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
    client: HttpClient,
) -> Bazar:
    return Bazar(client, secrets.get("bazar_key", ""))
