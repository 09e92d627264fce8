"""PostgreSQL and SQLite give the same figures for the same parcels."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from insight_truth import TODAY, load
from sqlalchemy import Engine

from core.config import Home
from core.demo.generate import history
from core.insight import queries, view
from core.insight.facts import SPANS
from core.insight.filters import SLICES, Filters

ALL = Filters(date(2020, 1, 1), TODAY)


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, postgres_of_module: str
) -> Iterator[tuple[Engine, Engine]]:
    """The same parcels in SQLite and in PostgreSQL."""
    frame = history(1_500, seed=5, today=TODAY, days=300)
    folder: Path = tmp_path_factory.mktemp("postgres")
    postgres = load(frame, folder, Home(folder, postgres_of_module))
    yield load(frame, tmp_path_factory.mktemp("sqlite")), postgres
    postgres.dispose()


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    keys = sorted(set(one.columns))
    assert set(other.columns) == set(keys)
    tables = [
        frame[keys].astype(str).sort_values(keys).reset_index(drop=True) for frame in (one, other)
    ]
    pd.testing.assert_frame_equal(*tables)


@pytest.mark.postgres
def test_a_whole_look_is_the_same(both: tuple[Engine, Engine]) -> None:
    one, other = (view.load(source, ALL, TODAY) for source in both)
    assert (one.until, one.maturity_days, one.as_of) == (
        other.until,
        other.maturity_days,
        other.as_of,
    )
    assert one.headline() == other.headline()
    for name in ("cells", "before", "delays", "process", "missing"):
        same(getattr(one, name), getattr(other, name))
    for span in SPANS:
        same(one.cohorts(span, ["courier"]), other.cohorts(span, ["courier"]))


@pytest.mark.postgres
@pytest.mark.parametrize("name", SLICES)
def test_every_slice_is_the_same(both: tuple[Engine, Engine], name: str) -> None:
    same(*(view.load(source, ALL, TODAY).sliced(name) for source in both))


@pytest.mark.postgres
def test_lists_are_the_same(both: tuple[Engine, Engine]) -> None:
    same(*(queries.repeaters(source, ALL) for source in both))
    same(*(queries.parcel_list(source, ALL, "refused", limit=9_999) for source in both))
