"""One sandbox for the whole folder; each test loads a world of its own."""

from collections.abc import Iterator

import pytest
from sandbox_world import Sandbox, running


@pytest.fixture(scope="session")
def one_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A running sandbox."""
    with running(tmp_path_factory.mktemp("sandbox")) as (made, _):
        yield made


@pytest.fixture
def sandbox(one_sandbox: Sandbox) -> Sandbox:
    """The sandbox, calm, quick, without limits."""
    one_sandbox.faults()
    one_sandbox.settings(
        rate_limits=False, job_delay=0.0, refuse_repeats=True, location_active=True, latency_ms=0
    )
    return one_sandbox
