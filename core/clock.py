"""The time of a process: asked for here by everything that waits, so that a test may set it.

`time.monotonic` stands only where the wait is outside of this program and takes its time whatever
a test says: a call that libcurl carries and the lock file before it (`services.http`,
`services.limits`), a process being started, and the sandbox, whose services go by their own clock.
"""

import contextlib
import datetime as dt
import functools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

# CLOCK_BOOTTIME goes on while a laptop sleeps; CLOCK_MONOTONIC is the next best elsewhere.
_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", None) or time.CLOCK_MONOTONIC


class Clock:
    """The computer's own clocks. A test hands in a subclass (`use`) and need not sleep."""

    # Seconds the clock of a database that several machines share is ahead of `uptime`;
    # None: there is one machine, and its wall clock will do.
    ahead: float | None = None

    def now(self) -> dt.datetime:
        """This moment in UTC, by the clock on the wall, which anybody may turn."""
        return dt.datetime.now(dt.UTC)

    def uptime(self) -> float:
        """Seconds since boot, sleep included where the system can tell; nobody turns them."""
        return time.clock_gettime(_SINCE_BOOT)

    @functools.cached_property
    def boot(self) -> str:
        """The name of this boot: seconds since another one mean nothing. "" where it has none."""
        return BOOT_ID.read_text().strip() if BOOT_ID.exists() else ""

    def sleep(self, seconds: float) -> None:
        """Wait so long."""
        time.sleep(seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait so long, or until the event is set; gives whether it is."""
        return event.wait(seconds)


class _Process:
    clock = Clock()


def current() -> Clock:
    """The clock of this process."""
    return _Process.clock


@contextlib.contextmanager
def use(clock: Clock) -> Iterator[None]:
    """Inside the block this process, all its threads included, goes by another clock."""
    before, _Process.clock = _Process.clock, clock
    try:
        yield
    finally:
        _Process.clock = before


def now() -> dt.datetime:
    """This moment in UTC: the one clock of the program."""
    return _Process.clock.now()


def day(moment: dt.datetime, zone: dt.tzinfo) -> dt.date:
    """The day of a moment at a place: late at night it is another than in UTC."""
    return moment.astimezone(zone).date()


def today(zone: dt.tzinfo) -> dt.date:
    """The day that it is at a place."""
    return day(now(), zone)


def uptime() -> float:
    """Seconds since boot."""
    return _Process.clock.uptime()


def sleep(seconds: float) -> None:
    """Wait so long."""
    _Process.clock.sleep(seconds)
