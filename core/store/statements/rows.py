"""Rows that may be there already: left as they are, or brought up to date, in one statement."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table
from sqlalchemy.dialects import postgresql, sqlite

Values = Mapping[str, object]
# Each column by its name: of the row that was to be inserted.
Fresh = Any
Changes = Callable[[Fresh], Values] | Sequence[str]


def insert_if_absent(connection: Connection, table: Table, row: Values) -> bool:
    """Insert a row unless a unique constraint has it already; gives whether it is new."""
    return insert_new(connection, table, row) is not None


def insert_new(connection: Connection, table: Table, row: Values) -> Any:
    """The same; gives the new row's primary key (its first column), None for one that was there.

    `RETURNING` tells it: the count of rows is -1 for some statements of psycopg.
    """
    return connection.execute(_absent(connection.dialect.name, table), row).scalar_one_or_none()


def insert_absent(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert those of the rows that are not there already; all have the same columns."""
    if rows:
        statement = _insert(connection.dialect.name, table).on_conflict_do_nothing()
        connection.execute(statement, list(rows))


def upsert(
    connection: Connection,
    table: Table,
    rows: Values | Sequence[Values],
    key: Sequence[str],
    changes: Changes,
    *,
    where: Callable[[Fresh], ColumnElement[bool]] | None = None,
    returning: Sequence[ColumnElement[object]] = (),
) -> list[Row[Any]]:
    """Insert rows; one whose `key` (columns of a unique constraint) is there is changed instead.

    `changes`: names of columns that take the fresh value, or a function of the fresh row that
    gives new values by column. `where` keeps some rows as they are. Gives `returning` of each row
    that was inserted or changed.
    """
    dialect = connection.dialect.name
    if callable(changes) or where is not None:
        statement = _changing(dialect, table, key, changes, where)
    else:
        statement = _taking(dialect, table, tuple(key), tuple(changes))
    given = dict(rows) if isinstance(rows, Mapping) else list(rows)
    if not returning:
        connection.execute(statement, given)
        return []
    return list(connection.execute(statement.returning(*returning), given))


def _changing(
    dialect: str,
    table: Table,
    key: Sequence[str],
    changes: Changes,
    where: Callable[[Fresh], ColumnElement[bool]] | None,
) -> Any:
    statement = _insert(dialect, table)
    fresh = statement.excluded
    values = changes(fresh) if callable(changes) else {name: fresh[name] for name in changes}
    return statement.on_conflict_do_update(
        index_elements=list(key), set_=values, where=where(fresh) if where else None
    )


@functools.cache  # building a statement costs more than running it
def _taking(dialect: str, table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Any:
    """The statement by which these columns take the fresh value; there are few such."""
    return _changing(dialect, table, key, names, None)


def _insert(dialect: str, table: Table) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


@functools.cache
def _absent(dialect: str, table: Table) -> Any:
    key = next(iter(table.primary_key.columns))
    return _insert(dialect, table).on_conflict_do_nothing().returning(key)
