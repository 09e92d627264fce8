"""Statements that run several times an order: compiled once, then handed to the driver as they are.

SQLAlchemy writes them and says how each value is bound; only its bookkeeping around every single
execution is left out, which costs more than most of them do themselves (docs/engine.md).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

_Bind = Callable[[Any], Any] | None


class Prepared:
    """An INSERT, UPDATE or SELECT with named values, of which at most one value is asked back."""

    def __init__(self, statement: Callable[[str], Executable] | Executable) -> None:
        """`statement`, or a function that gives it for the dialect of this name."""
        self._statement = statement
        self._written: dict[tuple[str, tuple[str, ...]], _Written] = {}

    def run(self, connection: Connection, values: Mapping[str, Any] | None = None) -> Any:
        """Run it; gives the first value of the first row, None without one.

        Raises DBAPIError and its kinds, as SQLAlchemy would.
        """
        given = values or {}
        dialect = connection.dialect
        key = (dialect.name, tuple(given))
        written = self._written.get(key)
        if written is None:
            written = self._written[key] = self._write(dialect, key[1])
        cursor = raw(connection, written.text, written.bound(given))
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def _write(self, dialect: Dialect, names: Sequence[str]) -> "_Written":
        statement = self._statement(dialect.name) if callable(self._statement) else self._statement
        compiled = statement.compile(dialect=dialect, column_keys=names)  # type: ignore[attr-defined]
        return _Written.of(compiled, dialect)


@dataclass(frozen=True)
class _Written:
    """A statement as one dialect writes it."""

    text: str
    fixed: Mapping[str, Any]  # values that stand in the statement itself
    binds: Mapping[str, _Bind]
    order: Sequence[str] | None  # where values go by place and not by name

    @classmethod
    def of(cls, compiled: SQLCompiler, dialect: Dialect) -> "_Written":
        if compiled.insert_prefetch or compiled.update_prefetch:
            raise ValueError(f"a column's default is not given: {compiled}")
        binds = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in compiled.binds.items()
        }
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        order = compiled.positiontup if compiled.positional else None
        return cls(str(compiled), fixed, binds, order)

    def bound(self, given: Mapping[str, Any]) -> Any:
        values = {**self.fixed, **given}
        bound = {
            name: bind(values.get(name)) if bind else values.get(name)
            for name, bind in self.binds.items()
        }
        return bound if self.order is None else tuple(bound[name] for name in self.order)


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
        gone = dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]
        if gone:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement, None, error, failure, connection_invalidated=gone, dialect=dialect
        ) from error
