"""Parcels in a real database, loaded the way a merchant's history is."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from insight_truth import TODAY, load
from sqlalchemy import Engine, create_engine, make_url

from core.config import Home, at
from core.demo.generate import history


@pytest.fixture(scope="session", params=(1, 2, 3))
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Engine, pd.DataFrame]:
    """A seeded history in the database, and the same rows as a frame to count independently."""
    frame = history(3_000, seed=request.param, today=TODAY, days=400)
    return load(frame, tmp_path_factory.mktemp("insight")), frame


@pytest.fixture(scope="session")
def one_world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Engine, pd.DataFrame]:
    """The same of a single seed, for what does not hang on the numbers."""
    frame = history(3_000, seed=4, today=TODAY, days=400)
    return load(frame, tmp_path_factory.mktemp("insight")), frame


@pytest.fixture(autouse=True)
def at_home(request: pytest.FixtureRequest) -> Iterator[None]:
    """The world's home is the desk's, for what is asked of the home and not of a database."""
    name = next((one for one in ("one_world", "world") if one in request.fixturenames), None)
    if name is None:
        yield
        return
    url = request.getfixturevalue(name)[0].url.render_as_string(hide_password=False)
    with at(Home(Path(url.removeprefix("sqlite:///")).parent, url)):
        yield


@pytest.fixture(scope="module")
def postgres_of_module(postgres_server: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database that the tests of one file share."""
    name = f"storno_{uuid.uuid4().hex}"
    admin = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()
