"""Desks for the tests of pages: empty, with a pile, and with a run that left a held storno."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import migrated
import pytest
import requests
from pages_support import ROOT, world
from sqlalchemy import Engine, select

from core.config import home
from core.demo import world as demo
from core.orders.piles import piles, scans
from core.orders.shop import sync
from core.reversal.runs import runs
from core.sandbox import process
from core.settings import connections
from core.store import db
from core.store.tables import parcels


@dataclass(frozen=True)
class Made:
    """A home made once: its folder is copied for each test."""

    folder: Path


@pytest.fixture(scope="session")
def made_desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Made]]:
    """The homes `sample` (a pile ready to run) and `finished` (the same, run for real)."""
    folder = tmp_path_factory.mktemp("desks")
    patch = pytest.MonkeyPatch()
    patch.setenv("REFUZ_HOME", str(folder / "sample"))
    patch.delenv("REFUZ_DATABASE_URL", raising=False)
    sandbox = process.start(folder / "sandbox")
    try:
        _ready(sandbox.base_url)
        shutil.copytree(folder / "sample", folder / "finished")
        patch.setenv("REFUZ_HOME", str(folder / "finished"))
        _run_for_real(sandbox.base_url, folder / "finished")
        yield {name: Made(folder / name) for name in ("sample", "finished")}
    finally:
        sandbox.stop()
        patch.undo()


def _control(address: str, method: str, path: str, body: object) -> None:
    requests.request(method, f"{address}/_sandbox/{path}", json=body, timeout=30).raise_for_status()


def _ready(address: str) -> None:
    engine = migrated.sqlite(home())
    demo.connect(home(), address)
    _control(address, "POST", "load", world())
    _control(address, "PUT", "settings", {"rate_limits": False, "job_delay": 0.05})
    _hurry(engine)
    with db.reading(engine) as connection:
        shop = connections.all_connections(connection, "shop")[0]
    sync.sync_shop(shop)
    pile = piles.create("Monday")
    with db.reading(engine) as connection:
        numbers = list(connection.scalars(select(parcels.c.tracking).order_by(parcels.c.id)))
    for number in [*numbers, "99999999999999"]:
        scans.take_scan(pile, number, source="hand", key=number)
    engine.dispose()


def _hurry(engine: Engine) -> None:
    """Scale timeouts and settle delays down together."""
    with db.writing(engine) as connection:
        for one in connections.all_connections(connection):
            settings = {**one.settings, "timeout_seconds": "1.5", "settle_seconds": "0.5"}
            connections.save(
                connection, kind=one.kind, service=one.service, name=one.name,
                settings=settings, secrets_=one.secrets, sandbox=True,
            )  # fmt: skip


def _run_for_real(address: str, folder: Path) -> None:
    faults = {"share": 1, "kinds": ["error_after"], "services": ["smartbill"], "only_effects": True}
    _control(address, "PUT", "faults", faults)
    engine = db.engine()
    run = runs.start_run(1)
    worker = subprocess.Popen(
        [sys.executable, "-m", "core.cli", "worker"],
        cwd=ROOT,
        env={**os.environ, "REFUZ_HOME": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until(lambda: runs.progress(run.id).run.state == "finished")
    finally:
        worker.terminate()
        worker.wait(60)
        engine.dispose()


def _until(holds: Callable[[], bool], seconds: float = 150) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "the run did not finish"
        time.sleep(0.1)


@pytest.fixture
def desk(
    request: pytest.FixtureRequest,
    made_desks: dict[str, Made],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Engine]:
    """A copy of the home that the test names, or an empty one."""
    state = str(getattr(request, "param", "sample"))
    target = tmp_path / "desk"
    monkeypatch.setenv("REFUZ_HOME", str(target))
    monkeypatch.delenv("REFUZ_DATABASE_URL", raising=False)
    if state == "empty":
        engine = migrated.sqlite(home())
    else:
        shutil.copytree(made_desks[state].folder, target)
        engine = db.engine()
    yield engine
    engine.dispose()
