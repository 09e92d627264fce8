"""Measures how long ago something was, even when somebody turns the computer's clock.

A settle delay cut short by a clock set forward could double a storno. A mark therefore also
carries the seconds since boot and the boot's name: within one boot only those count.
"""

import datetime as dt
import functools
import time
from pathlib import Path

from core.store.types import now

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

# CLOCK_BOOTTIME goes on while a laptop sleeps; CLOCK_MONOTONIC is the next best elsewhere.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", None) or time.CLOCK_MONOTONIC


@functools.cache
def _boot() -> str:
    return BOOT_ID.read_text().strip() if BOOT_ID.exists() else ""


def uptime() -> float:
    """Seconds since boot, sleep included where the system can tell."""
    return time.clock_gettime(_CLOCK)


def ahead() -> float:
    """Seconds the wall clock is ahead of the seconds since boot; changes when it is set."""
    return now().timestamp() - uptime()


def mark() -> str:
    """This moment, to be kept with a record: wall clock, boot, seconds since boot."""
    return f"{now().isoformat()}|{_boot()}|{uptime():.3f}"


def since(made: str) -> float:
    """Seconds since the mark was made; by the wall clock only across boots or machines."""
    moment, boot, seconds = made.split("|")
    if boot and boot == _boot():
        return uptime() - float(seconds)
    return (now() - dt.datetime.fromisoformat(moment)).total_seconds()


def remaining(made: str, wait: float) -> float:
    """Seconds still to wait, 0 when it is over.

    A clock set back across a boot cannot make the wait longer than it was meant to be.
    """
    if not made:
        return 0.0
    return min(max(0.0, wait - since(made)), wait)
