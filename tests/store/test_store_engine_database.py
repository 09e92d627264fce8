"""The workflow engine's own tables are as durable and as strict as ours."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.config import home
from core.store.engines import for_workflows


@pytest.fixture
def system(home_dir: Path) -> Iterator[Engine]:
    """The engine's database of an empty home."""
    made = for_workflows(home())
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE given (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE kept (id INTEGER REFERENCES given (id))")
    yield made
    made.dispose()


def test_it_is_opened_durable_and_strict(system: Engine) -> None:
    with system.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1,
                    "busy_timeout": 30000}  # fmt: skip


def test_a_row_that_points_nowhere_is_refused(system: Engine) -> None:
    with system.connect() as connection, pytest.raises(Exception, match="FOREIGN KEY"):
        connection.exec_driver_sql("INSERT INTO kept VALUES (7)")


def test_a_writer_waits_for_another_from_its_first_statement_on(system: Engine) -> None:
    """IMMEDIATE: it never reads first and then finds that somebody else has written."""
    file = home().root / "engine.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    def finish() -> None:
        time.sleep(0.3)
        other.execute("INSERT INTO given VALUES (1)")
        other.execute("COMMIT")

    threading.Thread(target=finish).start()
    with system.begin() as connection:
        connection.exec_driver_sql("INSERT INTO given VALUES (2)")
        rows = connection.exec_driver_sql("SELECT id FROM given ORDER BY id").scalars().all()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite3.connect(file, timeout=0).execute("BEGIN IMMEDIATE")
    assert rows == [1, 2]
    other.close()


def test_all_threads_share_one_connection_since_sqlite_has_one_writer(system: Engine) -> None:
    seen = set()

    def look() -> None:
        with system.connect() as connection:
            seen.add(id(connection.connection.driver_connection))
            time.sleep(0.05)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(seen) == 1
