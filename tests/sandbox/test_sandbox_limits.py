"""The limits, faults and lists of invoices of the sandbox, each by itself."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.sandbox import faults, limits
from core.sandbox.calls import SandboxCall
from core.sandbox.invoice_index import InvoiceIndex
from core.sandbox.state import State

EMPTY = {"now": "2026-11-20T08:00:00Z", "shop": {"name": "Casa"}, "products": []} | {
    kind: [] for kind in ("orders", "invoices", "courier_events", "returns")
}


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State(tmp_path)
    made.put("control", "settings", {"rate_limits": True, "block_seconds": 50.0})
    yield made
    made.close()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    clock = [1000.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: clock[0])
    return clock


def test_calls_pass_again_as_the_window_moves_on(state: State, at: list[float]) -> None:
    limit = limits.Limit(3, 10, blocks=False)
    assert [limit.refuse(state, "a") for _ in range(3)] == [None] * 3
    assert limit.refuse(state, "b") is None  # another caller's window
    at[0] += 4
    assert limit.refuse(state, "a") == 6
    at[0] += 6
    assert limit.refuse(state, "a") is None


@pytest.mark.parametrize(("anew", "left"), [(False, 30.0), (True, 50.0)])
def test_a_call_during_a_block_is_counted_and_may_begin_it_anew(
    state: State, at: list[float], anew: bool, left: float
) -> None:
    limit = limits.Limit(1, 10, blocks=True, anew=anew)
    limit.refuse(state, "a")
    assert limit.refuse(state, "a") == 50
    at[0] += 20
    assert limit.refuse(state, "a") == left


def test_without_rate_limits_every_call_passes(state: State, at: list[float]) -> None:
    state.put("control", "settings", {"rate_limits": False})
    limit = limits.Limit(1, 10, blocks=True)
    assert [limit.refuse(state, "a") for _ in range(5)] == [None] * 5


def test_a_wall_closes_one_service_until_its_time_is_over(state: State, at: list[float]) -> None:
    walls = limits.Walls()
    assert walls.raise_(state, "oblio") == 50
    assert (walls.refuse(state, "oblio"), walls.refuse(state, "fgo")) == (50, None)
    at[0] += 50
    assert walls.refuse(state, "oblio") is None


def test_a_new_world_begins_with_no_block_of_the_one_before(state: State, at: list[float]) -> None:
    limit, walls = limits.Limit(1, 10, blocks=True), limits.Walls()
    limit.close(state, "a")
    walls.raise_(state, "fgo")
    state.load(EMPTY)
    assert (limit.refuse(state, "a"), walls.refuse(state, "fgo")) == (None, None)
    assert limit.refuse(state, "a") == 50  # and counts anew


def met(state: State, seed: int, calls: int) -> list[str | None]:
    wanted = {"seed": seed, "share": 0.3, "kinds": ["reset", "slow"], "only_effects": False}
    state.put("control", "faults", wanted)
    thrown = faults.Faults(state)
    call = SandboxCall("oblio", "GET", "/x", "", {}, "")
    return [thrown.meets(call, lambda _: True) for _ in range(calls)]


def test_the_same_seed_gives_the_same_faults_in_about_their_share(state: State) -> None:
    first = met(state, 5, 1000)
    assert first == met(state, 5, 1000) != met(state, 6, 1000)
    counted = Counter(first)
    assert 600 < counted[None] < 800
    assert min(counted["reset"], counted["slow"]) > 100


def test_faults_for_effects_alone_leave_readings_and_other_services_alone(state: State) -> None:
    wanted = {"share": 1.0, "kinds": ["reset"], "services": ["fgo"], "only_effects": True}
    state.put("control", "faults", wanted)
    thrown = faults.Faults(state)
    ours, other = (SandboxCall(one, "POST", "/x", "", {}, "") for one in ("fgo", "oblio"))
    assert thrown.meets(ours, lambda _: True) == "reset"
    assert thrown.meets(ours, lambda _: False) is None
    assert thrown.meets(other, lambda _: True) is None


def test_an_invoice_is_found_by_its_number_with_or_without_zeros_until_it_is_gone() -> None:
    index = InvoiceIndex()
    first = {"service": "fgo", "number": "0042"}
    index.keep("a", None, first)
    index.keep("b", None, {"service": "fgo", "number": "42"})
    index.keep("c", None, {"service": "oblio", "number": "42"})
    assert len(index.numbered("fgo", "042")) == 2
    index.keep("a", first, None)
    assert [one["number"] for one in index.of("fgo")] == ["42"]
    assert index.place("a") < index.place("b") < index.place("c")
