"""Measures how long ago something was, even when somebody turns the computer's clock.

A settle delay cut short by a clock set forward could double a storno. A mark therefore also
carries the seconds since boot and the boot's name: within one boot only those count. Between
machines the database's clock does, since their own may differ by more than a settle delay.
"""

import datetime as dt

from sqlalchemy import Engine, func, select

from core import clock
from core.clock import now, uptime
from core.store import db
from core.store.statements import bulk


def follow(engine: Engine) -> None:
    """Take the time of a database that several machines share; looked at again now and then."""
    with db.reading(engine) as connection:
        if not bulk.on_server(connection):
            return
        before = uptime()
        server_time = connection.scalars(select(func.clock_timestamp())).one()
        clock.current().ahead = server_time.timestamp() - (before + uptime()) / 2


def moment() -> dt.datetime:
    """Now, by the clock that all machines share."""
    ahead = clock.current().ahead
    return now() if ahead is None else dt.datetime.fromtimestamp(uptime() + ahead, dt.UTC)


def ahead() -> float:
    """Seconds that clock is ahead of the seconds since boot; changes when somebody sets it."""
    return moment().timestamp() - uptime()


def mark() -> str:
    """This moment, to be kept with a record: clock, boot, seconds since boot."""
    return f"{moment().isoformat()}|{clock.current().boot}|{uptime():.3f}"


def since(made: str) -> float:
    """Seconds since the mark was made; by the clock only across boots or machines."""
    at, boot, seconds = made.split("|")
    if boot and boot == clock.current().boot:
        return uptime() - float(seconds)
    return (moment() - dt.datetime.fromisoformat(at)).total_seconds()


def remaining(made: str, wait: float) -> float:
    """Seconds still to wait, 0 when it is over.

    A clock set back across a boot cannot make the wait longer than it was meant to be.
    """
    if not made:
        return 0.0
    return min(max(0.0, wait - since(made)), wait)
