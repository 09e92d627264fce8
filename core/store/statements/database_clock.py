"""Functions that both databases have under different names; the clock that all machines share."""

from typing import Any

from sqlalchemy import Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

_UNIX_EPOCH_IN_JULIAN_DAYS = 2440587.5


class database_clock(FunctionElement[float]):  # noqa: N801 (it is used as SQLAlchemy's func.now is)
    """Seconds since 1970 at the moment the row is reached, not when its transaction began.

    Read under the row's lock, so that turns cannot be handed out out of order.
    """

    type = Float()
    inherit_cache = True


class least(FunctionElement[float]):  # noqa: N801
    """The smaller one of two numbers."""

    type = Float()
    inherit_cache = True


@compiles(database_clock, "sqlite")
def _sqlite_clock(_element: Any, _compiler: Any, **_options: Any) -> str:
    return f"((julianday('now') - {_UNIX_EPOCH_IN_JULIAN_DAYS}) * 86400.0)"


@compiles(database_clock, "postgresql")
def _postgresql_clock(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"


@compiles(least, "sqlite")
def _sqlite_least(element: Any, compiler: Any, **options: Any) -> str:
    return f"min({compiler.process(element.clauses, **options)})"


@compiles(least, "postgresql")
def _postgresql_least(element: Any, compiler: Any, **options: Any) -> str:
    return f"least({compiler.process(element.clauses, **options)})"
