"""Clocks that tests set: hours pass by at once."""

import datetime as dt
import threading
from collections.abc import Callable

from core.clock import Clock


class MovedClock(Clock):
    """The computer's clocks, ahead by the seconds that were passed by; a sleep is a sleep.

    For tests that speak to a real sandbox, whose jobs take their time.
    """

    def __init__(self) -> None:
        self.passed = 0.0
        self._still: tuple[dt.datetime, float] | None = None

    def stand_still(self, hour: int | None = None) -> None:
        """From now on only what is slept or passed by moves it; `hour` of today (UTC) if given."""
        at, up = self.now().replace(microsecond=0), float(round(self.uptime()))
        at = at if hour is None else at.replace(hour=hour)
        self.passed = 0.0
        self._still = (at, up)

    def now(self) -> dt.datetime:
        at = self._still[0] if self._still else super().now()
        return at + dt.timedelta(seconds=self.passed)

    def uptime(self) -> float:
        up = self._still[1] if self._still else super().uptime()
        return up + self.passed


class SetClock(MovedClock):
    """The same, and what would be slept through is over at once.

    `on_sleep` is called with the seconds of each sleep, before they are over.
    """

    def __init__(self, on_sleep: Callable[[float], None] = lambda _: None) -> None:
        super().__init__()
        self.on_sleep = on_sleep

    def sleep(self, seconds: float) -> None:
        self.on_sleep(seconds)
        self.passed += seconds

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.sleep(seconds)
        return event.is_set()
