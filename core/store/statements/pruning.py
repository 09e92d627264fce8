"""Deleting old rows of a table that only grows otherwise."""

from typing import Any

from sqlalchemy import Connection, Table, delete, func, select


def prune(connection: Connection, table: Table, *old: Any) -> int:
    """Delete the rows for which all of this holds; gives how many.

    The newest row stays whatever its age: SQLite gives the number of a deleted last row again, and
    the record and what follows a table by its numbers would take one for the other.
    """
    newest = select(func.max(table.c.id)).scalar_subquery()
    gone = connection.execute(delete(table).where(table.c.id < newest, *old).returning(table.c.id))
    return len(gone.all())
