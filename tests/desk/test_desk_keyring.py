"""The key of a home: one whoever comes first, and another for each purpose."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from core.audit import keyring
from core.config import home


def test_of_many_that_begin_at_once_each_has_the_same_key(home_dir: Path) -> None:
    where, together = home(), Barrier(8)

    def begin(_: int) -> bytes:
        together.wait()
        return keyring.key_of_home()

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(begin, range(8)))
    assert len(keys) == 1
    assert keys == {(where.root / keyring.KEY_FILE).read_bytes()}
    assert [one.name for one in where.root.iterdir()] == [keyring.KEY_FILE]


def test_the_key_is_for_its_owner_alone(home_dir: Path) -> None:
    keyring.key_of_home()
    assert stat.S_IMODE((home().root / keyring.KEY_FILE).stat().st_mode) == 0o600


def test_a_purpose_has_a_key_of_its_own_the_same_each_time(
    home_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_home = {one: keyring.derived_key(one) for one in ("codes", "links", "codes ")}
    assert len(set(of_home.values())) == 3
    assert {one: keyring.derived_key(one) for one in of_home} == of_home
    assert {len(one) for one in of_home.values()} == {32}
    monkeypatch.setenv("REFUZ_SECRET_KEY", "another")
    assert keyring.derived_key("codes") != of_home["codes"]
    monkeypatch.setenv("REFUZ_SECRET_KEY", "")  # set and empty is not a key that anybody knows
    assert keyring.derived_key("codes") == of_home["codes"]
