"""Sixty sequences of people, devices, sessions, approvals and revocations; 10,000 when long."""

import functools
import hashlib
import os
import traceback
from collections.abc import Collection, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from people_machine import DOORS, PeopleMachine
from sqlalchemy import Engine, event

from core.audit import approvals
from core.people import roles, sessions
from core.rights import ROLES, NotAllowed, Right

CORE = Path(approvals.__file__).parents[1]
STEPS = 20
CHUNKS, EACH = 40, 250  # 10,000 sequences


@pytest.fixture
def engine(engine: Engine) -> Iterator[Engine]:
    """A database whose commits wait for no disk: nobody pulls the plug here."""

    def hasten(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    engine.dispose()
    event.listen(engine, "connect", hasten)
    yield engine
    event.remove(engine, "connect", hasten)


def prove(sequences: int, seed: int, phases: Collection[Phase] = tuple(Phase)) -> None:
    machine = hypothesis.seed(seed)(type("Seeded", (PeopleMachine,), {}))
    chosen = settings(
        max_examples=sequences, stateful_step_count=STEPS, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), print_blob=True, phases=phases,
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=chosen)


def test_in_any_order_nobody_passes_a_door_or_runs_what_was_not_approved(engine: Engine) -> None:
    assert len(DOORS) > 60
    prove(60, seed=21)


@pytest.mark.heavy
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_ten_thousand_sequences(chunk: int, engine: Engine) -> None:
    """Goes on where it was stopped: REFUZ_PEOPLE_FILE keeps the chunks that were proved."""
    file = Path(os.environ.get("REFUZ_PEOPLE_FILE", "/nonexistent/people.txt"))
    if chunk in proved(file):
        pytest.skip(f"chunk {chunk} was proved before")
    try:
        prove(EACH, seed=chunk)
    except BaseException:
        # Hypothesis also draws from constants of whatever is loaded: run alone, the same seed may
        # take other steps. The ones that failed are kept.
        if file.parent.is_dir():
            file.with_suffix(f".{chunk}.txt").write_text(traceback.format_exc())
        raise
    keep(file, chunk)


def proved(file: Path, of: str | None = None) -> list[int]:
    """The chunks that this file names for the code as it is now."""
    lines = file.read_text().splitlines() if file.exists() else []
    rows = [line.split() for line in lines]
    return [int(words[0]) for words in rows if words[1:] == [of or as_it_is()]]


def keep(file: Path, chunk: int, of: str | None = None) -> None:
    """One line more: several processes may add theirs at the same time."""
    if file.parent.is_dir():
        with file.open("a") as open_:
            open_.write(f"{chunk} {of or as_it_is()}\n")


@functools.cache
def as_it_is() -> str:
    """A digest of the machine and of what it proves: of anything else nothing was proved."""
    files = [
        *Path(__file__).parent.glob("people_*.py"),
        *(CORE / "people").rglob("*.py"),
        *(CORE / "audit").rglob("*.py"),
        CORE / "rights.py",
    ]
    found = hashlib.sha256()
    for file in sorted(files):
        found.update(file.read_bytes())
    return found.hexdigest()[:16]


def test_no_process_forgets_the_chunks_of_another(tmp_path: Path) -> None:
    file = tmp_path / "people.txt"
    assert proved(file) == []
    for chunk in (3, 1):
        before = proved(file)
        keep(file, 10 * chunk)  # another process, meanwhile
        keep(file, chunk)
        assert proved(file) == [*before, 10 * chunk, chunk]
    assert proved(file, of="other code") == []
    keep(file, 7, of="older")
    assert 7 not in proved(file)
    keep(tmp_path / "nowhere" / "people.txt", 1)
    assert not (tmp_path / "nowhere").exists()


def _never(*_: object) -> bool:
    return False


def _of_the_role(row: Any) -> frozenset[Right]:
    return ROLES.get(row.role) or sessions.as_rights(row.role_rights or ())


def _somebody_else(*_: object) -> object:
    return object()


# Each the way in which it is broken; two guards that hold the same are broken both.
BROKEN = {
    "one may say yes to oneself": (approvals, "_is_own", _never, "hand_of", _somebody_else),
    "a yes to one is a yes to all": (approvals, "digest_of", lambda *_: "same"),
    "a session never idles": (sessions, "_is_idle", _never),
    "scopes are not kept": (sessions, "_rights", _of_the_role),
    "a role above one's own is given": (roles, "not_above", lambda _: None),
    "a role is widened by one alone": (
        roles, "approvals", SimpleNamespace(need=_never, ApprovalKind=approvals.ApprovalKind),
    ),
}  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("fault", BROKEN)
def test_the_machine_finds_what_is_broken_on_purpose(
    fault: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, *parts = BROKEN[fault]
    for name, broken in zip(parts[::2], parts[1::2], strict=True):
        monkeypatch.setattr(where, str(name), broken)
    with pytest.raises((AssertionError, NotAllowed)):
        prove(2_000, seed=1, phases=(Phase.generate,))
