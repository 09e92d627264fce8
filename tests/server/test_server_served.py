"""Which server serves a desk is kept by that desk, not by the process."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.cli import people
from core.config import at, home
from core.server import lifespan, reach


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


async def _started(station: lifespan.Station) -> None:
    async with station.lifespan(None):
        pass


@pytest.mark.parametrize(
    ("port", "https", "url", "address"),
    [(9123, False, "", "http://localhost:9123"), (9124, True, "", "https://localhost:9124"),
     (9125, False, "https://example.com/desk", "https://example.com/desk")],
)  # fmt: skip
def test_a_link_for_an_owner_leads_to_where_the_desk_was_opened_last(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    port: int, https: bool, url: str, address: str,
) -> None:  # fmt: skip
    """A command of its own knows neither the desk's port nor whether it speaks https."""
    for name in ("PORT", "REFUZ_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REFUZ_SUPERVISED", "1")
    # A desk with a public address asks who comes for as long as its process lives.
    monkeypatch.setattr(lifespan.presence, "always_sign_in", lambda: None)
    asyncio.run(_started(lifespan.Station(network=False, port=port, https=https, url=url)))
    capsys.readouterr()
    people.owner("")
    said = capsys.readouterr()
    assert said.out.startswith(f"{address}/welcome/")
    assert "8501" not in said.out + said.err


def test_before_a_desk_ran_the_usual_port_is_named_as_a_guess(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("PORT", "REFUZ_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    people.owner("")
    said = capsys.readouterr()
    assert said.out.startswith("http://localhost:8501/welcome/")
    assert "put that in place of 8501" in said.err


@pytest.mark.parametrize("kept", [b"", b"\xff\xfe", b"javascript:x", b"http://", b"http://a b/"])
def test_an_address_that_is_none_is_not_believed(home_dir: Path, kept: bytes) -> None:
    (home().root / reach.ADDRESS_FILE).write_bytes(kept)
    assert reach.noted_address(home()) == ""


def test_a_home_that_cannot_be_written_keeps_no_desk_from_starting(home_dir: Path) -> None:
    (home().root / reach.ADDRESS_FILE).mkdir()
    reach.note_address(home(), "http://localhost:9123")
    assert reach.noted_address(home()) == ""
