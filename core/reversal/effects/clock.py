"""Measures how long ago something was, even when somebody turns the computer's clock.

A settle delay cut short by a clock set forward could double a storno. A mark therefore also
carries the seconds since boot and the boot's name: within one boot only those count. Between
machines the database's clock does, since their own may differ by more than a settle delay.
"""

import datetime as dt
import functools
import time
from pathlib import Path

from sqlalchemy import Engine, func, select

from core.store import db
from core.store.statements import bulk
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


class _Shared:
    """How far the clock that all machines share is ahead of our seconds since boot."""

    ahead: float | None = None  # None: there is one machine, and its wall clock will do


def follow(engine: Engine) -> None:
    """Take the time of a database that several machines share; looked at again now and then."""
    with db.reading(engine) as connection:
        if not bulk.on_server(connection):
            return
        before = uptime()
        told = connection.scalars(select(func.clock_timestamp())).one()
        _Shared.ahead = told.timestamp() - (before + uptime()) / 2


def moment() -> dt.datetime:
    """Now, by the clock that all machines share."""
    if _Shared.ahead is None:
        return now()
    return dt.datetime.fromtimestamp(uptime() + _Shared.ahead, dt.UTC)


def ahead() -> float:
    """Seconds that clock is ahead of the seconds since boot; changes when somebody sets it."""
    return moment().timestamp() - uptime()


def mark() -> str:
    """This moment, to be kept with a record: clock, boot, seconds since boot."""
    return f"{moment().isoformat()}|{_boot()}|{uptime():.3f}"


def since(made: str) -> float:
    """Seconds since the mark was made; by the clock only across boots or machines."""
    at, boot, seconds = made.split("|")
    if boot and boot == _boot():
        return uptime() - float(seconds)
    return (moment() - dt.datetime.fromisoformat(at)).total_seconds()


def remaining(made: str, wait: float) -> float:
    """Seconds still to wait, 0 when it is over.

    A clock set back across a boot cannot make the wait longer than it was meant to be.
    """
    if not made:
        return 0.0
    return min(max(0.0, wait - since(made)), wait)
