"""The database's own clock, the one that all threads, processes and machines share."""

from sqlalchemy import Float, func
from sqlalchemy import type_coerce as coerce
from sqlalchemy.sql.elements import ColumnElement

_UNIX_EPOCH_IN_JULIAN_DAYS = 2440587.5


def database_clock(dialect: str) -> ColumnElement[float]:
    """Seconds since 1970 at the moment the row is reached, not when its transaction began.

    Read under the row's lock, so that turns cannot be handed out out of order.
    """
    if dialect == "postgresql":
        return coerce(func.extract("epoch", func.clock_timestamp()), Float)
    days = func.julianday("now") - _UNIX_EPOCH_IN_JULIAN_DAYS
    return coerce(days * 86400.0, Float)
