"""One sandbox over real HTTP, and one home, for the whole contract suite."""

import json
from collections.abc import Iterator
from pathlib import Path

import migrated
import pytest
from contract_sandbox import Sandbox, world

from core.config import Home
from core.sandbox import process


@pytest.fixture(scope="session")
def contract_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose database is set up once: each connection has an id, and a rate, of its own."""
    root = tmp_path_factory.mktemp("home")
    migrated.sqlite(Home(root, f"sqlite:///{root / 'refuz.db'}"))
    return root


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The sandbox process, with invoices and parcels for every service."""
    directory = tmp_path_factory.mktemp("contract")
    file = directory / "world.json"
    file.write_text(json.dumps(world()))
    started = process.start(directory / "state", world=file)
    try:
        yield Sandbox(started.base_url)
    finally:
        started.stop()


@pytest.fixture
def sandbox(
    running: Sandbox, contract_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sandbox]:
    """The sandbox, calm and without limits, before and after each test."""
    monkeypatch.setenv("REFUZ_HOME", str(contract_home))
    monkeypatch.delenv("REFUZ_DATABASE_URL", raising=False)
    running.calm()
    running.set(latency_ms=0, rate_limits=False, job_delay=0)
    yield running
    running.calm()
