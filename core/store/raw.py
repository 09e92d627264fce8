"""Runs statements of the driver's own, and takes the values out of what PostgreSQL's errors say.

PostgreSQL tells the row that failed (`DETAIL: Failing row contains (…)`, `Key (…)=(…)`), and in
its first line a value that it could not read (`invalid input syntax for type integer: "…"`). They
name customers; the error is logged, and its text may be kept with an order or an alarm.
"""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError

DATA = "22"  # the class of errors whose first line quotes what was given, behind a colon


def raw(connection: Connection, statement: str, values: Any = ()) -> Any:
    """Run a statement of the driver's own, past SQLAlchemy; gives the driver's cursor.

    Raises DBAPIError and its kinds; a connection that is gone goes back to nobody.
    """
    dialect = connection.dialect
    assert dialect.loaded_dbapi is not None
    failure: type[Exception] = dialect.loaded_dbapi.Error
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(statement, values) if values else driver.execute(statement)
    except failure as error:
        without_values(error)
        gone = dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]
        if gone:
            connection.invalidate(error)
        without_literals = statement.partition("'")[0]  # values come quoted
        raise DBAPIError.instance(
            without_literals,
            None,
            error,
            failure,
            connection_invalidated=gone,
            dialect=dialect,
        ) from error


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


def strip_values(context: ExceptionContext) -> None:
    """For an engine's event `handle_error`."""
    error, wrapper = context.original_exception, context.sqlalchemy_exception
    if without_values(error) and isinstance(wrapper, DBAPIError):
        kind = type(error)
        wrapper.args = (f"({kind.__module__}.{kind.__name__}) {error.args[0]}", *wrapper.args[1:])
