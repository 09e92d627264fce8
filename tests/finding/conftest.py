"""The desk that has one pile of photographed labels."""

import pytest
from box_desk import NOON, ROWS, one_paper, prints
from sqlalchemy import Engine, insert

from core.finding import boxes
from core.orders.piles import piles
from core.store import db
from core.store.tables import connections


@pytest.fixture
def desk(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A pile with one photo of one label, whose print is handed in instead of being read."""
    monkeypatch.setattr(boxes.doors, "find_papers", one_paper)
    prints(monkeypatch, ROWS)
    with db.writing(engine) as connection:
        connection.execute(
            insert(connections).values(
                kind="shop", service="shopify", name="Shop", settings={}, created_at=NOON
            )
        )
    piles.create("Monday")
    return engine
