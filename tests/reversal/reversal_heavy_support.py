"""What the long proofs share: how large they are, a supervisor that kills, and how they must end.

STORNO_HEAVY_PARCELS and STORNO_HEAVY_KILLS make them smaller.
"""

import os
import random
import subprocess
import time

from reversal_support import EVERY_FAULT, Desk, chain_holds, once_each, order
from sqlalchemy import func, select

from core.config import home
from core.orders import piles, scans
from core.store import backup, db
from core.store.tables import scans as scans_table

PARCELS = int(os.environ.get("STORNO_HEAVY_PARCELS", "1000"))
KILLS = int(os.environ.get("STORNO_HEAVY_KILLS", "100"))
PATIENCE = 60 + 3.0 * PARCELS  # seconds


class Supervisor:
    """Keeps workers running, and kills one at random moments until it has done so enough."""

    def __init__(self, desk: Desk, kills: int, workers: int = 1, **strange: str) -> None:
        self._desk, self._left, self._strange = desk, kills, strange
        self._chance = random.Random(7)
        self._workers = [self._start() for _ in range(workers)]

    def _start(self) -> subprocess.Popen[bytes]:
        self._due = time.monotonic() + self._chance.uniform(2.0, 8.0)
        return self._desk.start_worker(**self._strange)

    def look(self) -> None:
        """Called again and again while the run goes on."""
        if self._left and time.monotonic() > self._due:
            self._left -= 1
            self._chance.choice(self._workers).kill()
        for place, one in enumerate(self._workers):
            if one.poll() is not None:
                one.wait()
                self._workers[place] = self._start()

    def lose_one(self) -> None:
        """Kill one for good: nobody takes its place."""
        gone = self._workers.pop()
        gone.kill()
        gone.wait()


def a_world(desk: Desk, parcels: int) -> None:
    desk.load([order(number) for number in range(1, parcels + 1)])
    desk.settings(refuse_repeats=False)


def under_faults(desk: Desk) -> None:
    desk.faults(share=0.3, kinds=EVERY_FAULT, seed=11, late_seconds=0.6, slow_seconds=1.8)


def scan_pile(desk: Desk, parcels: int) -> int:
    """A pile in which each parcel was scanned three times, in no order."""
    pile_id = piles.create("heavy", "ana", engine=desk.engine)
    turns = [(number, turn) for number in range(1, parcels + 1) for turn in range(3)]
    random.Random(5).shuffle(turns)
    for number, turn in turns:
        scans.take_scan(
            pile_id, f"70001{number:08}", "CODE128", by="ana", source="scanner",
            key=f"{number}-{turn}", engine=desk.engine,
        )  # fmt: skip
    with db.reading(desk.engine) as connection:
        assert connection.scalar(select(func.count(scans_table.c.id))) == 3 * parcels
    return pile_id


def ended_once(desk: Desk, parcels: int) -> None:
    desk.faults()
    once_each(desk.ledger(), parcels)
    assert desk.states() == {"done": parcels}
    assert chain_holds(desk)
    file = home().database_file
    if file is not None:
        backup.check(file)
