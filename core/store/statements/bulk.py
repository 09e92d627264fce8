"""Many rows at once, as the driver takes or gives them fastest."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, func, select

CACHE_KIB, USUAL_CACHE_KIB = 200_000, 2000  # of SQLite, for the indexes that every row goes into


@contextmanager
def loading(connection: Connection, numbered: Table) -> Iterator[None]:
    """Around many calls of `write`: texts of moments are UTC, the indexes have room in memory.

    The next row of `numbered` takes an id behind those that were written.
    """
    if not on_server(connection):
        connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")
        yield
        connection.exec_driver_sql(f"PRAGMA cache_size = -{USUAL_CACHE_KIB}")
        return
    connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
    yield
    sequence = func.pg_get_serial_sequence(numbered.name, "id")
    newest = select(func.max(numbered.c.id)).scalar_subquery()
    connection.execute(select(func.setval(sequence, newest)))


def write(connection: Connection, table: Table, columns: Mapping[str, Sequence[Any]]) -> None:
    """Append rows given by column; moments and JSON as text. Prepared on SQLite, COPY else."""
    names, rows = ", ".join(columns), zip(*columns.values(), strict=True)
    driver: Any = connection.connection.driver_connection
    if on_server(connection):
        with (
            driver.cursor() as cursor,
            cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608 (our own names)


def all_bytes(connection: Connection, table: Table, key: str, value: str) -> dict[Any, bytes]:
    """A column of bytes of every row, by another column."""
    query = select(table.c[key], table.c[value])
    if on_server(connection):
        # Asked for as text, PostgreSQL would send every byte as two letters.
        driver: Any = connection.connection.driver_connection
        text = str(query.compile(dialect=connection.dialect))
        return dict(driver.execute(text, binary=True).fetchall())
    return {row[0]: bytes(row[1]) for row in connection.execute(query)}


def lock(connection: Connection, number: int) -> None:
    """Be the only one with this lock until the transaction ends.

    On SQLite the writing transaction is alone already.
    """
    if on_server(connection):
        connection.execute(select(func.pg_advisory_xact_lock(number)))


def on_server(connection: Connection) -> bool:
    """Whether the database is a server that several machines may share (PostgreSQL)."""
    return connection.dialect.name == "postgresql"
