"""What Analytics knows of a parcel, as one packed record; many of them are an array in memory."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# Columns whose record holds the number of a word; the words are in the table `fact_words`.
WORDS: Final = ("courier", "payment", "county", "currency", "product", "reason")
# Days from shipping to each step; UNKNOWN where the step has not happened.
STEPS: Final = ("outcome_after", "scanned_after", "cancelled_after", "reversed_after")
UNKNOWN: Final = -32_768

OUTCOMES: Final = ("open", "delivered", "refused", "lost")  # a record's `outcome` is the place here
OPEN, DELIVERED, REFUSED, LOST = range(4)

LAYOUT: Final = 2  # counted up with every change of RECORD or `pack`: older days are packed anew
RECORD: Final = np.dtype(
    [
        ("value_minor", "<i8"),
        *((name, "<u4") for name in WORDS),
        *((name, "<i2") for name in STEPS),
        ("outcome", "u1"),
        ("repeat_customer", "u1"),
    ]
)

# Upper ends (minor units, not included) of the value bands; the last band has none.
BANDS: Final = (5_000, 10_000, 20_000, 50_000)
BAND_NAMES: Final = ("under 50", "50 to 100", "100 to 200", "200 to 500", "500 and more")
WEEKDAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
SPANS: Final = ("day", "week", "month")  # of ship dates, that cohorts are made of
CUSTOMERS: Final = ("first-time", "repeat")

_THURSDAY = 3  # day 0 of the epoch, counted from Monday


def pack(records: Array) -> bytes:
    """Records as bytes, a column behind the other, which is how they are read fastest."""
    return b"".join(records[name].tobytes() for name in RECORD.names or ())


def unpack(packed: Sequence[bytes]) -> tuple[dict[str, Array], list[int]]:
    """The columns of many packs of records one after the other, and how many each pack held."""
    counts = [len(one) // RECORD.itemsize for one in packed]
    columns, start = {}, 0
    for name in RECORD.names or ():
        kind = RECORD[name]
        parts = [
            np.frombuffer(one, kind, count, start * count)
            for one, count in zip(packed, counts, strict=True)
        ]
        columns[name] = np.concatenate(parts) if parts else np.zeros(0, kind)
        start += kind.itemsize
    return columns, counts


def week_of(days: Array) -> Array:
    """A number for each day's week; `monday_of` is the way back.  Days count from 1970-01-01."""
    return (days + _THURSDAY) // 7


def monday_of(weeks: Array) -> Array:
    """The Monday of each week, as datetime64[s], which is what pandas reads fastest."""
    return (weeks * 7 - _THURSDAY).astype("datetime64[D]").astype("datetime64[s]")


def cohort_of(days: Array, span: str) -> Array:
    """A number for each ship day's cohort: its day, week or month."""
    if span == "month":
        return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return week_of(days) if span == "week" else days


def cohort_days(cohorts: Array, span: str) -> tuple[Array, Array]:
    """The first and the last day of each cohort, as datetime64[s]."""
    if span == "month":
        months = cohorts.astype("datetime64[M]")
        first, after = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]")
        last = after - np.timedelta64(1, "D")
    else:
        length = 7 if span == "week" else 1
        start = cohorts * 7 - _THURSDAY if span == "week" else cohorts
        first = start.astype("datetime64[D]")
        last = first + np.timedelta64(length - 1, "D")
    return first.astype("datetime64[s]"), last.astype("datetime64[s]")


def weekday_of(days: Array) -> Array:
    """0 for Monday to 6 for Sunday."""
    return (days + _THURSDAY) % 7
