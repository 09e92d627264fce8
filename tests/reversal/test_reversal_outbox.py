"""What the durable engine is given, how much of it, and in which order."""

import time

import pytest
from reversal_support import Desk, order
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import TimeoutError as NoConnectionFreeError

from core.clock import now
from core.config import home
from core.reversal.runs import run_control, runs
from core.reversal.worker import engine as workflow
from core.reversal.worker import outbox, slots, worker
from core.settings import connections
from core.store import db, engines
from core.store.tables import orders, reversals


def test_an_order_that_somebody_waits_for_does_not_stand_behind_a_pile(desk: Desk) -> None:
    count = outbox.SMALL + 2
    desk.load([order(number) for number in range(1, count + 1)])
    _make_the_engines_tables(desk)
    with db.writing(desk.engine) as connection:
        *many, one = connection.scalars(select(orders.c.id).order_by(orders.c.id))
        runs._start(connection, None, many, {"document": "none"})
    system = engines.for_workflows(home())
    dispatcher = workflow.Dispatcher(home(), system)
    assert dispatcher.dispatch() == len(many)
    runs.reverse_order(one, restock=False)
    assert dispatcher.dispatch() == 1  # by hand: a started worker may end the pile before it asks
    dispatcher.close()
    desk.start_worker(REFUZ_WORKER_THREADS="2")
    desk.wait(120)
    with db.reading(desk.engine) as connection:
        begun = connection.scalars(select(reversals.c.order_id).order_by(reversals.c.started_at))
        assert list(begun).index(one) < 2  # it has two threads
    assert desk.states() == {"done": count}


def test_the_engine_holds_a_window_of_a_large_run_and_is_filled_up_as_it_empties(
    engine: Engine,
) -> None:
    _large_run(engine, outbox.WINDOW + 500)
    assert _hand_over(engine) == outbox.WINDOW
    done = outbox.BATCH + 100
    with db.writing(engine) as connection:
        first = select(reversals.c.id).order_by(reversals.c.id).limit(done)
        connection.execute(update(reversals).where(reversals.c.id.in_(first)).values(state="done"))
    assert _hand_over(engine) == outbox.BATCH


def test_a_busy_connection_delays_what_is_handed_over_and_ends_no_worker(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _large_run(engine, 5)
    system = engines.for_workflows(home())
    monkeypatch.setattr(system.pool, "_timeout", 0.01)
    dispatcher = workflow.Dispatcher(home(), system)
    # The engine makes its tables when it is started; here only its connection counts.
    monkeypatch.setattr(dispatcher._client, "enqueue_in_transaction", lambda *_: None)
    try:
        held = system.connect()
        with pytest.raises(NoConnectionFreeError):
            dispatcher.dispatch()
        assert worker._hand_over(dispatcher) == 0
        held.close()
        assert worker._hand_over(dispatcher) == 5
        assert worker._hand_over(dispatcher) == 0
    finally:
        dispatcher.close()


def test_a_paused_run_gives_nothing_and_takes_no_room(engine: Engine) -> None:
    paused = _large_run(engine, outbox.WINDOW + 500)
    assert _hand_over(engine) == outbox.WINDOW
    run_control.pause(paused)
    assert _hand_over(engine) == 0
    _large_run(engine, 300)
    assert _hand_over(engine) == 300
    run_control.resume(paused)
    assert _hand_over(engine) > 0


@pytest.mark.parametrize("size", [1, outbox.SMALL])
def test_a_full_window_lets_small_runs_in(engine: Engine, size: int) -> None:
    _large_run(engine, outbox.WINDOW + 500)
    _hand_over(engine)
    _large_run(engine, size)
    with db.reading(engine) as connection:
        given = outbox.due(connection)
    assert [one.priority for one in given] == [outbox.AT_ONCE] * size


def _make_the_engines_tables(desk: Desk) -> None:
    worker = desk.start_worker()
    while not slots.worker_alive(home()):
        time.sleep(0.05)
    worker.terminate()
    worker.wait(30)


def _hand_over(engine: Engine) -> int:
    handed = 0
    while True:
        with db.writing(engine) as connection:
            given = outbox.due(connection)
            if not given:
                return handed
            outbox.handed_over(connection, given)
            handed += len(given)


def _large_run(engine: Engine, count: int) -> int:
    """A run of so many new orders; gives its id."""
    with db.writing(engine) as connection:
        shop = connections.all_connections(connection, "shop")
        shop_id = shop[0].id if shop else connections.save(
            connection, kind="shop", service="shopify", name="shop", settings={},
            secrets_={}, sandbox=True,
        )  # fmt: skip
        before = len(connection.scalars(select(orders.c.id)).all())
        common = {
            "shop_id": shop_id, "created_at": now(), "updated_at": now(), "synced_at": now(),
            "payment": "cod", "total_minor": 12345, "currency": "RON", "tags": [],
            "attributes": {},
        }  # fmt: skip
        made = [
            {**common, "gid": f"gid://{n}", "name": f"#{n}"} for n in range(before, before + count)
        ]
        ids = list(connection.scalars(insert(orders).returning(orders.c.id), made))
        return runs._start(connection, None, ids).id
