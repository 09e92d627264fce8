"""The events of a courier that lists the newest first, or tells no more than the day."""

import datetime as dt

import pytest

from core.clock import now
from core.services.couriers.reading import in_order, moment
from core.services.ports import CourierEvent, ParcelStatus


def event(status: ParcelStatus, day: int, hour: int = 0) -> CourierEvent:
    return CourierEvent("7000121083646", dt.datetime(2026, 3, day, hour, tzinfo=dt.UTC), status)


def test_of_one_day_the_last_listed_is_the_newest_where_the_oldest_stands_first() -> None:
    listed = [event("transit", 2), event("out", 3), event("refused", 3)]
    assert [one.status for one in in_order(listed)] == ["transit", "out", "refused"]


def test_of_one_day_the_first_listed_is_the_newest_where_the_newest_stands_first() -> None:
    listed = [event("refused", 3), event("out", 3), event("transit", 2)]
    assert [one.status for one in in_order(listed)] == ["transit", "out", "refused"]


def test_what_is_listed_anyhow_is_put_in_order_and_what_was_not_read_is_left_out() -> None:
    listed = [event("out", 3, 8), None, event("transit", 2), event("delivered", 3, 9)]
    assert [one.status for one in in_order(listed)] == ["transit", "out", "delivered"]
    assert in_order([None]) == []


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59", "9999-12-31", "31.12.9999 23:59:59"])
def test_the_last_moment_that_dot_net_knows_is_none(text: str) -> None:
    """Written down, it would be newer than whatever the courier says of the parcel later."""
    assert moment(text) is None


def test_a_moment_of_years_to_come_is_none_and_one_of_tomorrow_is_kept() -> None:
    """ "2062" for "2026" would hide whatever the courier says of the parcel later."""
    tomorrow = (now() + dt.timedelta(days=1)).replace(microsecond=0)
    assert moment(tomorrow.isoformat()) == tomorrow
    assert moment(tomorrow.replace(year=tomorrow.year + 3, day=1).isoformat()) is None
