"""Orders that the durable engine lost are handed over again, and no others."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from effects_model import make_reversal
from set_clock import SetClock
from sqlalchemy import Engine, select, update

from core.clock import now
from core.config import home
from core.reversal.runs import run_control
from core.reversal.worker import engine as workflow
from core.reversal.worker import slots
from core.store import db
from core.store.tables import reversals


class Workflows:
    """What the engine has, in place of its client."""

    def __init__(self, **_where: object) -> None:
        self.found: list[Any] = []

    def list_workflows(self, workflow_ids: list[str], **_asked: object) -> list[Any]:
        return [one for one in self.found if one.workflow_id in workflow_ids]

    def has(self, status: str, executor: str | None = None, since: float = 0.0) -> None:
        """It has the first pass of the first order in this state, since so many seconds."""
        at = (now().timestamp() - since) * 1000
        one = {"status": status, "executor_id": executor, "updated_at": at}
        self.found = [SimpleNamespace(workflow_id="reversal-1-0", **one)]


@pytest.fixture
def dispatcher(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, set_clock: SetClock
) -> workflow.Dispatcher:
    """That of a desk with one order, which was handed over."""
    monkeypatch.setattr(workflow, "DBOSClient", Workflows)
    monkeypatch.setattr(slots, "living", lambda _home: {"slot-0"})
    make_reversal(engine)
    with db.writing(engine) as connection:
        connection.execute(update(reversals).values(dispatched=True))
    return workflow.Dispatcher(home(), engine)


def stands(engine: Engine) -> tuple[int, bool]:
    with db.reading(engine) as connection:
        row = connection.execute(select(reversals.c.generation, reversals.c.dispatched)).one()
    return row.generation, row.dispatched


def test_an_order_that_the_engine_does_not_know_is_handed_over_under_a_new_name(
    dispatcher: workflow.Dispatcher, engine: Engine
) -> None:
    assert dispatcher.find_lost() == 1
    assert stands(engine) == (1, False)
    assert dispatcher.find_lost() == 0  # it waits to be handed over


@pytest.mark.parametrize(
    ("status", "executor", "since"),
    [
        ("ENQUEUED", None, 1e6),
        ("DELAYED", None, 1e6),
        ("PENDING", "slot-0", workflow.STUCK_SECONDS - 1),
    ],
)
def test_what_waits_or_is_at_work_is_left_alone(
    dispatcher: workflow.Dispatcher, engine: Engine, status: str, executor: str, since: float
) -> None:
    dispatcher._client.has(status, executor, since)
    assert dispatcher.find_lost() == 0
    assert stands(engine) == (0, True)


@pytest.mark.parametrize(
    ("executor", "since"), [("slot-1", 1.0), (None, 1.0), ("slot-0", workflow.STUCK_SECONDS + 1)]
)
def test_what_a_dead_worker_was_at_or_a_living_one_has_lost_is_begun_again(
    dispatcher: workflow.Dispatcher, engine: Engine, executor: str, since: float
) -> None:
    dispatcher._client.has("PENDING", executor, since)
    assert dispatcher.find_lost() == 1
    assert stands(engine) == (1, False)


@pytest.mark.parametrize("meanwhile", [{"state": "done"}, {"generation": 1}, {"state": "stopped"}])
def test_what_moves_on_while_the_engine_is_asked_is_not_lost(
    dispatcher: workflow.Dispatcher,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: dict[str, Any],
) -> None:
    """Between its end and our look nothing is wrong with it."""

    def ends(_asked: list[str]) -> set[str]:
        with db.writing(engine) as connection:
            connection.execute(update(reversals).values(meanwhile))
        return set()

    monkeypatch.setattr(dispatcher, "_alive", ends)
    before = stands(engine)[0] + meanwhile.get("generation", 0)
    assert dispatcher.find_lost() == 0
    assert stands(engine) == (before, True)


def test_a_clock_set_back_lets_no_order_wait_longer(
    engine: Engine, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_reversal(engine)
    wake_at = now()
    with db.writing(engine) as connection:
        waiting = {"state": "waiting", "wake_at": wake_at, "dispatched": True}
        connection.execute(update(reversals).values(waiting))
    watched = run_control.TurnedClock(home())
    right = set_clock.now
    monkeypatch.setattr(set_clock, "now", lambda: right() - dt.timedelta(hours=1))
    watched.look()
    watched.look()  # what was shifted is not shifted again
    with db.reading(engine) as connection:
        moved = (wake_at - connection.scalars(select(reversals.c.wake_at)).one()).total_seconds()
    assert round(moved) == 3600
