"""What every test may use: a home of its own, on SQLite and, where asked for, on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.store import db

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


@pytest.fixture
def home_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty STORNO_HOME."""
    monkeypatch.setenv("STORNO_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("STORNO_DATABASE_URL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def engine(home_dir: Path) -> Iterator[Engine]:
    """The migrated SQLite database of a home of its own."""
    db.migrate()
    made = db.engine()
    yield made
    made.dispose()


@pytest.fixture
def shared() -> Path:
    """The folder of material beside the repository; the test is skipped where it is absent."""
    if not SHARED.exists():
        pytest.skip("the material folder ../shared is absent")
    return SHARED
