"""T10 in full: four workers on PostgreSQL, killed at random, one for good, the server restarted."""

import time
from typing import Any

import pytest
from reversal_heavy_support import (
    KILLS,
    PARCELS,
    PATIENCE,
    Supervisor,
    a_world,
    ended_once,
    scan_pile,
    under_faults,
)
from reversal_support import Desk

from core.reversal import runs

WORKERS = 4
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
    assert runs.start_run(pile_id, "ana", desk.engine).total == PARCELS
    crew = Supervisor(desk, KILLS, WORKERS)
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
    victim = desk.start_worker(STORNO_SWEEP_SECONDS="15")  # as in production
    while sum(one.state == "sent" for one in desk.effects()) < 4:
        time.sleep(0.05)
    desk.start_worker(STORNO_SWEEP_SECONDS="15")
    victim.kill()
    victim.wait()
    dead = time.monotonic()
    desk.wait(120)
    assert time.monotonic() - dead < 60
    ended_once(desk, 24)
