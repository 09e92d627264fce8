"""The shared bucket: never above the rate, used to the full, by any number of threads (T9)."""

import datetime as dt
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from sqlalchemy import Engine, select, update

from core.clock import now
from core.reasons import quoted
from core.services.limits import rate
from core.services.limits.rate import Deferred, Permit, Throttle
from core.services.ports import Rate
from core.settings import connections
from core.store import db
from core.store.tables import throttles

AHEAD = 2.0  # seconds


def throttle(buckets: Engine, allowed: Rate) -> Throttle:
    """A bucket nobody else uses."""
    return Throttle(uuid.uuid4().hex, allowed, buckets)


def change(buckets: Engine, one: Throttle, **values: object) -> None:
    """Alter the row as time or another program would."""
    with db.writing(buckets) as connection:
        connection.execute(update(throttles).where(throttles.c.key == one.key).values(**values))


def row(buckets: Engine, one: Throttle) -> object:
    """The bucket's row."""
    with db.reading(buckets) as connection:
        return connection.execute(select(throttles).where(throttles.c.key == one.key)).one()


@pytest.mark.timed
def test_300_turns_of_many_threads_keep_to_the_rate_and_use_it_to_the_full(buckets: Engine) -> None:
    """T9, short: 15 threads, each with a bucket object of its own on one row, 100 a second."""
    allowed, key = Rate(100.0, 1.0), uuid.uuid4().hex
    due: list[float] = []

    def work(_: int) -> None:
        mine = Throttle(key, allowed, buckets)
        for _turn in range(300 // 15):
            turn = mine.reserve()
            assert isinstance(turn, Permit)
            due.append(turn.due)
            # Ahead of its turn, so that a stalled machine does not look like an unused rate.
            time.sleep(max(0.0, turn.seconds - AHEAD))

    with ThreadPoolExecutor(15) as pool:
        list(pool.map(work, range(15)))
    due.sort()
    assert len(due) == 300
    # Turns follow each other at the rate, whenever their threads wake up.
    for size in (10, 50, 150):
        spans = [due[start + size] - due[start] for start in range(len(due) - size)]
        assert min(spans) > size / allowed.per_second - 0.002  # the clock's own grain
    assert 299 / (due[-1] - due[0]) >= 0.95 * allowed.per_second


def test_turns_are_handed_out_ahead_one_after_the_other(buckets: Engine) -> None:
    one = throttle(buckets, Rate(10.0, 1.0))
    turns = [one.reserve() for _ in range(10)]
    waits = [turn.seconds for turn in turns if isinstance(turn, Permit)]
    assert waits[0] == 0
    assert all(0.05 < later - sooner <= 0.1 + 1e-3 for sooner, later in pairwise(waits))


def test_who_would_wait_long_is_sent_away_and_takes_nothing(buckets: Engine) -> None:
    one = throttle(buckets, Rate(1.0, 1.0))
    answers = [one.reserve() for _ in range(20)]
    granted = [answer for answer in answers if isinstance(answer, Permit)]
    away = [answer for answer in answers if isinstance(answer, Deferred)]
    assert 6 <= len(granted) <= 8
    assert max(turn.seconds for turn in granted) <= rate.LONGEST_WAIT
    assert len(away) == 20 - len(granted)
    assert row(buckets, one).tokens >= -rate.LONGEST_WAIT - 1e-6  # type: ignore[attr-defined]


def test_a_cost_above_the_whole_bucket_waits_instead_of_hanging_for_ever(buckets: Engine) -> None:
    one = throttle(buckets, Rate(1.0, 2.0))
    assert isinstance(one.reserve(100.0), Permit)


def test_an_open_breaker_sends_everybody_away_until_it_closes(buckets: Engine) -> None:
    one = throttle(buckets, Rate(100.0, 10.0))
    one.block(now() + dt.timedelta(minutes=10), quoted("Oblio has blocked the token."))
    answer = one.reserve()
    assert isinstance(answer, Deferred)
    assert answer.why == quoted("Oblio has blocked the token.")
    assert 590 < answer.seconds <= 600
    change(buckets, one, blocked_until=time.time() - 1)
    assert isinstance(one.reserve(), Permit)
    assert one.blocked() is None


def test_a_shorter_block_does_not_shorten_a_longer_one(buckets: Engine) -> None:
    one = throttle(buckets, Rate(1.0, 1.0))
    one.block(now() + dt.timedelta(minutes=10), quoted("long"))
    one.block(now() + dt.timedelta(seconds=5), quoted("short"))
    blocked = one.blocked()
    assert blocked is not None
    assert blocked[1] == quoted("long")


@pytest.mark.parametrize("hours", [1, 24 * 30])
def test_a_clock_set_back_neither_stalls_the_bucket_nor_lengthens_a_block(
    hours: int, buckets: Engine
) -> None:
    one = throttle(buckets, Rate(10.0, 1.0))
    one.reserve()
    ahead = time.time() + hours * 3600  # as if written before the clock was set back
    change(buckets, one, updated_at=ahead, blocked_until=ahead + 600, blocked_why=quoted("why"))
    blocked = one.reserve()
    assert isinstance(blocked, Deferred)
    assert blocked.seconds <= 600
    change(buckets, one, blocked_until=0.0)
    turns = [one.reserve() for _ in range(5)]
    assert all(isinstance(turn, Permit) and turn.seconds < 1 for turn in turns)


def test_a_clock_set_forward_fills_the_bucket_once_and_no_more(buckets: Engine) -> None:
    one = throttle(buckets, Rate(1.0, 3.0))
    for _ in range(3):
        one.reserve()
    change(buckets, one, updated_at=time.time() - 86400)
    free = [turn for turn in (one.reserve() for _ in range(6)) if turn.seconds == 0]
    assert len(free) == 3


def test_the_services_own_bucket_is_followed(buckets: Engine) -> None:
    one = throttle(buckets, Rate(100.0, 1000.0))
    one.reserve(10)
    one.observe(available=40, maximum=2000, restore_rate=50)
    seen = row(buckets, one)
    assert (seen.capacity, seen.rate) == (2000, 50)  # type: ignore[attr-defined]
    turn = one.reserve(140)
    assert isinstance(turn, Permit)
    assert 1.8 < turn.seconds <= 2.0  # 100 points are missing, 50 come back each second


def test_an_answer_that_tells_less_than_we_counted_is_believed_again_and_again(
    buckets: Engine,
) -> None:
    one = throttle(buckets, Rate(0.001, 1000.0))
    for available in (900.0, 990.0, 700.0, 650.0):  # somebody else takes from it as well
        one.reserve(10)
        one.observe(available, maximum=1000, restore_rate=0.001)
    assert row(buckets, one).tokens == pytest.approx(650, abs=1)  # type: ignore[attr-defined]


def test_a_bucket_larger_than_we_thought_is_used_to_the_bottom(buckets: Engine) -> None:
    one = throttle(buckets, Rate(0.001, 1000.0))
    one.reserve(10)
    one.observe(available=1990, maximum=2000, restore_rate=0.001)
    assert row(buckets, one).tokens == pytest.approx(1990, abs=1)  # type: ignore[attr-defined]


def test_a_process_that_starts_later_keeps_what_another_was_told(buckets: Engine) -> None:
    one = Throttle(uuid.uuid4().hex, Rate(1.0, 10.0), buckets, follows=True)
    one.observe(available=500, maximum=2000, restore_rate=50)
    Throttle(one.key, Rate(1.0, 10.0), buckets, follows=True).reserve()
    seen = row(buckets, one)
    assert (seen.capacity, seen.rate) == (2000, 50)  # type: ignore[attr-defined]


def test_calls_on_their_way_are_not_forgotten_when_an_older_answer_tells_more(
    buckets: Engine,
) -> None:
    one = throttle(buckets, Rate(0.001, 1000.0))
    one.reserve(900)  # on its way
    one.observe(available=990, maximum=1000, restore_rate=0.001)
    assert row(buckets, one).tokens == pytest.approx(100, abs=1)  # type: ignore[attr-defined]


def test_what_a_call_cost_less_than_reserved_comes_back(buckets: Engine) -> None:
    one = throttle(buckets, Rate(0.001, 1000.0))
    one.reserve(900)
    one.observe(available=990, maximum=1000, restore_rate=0.001, refund=890)
    assert row(buckets, one).tokens == pytest.approx(990, abs=1)  # type: ignore[attr-defined]


def test_points_drawn_ahead_by_many_threads_at_once_are_all_counted(buckets: Engine) -> None:
    one = throttle(buckets, Rate(0.001, 10_000.0))
    together = threading.Barrier(8)

    def work(_: int) -> None:
        one.reserve(0)  # the row is there
        together.wait()
        one.reserve(10)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    one.observe(available=10_000, maximum=10_000, restore_rate=0.001)  # gives back what is left
    assert row(buckets, one).tokens == pytest.approx(10_000 - 80, abs=1)  # type: ignore[attr-defined]


def test_points_drawn_from_a_larger_bucket_are_not_given_back_to_a_smaller_one(
    buckets: Engine,
) -> None:
    """They would hide what others have reserved of it."""
    one = throttle(buckets, Rate(0.001, 10_000.0))
    other = Throttle(one.key, Rate(0.001, 10_000.0), buckets)
    one.observe(available=10_000, maximum=10_000, restore_rate=0.001)
    one.reserve(10)  # and some ahead
    other.observe(available=100, maximum=500, restore_rate=0.001)  # a smaller plan from now on
    other.reserve(60)
    one.observe(available=100, maximum=500, restore_rate=0.001, refund=8)
    assert row(buckets, one).tokens == pytest.approx(40, abs=1)  # type: ignore[attr-defined]


def test_every_open_breaker_is_told_by_name(engine: Engine) -> None:
    with db.writing(engine) as connection:
        id_ = connections.save(
            connection,
            kind="invoicing",
            service="oblio",
            name="Oblio of Casa Verde",
            settings={},
            secrets_={},
        )
    Throttle(rate.key_of(id_), Rate(1, 1), engine).block(
        now() + dt.timedelta(minutes=1), quoted("Too fast.")
    )
    with db.reading(engine) as connection:
        services = rate.blocked_services(connection)
        blocked = rate.blocked(connection)
    assert [(name, why) for name, _, why in services] == [
        ("Oblio of Casa Verde", quoted("Too fast."))
    ]
    assert blocked[rate.key_of(id_)][1] == quoted("Too fast.")
    assert rate.key_of(id_ + 1) not in blocked
