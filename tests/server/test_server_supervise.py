"""The supervisor keeps real processes alive, and takes them down with it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine, func, select

from core.config import home
from core.demo import world
from core.orders.piles import piles
from core.orders.shop import sync
from core.reversal.runs import runs
from core.reversal.worker.slots import worker_alive
from core.sandbox import process
from core.server import supervision
from core.server.supervision import Child, Supervisor
from core.settings import connections
from core.store import db
from core.store.states import OPEN_REVERSALS
from core.store.tables import orders, reversals

ROOT = Path(__file__).resolve().parents[2]
ENDS_AT_ONCE = [sys.executable, "-c", "raise SystemExit(1)"]
ORDERS = 12


@contextmanager
def supervised(**more: bool) -> Iterator[Supervisor]:
    """A supervisor of this home, until the block ends."""
    supervisor = Supervisor(**more)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()


def until(true: Callable[[], bool], seconds: float = 120.0) -> None:
    """Wait until it is true; fails when it does not become so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def ended(child: Child) -> float:
    """Start it now, let it end, and give the pause until it is started again."""
    child.next_start = 0.0
    child.ensure_running()
    assert child.process is not None
    child.process.wait()
    child.ensure_running()  # sees that it has ended
    return child.next_start - time.monotonic()


# ---------------------------------------------------------------- one child


def test_who_ends_again_and_again_is_started_after_growing_pauses() -> None:
    child = Child("broken", ENDS_AT_ONCE)
    pauses = [ended(child) for _ in range(8)]
    assert pauses == sorted(pauses)
    assert pauses[0] < 1
    assert 29 < pauses[-1] <= 30


def test_who_lived_for_a_while_is_started_again_as_quickly_as_at_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    child = Child("worker", ENDS_AT_ONCE)
    for _ in range(8):
        ended(child)
    monkeypatch.setattr(supervision, "LIVED_SECONDS", 0.0)
    assert ended(child) < 1


def test_who_finds_the_place_taken_is_not_started_again_at_once() -> None:
    child = Child("second", [sys.executable, "-c", "raise SystemExit(3)"])
    assert 14 < ended(child) <= 15


def test_who_does_not_end_when_asked_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "STOP_SECONDS", 0.5)
    deaf = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(9)"
    )
    child = Child("deaf", [])
    child.process = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    assert child.process.stdout is not None
    child.process.stdout.readline()
    child.stop()
    assert child.process.returncode == -signal.SIGKILL


# ---------------------------------------------------------------- the worker


@pytest.fixture
def desk(engine: Engine) -> Iterator[process.RunningSandbox]:
    """A desk that knows the sample shop's orders, and a sandbox that answers for it."""
    running = process.start(home().sandbox, world=world.WORLD)
    world.connect(home(), running.base_url)
    hurry(engine)
    with db.reading(engine) as connection:
        shop = connections.all_connections(connection, "shop")[0]
    sync.sync_shop(shop)
    yield running
    running.stop()


def hurry(engine: Engine) -> None:
    """Who asks after a crash need not wait for the slowest answer of a real service.

    They are no longer marked as the sandbox's: the supervisor would point them to its own.
    """
    quick = {"timeout_seconds": "1.5", "settle_seconds": "2.5"}
    with db.writing(engine) as connection:
        for one in connections.all_connections(connection):
            connections.save(
                connection, kind=one.kind, service=one.service, name=one.name,
                settings={**one.settings, **quick}, secrets_=one.secrets,
            )  # fmt: skip


def start_run(engine: Engine) -> None:
    """Confirm some shipped orders that are to be paid at the door."""
    pile_id = piles.create("refused")
    wanted = (orders.c.payment == "cod", orders.c.fulfillment_status == "FULFILLED")
    with db.writing(engine) as connection:
        query = select(orders.c.id).where(*wanted, orders.c.cancelled_at.is_(None))
        ids = list(connection.scalars(query.order_by(orders.c.id).limit(ORDERS)))
        assert len(ids) == ORDERS
        runs._start(connection, pile_id, ids)


def open_orders(engine: Engine) -> int:
    """How many reversals are not finished."""
    with db.reading(engine) as connection:
        query = (
            select(func.count()).select_from(reversals).where(reversals.c.state.in_(OPEN_REVERSALS))
        )
        return connection.scalar(query) or 0


def pid(supervisor: Supervisor) -> int:
    """The worker's process, 0 between two of them."""
    [worker] = supervisor.children
    running = worker.process
    return running.pid if running is not None and running.poll() is None else 0


def held(engine: Engine) -> int:
    """The orders whose invoice did not fit: a person is asked before anything is cancelled."""
    with db.reading(engine) as connection:
        waiting = connection.scalars(
            select(reversals.c.why).where(reversals.c.state == "needs_person")
        )
        return sum(why.code.startswith("judge_") for why in waiting if why)


def test_a_killed_worker_is_begun_again_and_goes_on_with_the_orders(
    engine: Engine, desk: process.RunningSandbox
) -> None:
    start_run(engine)
    with supervised() as supervisor:
        until(lambda: open_orders(engine) < ORDERS)
        first = pid(supervisor)
        os.kill(first, signal.SIGKILL)
        assert open_orders(engine) > 0
        until(lambda: pid(supervisor) not in (0, first))
        until(lambda: open_orders(engine) == 0, 150)
    ledger = requests.get(f"{desk.base_url}/_sandbox/ledger", timeout=30).json()
    cancels = [one["cancelled"] for one in ledger["orders"].values()]
    assert (sum(cancels), max(cancels)) == (ORDERS - held(engine), 1)
    assert max(one["reversed"] for one in ledger["invoices"].values()) == 1
    assert not worker_alive()


def test_a_second_worker_on_sqlite_refuses_in_words(engine: Engine) -> None:
    with supervised():
        until(worker_alive)
        command = [sys.executable, "-m", "core.cli", "worker"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        second = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert second.returncode == supervision.SLOT_TAKEN
        assert "A worker is running already for this REFUZ_HOME" in second.stderr
        assert worker_alive()


@pytest.mark.parametrize("setting", ["off", "OFF", "0", "no"])
def test_a_dashboard_may_run_without_a_worker(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv("REFUZ_WORKER", setting)
    with supervised() as supervisor:
        assert supervisor.children == []  # it starts these and nothing else
        assert not worker_alive()


def test_a_command_that_needs_its_own_worker_gets_one_all_the_same(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFUZ_WORKER", "off")
    with supervised(worker=True):
        until(worker_alive)
    assert not worker_alive()
