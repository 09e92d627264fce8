"""By when a storno must be filed with RO e-Factura.

Since 1 January 2026: within five working days of its issue, to companies, consumers and the state
alike (OUG 89/2025). The fines begin at 2,500 lei.
"""

import datetime as dt
import functools

WORKING_DAYS = 5


def filing_deadline(issued_on: dt.date) -> dt.date:
    """The last day on which a document of this day is filed in time."""
    day, left = issued_on, WORKING_DAYS
    while left:
        day += dt.timedelta(days=1)
        left -= is_working_day(day)
    return day


def is_working_day(day: dt.date) -> bool:
    """Whether Romania works on this day: no weekend, no public holiday, Orthodox Easter's too."""
    return day.weekday() < 5 and day not in _holidays(day.year)


@functools.cache
def _holidays(year: int) -> frozenset[dt.date]:
    import holidays  # takes a while, and few need it

    return frozenset(holidays.country_holidays("RO", years=year))
