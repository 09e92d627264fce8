"""T10 in full: four workers on PostgreSQL, killed at random, one for good, the server restarted."""

import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from reversal_heavy_support import (
    KILLS,
    PARCELS,
    PATIENCE,
    Supervisor,
    a_world,
    ended_once,
    under_faults,
)
from reversal_support import CREW, Desk, effect_times, order, scan_pile
from sqlalchemy import text
from worker_nursery import Worker

from core.orders.piles import piles, scans
from core.reversal.runs import runs
from core.store import db
from core.store.statements.process_locks import Lock

RESTARTS = 5

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.postgres,
    pytest.mark.timeout(2 * PATIENCE + RESTARTS * 240),
]


def test_four_workers_end_a_thousand_parcels_once_though_the_server_is_restarted(
    postgres_desk: Desk, postgres_program: Any
) -> None:
    desk = postgres_desk
    a_world(desk, PARCELS)
    pile_id = scan_pile(desk, PARCELS)
    under_faults(desk)
    assert runs.start_run(pile_id).total == PARCELS
    crew = Supervisor(desk, KILLS, CREW)
    left = [PARCELS * (part + 1) // (RESTARTS + 2) for part in range(RESTARTS)]  # open orders

    def look() -> None:
        crew.look()
        if left and desk.open() <= left[-1]:
            left.pop()
            postgres_program.stop()
            time.sleep(1.0)
            postgres_program.start()
            if len(left) == RESTARTS // 2:
                crew.lose_one()

    desk.wait(PATIENCE + RESTARTS * 120, look)
    assert not left
    assert crew.killed == KILLS
    ended_once(desk, PARCELS)


def test_orders_of_a_dead_worker_are_taken_over_within_a_minute(postgres_desk: Desk) -> None:
    desk = postgres_desk
    a_world(desk, 24)
    desk.settings(latency_ms=300)
    desk.run()
    victim = desk.start_worker(REFUZ_SWEEP_SECONDS="15")  # as in production
    while sum(one.state == "sent" for one in desk.effects()) < 4:
        time.sleep(0.05)
    desk.start_worker(REFUZ_SWEEP_SECONDS="15")
    victim.kill()
    victim.wait()
    dead = time.monotonic()
    desk.wait(120)
    assert time.monotonic() - dead < 60
    ended_once(desk, 24)


@pytest.mark.parametrize("lease", ["4", "100000"], ids=["with its lease", "without"])
def test_a_frozen_worker_whose_orders_were_taken_over_sends_nothing_when_it_wakes(
    postgres_desk: Desk, home_dir: Path, lease: str
) -> None:
    """T6 at its worst: frozen between intent and sending, and the others ask and send meanwhile.

    Without the lease the storno must double, else this would prove nothing.
    """
    desk = postgres_desk
    a_world(desk, 12)
    pile_id = scan_pile(desk, 12)
    frozen = desk.start_worker(FREEZE_AT="intent committed/storno", LEASE_SECONDS=lease)
    runs.start_run(pile_id)
    _wait_until_frozen(frozen)
    _forget_its_slot(desk)
    crew = [desk.start_worker() for _ in range(CREW - 1)]
    desk.wait(120)
    time.sleep(float(lease) if lease == "4" else 0)
    os.kill(frozen.pid, signal.SIGCONT)
    frozen.wait(60)  # it finds that its slot is not its own any more
    assert all(one.poll() is None for one in crew)
    if lease == "4":
        ended_once(desk, 12)
    else:
        assert max(effect_times(desk.ledger())) == 2


def _wait_until_frozen(worker: Worker) -> None:
    stat = Path(f"/proc/{worker.pid}/stat")
    while stat.read_text().rpartition(")")[2].split()[0] != "T":
        assert worker.poll() is None
        time.sleep(0.05)


def _forget_its_slot(desk: Desk) -> None:
    """The server ends the session that holds it, as when the network is gone for a minute."""
    ended = text("""
        SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'
        AND classid = :class
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """)
    with db.writing(desk.engine) as connection:
        assert connection.scalar(ended, {"class": int(Lock.WORKER)}) == 1


def test_sixteen_threads_scan_one_parcel_fifty_times_and_it_is_one_reversal(
    postgres_desk: Desk,
) -> None:
    """T5."""
    desk = postgres_desk
    desk.load([order(1)])
    pile_id = piles.create("returns")

    def scan(turn: int) -> str:
        return scans.take_scan(
            pile_id, "7000100000001", "CODE128", source="scanner", key=str(turn),

        ).verdict  # fmt: skip

    with ThreadPoolExecutor(16) as pool:
        assert Counter(pool.map(scan, range(16 * 50))) == {"matched": 1, "seen": 799}
    desk.start_crew()
    assert runs.start_run(pile_id).total == 1
    desk.wait()
    ended_once(desk, 1)
