"""Small frames counted by the database: one row a cell, never one row a parcel.

Only parcels with a ship date are counted.  Money is in minor units and never added across
currencies: `currency` is a column of every frame that has money in it.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Date, Engine, Select, and_, case, func, literal, select

from core.insight.filters import Filters
from core.insight.sql import DaysBetween, WeekOf
from core.store import db
from core.store.tables import orders, parcels

COUNTS = ("shipped", "delivered", "refused", "lost", "back", "cancelled", "reversed")
REFUSED = parcels.c.outcome == "refused"


def engine() -> Engine:
    """The database of this installation, for pages, which must not know SQLAlchemy."""
    return db.engine()


def cells(source: Engine, filters: Filters) -> pd.DataFrame:
    """Counts by week, courier, payment, county and currency: the columns of `COUNTS`.

    `week` is the Monday (datetime64); `value_refused_minor` adds up what was refused.  `open` is
    what has no outcome yet, so delivered + refused + lost + open = shipped in every row.
    """
    keys = [
        WeekOf(parcels.c.shipped_on).label("week"),
        *(parcels.c[name] for name in ("courier", "payment", "county", "currency")),
    ]
    return _dated(_frame(source, _counted(keys).where(*_chosen(filters))), "week")


def by_product(source: Engine, filters: Filters, until: date) -> pd.DataFrame:
    """Counts by SKU for parcels shipped on or before `until`, the last mature day."""
    keys = [parcels.c.sku, parcels.c.currency, func.max(parcels.c.product).label("product")]
    query = _counted(keys, group=keys[:2]).where(*_chosen(filters), parcels.c.shipped_on <= until)
    return _frame(source, query)


def by_slice(source: Engine, filters: Filters, name: str) -> pd.DataFrame:
    """Counts by one of `SLICES`, in the column `slice`; `KeyError` for another name."""
    key = _SLICES[name]().label("slice")
    return _frame(source, _counted([key]).where(*_chosen(filters)))


def delays(source: Engine, filters: Filters, until: date | None = None) -> pd.DataFrame:
    """How many parcels (`n`) of each courier had which outcome after how many `days`."""
    days = DaysBetween(parcels.c.shipped_on, parcels.c.outcome_on).label("days")
    keys = [parcels.c.courier, parcels.c.outcome, days]
    query: Select[Any] = select(*keys, func.count().label("n")).group_by(*keys)
    query = query.where(*_chosen(filters), parcels.c.outcome_on.is_not(None))
    return _frame(source, query if until is None else query.where(parcels.c.shipped_on <= until))


def process_days(source: Engine, filters: Filters) -> pd.DataFrame:
    """How many refused parcels (`n`) took how many `days` for each `step` on the way back."""
    steps = ("outcome_on", "scanned_on", "cancelled_on", "reversed_on")
    names = ("refused to scanned", "scanned to cancelled", "cancelled to reversed")
    frames = []
    for name, first, second in zip(names, steps, steps[1:], strict=False):
        days = DaysBetween(parcels.c[first], parcels.c[second]).label("days")
        known = and_(parcels.c[first].is_not(None), parcels.c[second].is_not(None), REFUSED)
        counted: list[Any] = [days, func.count().label("n")]
        query = select(*counted).where(*_chosen(filters), known).group_by(days)
        frames.append(_frame(source, query).assign(step=name))
    return pd.concat(frames, ignore_index=True)


def missing(source: Engine, filters: Filters, today: date, days: int) -> pd.DataFrame:
    """Parcels the courier called refused more than `days` days ago and nobody ever scanned."""
    waited = DaysBetween(parcels.c.outcome_on, literal(today, Date))
    query = (
        _listed(waited.label("days"), parcels.c.customer_key)
        .where(*_chosen(filters), REFUSED, parcels.c.scanned_on.is_(None))
        .where(parcels.c.outcome_on < today - timedelta(days=days))
        .order_by(parcels.c.courier, waited.desc(), parcels.c.id)
    )
    return _frame(source, query)


def parcel_list(
    source: Engine, filters: Filters, outcome: str | None = None, sku: str = "", limit: int = 500
) -> pd.DataFrame:
    """The parcels behind a mark, newest first; `outcome` may also be "open", None means all."""
    query = _listed().where(*_chosen(filters)).order_by(parcels.c.shipped_on.desc(), parcels.c.id)
    if outcome == "open":
        query = query.where(parcels.c.outcome.is_(None))
    elif outcome:
        query = query.where(parcels.c.outcome == outcome)
    if sku:
        query = query.where(parcels.c.sku == sku)
    return _frame(source, query.limit(limit))


def repeaters(source: Engine, filters: Filters, at_least: int = 2) -> pd.DataFrame:
    """Customers with `at_least` refusals: `customer_key`, `refused`, `shipped`, `last_refused`."""
    refused = func.sum(case((REFUSED, 1), else_=0))
    last = func.max(case((REFUSED, parcels.c.outcome_on))).label("last_refused")
    query = (
        select(
            parcels.c.customer_key,
            refused.label("refused"),
            func.count().label("shipped"),
            last,
        )
        .where(*_chosen(filters), parcels.c.customer_key != "")
        .group_by(parcels.c.customer_key)
        .having(refused >= at_least)
        .order_by(refused.desc(), parcels.c.customer_key)
    )
    return _frame(source, query)


def choices(source: Engine) -> dict[str, list[str]]:
    """The couriers and counties there are to filter by."""
    return {
        name: [
            value
            for value in _frame(source, select(parcels.c[name]).distinct())[name].sort_values()
            if value
        ]
        for name in ("courier", "county")
    }


def last_day(source: Engine) -> date | None:
    """The youngest day the data speaks of, shipping or outcome; None when there are no parcels."""
    query = select(func.max(parcels.c.shipped_on), func.max(parcels.c.outcome_on))
    with source.connect().execution_options(reading=True) as connection:
        days = [day for day in connection.execute(query).one() if day is not None]
    return max(days, default=None)


def _value_band() -> ColumnElement[Any]:
    value = parcels.c.value_minor
    return case(
        (value < 5_000, "1: under 50"),
        (value < 10_000, "2: 50 to 100"),
        (value < 20_000, "3: 100 to 200"),
        (value < 50_000, "4: 200 to 500"),
        else_="5: 500 and more",
    )


_SLICES: dict[str, Callable[[], Any]] = {
    "courier": lambda: parcels.c.courier,
    "payment": lambda: parcels.c.payment,
    "county": lambda: parcels.c.county,
    "product": lambda: parcels.c.sku,
    "value band": _value_band,
    "customer": lambda: case((parcels.c.repeat_customer, "repeat"), else_="first-time"),
    "reason": lambda: parcels.c.reason,
    "weekday": lambda: DaysBetween(WeekOf(parcels.c.shipped_on), parcels.c.shipped_on),
}
SLICES = tuple(_SLICES)


def _counted(keys: list[Any], group: list[Any] | None = None) -> Select[Any]:
    def number(condition: ColumnElement[bool], name: str) -> Any:
        return func.sum(case((condition, 1), else_=0)).label(name)

    refused = [
        number(and_(REFUSED, parcels.c[column].is_not(None)), name)
        for name, column in (
            ("back", "scanned_on"),
            ("cancelled", "cancelled_on"),
            ("reversed", "reversed_on"),
        )
    ]
    return select(
        *keys,
        func.count().label("shipped"),
        *(number(parcels.c.outcome == name, name) for name in ("delivered", "refused", "lost")),
        number(parcels.c.outcome.is_(None), "open"),
        *refused,
        func.sum(case((REFUSED, parcels.c.value_minor), else_=0)).label("value_refused_minor"),
    ).group_by(*(group or keys))


def _listed(*more: Any) -> Select[Any]:
    names = "tracking courier shipped_on payment county city sku product value_minor currency"
    others = "outcome outcome_on reason scanned_on cancelled_on reversed_on"
    columns = (parcels.c[name] for name in f"{names} {others}".split())
    joined = parcels.join(orders, orders.c.id == parcels.c.order_id)
    return select(orders.c.name.label("order_name"), *columns, *more).select_from(joined)


def _chosen(filters: Filters) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = [parcels.c.shipped_on.between(filters.since, filters.until)]
    for column, values in (
        (parcels.c.courier, filters.couriers),
        (parcels.c.county, filters.counties),
        (parcels.c.payment, filters.payments),
    ):
        if values:
            chosen.append(column.in_(values))
    return chosen


def _frame(source: Engine, query: Select[Any]) -> pd.DataFrame:
    with source.connect().execution_options(reading=True) as connection:
        answer = connection.execute(query)
        frame = pd.DataFrame(answer.all(), columns=list(answer.keys()))
    for name in {*COUNTS, "open", "value_refused_minor", "n", "days"} & set(frame.columns):
        frame[name] = frame[name].astype("int64")  # PostgreSQL sums integers to Decimal
    return frame


def _dated(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    frame[name] = pd.to_datetime(frame[name])
    return frame
