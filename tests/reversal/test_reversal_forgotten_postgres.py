"""On PostgreSQL too no row of any table names a customer who was forgotten."""

from pathlib import Path

import pytest
import test_reversal_forgotten_places as places
from reversal_support import Desk
from sqlalchemy import text
from test_reversal_forgotten import CANARY, done
from test_reversal_forgotten_places import PLAIN, all_places

from core.audit import trail
from core.labels import normalise
from core.orders.privacy import forget
from core.store import db

__all__ = ["all_places", "done"]  # the fixtures
pytestmark = pytest.mark.postgres
# Not the town: others live there, and it is no way to know somebody by.
WORDS = [*(word for kind, word in CANARY.items() if kind != "city"), PLAIN,
         normalise(CANARY["name"]), normalise(PLAIN)]  # fmt: skip


@pytest.fixture
def desk(postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Its copies are made by PostgreSQL's own programs, wherever they are kept."""
    monkeypatch.setattr(places.archive, "before_migration", lambda *_: None)
    monkeypatch.setattr(places.backup, "backup", lambda *_: None)
    return postgres_desk


def rows_that_name_the_canary() -> list[tuple[str, str]]:
    tables = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    with db.reading() as connection:
        rows = [
            (table, str(row))
            for table in connection.scalars(tables).all()
            for row in connection.scalars(text(f'SELECT x::text FROM "{table}" x'))
        ]
    return [(of, row) for of, row in rows if any(word.lower() in row.lower() for word in WORDS)]


def test_no_row_names_a_customer_who_was_forgotten(all_places: tuple[int, Path]) -> None:
    order_id, _temporary = all_places
    assert {"orders", "aliases", "scans", "effects"} <= {
        of for of, _ in rows_that_name_the_canary()
    }
    forget.forget_customer(order_id)
    assert rows_that_name_the_canary() == []
    with db.reading() as connection:
        assert trail.verify(connection).ok
