"""The desk that the engine's benchmarks work with: a sandbox, its orders, a worker."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from sqlalchemy import func, select

from benchmarks.engine_calls import world
from core.config import Home
from core.demo import world as demo
from core.orders.piles import piles
from core.orders.shop import sync
from core.reversal.runs import runs
from core.reversal.worker import slots
from core.settings import connections
from core.store import db
from core.store.states import OPEN_REVERSALS
from core.store.tables import orders, reversals

UNLIMITED = {"rate_per_second": "100000", "rate_capacity": "100000"}


def connect(where: Home, base_url: str) -> None:
    """Connect to the sandbox, which answers in 5 ms; neither it nor we limit the rate."""
    demo.connect(where, base_url)
    with db.writing() as connection:
        for one in connections.all_connections(connection):
            connections.save(
                connection, kind=one.kind, service=one.service, name=one.name,
                settings={**one.settings, **UNLIMITED}, secrets_=one.secrets, sandbox=True,
            )  # fmt: skip
    control(base_url, {"rate_limits": False, "latency_ms": 5, "job_delay": 0})


def control(base_url: str, settings: dict[str, Any]) -> None:
    """Change the sandbox's settings."""
    requests.put(f"{base_url}/_sandbox/settings", json=settings, timeout=30).raise_for_status()


def give(base_url: str, count: int) -> None:
    """Load so many orders into the sandbox."""
    answer = requests.post(f"{base_url}/_sandbox/load", json=world(count), timeout=300)
    answer.raise_for_status()


def all_done(base_url: str, count: int) -> None:
    """Exit unless so many orders were cancelled and their invoices reversed."""
    ledger = requests.get(f"{base_url}/_sandbox/ledger", timeout=60).json()["totals"]
    if (ledger["cancelled"], ledger["reversed"]) != (count, count):
        raise SystemExit(f"{count} orders were to be reversed once each, and were not: {ledger}")


def load(base_url: str, count: int) -> tuple[int, list[int]]:
    """So many orders out there and here; a pile, and the orders' ids."""
    give(base_url, count)
    with db.reading() as connection:
        shop = connections.all_connections(connection, "shop")[0]
    sync.sync_shop(shop)
    with db.reading() as connection:
        ids = list(connection.scalars(select(orders.c.id).order_by(orders.c.id)))
    return piles.create("bench"), ids


@contextmanager
def worker(where: Home, beside: int = 0) -> Iterator[int]:
    """One more worker, at work once this begins, `beside` so many others; gives its pid."""
    command = [sys.executable, "-m", "core.cli", "worker"]
    made = subprocess.Popen(command)
    try:
        while len(slots.living(where)) <= beside:
            time.sleep(0.1)
        time.sleep(5)  # its schedules are written, and what they begin at once is done
        yield made.pid
    finally:
        made.terminate()
        made.wait(30)


def start_run(pile_id: int | None, ids: list[int], **choice: str) -> runs.Run:
    """Begin a run of these orders."""
    with db.writing() as connection:
        return runs._start(connection, pile_id, ids, choice)


def still_open() -> int:
    """How many reversals are not finished."""
    with db.reading() as connection:
        query = select(func.count()).where(reversals.c.state.in_(OPEN_REVERSALS))
        return connection.scalar(query) or 0
