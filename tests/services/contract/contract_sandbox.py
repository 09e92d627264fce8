"""What the contract suite asks of the sandbox: a world for every service, faults, the truth.

Nothing here names a service: a new one is found by the registry, signs in with the sandbox's
values for the fields of its form, and gets invoices and parcels of its own.
"""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from core.sandbox import registry as counterparts
from core.services import registry
from core.services.ports import InvoiceRef
from core.settings.connections import Connection

PARCEL = "9000000000017"
RETURN = "9000000000994"
TIMEOUT = 1.0  # seconds
SLOW = 1.4  # longer than we wait for an answer
LATE = 0.4
SETTLE = 1.2  # longer than what is slow or late may still take

INVOICES_EACH = 60
ORDERS_EACH = 12
SHOPS = [one for one in registry.services("shop") if one in counterparts.modules()]


def order(shop: str, number: int) -> dict[str, Any]:
    """A shipped order, to be paid at the door, with two vases in it."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 5 * 86400))
    return {
        "shop": shop, "id": number, "name": f"#{number}", "created_at": at, "updated_at": at,
        "cancelled_at": None, "cancel_reason": None, "payment": "cod",
        "gateway": "Cash on Delivery (COD)", "financial_status": "PENDING",
        "fulfillment_status": "FULFILLED",
        "customer": {"id": 7001, "first_name": "Ana", "last_name": "Pop",
                     "email": "ana@example.com", "phone": "+40722123456"},
        "address": {"city": "Cluj", "province": "Cluj", "zip": "400001", "address1": "x"},
        "total_minor": 25980, "currency": "RON", "note": "", "tags": [], "restockable": True,
        "attributes": [],
        "lines": [{"id": number * 10, "title": "Vas", "sku": "V1", "quantity": 2,
                   "price_minor": 12990}],
        "fulfillments": [{"id": number + 500_000, "created_at": at, "status": "SUCCESS",
                          "display_status": "IN_TRANSIT",
                          "tracking": [{"company": "FAN", "number": f"70001{number:08}"}],
                          "line_ids": [number * 10]}],
    }  # fmt: skip


def world() -> dict[str, Any]:
    """An outside world with invoices for every invoicing service and one parcel a courier."""
    invoices = [
        {
            "service": service,
            "series": "CT",
            "number": counterparts.invoice_number(service, number),
            "order_name": f"#{number}",
            "total_minor": 12100,
            "currency": counterparts.currency(service),
            "issued_on": time.strftime("%Y-%m-%d", time.gmtime(time.time() - 5 * 86400)),
            "state": "open",
        }
        for service in registry.services("invoicing")
        for number in range(1, INVOICES_EACH + 1)
    ]
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    parcels = [
        {
            "courier": courier,
            "tracking": PARCEL,
            "events": [{"at": moment, "code": "", "text": "Refuzat de destinatar"}],
        }
        for courier in registry.services("courier")
    ]
    return {
        "now": moment,
        "shop": {
            "name": "Contract",
            "domain": "contract.myshopify.com",
            "currency": "RON",
            "vat_code": "RO12345674",
        },
        "orders": [order(shop, n) for shop in SHOPS for n in range(1, ORDERS_EACH + 1)],
        "invoices": invoices,
        "products": [{"sku": "V1", "title": "Vas", "stock": 5}],
        "courier_events": parcels,
        "returns": [
            {"courier": courier, "return_number": RETURN, "tracking": PARCEL}
            for courier in registry.services("courier")
        ],
    }


@dataclass
class Sandbox:
    """The running sandbox: its controls, and what really happened there."""

    base_url: str
    numbers: dict[str, Iterator[int]] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def _control(self, method: str, path: str, body: object = None) -> Any:
        answer = requests.request(method, f"{self.base_url}/_sandbox/{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def fault(self, kind: str, service: str, *, reads: bool = False, words: int = 403) -> None:
        """Every effect (with `reads` every call) at this service meets this fault from now on.

        `words`: the status with which a block in words comes.
        """
        self._control(
            "PUT",
            "faults",
            {
                "share": 1.0,
                "kinds": [kind],
                "seed": 1,
                "services": [service],
                "only_effects": not reads,
                "words_status": words,
                "late_seconds": LATE,
                "slow_seconds": SLOW,
            },
        )

    def calm(self) -> None:
        """No faults."""
        self._control("PUT", "faults", {"share": 0.0, "kinds": [], "seed": 1})

    def set(self, **settings: object) -> None:
        """Change the sandbox's settings."""
        self._control("PUT", "settings", settings)

    def expire_tokens(self) -> None:
        """No token that a service has given is worth anything any more."""
        self._control("POST", "tokens/expire")

    def ledger(self) -> dict[str, Any]:
        """What every service really did."""
        found: dict[str, Any] = self._control("GET", "ledger")
        return found

    def cancels(self) -> int:
        """How many orders were really cancelled, of all shops."""
        return int(self.ledger()["totals"]["cancelled"])

    def stornos(self, service: str, invoice: InvoiceRef) -> int:
        """How often this invoice was really reversed."""
        name = f"{service}:{invoice.series}:{invoice.number}"
        return int(self.ledger()["invoices"][name]["reversed"])

    def reverse_by_hand(self, service: str, invoice: InvoiceRef) -> None:
        """Somebody reverses the invoice in the service's own program."""
        body = {"service": service, "series": invoice.series, "number": invoice.number}
        self._control("POST", "invoices/reverse", body)

    def fresh_invoice(self, service: str) -> InvoiceRef:
        """An invoice that no test has touched."""
        numbers = self.numbers.setdefault(service, itertools.count(1))
        return InvoiceRef("CT", counterparts.invoice_number(service, next(numbers)))

    def connection(self, service: str, **other: str) -> Connection:
        """A connection to the sandbox's counterpart; `other` replaces single values."""
        info = registry.info(service)
        production = {one.name: one.default for one in info.fields}["base_url"]
        values = {**counterparts.sign_in(service), **other}
        secret = {one.name for one in info.fields if one.secret}
        settings = {
            "base_url": f"{self.base_url}/{service}{urlsplit(production).path}",
            "timeout_seconds": str(TIMEOUT),
            "settle_seconds": str(SETTLE),
            "block_seconds": "0.2",
            "rate_per_second": "500",
            "rate_capacity": "500",
            **{name: value for name, value in values.items() if name not in secret},
        }
        secrets = {name: value for name, value in values.items() if name in secret}
        return Connection(
            next(self.ids), info.kind, service, service, settings, secrets, sandbox=True
        )
