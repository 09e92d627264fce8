"""The different values of a column, without looking at each of its rows."""

from typing import Any

from sqlalchemy import Column, Select, func, select


def values_of(column: Column[object]) -> Select[Any]:
    """Each value that the column has, in its order; the column has an index.

    From each value straight to the next larger one: as many looks as there are values, where
    DISTINCT reads the whole index.
    """
    found = select(func.min(column).label("value")).cte("found", recursive=True)
    following = select(func.min(column)).where(column > found.c.value).scalar_subquery()
    found = found.union_all(select(following).where(found.c.value.is_not(None)))
    return select(found.c.value).where(found.c.value.is_not(None)).order_by(found.c.value)
