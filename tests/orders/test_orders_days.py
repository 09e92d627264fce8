"""What the desk notes of a parcel has the merchant's day, wherever the server stands."""

import datetime as dt
from zoneinfo import ZoneInfo

import outside_world as world
import pytest
from set_clock import SetClock

from core.orders.imports.drafts import add_to_known
from core.orders.imports.rows import read_rows
from core.settings import preferences
from core.store import db

PARCEL = "81234567890"
# The zone, an hour in UTC, and how many days the merchant's day is ahead of UTC's then.
NIGHTS = [
    ("Europe/Bucharest", 20, 0), ("Europe/Bucharest", 23, 1), ("America/New_York", 2, -1),
    ("America/New_York", 12, 0), ("Pacific/Kiritimati", 11, 1), ("Asia/Kathmandu", 19, 1),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "hour", "ahead"), NIGHTS)
def test_a_parcel_is_back_on_the_day_on_which_the_merchant_scans_it(
    shop: int, set_clock: SetClock, zone: str, hour: int, ahead: int
) -> None:
    world.add_order(shop, 1, PARCEL)
    with db.writing() as connection:
        preferences.save(connection, time_zone=zone)
    set_clock.stand_still(hour)
    world.scan(world.pile(), PARCEL)
    here = set_clock.now().date()
    assert world.parcel(PARCEL).scanned_on == here + dt.timedelta(days=ahead)


@pytest.mark.parametrize("zone", ["Europe/Bucharest", "America/New_York", "Asia/Kathmandu"])
@pytest.mark.parametrize("sent", ["2026-11-05", "05.11.2026 00:30", "2026-11-05 23:30"])
def test_a_parcel_of_a_list_was_sent_on_the_day_that_the_list_says(
    shop: int, zone: str, sent: str
) -> None:
    order_id = world.add_order(shop, 1)
    with db.writing() as connection:
        preferences.save(connection, time_zone=zone)
        row = {"order": "#1", "total": "121", "tracking": PARCEL, "shipped_on": sent}
        drafts = read_rows([(2, row)], ZoneInfo(zone))
        assert drafts.orders, drafts
        draft = next(iter(drafts.orders.values()))
        add_to_known(connection, shop, order_id, draft, ZoneInfo(zone))
    assert world.parcel(PARCEL).shipped_on == dt.date(2026, 11, 5)
