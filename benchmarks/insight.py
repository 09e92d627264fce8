"""How long one look at Analytics takes at a million parcels: `python benchmarks/insight.py`.

Compares a first look and a filter change with a plain pandas groupby over the same columns already
in memory, measured in the same run.  `--parcels N` for a smaller world; `--url` for PostgreSQL
(an empty database that may be filled).  Prints one JSON object.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine, insert

from core.config import Home
from core.insight import view
from core.insight.filters import Filters
from core.insight.generate import history
from core.orders.history import load_history
from core.store import db
from core.store.tables import connections
from core.store.types import now

TODAY = date(2026, 11, 20)
KEYS = ["week", "courier", "payment", "county", "currency"]
DATES = ["shipped_on", "outcome_on", "scanned_on", "cancelled_on", "reversed_on"]


def main() -> None:
    """Fill a database, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--url", help="a database to fill; default a new SQLite file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{Path(folder) / 'storno.db'}"
        frame = history(asked.parcels, seed=7, today=TODAY)
        started = time.perf_counter()
        source = _fill(Home(Path(folder), url), frame)
        load = time.perf_counter() - started
        small = _in_memory(frame)
        del frame
        print(
            json.dumps({"parcels": asked.parcels, "load_s": round(load, 1)} | _run(source, small))
        )


def _run(source: Engine, frame: pd.DataFrame) -> dict[str, float]:
    year = Filters(TODAY - timedelta(days=365), TODAY)
    one = replace(year, couriers=("fan",))
    answers = {
        "first_s": _seconds(lambda: view.load(source, year, TODAY)),
        "filter_s": _seconds(lambda: view.load(source, one, TODAY)),
        "pandas_all_s": _seconds(lambda: _plain(frame)),
        "pandas_filter_s": _seconds(lambda: _plain(frame[frame["courier"] == "fan"])),
    }
    answers["first_ratio"] = answers["first_s"] / answers["pandas_all_s"]
    answers["filter_ratio"] = answers["filter_s"] / answers["pandas_filter_s"]
    answers["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {name: round(value, 3) for name, value in answers.items()}


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.groupby(KEYS)[["shipped", "refused", "open", "value_minor"]].sum()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _in_memory(frame: pd.DataFrame) -> pd.DataFrame:
    monday = frame["shipped_on"] - pd.to_timedelta(frame["shipped_on"].dt.day_of_week, "D")
    kept = frame[["courier", "payment", "county", "currency", "value_minor"]]
    return kept.assign(
        week=monday,
        shipped=1,
        refused=frame["outcome"] == "refused",
        open=frame["outcome"] == "",
    )


def _fill(home: Home, frame: pd.DataFrame) -> Engine:
    db.migrate(home)
    source = db.engine(home)
    values = {"kind": "shop", "service": "shopify", "name": "Bench", "settings": {}, "secrets": ""}
    with db.writing(source) as connection:
        query = insert(connections).values(**values, created_at=now())
        shop = connection.scalar(query.returning(connections.c.id))
    file = home.root / "history.csv"
    told = frame.assign(created_at=frame["created_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    told.to_csv(file, index=False, date_format="%Y-%m-%d")
    load_history(file, shop or 0, today=frame[DATES].max().max().date(), engine=source)
    return source


if __name__ == "__main__":
    main()
