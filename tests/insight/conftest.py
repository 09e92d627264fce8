"""Parcels in a real database, loaded the way a merchant's history is."""

import pandas as pd
import pytest
from insight_truth import TODAY, load
from sqlalchemy import Engine

from core.insight.generate import history


@pytest.fixture(scope="session", params=(1, 2, 3))
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Engine, pd.DataFrame]:
    """A seeded history in the database, and the same rows as a frame to count independently."""
    frame = history(3_000, seed=request.param, today=TODAY, days=400)
    return load(frame, tmp_path_factory.mktemp("insight")), frame
