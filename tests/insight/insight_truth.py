"""A database to count in, and counting done another way, to hold the figures against."""

from datetime import date
from pathlib import Path

import migrated
import pandas as pd
from sqlalchemy import Engine, insert

from core.clock import now
from core.config import Home, at
from core.demo.history import load_history
from core.store import db
from core.store.tables import connections

TODAY = date(2026, 11, 20)
DATES = ["shipped_on", "outcome_on", "scanned_on", "cancelled_on", "reversed_on"]


def counts(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Shipped and outcomes by a column, counted row by row in pandas."""
    counted = rows.assign(outcome=rows["outcome"].replace("", "open"))
    table = pd.crosstab(counted[by], counted["outcome"])
    table = table.reindex(columns=["delivered", "refused", "lost", "open"], fill_value=0)
    return table.assign(shipped=table.sum(axis=1))


def load(frame: pd.DataFrame, folder: Path, home: Home | None = None) -> Engine:
    """A fresh database with the frame's parcels in it, their dates as they are."""
    home = home or Home(folder, f"sqlite:///{folder / 'refuz.db'}")
    if home.on_sqlite:
        engine = migrated.sqlite(home)
    else:
        db.migrate(home)
        engine = db.engine(home)
    values = {"kind": "shop", "service": "shopify", "name": "Casa", "settings": {}, "secrets": ""}
    with db.writing(engine) as connection:
        query = insert(connections).values(**values, created_at=now())
        shop = connection.scalar(query.returning(connections.c.id))
    written = frame.assign(created_at=frame["created_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    file = folder / "history.csv"
    written.to_csv(file, index=False, date_format="%Y-%m-%d")
    with at(home):
        load_history(file, shop or 0, today=frame[DATES].max().max().date())
    return engine
