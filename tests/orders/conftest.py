"""One sandbox over HTTP for the tests that ask a courier."""

from collections.abc import Iterator

import pytest

from core.sandbox import process


@pytest.fixture(scope="session")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running sandbox, empty at first."""
    started = process.start(tmp_path_factory.mktemp("outside"))
    try:
        yield started.base_url
    finally:
        started.stop()
