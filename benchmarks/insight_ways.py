"""Ways to count near the data that were measured and not taken, for `benchmarks.insight`."""

import time
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from core.insight.filters import Filters
from core.store import db

FLAGS = (
    "COUNT(*) AS shipped, SUM(outcome = 'delivered') AS delivered, "
    "SUM(outcome = 'refused') AS refused, SUM(outcome = 'lost') AS lost, "
    "SUM(outcome IS NULL) AS open, SUM(outcome = 'refused' AND scanned_on IS NOT NULL) AS back, "
    "SUM(CASE WHEN outcome = 'refused' THEN value_minor ELSE 0 END) AS value"
)
KEYS = "courier, payment, county, currency"
WEEK = "date(shipped_on, '-6 days', 'weekday 1')"


def measure(source: Engine, year: Filters) -> dict[str, Any]:
    """Seconds, on SQLite, for the cells alone, which are one of a look's nine questions."""
    within = f"shipped_on BETWEEN '{year.since}' AND '{year.until}'"
    report = {
        "group_by_over_parcels_s": _timed(
            source,
            f"SELECT {WEEK} AS week, {KEYS}, {FLAGS} FROM parcels WHERE {within} "
            f"GROUP BY week, {KEYS}",
        )
    }
    with db.writing(source) as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS daily_cells")
        connection.exec_driver_sql(
            f"CREATE TABLE daily_cells AS SELECT shipped_on, {KEYS}, {FLAGS} FROM parcels "
            f"GROUP BY shipped_on, {KEYS}"
        )
        connection.exec_driver_sql("CREATE INDEX ix_daily_cells ON daily_cells (shipped_on)")
        cells = connection.exec_driver_sql("SELECT COUNT(*) FROM daily_cells").scalar_one()
    report["daily_cells"] = cells
    report["daily_cells_read_s"] = _timed(source, f"SELECT * FROM daily_cells WHERE {within}")
    sums = ", ".join(f"SUM({name})" for name in ("shipped", "refused", "open", "back", "value"))
    report["daily_cells_group_by_s"] = _timed(
        source,
        f"SELECT {WEEK} AS week, {KEYS}, {sums} FROM daily_cells WHERE {within} "
        f"GROUP BY week, {KEYS}",
    )
    return report


def _timed(source: Engine, query: str) -> float:
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        with db.reading(source) as connection:
            pd.DataFrame(list(map(tuple, connection.exec_driver_sql(query))))
        best = min(best, time.perf_counter() - started)
    return round(best, 4)
