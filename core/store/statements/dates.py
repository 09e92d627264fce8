"""Two date calculations that SQLite and PostgreSQL spell differently."""

from typing import Any

from sqlalchemy import Date, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class DaysBetween(FunctionElement[int]):
    """Whole days from the first date to the second."""

    type = Integer()
    inherit_cache = True


class WeekOf(FunctionElement[Any]):
    """The Monday of a date's week."""

    type = Date()
    inherit_cache = True


@compiles(DaysBetween, "sqlite")
def _days_sqlite(element: DaysBetween, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(julianday({second}) - julianday({first}) AS INTEGER)"


@compiles(DaysBetween, "postgresql")
def _days_postgresql(element: DaysBetween, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({second} - {first})"


@compiles(WeekOf, "sqlite")
def _week_sqlite(element: WeekOf, compiler: Any, **options: Any) -> str:
    (day,) = (compiler.process(clause, **options) for clause in element.clauses)
    return f"date({day}, '-6 days', 'weekday 1')"


@compiles(WeekOf, "postgresql")
def _week_postgresql(element: WeekOf, compiler: Any, **options: Any) -> str:
    (day,) = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(date_trunc('week', {day}) AS date)"
