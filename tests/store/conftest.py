"""A database of either kind, for what must mean the same on both."""

from collections.abc import Iterator
from pathlib import Path

import migrated
import pytest
from sqlalchemy import Engine

from core.config import home
from core.store import engines


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either_engine(request: pytest.FixtureRequest, home_dir: Path) -> Iterator[Engine]:
    """A migrated database of either kind."""
    if request.param == "sqlite":
        made = migrated.sqlite(home())
    else:
        made = engines.make_engine(request.getfixturevalue("migrated_postgres_url"))
    yield made
    made.dispose()
