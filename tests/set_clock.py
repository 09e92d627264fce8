"""A clock that tests set: what would be slept through is over at once."""

import datetime as dt
import threading
from collections.abc import Callable

from core.clock import Clock


class SetClock(Clock):
    """The computer's clocks, ahead by the seconds that were slept or passed by.

    `on_sleep` is called with the seconds of each sleep, before they are over.
    """

    def __init__(self, on_sleep: Callable[[float], None] = lambda _: None) -> None:
        self.passed = 0.0
        self._on_sleep = on_sleep

    def now(self) -> dt.datetime:
        return super().now() + dt.timedelta(seconds=self.passed)

    def uptime(self) -> float:
        return super().uptime() + self.passed

    def sleep(self, seconds: float) -> None:
        self._on_sleep(seconds)
        self.passed += seconds

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.sleep(seconds)
        return event.is_set()
