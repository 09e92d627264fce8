"""A worker that can be made to crash, to freeze, to lack a guard, or to trust a turned clock."""

import datetime as dt
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from adversary_rules import take_away

from core.config import home
from core.reversal.effects import executor
from core.reversal.effects.executor import Rules
from core.reversal.worker import engine
from core.reversal.worker.worker import run_worker
from core.store import types

GUARDS = {
    "asking": Rules(ask=False),
    "settling": Rules(settle=False),
    "intent": Rules(intent_first=False),
}


def signal_at(points: list[str], number: signal.Signals) -> None:
    """Send it to this process the first time one of these points ("sent/cancel") is passed."""

    def passing(passed: str, effect: Any) -> None:
        point = f"{passed}/{effect.kind}"
        done = Path(home().root / f"crashed-{point}".replace(" ", "-").replace("/", "-"))
        if point in points and not done.exists():
            done.touch()
            os.kill(os.getpid(), number)

    executor.passing = passing


def turn_clock(file: Path) -> None:
    """Let this process see a wall clock that is wrong by the seconds that the file holds."""
    real_now, real_time = types.now, time.time

    def turned() -> float:
        return float(file.read_text() or 0) if file.exists() else 0.0

    def wrong_now() -> dt.datetime:
        return real_now() + dt.timedelta(seconds=turned())

    time.time = lambda: real_time() + turned()
    for module in [one for name, one in sys.modules.items() if name.startswith("core.")]:
        if getattr(module, "now", None) is real_now:
            module.now = wrong_now  # type: ignore[attr-defined]


def main() -> None:
    """Read what is to be strange from the environment, then work."""
    for name, number in (("CRASH_AT", signal.SIGKILL), ("FREEZE_AT", signal.SIGSTOP)):
        if name in os.environ:
            signal_at(os.environ[name].split(","), number)
    if "LEASE_SECONDS" in os.environ:
        executor.LEASE_SECONDS = float(os.environ["LEASE_SECONDS"])
    if "WITHOUT" in os.environ:
        engine.RULES = GUARDS[os.environ["WITHOUT"]]
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
        logging.exception("the worker gave up")
        os._exit(1)
    os._exit(0)


main()
