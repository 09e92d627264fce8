"""Moments as couriers write them; one that is none stops no parcel."""

import datetime as dt

import pytest

from core.services.couriers.reading import moment


@pytest.mark.parametrize("text", [
    "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "/Date(-62135596800000)/",
    "/Date(99999999999999999)/", "9999-12-31T23:59:59-23:00", "1970-01-01", "", "mâine",
])  # fmt: skip
def test_a_moment_that_is_none_stops_no_parcel(text: str) -> None:
    """.NET writes the year 1 where it has no moment; in Bucharest's zone that was an error."""
    assert moment(text) is None


@pytest.mark.parametrize("text", [
    "10/11/2026 14:05:33", "2026-11-10T14:05:33", "10.11.2026 14:05:33", "2026-11-10 14:05:33",
    "2026-11-10T12:05:33Z", "2026-11-10T14:05:33.0000000+02:00",
])  # fmt: skip
def test_a_moment_is_read_however_a_courier_writes_it(text: str) -> None:
    assert moment(text) == dt.datetime(2026, 11, 10, 12, 5, 33, tzinfo=dt.UTC)
