"""What each slice of Analytics means for one parcel, asked of a database of a few parcels."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from core.clock import now
from core.insight.filters import Filters
from core.insight.store.expressions import OUTCOME, PRODUCT, conditions
from core.store import db
from core.store.tables import connections, orders, parcels

MONDAY = dt.date(2026, 11, 16)
DAY = dt.timedelta(days=1)


@pytest.fixture
def desk(engine: Engine) -> Engine:
    """A desk with one order, to which parcels are added."""
    with db.writing(engine) as connection:
        connection.execute(insert(connections).values(
            id=1, kind="shop", service="shopify", name="Casa", settings={}, secrets="",
            created_at=now(),
        ))  # fmt: skip
        connection.execute(insert(orders).values(
            id=1, shop_id=1, gid="1", name="#1", created_at=now(), updated_at=now(),
            payment="cod", total_minor=1, currency="RON", tags=[], attributes={}, synced_at=now(),
        ))  # fmt: skip
    return engine


def add(desk: Engine, number: str, **values: Any) -> None:
    """A parcel of this number that was shipped on Monday."""
    usual = {"order_id": 1, "shop_id": 1, "tracking": number, "tracking_key": number,
             "payment": "cod", "shipped_on": MONDAY}  # fmt: skip
    with db.writing(desk) as connection:
        connection.execute(insert(parcels).values(**{**usual, **values}))


def chosen(desk: Engine, **filters: Any) -> list[str]:
    """The numbers of the parcels that these filters leave."""
    wanted = Filters(**{"since": MONDAY, "until": MONDAY + 6 * DAY, **filters})
    query = select(parcels.c.tracking).where(*conditions(wanted)).order_by(parcels.c.tracking)
    with db.reading(desk) as connection:
        return list(connection.scalars(query))


def test_both_ends_of_the_days_count_and_a_void_parcel_never(desk: Engine) -> None:
    for number, days in enumerate((-1, 0, 6, 7)):
        add(desk, str(number), shipped_on=MONDAY + days * DAY)
    add(desk, "void", void=True)
    assert chosen(desk) == ["1", "2"]


@pytest.mark.parametrize(
    ("minor", "band"),
    [(0, "under 50"), (4_999, "under 50"), (5_000, "50 to 100"), (9_999, "50 to 100"),
     (10_000, "100 to 200"), (20_000, "200 to 500"), (49_999, "200 to 500"),
     (50_000, "500 and more"), (9_000_000, "500 and more")],
)  # fmt: skip
def test_a_value_band_holds_its_lower_end_and_not_its_upper(
    desk: Engine, minor: int, band: str
) -> None:
    add(desk, "one", value_minor=minor)
    bands = ("under 50", "50 to 100", "100 to 200", "200 to 500", "500 and more")
    assert [one for one in bands if chosen(desk, bands=(one,))] == [band]


@pytest.mark.parametrize(("place", "name"), [(0, "Monday"), (2, "Wednesday"), (6, "Sunday")])
def test_a_weekday_is_that_of_the_shipping(desk: Engine, place: int, name: str) -> None:
    for days in range(7):
        add(desk, str(days), shipped_on=MONDAY + days * DAY)
    assert chosen(desk, weekdays=(name,)) == [str(place)]


def test_several_values_of_a_slice_add_up_and_several_slices_narrow(desk: Engine) -> None:
    add(desk, "a", courier="fan", county="Cluj")
    add(desk, "b", courier="gls", county="Cluj")
    add(desk, "c", courier="dpd", county="Iași")
    assert chosen(desk, couriers=("fan", "dpd")) == ["a", "c"]
    assert chosen(desk, couriers=("fan", "dpd"), counties=("Iași",)) == ["c"]


def test_a_product_is_its_sku_or_where_it_has_none_its_title(desk: Engine) -> None:
    add(desk, "a", sku="V1", product="Vas")
    add(desk, "b", sku="", product="Vas")
    assert chosen(desk, products=("V1",)) == ["a"]
    assert chosen(desk, products=("Vas",)) == ["b"]
    with db.reading(desk) as connection:
        found = connection.scalars(select(PRODUCT).order_by(parcels.c.tracking))
        assert list(found) == ["V1", "Vas"]


def test_customers_are_first_time_or_repeat(desk: Engine) -> None:
    add(desk, "a", repeat_customer=False)
    add(desk, "b", repeat_customer=True)
    assert chosen(desk, customers=("first-time",)) == ["a"]
    assert chosen(desk, customers=("repeat",)) == ["b"]


@pytest.mark.parametrize(
    ("word", "scanned", "outcome"),
    [(None, None, None), (None, MONDAY, "refused"), ("delivered", MONDAY, "delivered"),
     ("refused", None, "refused")],
)  # fmt: skip
def test_what_lies_on_the_desk_was_refused_unless_its_courier_says_otherwise(
    desk: Engine, word: str | None, scanned: dt.date | None, outcome: str | None
) -> None:
    add(desk, "one", outcome=word, scanned_on=scanned)
    with db.reading(desk) as connection:
        assert connection.scalar(select(OUTCOME)) == outcome
