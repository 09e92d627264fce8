"""A desk for each test of the engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from effects_model import Bench, bench_on
from reversal_support import SETTLE_SECONDS, TIMEOUT_SECONDS, Desk
from set_clock import SetClock
from sqlalchemy import Engine
from worker_nursery import Nursery

from core.config import home
from core.demo import world
from core.reversal.checks import probe
from core.sandbox import process
from core.settings import connections
from core.store import db


@pytest.fixture(scope="session")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[process.RunningSandbox]:
    """The sandbox of all these tests; each finds it empty and well."""
    running = process.start(tmp_path_factory.mktemp("sandbox"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where the workers of these tests begin."""
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def desk(
    engine: Engine, home_dir: Path, outside: process.RunningSandbox, nursery: Nursery
) -> Iterator[Desk]:
    """An empty desk connected to the sandbox."""
    yield from _desk(engine, home_dir, outside, nursery)


@pytest.fixture
def postgres_desk(
    migrated_postgres_url: str,
    home_dir: Path,
    outside: process.RunningSandbox,
    nursery: Nursery,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    """An empty desk whose tables are in PostgreSQL, so that several workers share the work."""
    monkeypatch.setenv("REFUZ_DATABASE_URL", migrated_postgres_url)
    made = db.engine()
    yield from _desk(made, home_dir, outside, nursery)
    made.dispose()


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=[pytest.mark.heavy, pytest.mark.postgres]),
    ]
)
def any_desk(request: pytest.FixtureRequest) -> Desk:
    """An empty desk on SQLite and, in the long proofs, on PostgreSQL as well."""
    name = "desk" if request.param == "sqlite" else "postgres_desk"
    made: Desk = request.getfixturevalue(name)
    return made


def _desk(
    engine: Engine, home_dir: Path, outside: process.RunningSandbox, nursery: Nursery
) -> Iterator[Desk]:
    home_dir.mkdir(exist_ok=True)
    world.connect(home(), outside.base_url)
    _hurry(engine)
    made = Desk(home_dir, engine, outside, nursery)
    made.begin_afresh()
    try:
        yield made
    finally:
        made.kill_workers()


def _hurry(engine: Engine) -> None:
    """Scale timeouts and settle delays down together; rates have tests of their own."""
    with db.writing(engine) as connection:
        for one in connections.all_connections(connection):
            settings = {
                **one.settings,
                "timeout_seconds": TIMEOUT_SECONDS,
                "settle_seconds": SETTLE_SECONDS,
                "rate_per_second": "1000",
                "rate_capacity": "1000",
            }
            connections.save(
                connection, kind=one.kind, service=one.service, name=one.name,
                settings=settings, secrets_=one.secrets, sandbox=True,
            )  # fmt: skip


@pytest.fixture
def bench(engine: Engine, set_clock: SetClock) -> Bench:
    set_clock.stand_still()
    return bench_on(engine)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What reconcile asks again is asked at once."""
    monkeypatch.setattr(probe, "PAUSE_SECONDS", 0.01)
