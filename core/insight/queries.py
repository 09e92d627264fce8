"""Lists of parcels and customers, straight from the database, for what is behind a figure.

Only parcels with a ship date are listed.  Money is in minor units.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Date, Engine, Select, case, func, literal, select

from core.insight.filters import Filters
from core.insight.store import snapshot
from core.insight.store.expressions import OUTCOME, PRODUCT, conditions
from core.rights import Right, door
from core.store import db
from core.store.statements.dates import DaysBetween
from core.store.tables import orders, parcels

STEP_DATES = {"back": "scanned_on", "cancelled": "cancelled_on", "reversed": "reversed_on"}
FUNNEL = tuple(STEP_DATES)
LISTED = 500  # parcels shown behind a mark
AT_ONCE = 500  # customers in one query


def engine() -> Engine:
    """The database of this installation, for pages, which must not know SQLAlchemy."""
    return db.engine()


@door(Right.FIGURES, Right.FOLLOW_UP)
def missing(engine: Engine, filters: Filters, today: date, days: int) -> pd.DataFrame:
    """Parcels the courier called refused more than `days` days ago and nobody ever scanned."""
    waited = DaysBetween(parcels.c.outcome_on, literal(today, Date))
    query = (
        _listed(waited.label("days"), parcels.c.customer_key, parcels.c.order_id)
        .where(*conditions(filters), parcels.c.outcome == "refused", parcels.c.scanned_on.is_(None))
        .where(parcels.c.outcome_on < today - timedelta(days=days))
        .order_by(parcels.c.courier, waited.desc(), parcels.c.id)
    )
    return _frame(engine, query)


@door(Right.FIGURES)
def parcel_list(
    engine: Engine, filters: Filters, outcome: str | None = None, limit: int = LISTED
) -> pd.DataFrame:
    """The parcels behind a mark, newest first; `outcome` may also be "open", None means all."""
    query = _of_outcome(_listed().where(*conditions(filters)), outcome)
    newest = (parcels.c.shipped_on.desc(), parcels.c.id)
    return _frame(engine, query.order_by(*newest).limit(limit))


@door(Right.FIGURES)
def parcel_steps(engine: Engine, filters: Filters, step: str, limit: int = LISTED) -> pd.DataFrame:
    """The parcels of one bar of the funnel: shipped, refused, back, cancelled or reversed."""
    query = _listed().where(*conditions(filters))
    if step != "shipped":
        query = query.where(OUTCOME.in_(["refused"]))
    passed = FUNNEL[: FUNNEL.index(step) + 1] if step in FUNNEL else ()
    for name in passed:
        query = query.where(parcels.c[STEP_DATES[name]].is_not(None))
    newest = (parcels.c.shipped_on.desc(), parcels.c.id)
    return _frame(engine, query.order_by(*newest).limit(limit))


@door(Right.NAMES)
def repeaters(engine: Engine, filters: Filters, at_least: int = 2) -> pd.DataFrame:
    """Customers with `at_least` refusals: `customer_key`, `refused`, `shipped`, `last_refused`."""
    refused = func.sum(case((OUTCOME == "refused", 1), else_=0))
    when = func.coalesce(parcels.c.outcome_on, parcels.c.scanned_on)
    last = func.max(case((OUTCOME == "refused", when)))
    query = (
        select(
            parcels.c.customer_key,
            refused.label("refused"),
            func.count().label("shipped"),
            last.label("last_refused"),
        )
        .where(*conditions(filters), parcels.c.customer_key != "")
        .group_by(parcels.c.customer_key)
        .having(refused >= at_least)
        .order_by(refused.desc(), parcels.c.customer_key)
    )
    return _frame(engine, query)


@door(Right.NAMES)
def contacts(engine: Engine, customers: Sequence[str]) -> pd.DataFrame:
    """`customer_key`, `email` and `phone` of these customers, as their newest order has them."""
    found: dict[str, tuple[str, str]] = dict.fromkeys(customers, ("", ""))
    with db.reading(engine) as connection:
        for start in range(0, len(customers), AT_ONCE):
            part = customers[start : start + AT_ONCE]
            query = select(orders.c.customer_key, orders.c.email, orders.c.phone)
            newest_last = query.where(orders.c.customer_key.in_(part)).order_by(orders.c.created_at)
            for row in connection.execute(newest_last):
                if row.email or row.phone:
                    found[row.customer_key] = (row.email, row.phone)
    rows = [(key, *each) for key, each in found.items()]
    return pd.DataFrame(rows, columns=["customer_key", "email", "phone"])


@door(Right.FIGURES, Right.FOLLOW_UP)
def choices(engine: Engine) -> dict[str, list[str]]:
    """The values there are to filter by, of the slices that couriers and shops name."""
    words = snapshot.current(engine).words
    return {
        name: sorted(word for word in words[name] if word)
        for name in ("courier", "county", "product", "reason")
    }


@door(Right.FIGURES)
def last_day(engine: Engine) -> date | None:
    """The youngest day the data speaks of, shipping or outcome; None when there are no parcels."""
    return snapshot.current(engine).last_day


def _of_outcome(query: Select[Any], outcome: str | None) -> Select[Any]:
    if outcome is None:
        return query
    return query.where(OUTCOME.is_not_distinct_from(None if outcome == "open" else outcome))


def _listed(*more: Any) -> Select[Any]:
    names = ("tracking", "courier", "shipped_on", "payment", "county", "city")
    money = ("value_minor", "currency")
    steps = ("outcome_on", "reason", "scanned_on", "cancelled_on", "reversed_on")
    columns = [
        orders.c.name.label("order_name"),
        *(parcels.c[name] for name in names),
        PRODUCT.label("sku"),
        parcels.c.product,
        *(parcels.c[name] for name in money),
        OUTCOME.label("outcome"),
        *(parcels.c[name] for name in steps),
    ]
    joined = parcels.join(orders, orders.c.id == parcels.c.order_id)
    return select(*columns, *more).select_from(joined)


def _frame(engine: Engine, query: Select[Any]) -> pd.DataFrame:
    with db.reading(engine) as connection:
        answer = connection.execute(query)
        frame = pd.DataFrame(list(map(tuple, answer)), columns=list(answer.keys()))
    for name in {"refused", "shipped", "days", "value_minor"} & set(frame.columns):
        frame[name] = frame[name].astype("int64")  # PostgreSQL sums integers to Decimal
    return frame
