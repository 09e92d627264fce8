"""What is written is its owner's alone; what was saved is not kept by the page."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import config
from core.cli import doctor
from core.config import Home
from core.store import db


@pytest.fixture
def loose(tmp_path: Path) -> Iterator[Home]:
    """A home that somebody else made, as systemd or a volume may: readable by every user."""
    folder = tmp_path / "loose"
    before = os.umask(0o022)
    folder.mkdir(mode=0o755)
    yield Home(folder, f"sqlite:///{folder / 'refuz.db'}")
    os.umask(before)


def test_a_home_made_by_others_is_closed_and_what_is_written_in_it_is_its_owners(
    loose: Home,
) -> None:
    config.keep_private(loose)
    db.migrate(loose)
    (loose.root / "pictures").mkdir()
    written = [loose.root, *loose.root.rglob("*")]
    assert len(written) > 2
    assert [one.name for one in written if stat.S_IMODE(one.stat().st_mode) & 0o077] == []
    assert config.readable_by_others(loose) == []
    db.engine(loose).dispose()


def test_doctor_names_what_other_users_could_read(loose: Home) -> None:
    (loose.root / "refuz.db").touch()
    check = doctor._modes(loose)
    assert not check.ok
    assert "refuz.db" in check.say
    assert loose.root.name in check.say
