"""Parcels in a real database, loaded the way a merchant's history is."""

from pathlib import Path

import pandas as pd
import pytest
from insight_truth import TODAY
from sqlalchemy import Engine, insert

from core.config import Home
from core.insight.generate import history
from core.orders.history import load_history
from core.store import db
from core.store.tables import connections
from core.store.types import now

DATES = ["shipped_on", "outcome_on", "scanned_on", "cancelled_on", "reversed_on"]


def load(frame: pd.DataFrame, folder: Path) -> Engine:
    """A fresh database with the frame's parcels in it, their dates as they are."""
    home = Home(folder, f"sqlite:///{folder / 'storno.db'}")
    db.migrate(home)
    engine = db.engine(home)
    values = {"kind": "shop", "service": "shopify", "name": "Casa", "settings": {}, "secrets": ""}
    with db.writing(engine) as connection:
        query = insert(connections).values(**values, created_at=now())
        shop = connection.scalar(query.returning(connections.c.id))
    told = frame.assign(created_at=frame["created_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    file = folder / "history.csv"
    told.to_csv(file, index=False, date_format="%Y-%m-%d")
    load_history(file, shop or 0, today=frame[DATES].max().max().date(), engine=engine)
    return engine


@pytest.fixture(scope="session", params=(1, 2, 3))
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Engine, pd.DataFrame]:
    """A seeded history in the database, and the same rows as a frame to count independently."""
    frame = history(3_000, seed=request.param, today=TODAY, days=400)
    return load(frame, tmp_path_factory.mktemp("insight")), frame
