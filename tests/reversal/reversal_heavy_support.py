"""What the long proofs share: how large they are, a supervisor that kills, and how they must end.

REFUZ_HEAVY_PARCELS and REFUZ_HEAVY_KILLS make them smaller.
"""

import os
import random
import time

from reversal_support import EVERY_FAULT, Desk, once_each, order, the_trail_is_whole
from worker_nursery import Worker

from core.config import home
from core.store import backup

PARCELS = int(os.environ.get("REFUZ_HEAVY_PARCELS", "1000"))
KILLS = int(os.environ.get("REFUZ_HEAVY_KILLS", "100"))
PATIENCE = 60 + 3.0 * PARCELS  # seconds


class Supervisor:
    """Keeps workers running, and kills one at random moments, spread over the work that is open.

    `killed` counts those that were alive.
    """

    def __init__(self, desk: Desk, kills: int, workers: int = 1, **strange: str) -> None:
        self._desk, self._strange = desk, strange
        self._chance = random.Random(7)
        still = range(desk.open() // 20, desk.open())  # how many orders are open at each kill
        self._at = sorted(self._chance.choices(still, k=kills)) if kills else []
        self.killed = 0
        self._longest = 4.0 if workers == 1 else 2.0  # seconds; a crew is done sooner
        self._workers = [self._start() for _ in range(workers)]

    def _start(self) -> Worker:
        self._due = time.monotonic() + self._chance.uniform(0.0, self._longest)
        return self._desk.start_worker(**self._strange)

    def look(self) -> None:
        """Called again and again while the run goes on."""
        if self._at and time.monotonic() > self._due and self._desk.open() <= self._at[-1]:
            self._kill(self._chance.choice(self._workers))
        for place, one in enumerate(self._workers):
            if one.poll() is not None:
                one.wait()
                self._workers[place] = self._start()

    def _kill(self, one: Worker) -> None:
        if one.poll() is None:
            one.kill()
            self._at.pop()
            self.killed += 1

    def lose_one(self) -> None:
        """Kill one for good while orders are being sent: nobody takes its place."""
        while not any(one.state == "sent" for one in self._desk.effects()):
            self.look()
            time.sleep(0.02)
        alive = [one for one in self._workers if one.poll() is None]
        gone = self._chance.choice(alive)
        self._workers.remove(gone)
        gone.kill()
        gone.wait()


def a_world(desk: Desk, parcels: int) -> None:
    desk.load([order(number) for number in range(1, parcels + 1)])
    desk.settings(refuse_repeats=False)


def under_faults(desk: Desk) -> None:
    desk.faults(share=0.3, kinds=EVERY_FAULT, seed=11, late_seconds=0.6, slow_seconds=1.8)


def ended_once(desk: Desk, parcels: int) -> None:
    desk.faults()
    once_each(desk.ledger(), parcels)
    assert desk.states() == {"done": parcels}
    the_trail_is_whole(desk.engine, desk.effects())
    file = home().database_file
    if file is not None:
        backup.check(file)
