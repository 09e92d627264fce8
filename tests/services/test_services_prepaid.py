"""Points taken ahead of need: none is spent twice, and none is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from set_clock import SetClock

from core.services.limits.prepaid import PrepaidPoints

GOOD_SECONDS = 0.5


@pytest.fixture
def moment(set_clock: SetClock) -> SetClock:
    set_clock.stand_still()
    return set_clock


def test_points_are_spent_until_they_are_too_few(moment: SetClock) -> None:
    points = PrepaidPoints(GOOD_SECONDS)
    points.stock(100.0)
    assert [points.spend(40.0) for _ in range(3)] == [True, True, False]
    assert points.collect() == 20.0  # too few for the third: they go back
    assert not points.spend(1.0)


def test_a_turn_that_costs_exactly_what_is_left_is_had(moment: SetClock) -> None:
    points = PrepaidPoints(GOOD_SECONDS)
    points.stock(40.0)
    assert points.spend(40.0)
    assert points.collect() == 0.0


@pytest.mark.parametrize(("later", "good"), [(0.49, True), (0.5, False), (60.0, False)])
def test_old_points_go_back_unspent(moment: SetClock, later: float, good: bool) -> None:
    points = PrepaidPoints(GOOD_SECONDS)
    points.stock(100.0)
    moment.passed += later
    assert points.spend(10.0) is good
    assert points.collect() == (0.0 if good else 100.0)


def test_what_another_thread_had_stocked_goes_back_and_the_new_ones_are_good(
    moment: SetClock,
) -> None:
    points = PrepaidPoints(GOOD_SECONDS)
    points.stock(100.0)
    moment.passed += 0.4
    points.stock(50.0)
    moment.passed += 0.4  # the first would be too old
    assert points.spend(50.0)
    assert points.collect() == 100.0


def test_nothing_is_collected_twice(moment: SetClock) -> None:
    points = PrepaidPoints(GOOD_SECONDS)
    points.give_back(7.0)
    points.give_back(5.0)
    assert (points.collect(), points.collect()) == (12.0, 0.0)


def test_points_of_another_bucket_are_dropped(moment: SetClock) -> None:
    points = PrepaidPoints(GOOD_SECONDS)
    points.stock(100.0)
    points.give_back(7.0)
    points.forget()
    assert points.total() == 0.0
    assert not points.spend(1.0)
    assert points.collect() == 0.0


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("stock"), st.integers(0, 500)),
            st.tuples(st.just("spend"), st.integers(0, 500)),
            st.tuples(st.just("give back"), st.integers(0, 500)),
            st.tuples(st.just("release"), st.just(0)),
            st.tuples(st.just("collect"), st.just(0)),
        )
    )
)
def test_whatever_is_done_the_points_add_up(steps: list[tuple[str, int]]) -> None:
    points = PrepaidPoints(3600.0)
    put_in = gone = 0.0
    for step, number in steps:
        match step:
            case "stock":
                points.stock(number)
                put_in += number
            case "give back":
                points.give_back(number)
                put_in += number
            case "spend":
                gone += number if points.spend(number) else 0
            case "release":
                points.release()
            case _:
                gone += points.collect()
        assert points.total() == put_in - gone >= 0


def test_many_threads_spend_no_point_twice() -> None:
    points, together = PrepaidPoints(3600.0), threading.Barrier(8)
    points.stock(1000.0)

    def work(_: int) -> int:
        together.wait()
        return sum(points.spend(1.0) for _ in range(500))

    with ThreadPoolExecutor(8) as pool:
        spent = sum(pool.map(work, range(8)))
    assert spent == 1000
    assert points.total() == 0.0
