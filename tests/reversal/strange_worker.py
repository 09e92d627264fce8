"""A worker that can be made to crash at a point, or to work without one of the guards."""

import os
import signal
import threading
from pathlib import Path
from typing import Any

from core.config import home
from core.reversal import perform, workflow
from core.reversal.perform import Rules
from core.reversal.worker import run_worker

GUARDS = {
    "asking": Rules(ask=False),
    "settling": Rules(settle=False),
    "intent": Rules(intent_first=False),
}


def crash_at(points: list[str]) -> None:
    """Kill this process the first time one of these points ("sent/cancel") is passed."""

    def passing(passed: str, effect: Any) -> None:
        point = f"{passed}/{effect.kind}"
        done = Path(home().root / f"crashed-{point}".replace(" ", "-").replace("/", "-"))
        if point in points and not done.exists():
            done.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    perform.passing = passing


def main() -> None:
    """Read what is to be strange from the environment, then work."""
    if "CRASH_AT" in os.environ:
        crash_at(os.environ["CRASH_AT"].split(","))
    if "WITHOUT" in os.environ:
        workflow.RULES = GUARDS[os.environ["WITHOUT"]]
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    run_worker(stop)


main()
