"""A worker that can be made to crash, to freeze, to lack a guard, or to trust a turned clock."""

import datetime as dt
import functools
import logging
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

from adversary_rules import take_away
from guards import GUARDS

from core import clock
from core.config import home
from core.reversal.effects import executor
from core.reversal.steps import advance
from core.reversal.worker.worker import run_worker


def signal_at(points: list[str], number: signal.Signals) -> None:
    """Send it to this process the first time one of these points ("sent/cancel") is passed."""

    def failpoint(passed: str, effect: Any) -> None:
        point = f"{passed}/{effect.kind}"
        done = Path(home().root / f"crashed-{point}".replace(" ", "-").replace("/", "-"))
        if point in points and not done.exists():
            done.touch()
            os.kill(os.getpid(), number)

    executor.failpoint = failpoint


class TurnedClock(clock.Clock):
    """A wall clock that is wrong by the seconds that a file holds."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> dt.datetime:
        turned = float(self._file.read_text() or 0) if self._file.exists() else 0.0
        return super().now() + dt.timedelta(seconds=turned)


def turn_clock(file: Path) -> None:
    """Let this process see a wall clock that somebody has turned."""
    turned, real_time = TurnedClock(file), time.time
    clock.use(turned).__enter__()
    time.time = lambda: real_time() + (turned.now() - dt.datetime.now(dt.UTC)).total_seconds()


def main() -> None:
    """Read what is to be strange from the environment, then work."""
    for name, number in (("CRASH_AT", signal.SIGKILL), ("FREEZE_AT", signal.SIGSTOP)):
        if name in os.environ:
            signal_at(os.environ[name].split(","), number)
    if "LEASE_SECONDS" in os.environ:
        executor.LEASE_SECONDS = float(os.environ["LEASE_SECONDS"])
    if "WITHOUT" in os.environ:
        guardless = GUARDS[os.environ["WITHOUT"]]
        advance.advance = functools.partial(advance.advance, performer=guardless)
    if "WITHOUT_RULE" in os.environ:
        take_away(os.environ["WITHOUT_RULE"])
    if "CLOCK_FILE" in os.environ:
        turn_clock(Path(os.environ["CLOCK_FILE"]))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        run_worker(stop)
    except Exception:
        logging.getLogger(__name__).exception("the worker gave up")
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
