"""Sixty sequences of people, devices, sessions, approvals and revocations; 10,000 when long."""

import json
import os
from collections.abc import Collection
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from people_machine import DOORS, PeopleMachine
from sqlalchemy import Engine

from core.audit import approvals
from core.people import roles, sessions
from core.rights import ROLES, NotAllowed

STEPS = 20
CHUNKS, EACH = 40, 250  # 10,000 sequences


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
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_ten_thousand_sequences(chunk: int, engine: Engine) -> None:
    """Goes on where it was stopped: REFUZ_PEOPLE_FILE keeps the chunks that were proved."""
    file = Path(os.environ.get("REFUZ_PEOPLE_FILE", "/nonexistent"))
    proved = json.loads(file.read_text()) if file.exists() else []
    if chunk in proved:
        pytest.skip(f"chunk {chunk} was proved before")
    prove(EACH, seed=chunk)
    if file.parent.is_dir():
        file.write_text(json.dumps([*proved, chunk]))


def _never(*_: object) -> bool:
    return False


BROKEN = {
    "one may say yes to oneself": (approvals, "_is_own", _never),
    "a yes to one is a yes to all": (approvals, "digest_of", lambda *_: "same"),
    "a session never idles": (sessions, "_is_idle", _never),
    "scopes are not kept": (sessions, "_rights", lambda row: ROLES.get(row.role, frozenset())),
    "a role above one's own is given": (roles, "not_above", lambda _: None),
}


@pytest.mark.heavy
@pytest.mark.parametrize("fault", BROKEN)
def test_the_machine_finds_what_is_broken_on_purpose(
    fault: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(*BROKEN[fault])
    with pytest.raises((AssertionError, NotAllowed)):
        prove(400, seed=1, phases=(Phase.generate,))
