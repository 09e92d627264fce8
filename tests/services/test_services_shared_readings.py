"""Who asks a service for the same thing at once shares one reading, begun after each asked."""

import threading
from collections.abc import Callable

import pytest

from core.services.invoicing.listing import SharedReadings

PATIENCE = 20.0


class Counted:
    """A reading that is held open until it is let go; counts how often it was begun."""

    def __init__(self) -> None:
        self.begun = 0
        self.under_way = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)

    def __call__(self) -> int:
        self.begun += 1
        number = self.begun
        self.under_way.release()
        assert self.may_end.acquire(timeout=PATIENCE)
        return number


def _asking(ask: Callable[[], int], given: list[int]) -> threading.Thread:
    thread = threading.Thread(target=lambda: given.append(ask()))
    thread.start()
    return thread


def _waiting(readings: SharedReadings[int], about: str, count: int) -> None:
    paused = threading.Event()
    for _ in range(int(PATIENCE * 100)):
        if readings._turns[about].waiting == count:
            return
        paused.wait(0.01)
    raise AssertionError("they never came")


def test_those_who_ask_during_a_reading_share_the_next_one() -> None:
    readings: SharedReadings[int] = SharedReadings()
    read, first, later = Counted(), list[int](), list[int]()
    threads = [_asking(lambda: readings.read("day", read), first)]
    assert read.under_way.acquire(timeout=PATIENCE)
    threads += [_asking(lambda: readings.read("day", read), later) for _ in range(5)]
    _waiting(readings, "day", 6)
    read.may_end.release(2)
    for thread in threads:
        thread.join(PATIENCE)
    assert (first, later, read.begun) == ([1], [2] * 5, 2)


def test_another_thing_is_read_meanwhile() -> None:
    readings: SharedReadings[int] = SharedReadings()
    slow, given = Counted(), list[int]()
    thread = _asking(lambda: readings.read("monday", slow), given)
    assert slow.under_way.acquire(timeout=PATIENCE)
    assert readings.read("tuesday", lambda: 7) == 7
    slow.may_end.release()
    thread.join(PATIENCE)
    assert given == [1]


def test_who_asks_after_a_reading_is_given_a_new_one_and_nothing_is_kept() -> None:
    readings: SharedReadings[int] = SharedReadings()
    numbers = iter(range(10))
    assert [readings.read("day", lambda: next(numbers)) for _ in range(3)] == [0, 1, 2]
    assert readings._turns == {}


def test_a_reading_that_fails_is_tried_by_the_next_one_who_asks() -> None:
    readings: SharedReadings[int] = SharedReadings()

    def fails() -> int:
        raise OSError("broke off")

    with pytest.raises(OSError, match="broke off"):
        readings.read("day", fails)
    assert readings.read("day", lambda: 3) == 3
    assert readings._turns == {}
