"""What an error of the database says, without the values it is about: they name customers.

PostgreSQL tells the row that failed (`DETAIL: Failing row contains (…)`, `Key (…)=(…)`), and in
its first line a value that it could not read (`invalid input syntax for type integer: "…"`). The
error is logged, and its text may be kept with an order or an alarm.
"""

from typing import Any

from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError

DATA = "22"  # the class of errors whose first line quotes what was given, behind a colon


def without_values(error: BaseException) -> bool:
    """Keep what went wrong of a PostgreSQL error, in place; False for any other kind of error."""
    diagnosis: Any = getattr(error, "diag", None)
    message = getattr(diagnosis, "message_primary", None)
    if message is None:
        return False
    if str(getattr(error, "sqlstate", "")).startswith(DATA):
        message = message.partition(":")[0]
    error.args = (message, *error.args[1:])
    return True


def strip(context: ExceptionContext) -> None:
    """For an engine's event `handle_error`."""
    error, told = context.original_exception, context.sqlalchemy_exception
    if without_values(error) and isinstance(told, DBAPIError):
        kind = type(error)
        told.args = (f"({kind.__module__}.{kind.__name__}) {error.args[0]}", *told.args[1:])
