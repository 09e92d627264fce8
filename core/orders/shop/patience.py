"""How long what failed is left alone, longer each time, so that one shop's trouble is its own."""

import datetime as dt

from sqlalchemy import Connection

from core.clock import now
from core.store import db
from core.store.statements import cursors

FIRST, LONGEST = dt.timedelta(seconds=30), dt.timedelta(minutes=10)  # of a shop's queue
FIRST_OF_MESSAGE, LONGEST_OF_MESSAGE = dt.timedelta(minutes=1), dt.timedelta(hours=2)
MOST_DOUBLINGS = 20


def is_resting(connection: Connection, queue: str, shop_id: int) -> bool:
    """Whether a shop is to be left alone now."""
    kept = cursors.load(connection, cursors.rest(queue, shop_id))
    return isinstance(kept, dict) and now() < dt.datetime.fromisoformat(kept["until"])


def rest(connection: Connection, queue: str, shop_id: int) -> None:
    """It failed once more."""
    key = cursors.rest(queue, shop_id)
    kept = cursors.load(connection, key)
    failures = kept["failures"] if isinstance(kept, dict) else 0
    until = now() + _doubled(FIRST, failures, LONGEST)
    cursors.save(connection, key, {"failures": failures + 1, "until": until.isoformat()})


def is_well(queue: str, shop_id: int) -> None:
    """It answered: the next failure is the first one again."""
    key = cursors.rest(queue, shop_id)
    with db.reading() as connection:
        if cursors.load(connection, key) is None:
            return
    with db.writing() as connection:
        cursors.forget(connection, key)


def of_message(failures: int) -> dt.timedelta:
    """How long a message waits that has failed so often before."""
    return _doubled(FIRST_OF_MESSAGE, failures, LONGEST_OF_MESSAGE)


def _doubled(first: dt.timedelta, times: int, longest: dt.timedelta) -> dt.timedelta:
    doubled: dt.timedelta = first * 2 ** min(times, MOST_DOUBLINGS)
    return min(longest, doubled)
