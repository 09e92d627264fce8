"""Keeps to a service's window: so many calls in so many seconds, whenever they arrive there.

The bucket spaces the calls as we send them; a call that is late on its way may still arrive
together with the next ones, and some services then block for ten minutes. A call has arrived at
the latest when it is answered, so its place is free again that many seconds after its answer.

The places are rows of `window_places`, shared by every thread, process and machine, the
dashboard's included. A lower rate would be simpler, but no rate holds for every delay; this holds
for all of them. Its price is two short transactions a call, and the time that calls travel: three
places of a second give 3 / (1 + a call's seconds) calls a second. A place whose process died comes
back when its longest call would be over, and a process that was frozen for as long no longer sends.
Only a clock set forward frees places early, once.
"""

import functools
import threading
import time
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import (
    Engine,
    Float,
    Integer,
    Select,
    String,
    Update,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.elements import ColumnElement

from core.errors import TooLate
from core.services.codes import ServiceCode
from core.store import db
from core.store.statements.database_clock import database_clock
from core.store.statements.rows import insert_absent
from core.store.tables import window_places

log = structlog.get_logger(__name__)

GRAIN = 0.02  # seconds; SQLite's clock counts thousandths, the service's perhaps hundredths
LOOK_AGAIN = 0.05  # seconds after which a place that is in use is looked at again


@dataclass(frozen=True)
class WindowPlace:
    """A place that is ours until the moment `until` of the database's clock."""

    key: str
    number: int
    until: float
    begin_by: float  # on the monotonic clock, which goes on while a process is frozen

    def check(self) -> None:
        """Raise TooLate when a call that begins now might arrive after the place is another's."""
        if time.monotonic() > self.begin_by:
            raise TooLate(ServiceCode.PLACE_GIVEN_UP)


class SlidingWindowLimiter:
    """At most `calls` under way or answered within the last `seconds`, in all processes."""

    def __init__(
        self,
        key: str,
        calls: int,
        seconds: float,
        engine: Engine,
        *,
        wait: float = 1.0,
        travel: float = 1.0,
    ) -> None:
        """A call begins at most `wait` seconds after `enter` and arrives `travel` later."""
        self._key, self._calls = key, calls
        self._places = {"of_key": key, "calls": calls}
        self._seconds = seconds + GRAIN
        self._wait = wait
        self._held = wait + travel + self._seconds
        self._engine = engine
        self._door = _door(key)

    def enter(self, patience: float) -> WindowPlace | None:
        """Take a place, waiting at most `patience` seconds for one; None: none came free."""
        give_up = time.monotonic() + patience
        # One thread of a process asks the database at a time, the others wait behind it.
        if not self._door.acquire(timeout=patience):
            return None
        try:
            while (place := self._take()) is None:
                left = give_up - time.monotonic()
                if left <= 0:
                    return None
                time.sleep(min(left, self._until_one_may_be_free()))
            return place
        finally:
            self._door.release()

    def leave(self, place: WindowPlace, *, called: bool) -> None:
        """Give the place back: after its time when a call was made, else at once.

        Never raises: what became of the call matters more, and the place comes back by itself.
        """
        values = {"of_key": place.key, "of_number": place.number, "until": place.until}
        values["seconds"] = self._seconds if called else 0.0
        try:
            with db.writing(self._engine, group_commit=True) as connection:
                connection.execute(_give_back(), values)
        except SQLAlchemyError as error:
            log.warning("a call's place was not given back", error=type(error).__name__)

    def _take(self) -> WindowPlace | None:
        values = {**self._places, "held": self._held}
        begin_by = time.monotonic() + self._wait
        with db.writing(self._engine, group_commit=True) as connection:
            row = connection.execute(_take(), values).one_or_none()
        return None if row is None else WindowPlace(self._key, row.number, row.free_at, begin_by)

    def _until_one_may_be_free(self) -> float:
        with db.reading(self._engine) as connection:
            first, there = connection.execute(_first(), self._places).one()
        if there < self._calls:
            self._make()
            return 0.0
        return float(min(max(first, 0.001), LOOK_AGAIN))

    def _make(self) -> None:
        with db.writing(self._engine) as connection:
            numbers = range(self._calls)
            rows = [{"key": self._key, "number": number, "free_at": 0.0} for number in numbers]
            insert_absent(connection, window_places, rows)


@functools.cache
def _door(_key: str) -> threading.Lock:
    return threading.Lock()


_OURS = and_(
    window_places.c.key == bindparam("of_key", type_=String),
    window_places.c.number < bindparam("calls", type_=Integer),
)


def _is_free(clock: ColumnElement[float]) -> ColumnElement[bool]:
    free_at = window_places.c.free_at
    # Nobody holds a place for longer: the clock was set back since.
    return or_(free_at <= clock, free_at > clock + bindparam("held", type_=Float))


@functools.cache
def _take() -> ReturningUpdate[Any]:
    clock = database_clock()
    free = (
        select(window_places.c.number)
        .where(_OURS, _is_free(clock))
        .order_by(window_places.c.free_at)
        .limit(1)
        .with_for_update(skip_locked=True)  # SQLite, which has one writer, does not see this
        .scalar_subquery()
    )
    return (
        update(window_places)
        .where(_OURS, window_places.c.number == free)
        .values(free_at=clock + bindparam("held", type_=Float))
        .returning(window_places.c.number, window_places.c.free_at)
    )


@functools.cache
def _give_back() -> Update:
    """The statement by which a place that was taken is free sooner than it had been said."""
    clock = database_clock()
    return (
        update(window_places)
        .where(
            window_places.c.key == bindparam("of_key", type_=String),
            window_places.c.number == bindparam("of_number", type_=Integer),
            window_places.c.free_at == bindparam("until", type_=Float),  # nobody else's by now
        )
        .values(free_at=clock + bindparam("seconds", type_=Float))
    )


@functools.cache
def _first() -> Select[Any]:
    clock = database_clock()
    return select(func.min(window_places.c.free_at) - clock, func.count()).where(_OURS)
