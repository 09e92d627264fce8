"""What the figures' words mean, as SQL over one parcel: its outcome, its product, its slices."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, case

from core.insight.facts import BAND_NAMES, BANDS, CUSTOMERS, WEEKDAYS
from core.insight.filters import Filters
from core.store.statements.dates import DaysBetween, WeekOf
from core.store.tables import parcels

# A parcel that lies on our desk was refused, whether its courier says so or not.  Where the
# courier has spoken its word stands: a delivered parcel may come back as a return.
OUTCOME: ColumnElement[object] = case(
    (and_(parcels.c.outcome.is_(None), parcels.c.scanned_on.is_not(None)), "refused"),
    else_=parcels.c.outcome,
)
# The SKU; a product without one goes by its title.
PRODUCT: ColumnElement[object] = case((parcels.c.sku == "", parcels.c.product), else_=parcels.c.sku)


def _band() -> ColumnElement[object]:
    value = parcels.c.value_minor
    ends = zip(BANDS, BAND_NAMES, strict=False)
    return case(*((value < end, name) for end, name in ends), else_=BAND_NAMES[-1])


def _weekday() -> ColumnElement[object]:
    place = DaysBetween(WeekOf(parcels.c.shipped_on), parcels.c.shipped_on)
    return case(*((place == n, name) for n, name in enumerate(WEEKDAYS)))


_SLICES: dict[str, Callable[[], Any]] = {
    "courier": lambda: parcels.c.courier,
    "payment": lambda: parcels.c.payment,
    "county": lambda: parcels.c.county,
    "product": lambda: PRODUCT,
    "value band": _band,
    "customer": lambda: case((parcels.c.repeat_customer, CUSTOMERS[1]), else_=CUSTOMERS[0]),
    "reason": lambda: parcels.c.reason,
    "weekday": _weekday,
}


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """What a parcel must be to be among the chosen."""
    days: ColumnElement[bool] = parcels.c.shipped_on.between(filters.since, filters.until)
    return [
        days,
        ~parcels.c.void,
        *(_SLICES[name]().in_(values) for name, values in filters.chosen().items()),
    ]
