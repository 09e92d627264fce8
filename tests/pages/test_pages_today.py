"""Today is the seller's day, wherever the server stands."""

import datetime as dt

import pytest
import streamlit as st
from set_clock import SetClock

from pages.common import session


@pytest.mark.parametrize(
    ("zone", "hour", "days"),
    [
        ("Pacific/Kiritimati", 9, 0), ("Pacific/Kiritimati", 10, 1), ("Pacific/Pago_Pago", 10, -1),
        ("Pacific/Pago_Pago", 11, 0), ("Europe/Bucharest", 21, 0), ("UTC", 23, 0),
    ],
)  # fmt: skip
def test_today_is_the_day_where_the_seller_is(
    zone: str, hour: int, days: int, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "session_state", {"_zone": zone})
    set_clock.stand_still(hour)
    here = set_clock.now().date()
    assert session.today() == here + dt.timedelta(days=days)
