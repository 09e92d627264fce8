"""What a run notes of a parcel has the merchant's day, and the sandbox's documents theirs."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reversal_support import Desk, order, paper, world
from sqlalchemy import select

from core import clock
from core.sandbox import state
from core.settings import preferences
from core.store import db
from core.store.tables import parcels

ROMANIA = ZoneInfo("Europe/Bucharest")
# One of them is a day apart from UTC at any hour.
APART = [ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago")]


def test_an_order_is_cancelled_and_reversed_on_the_merchants_day(desk: Desk) -> None:
    utc = clock.today(dt.UTC)
    zone = next(one for one in APART if clock.today(one) != utc)
    with db.writing(desk.engine) as connection:
        preferences.save(connection, time_zone=zone.key)
    desk.load([order(1)])
    desk.start_worker()
    desk.run()
    desk.wait()
    with db.reading(desk.engine) as connection:
        box = connection.execute(select(parcels)).one()
    days = {clock.today(zone), clock.today(zone) - dt.timedelta(days=1)} - {utc}
    assert box.cancelled_on in days
    assert box.reversed_on in days


@settings(max_examples=60, deadline=None)
@given(
    created=st.datetimes(
        dt.datetime(2026, 3, 1), dt.datetime(2026, 11, 15), timezones=st.just(dt.UTC)
    ),
    later=st.integers(0, 3),
    at=st.datetimes(dt.datetime(2027, 1, 1), dt.datetime(2028, 1, 1), timezones=st.just(dt.UTC)),
)
def test_at_no_hour_does_the_sandbox_date_a_document_before_its_order(
    created: dt.datetime, later: int, at: dt.datetime, tmp_path_factory: pytest.TempPathFactory
) -> None:
    issued = created.astimezone(ROMANIA).date() + dt.timedelta(days=later)
    one = {**order(1), "created_at": created.isoformat()}
    made = {**world([one]), "invoices": [paper(1, issued_on=issued.isoformat())]}
    moved = loaded(tmp_path_factory.mktemp("sandbox"), made, at)
    ordered, issued_at = (
        dt.datetime.fromisoformat(moved[name]) for name in ("created_at", "issued_on")
    )
    assert issued_at.date() - ordered.astimezone(ROMANIA).date() == dt.timedelta(days=later)


def loaded(folder: Path, made: state.Document, at: dt.datetime) -> dict[str, str]:
    """The order's moment and the document's day in a world that is loaded at this moment."""
    here = state.State(folder)
    try:
        here.load(made, at)
        (one,), (document,) = here.all("order").values(), here.all("invoice").values()
    finally:
        here.close()
    return {"created_at": one["created_at"], "issued_on": document["issued_on"]}
