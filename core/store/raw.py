"""Statements of the driver's own, for what SQLAlchemy has no words for."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from core.store.errors_told import without_values


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
        told = statement.partition("'")[0]  # values come quoted
        raise DBAPIError.instance(
            told,
            None,
            error,
            failure,
            connection_invalidated=gone,
            dialect=dialect,
        ) from error
