"""One token bucket and one breaker per connection, shared by every thread, process and machine.

A turn is taken by one atomic UPDATE on the database's own clock: turns are handed out ahead of
time (negative tokens are waiting time), so the rate is used to the full and never exceeded.
Each adapter declares its own rates, SmartBill and Oblio with a window beside the bucket (see
core.services.limits.sliding_window), Oblio with another one for effects (see ….limits.lanes).
Shopify's cost points are followed as its `throttleStatus` tells them.
"""

import datetime as dt
import functools
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Float,
    Select,
    String,
    Update,
    bindparam,
    case,
    literal,
    select,
    update,
)
from sqlalchemy import type_coerce as coerce
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.elements import ColumnElement

from core.clock import now, uptime
from core.reasons import Reason
from core.services.codes import ServiceCode
from core.services.limits.prepaid import PrepaidPoints
from core.services.ports import Rate
from core.store import db
from core.store.statements.database_clock import database_clock, least
from core.store.statements.rows import insert_if_absent, upsert
from core.store.tables import connections, throttles

LONGEST_WAIT = 6.0  # seconds a thread may wait for its turn; beyond it the caller sleeps durably
# While a large bucket is more than half full, points are taken ahead of need (see prepaid).
PREPAID_SHARE = 0.05  # of the capacity
PREPAID_SECONDS = 0.5  # the most by which a block that another process wrote is seen late
CLOCKS_DIFFER = 1.0  # points by which two counts of the same bucket may differ
LONGEST_BLOCK = 3600.0  # a service that asks for more is asked again after an hour

EFFECTS = "/effects"  # behind the key of a connection: the bucket of its effects alone


@dataclass(frozen=True)
class Permit:
    """Granted: send after so many seconds, which is at `due` on the database's clock."""

    seconds: float
    due: float


@dataclass(frozen=True)
class Deferred:
    """Not granted, nothing was taken: come back after so many seconds."""

    seconds: float
    why: Reason


def key_of(connection_id: int) -> str:
    """The key of a connection's throttle."""
    return f"connection:{connection_id}"


# Statements are built once: building one costs more than running it.


def _refilled(clock: ColumnElement[float]) -> ColumnElement[float]:
    t = throttles.c
    # A clock set back refills nothing once, and then goes on from the new time.
    passed = case((clock > t.updated_at, clock - t.updated_at), else_=0.0)
    return least(t.capacity, t.tokens + passed * t.rate + _REFUND)


def _block_after_clock_change(clock: ColumnElement[float]) -> ColumnElement[float]:
    t = throttles.c
    gone_back = clock < t.updated_at
    return case((gone_back, t.blocked_until - (t.updated_at - clock)), else_=t.blocked_until)


_KEY, _COST = bindparam("of_key", type_=String), bindparam("cost", type_=Float)
_REFUND = bindparam("refund", type_=Float)


@functools.cache
def _take() -> ReturningUpdate[Any]:
    t, clock = throttles.c, database_clock()
    left = _refilled(clock) - _COST
    block = _block_after_clock_change(clock)
    # A cost above the whole bucket must pass too, or it would wait for ever.
    near = (left >= -LONGEST_WAIT * t.rate) | (t.capacity - _COST < -LONGEST_WAIT * t.rate)
    return (
        update(throttles)
        .where(t.key == _KEY, block <= clock, near)
        .values(tokens=left, updated_at=clock, blocked_until=block)
        .returning(t.tokens, t.rate, t.updated_at, t.capacity)
    )


@functools.cache
def _wait() -> Select[Any]:
    t, clock = throttles.c, database_clock()
    return select(
        (_block_after_clock_change(clock) - clock).label("blocked"),
        t.blocked_why,
        ((_COST - _refilled(clock)) / t.rate).label("queue"),
    ).where(t.key == _KEY)


@functools.cache
def _follow() -> Update:
    """The statement that makes our bucket what the service says of its own."""
    t, clock = throttles.c, database_clock()
    available, maximum, restore = (
        bindparam(name, type_=Float) for name in ("available", "maximum", "restore")
    )
    # A bucket larger than we thought was as full as ours was when we first took from it.
    larger = case((t.capacity < maximum, maximum - t.capacity), else_=0.0)
    ours = _refilled(clock) + larger
    return (
        update(throttles)
        .where(t.key == _KEY)
        .values(
            tokens=least(ours, available),
            capacity=maximum,
            rate=restore,
            updated_at=clock,
            blocked_until=_block_after_clock_change(clock),
        )
    )


class Throttle:
    """The bucket and the breaker behind one key."""

    def __init__(self, key: str, rate: Rate, engine: Engine, *, follows: bool = False) -> None:
        """`rate` is the declared one; with `follows` only the first guess, see `observe`."""
        self.key = key
        self._follows = follows
        self._rate = rate
        self.engine = engine
        self._has_row = False
        self._bucket: tuple[float, float] | None = None  # maximum and restore rate, as kept
        self._counted: tuple[float, float] | None = None  # tokens after the last turn, and when
        self._prepaid = PrepaidPoints(PREPAID_SECONDS)

    def reserve(self, cost: float = 1.0) -> Permit | Deferred:
        """Take a turn of this cost, at most LONGEST_WAIT seconds ahead."""
        if self._prepaid.spend(cost):
            return Permit(0.0, time.time())
        self._ensure_row()
        refund = self._prepaid.collect()
        with db.writing(self.engine, group_commit=True) as connection:
            asked = {"of_key": self.key, "cost": cost, "refund": refund}
            taken = connection.execute(_take(), asked).one_or_none()
            if taken is None:
                self._prepaid.give_back(refund)
                return _deferred(connection.execute(_wait(), asked).one())
            ahead = PREPAID_SHARE * taken.capacity
            if taken.tokens > taken.capacity / 2 and cost < ahead:
                more = {"of_key": self.key, "cost": ahead, "refund": 0.0}
                taken = connection.execute(_take(), more).one()
                self._prepaid.stock(ahead)
        self._counted = (taken.tokens, uptime())
        seconds = max(0.0, -taken.tokens / taken.rate)
        return Permit(seconds, taken.updated_at + seconds)

    def block(self, until: dt.datetime, why: Reason) -> None:
        """Open the breaker: nothing is sent before `until` (an hour at most)."""
        seconds = min(LONGEST_BLOCK, (until - now()).total_seconds())
        self._prepaid.release()
        self._ensure_row()
        with db.writing(self.engine) as connection:
            clock = database_clock()
            t = throttles.c
            connection.execute(
                update(throttles)
                .where(t.key == self.key, t.blocked_until < clock + seconds)
                .values(blocked_until=clock + seconds, blocked_why=why)
            )

    def blocked(self) -> tuple[dt.datetime, Reason] | None:
        """Until when and why nothing is sent, or None."""
        with db.reading(self.engine) as connection:
            asked = {"of_key": self.key}
            row = connection.execute(_breaker(), asked).one_or_none()
        return (now() + dt.timedelta(seconds=row.seconds), row.blocked_why) if row else None

    def observe(
        self, available: float, maximum: float, restore_rate: float, refund: float = 0.0
    ) -> None:
        """Follow what the service tells of its own bucket.

        `refund` is what the answered call cost less than was reserved for it. Calls on their way
        are not in `available` yet, but in our own count: the smaller of the two holds.
        """
        bucket = (maximum, restore_rate)
        if maximum <= 0 or restore_rate <= 0:
            return
        if self._bucket in (None, bucket):
            self._prepaid.give_back(refund)
        else:
            self._prepaid.forget()
        if self._changes_nothing(available, bucket):
            return
        self._prepaid.release()
        self._ensure_row()
        with db.writing(self.engine) as connection:
            values = {
                "of_key": self.key,
                "available": available,
                "maximum": maximum,
                "restore": restore_rate,
                "refund": self._prepaid.collect(),
            }
            connection.execute(_follow(), values)
        self._bucket, self._counted = bucket, None

    def _changes_nothing(self, available: float, bucket: tuple[float, float]) -> bool:
        """Whether our own count is the smaller one anyway: most answers need no writing."""
        counted = self._counted  # other threads change it
        if counted is None or bucket != self._bucket:
            return False
        tokens, at = counted
        maximum, restore_rate = bucket
        ours = tokens + self._prepaid.total() + (uptime() - at) * restore_rate
        # In a drained bucket each point decides whether the next call is refused.
        slack = CLOCKS_DIFFER if available > maximum / 2 else 0.0
        return available >= min(maximum, ours) - slack

    def _ensure_row(self) -> None:
        """Make the row, in a transaction of its own: other threads rely on it being there."""
        if self._has_row:
            return
        with db.writing(self.engine) as connection:
            declared = {"capacity": self._rate.capacity, "rate": self._rate.per_second}
            row = {
                "key": self.key,
                "tokens": self._rate.capacity,
                "updated_at": 0.0,
                "blocked_until": 0.0,
                "blocked_why": None,
                **declared,
            }
            if self._follows:
                insert_if_absent(connection, throttles, row)
            else:
                upsert(connection, throttles, row, ("key",), tuple(declared))
        self._has_row = True


def _deferred(row: Any) -> Deferred:
    if row.blocked > 0:
        return Deferred(row.blocked, row.blocked_why)
    return Deferred(max(0.2, row.queue - LONGEST_WAIT / 2), ServiceCode.CROWDED.of())


@functools.cache
def _open_breakers() -> Select[Any]:
    seconds = coerce(throttles.c.blocked_until - database_clock(), Float)
    return select(throttles.c.key, throttles.c.blocked_why, seconds.label("seconds")).where(
        seconds > literal(0.0)
    )


@functools.cache
def _breaker() -> Select[Any]:
    return _open_breakers().where(throttles.c.key == _KEY)


def blocked(connection: Connection) -> dict[str, tuple[float, Reason]]:
    """Seconds and reason of every open breaker, by the key of its connection (`key_of`)."""
    rows = connection.execute(_open_breakers())
    return {row.key: (row.seconds, row.blocked_why) for row in rows}


def blocked_services(connection: Connection) -> list[tuple[str, dt.datetime, Reason]]:
    """Every connection whose breaker is open: its name, until when, why."""
    names = {
        key_of(row.id): row.name
        for row in connection.execute(select(connections.c.id, connections.c.name))
    }
    moment = now()
    return [
        (names.get(row.key, row.key), moment + dt.timedelta(seconds=row.seconds), row.blocked_why)
        for row in connection.execute(_open_breakers())
        if not row.key.endswith(EFFECTS)  # closed together with the usual one
    ]
