"""Which server serves a desk is kept by that desk, not by the process."""

from dataclasses import replace
from pathlib import Path

from core.config import at, home
from core.server import lifespan


def test_a_station_serves_the_home_that_it_was_opened_for_and_no_other(
    home_dir: Path, tmp_path: Path
) -> None:
    assert lifespan.station() is None
    other = replace(
        home(), root=tmp_path / "other", database_url=f"sqlite:///{tmp_path / 'other.db'}"
    )
    with at(other):
        lifespan.open_station(network=False, port=8777, https=True)
    assert lifespan.station() is None
    mine = lifespan.open_station(network=False, port=9123, https=False)
    assert lifespan.station() is mine
    with at(other):
        there = lifespan.station()
    assert there is not None
    assert (there.home_address(), mine.home_address()) == (
        "https://localhost:8777", "http://localhost:9123"
    )  # fmt: skip
