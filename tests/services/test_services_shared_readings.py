"""Who asks a service for the same thing at once shares one reading, begun after each asked."""

import threading
from collections.abc import Callable
from typing import TypeVar

import pytest

from core import clock
from core.services.codes import ServiceCode
from core.services.invoicing.listing import Listing, Row, SharedReadings
from core.services.outcome import Confirmed, Outcome, Refused, Unknown

PATIENCE = 20.0
T = TypeVar("T")
TOO_MANY = Refused(ServiceCode.CROWDED.of())


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


def _waiting(readings: SharedReadings[T], about: str, count: int) -> None:
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


def test_where_several_wait_the_next_reading_is_shared_with_who_comes_a_moment_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readings: SharedReadings[int] = SharedReadings()
    read, first, later = Counted(), list[int](), list[int]()
    gathering, go_on = threading.Event(), threading.Event()

    def pause(_seconds: float) -> None:
        gathering.set()
        assert go_on.wait(PATIENCE)

    monkeypatch.setattr(clock, "sleep", pause)
    threads = [_asking(lambda: readings.read("day", read), first)]
    assert read.under_way.acquire(timeout=PATIENCE)  # alone: begun without waiting for others
    threads += [_asking(lambda: readings.read("day", read), later) for _ in range(2)]
    _waiting(readings, "day", 3)
    read.may_end.release(2)
    assert gathering.wait(PATIENCE)
    threads.append(_asking(lambda: readings.read("day", read), later))
    _waiting(readings, "day", 3)
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert (first, later, read.begun) == ([1], [2] * 3, 2)


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


Held = tuple[list[threading.Thread], list[object]]


class Pages:
    """A service's list of three rows, two on a page; a reading may be held, and then fail."""

    def __init__(self) -> None:
        self.held = Counted()
        self.offsets = list[int]()
        self.answers = list[Outcome[list[Row]]]()

    def __call__(self, offset: int) -> Outcome[list[Row]]:
        self.offsets.append(offset)
        if offset == 0:
            self.held()
        if self.answers:
            return self.answers.pop(0)
        rows: list[Row] = [{"id": str(number)} for number in (9, 8, 7)]
        return Confirmed(rows[offset : offset + 2])


def _rows(kept: Listing, read: Pages) -> Outcome[list[Row]]:
    return kept.up_to_date("shop", read, lambda row: str(row["id"]), TOO_MANY)


def _held(kept: Listing, pages: Pages, later: int) -> Held:
    """One reads and is held; so many more wait for it."""
    given = list[object]()

    def ask() -> int:
        given.append(_rows(kept, pages))
        return 0

    threads = [_asking(ask, [])]
    assert pages.held.under_way.acquire(timeout=PATIENCE)
    threads += [_asking(ask, []) for _ in range(later)]
    _waiting(kept._readings, "shop", later + 1)
    return threads, given


def test_a_list_is_brought_up_to_date_once_for_all_who_came_meanwhile() -> None:
    kept, pages = Listing(2, 5), Pages()
    threads, given = _held(kept, pages, 4)
    pages.held.may_end.release(2)
    for thread in threads:
        thread.join(PATIENCE)
    assert given == [Confirmed([{"id": "9"}, {"id": "8"}, {"id": "7"}])] * 5
    assert pages.offsets == [0, 2, 0]  # whole, then the newest page alone
    assert len({id(one.value) for one in given if isinstance(one, Confirmed)}) == 5


def test_a_list_that_could_not_be_read_is_read_anew_by_each_who_waited() -> None:
    kept, pages = Listing(2, 5), Pages()
    failed = Unknown(ServiceCode.CROWDED.of())
    pages.answers = [failed, failed]
    threads, given = _held(kept, pages, 2)
    pages.held.may_end.release(3)
    for thread in threads:
        thread.join(PATIENCE)
    assert given[:2] == [failed, failed]
    assert isinstance(given[2], Confirmed)
    assert pages.offsets == [0, 0, 0, 2]
