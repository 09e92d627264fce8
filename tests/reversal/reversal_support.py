"""A whole desk for the engine's tests: a real sandbox over HTTP, a worker process of its own."""

import os
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine, exists, func, select
from worker_nursery import Nursery, Worker

from core.audit import trail
from core.audit.actions import Action
from core.orders.piles import piles, scans
from core.orders.shop import sync
from core.reversal.runs import runs
from core.sandbox import process
from core.sandbox.state import SETTINGS
from core.settings import connections
from core.store import db
from core.store.states import OPEN_REVERSALS
from core.store.tables import effects, orders, reversals
from core.store.tables import runs as runs_table
from core.store.tables import scans as scans_table

# Real settle delays are 60 to 120 s; here the late answers are late by 0.6 s at the most.
TIMEOUT_SECONDS = "1.5"
SETTLE_SECONDS = "2.5"

CREW = 4  # workers on PostgreSQL

EVERY_FAULT = [
    "too_many_requests",
    "error_before",
    "error_after",
    "answer_lost",
    "applied_late",
    "slow",
    "reset",
    "html_after",
    "error_text",
]


SERIES = {"oblio": "OB", "smartbill": "CVZ", "fgo": "FGO"}


def order(number: int, *, invoice: str | None = "oblio", **changes: Any) -> dict[str, Any]:
    """One shipped, unpaid order of the world, with one invoice at this service."""
    series = SERIES.get(invoice or "", "")
    return {
        "id": 100000 + number,
        "name": f"#{100000 + number}",
        "created_at": "2026-11-10T08:00:00Z",
        "updated_at": "2026-11-12T08:00:00Z",
        "cancelled_at": None,
        "cancel_reason": None,
        "payment": "cod",
        "gateway": "Cash on Delivery (COD)",
        "financial_status": "PENDING",
        "fulfillment_status": "FULFILLED",
        "customer": {
            "id": 7000 + number,
            "first_name": "Ana",
            "last_name": "Pop",
            "email": "ana@example.com",
            "phone": "0722000000",
        },
        "address": {"city": "Cluj", "province": "Cluj", "zip": "400001", "address1": "Str. 1"},
        "total_minor": 12345,
        "currency": "RON",
        "note": "",
        "tags": [],
        "restockable": True,
        "attributes": (
            [{"key": "invoice", "value": f"{invoice}:{series}:{number:04}"}] if invoice else []
        ),
        "lines": [
            {"id": number, "title": "Vas", "sku": "V1", "quantity": 1, "price_minor": 12345,
             "image": None}
        ],
        "fulfillments": [
            {
                "id": 500000 + number,
                "created_at": "2026-11-11T08:00:00Z",
                "status": "SUCCESS",
                "display_status": "IN_TRANSIT",
                "tracking": [{"company": "FAN Courier", "number": f"70001{number:08}"}],
                "line_ids": [number],
            }
        ],
        **changes,
    }  # fmt: skip


def paper(number: int, service: str = "oblio", **changes: Any) -> dict[str, Any]:
    """The invoice of the order with this number, as its service has it."""
    return {
        "service": service, "series": SERIES[service], "number": f"{number:04}",
        "order_name": f"#{100000 + number}", "total_minor": 12345, "currency": "RON",
        "issued_on": "2026-11-13", "state": "open", "customer": "Ana Pop", **changes,
    }  # fmt: skip


def world(made: list[dict[str, Any]]) -> dict[str, Any]:
    """A world that holds these orders and the invoices that they name."""
    invoices = []
    for one in made:
        for attribute in one["attributes"]:
            service, series, number = attribute["value"].split(":")
            invoices.append(
                {
                    "service": service, "series": series, "number": number,
                    "order_name": one["name"], "total_minor": one["total_minor"],
                    "currency": "RON", "issued_on": "2026-11-10", "state": "open",
                    "customer": f"Ana Pop {one['name']}",
                }
            )  # fmt: skip
    return {
        "now": "2026-11-20T08:00:00Z",
        "shop": {
            "name": "Casa Verde", "domain": "casa-verde.myshopify.com", "currency": "RON",
            "vat_code": "RO12345674",
        },
        "orders": made,
        "invoices": invoices,
        "products": [{"sku": "V1", "title": "Vas", "stock": 100}],
        "courier_events": [],
        "returns": [],
    }  # fmt: skip


@dataclass
class Desk:
    """One home with its sandbox, and the worker processes that a test starts."""

    home: Path
    engine: Engine
    sandbox: process.RunningSandbox
    nursery: Nursery
    workers: list[Worker] = field(default_factory=list)

    # ------------------------------------------------------------ the outside world

    def load(
        self, made: list[dict[str, Any]], more: Callable[[dict[str, Any]], None] = lambda _: None
    ) -> None:
        """Give the sandbox these orders, and what `more` adds to that world; take them in."""
        whole = world(made)
        more(whole)
        self._control("POST", "load", whole)
        self.follow_shops()

    def load_papers(self, made: list[dict[str, Any]], papers: list[dict[str, Any]]) -> None:
        """Give it these orders and these invoices, whatever the orders name; take them in."""
        self._control("POST", "load", {**world([]), "orders": made, "invoices": papers})
        self.follow_shops()

    def let_oblio_be_searched(self) -> None:
        """Oblio's connection is told where the order's name stands on its invoices."""
        with db.writing(self.engine) as connection:
            for one in connections.all_connections(connection, "invoicing"):
                if one.service == "oblio":
                    connections.save(
                        connection, kind="invoicing", service="oblio", name=one.name,
                        settings={**one.settings, "order_field": "mentions"},
                        secrets_=one.secrets, sandbox=True,
                    )  # fmt: skip

    def follow_shops(self) -> None:
        """One round of every shop."""
        with db.reading(self.engine) as connection:
            shops = connections.all_connections(connection, "shop")
        for shop in shops:
            assert not sync.sync_shop(shop).failed

    def begin_afresh(self) -> None:
        """Nothing is left out there of the test before, and nothing goes wrong."""
        self._control("POST", "load", world([]))
        self.faults()
        self.settings(**{**SETTINGS, "rate_limits": False, "job_delay": 0.05})

    def faults(self, **values: Any) -> None:
        """Switch the sandbox's faults; without values, off."""
        self._control("PUT", "faults", {"share": 0, "kinds": [], **values})

    def settings(self, **values: Any) -> None:
        """Change the sandbox's settings."""
        self._control("PUT", "settings", values)

    def ledger(self) -> dict[str, Any]:
        """What was really done out there."""
        return requests.get(f"{self.sandbox.base_url}/_sandbox/ledger", timeout=30).json()

    def reverse_by_hand(self, service: str, series: str, number: str) -> None:
        """Somebody reverses an invoice in the service's own program."""
        body = {"service": service, "series": series, "number": number}
        self._control("POST", "invoices/reverse", body)

    def _control(self, method: str, path: str, body: Any) -> None:
        url = f"{self.sandbox.base_url}/_sandbox/{path}"
        requests.request(method, url, json=body, timeout=60).raise_for_status()

    # ------------------------------------------------------------ the work

    def run(self, **choice: Any) -> runs.Run:
        """Put every order into one pile's run; `choice` for all of them: restock."""
        pile_id = piles.create("test")
        with db.writing(self.engine) as connection:
            ids = list(connection.scalars(select(orders.c.id)))
            return runs._start(connection, pile_id, ids, choice)

    def start_worker(self, **environment: str) -> Worker:
        """Start a worker process; `CRASH_AT`, `FREEZE_AT`, `WITHOUT` make it a strange one."""
        values = {
            **os.environ,
            "REFUZ_HOME": str(self.home),
            "REFUZ_SWEEP_SECONDS": "2",
            **environment,
        }
        started = self.nursery.start(values)
        self.workers.append(started)
        return started

    def start_crew(self, **environment: str) -> list[Worker]:
        """The workers of a proof: one on SQLite, four on PostgreSQL."""
        count = CREW if self.engine.dialect.name == "postgresql" else 1
        return [self.start_worker(**environment) for _ in range(count)]

    def replace_dead(self, **environment: str) -> list[int]:
        """A new worker for each that has ended; gives their exit statuses."""
        dead = [one for one in self.workers if one.poll() is not None]
        self.workers = [one for one in self.workers if one not in dead]
        for _ in dead:
            self.start_worker(**environment)
        return [one.wait() for one in dead]

    def wait(self, seconds: float = 150, worker: Callable[[], None] = lambda: None) -> None:
        """Until no reversal is open and its run is finished; `worker` sees to the worker."""
        deadline = time.monotonic() + seconds
        while (self.open() or self._running()) and time.monotonic() < deadline:
            worker()
            time.sleep(0.1)
        assert not self.open(), f"{self.open()} reversals still open: {self.states()}"
        assert not self._running()

    def open(self) -> int:
        """How many reversals are not finished."""
        with db.reading(self.engine) as connection:
            query = select(func.count()).where(reversals.c.state.in_(OPEN_REVERSALS))
            return connection.scalar(query) or 0

    def _running(self) -> bool:
        with db.reading(self.engine) as connection:
            query = select(exists().where(runs_table.c.state == "running"))
            return bool(connection.scalar(query))

    def states(self) -> dict[str, int]:
        """Reversals by state."""
        with db.reading(self.engine) as connection:
            query = select(reversals.c.state, func.count()).group_by(reversals.c.state)
            return {row[0]: row[1] for row in connection.execute(query)}

    def effects(self) -> list[Any]:
        """Every effect row."""
        with db.reading(self.engine) as connection:
            return list(connection.execute(select(effects).order_by(effects.c.id)))

    def kill_workers(self) -> None:
        """End every worker at once, frozen ones too; what they leave open nobody needs any more."""
        for one in self.workers:
            one.kill()
        for one in self.workers:
            one.wait()


def scan_each(*numbers: int) -> int:
    """A pile in which the parcel of each of these orders was scanned once."""
    pile = piles.create("Monday")
    for number in numbers:
        scans.take_scan(
            pile, f"70001{number:08}", source="scanner", key=str(number)
        )  # fmt: skip
    return pile


def scan_pile(desk: Desk, parcels: int) -> int:
    """A pile in which each parcel was scanned three times, in no order."""
    pile_id = piles.create("returns")
    turns = [(number, turn) for number in range(1, parcels + 1) for turn in range(3)]
    random.Random(5).shuffle(turns)
    for number, turn in turns:
        scans.take_scan(
            pile_id, f"70001{number:08}", "CODE128", source="scanner",
            key=f"{pile_id}-{number}-{turn}",
        )  # fmt: skip
    with db.reading(desk.engine) as connection:
        of_pile = scans_table.c.pile_id == pile_id
        assert connection.scalar(select(func.count()).where(of_pile)) == 3 * parcels
    return pile_id


def effect_times(ledger: dict[str, Any]) -> list[int]:
    """How often each order was cancelled and each invoice reversed."""
    cancels = [one["cancelled"] for one in ledger["orders"].values()]
    return cancels + [one["reversed"] for one in ledger["invoices"].values()]


def once_each(ledger: dict[str, Any], expected: int) -> None:
    """Every order cancelled once, every invoice reversed once: nothing lost, nothing doubled."""
    cancels = [one["cancelled"] for one in ledger["orders"].values()]
    stornos = [one["reversed"] for one in ledger["invoices"].values()]
    assert (sum(cancels), max(cancels)) == (expected, 1)
    assert (sum(stornos), max(stornos)) == (expected, 1)


def the_trail_is_whole(engine: Engine, stand: Iterable[Any]) -> None:
    """The chain holds; each effect was told about as often as it moved, up to where it stands."""
    moves_of: dict[tuple[str, str], list[str]] = defaultdict(list)
    with db.reading(engine) as connection:
        assert trail.verify(connection).ok
        for entry in trail.export(connection):
            what = entry.action.removeprefix("effect_")
            if "target" in entry.detail and entry.action != Action.EFFECT_LATE:
                moves_of[entry.detail["kind"], entry.detail["target"]].append(what)
    for effect in stand:
        moves = moves_of[effect.kind, effect.target]
        assert moves.count("sent") == effect.attempt
        assert moves[-1] == effect.state


def chain_holds(desk: Desk) -> bool:
    """Whether the trail is unbroken."""
    with db.reading(desk.engine) as connection:
        return trail.verify(connection).ok
