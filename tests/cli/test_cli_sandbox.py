"""`refuz sandbox` alone: addresses for a developer, and a desk filled to any size."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select

from core.sandbox import process
from core.services import registry
from core.store import db
from core.store.tables import orders


def test_it_prints_an_address_a_service_and_loads_as_many_parcels_as_asked_for(
    home_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2,000 more than the sample's; Ctrl-C ends it, and its state stays."""
    environment = {**os.environ, "REFUZ_HOME": str(home_dir)}
    command = [sys.executable, "-m", "core.cli", "sandbox", "--history", "2000", "--port", "0"]
    started = subprocess.Popen([*command, "--json"], env=environment, stdout=subprocess.PIPE)
    try:
        assert started.stdout is not None
        addresses = json.loads(started.stdout.readline())
        assert set(addresses) == {*registry.services(), "control"}
        assert requests.get(f"{addresses['control']}/health", timeout=30).json()["ok"]
        with db.reading() as connection:
            made = select(func.count()).where(orders.c.name.like("#G%"))
            assert connection.scalar(made) == 2000
            assert connection.scalar(select(func.count()).select_from(orders)) > 20_000
    finally:
        started.send_signal(signal.SIGINT)
        status = started.wait(30)
    assert status == 0
    assert process.running(home_dir / "sandbox") is None
    assert (home_dir / "sandbox" / "sandbox.db").exists()
