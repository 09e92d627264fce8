"""T10 in its short form: several workers share the work in PostgreSQL, and one dies for good."""

import datetime as dt
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import cast

import pytest
from reversal_support import EVERY_FAULT, Desk, chain_holds, once_each, order
from sqlalchemy import Connection, Integer, literal, select

from core import clock
from core.audit import trail
from core.clock import now
from core.config import home
from core.orders.shop.upsert import upsert_orders
from core.reasons import quoted
from core.reversal.effects import marks
from core.reversal.effects.calls import EffectCall
from core.reversal.effects.ledger import Change
from core.reversal.runs import runs
from core.reversal.steps import advance
from core.reversal.steps.context import ReversalContext
from core.reversal.steps.invoices import record_done
from core.reversal.worker import slots
from core.services import registry
from core.services.outcome import NotSent
from core.services.ports import Shop
from core.settings import connections
from core.store import db
from core.store.states import EffectState
from core.store.tables import invoices, reversals

pytestmark = pytest.mark.postgres


def test_a_living_worker_ends_what_another_killed_for_good_had_begun(
    postgres_desk: Desk,
) -> None:
    desk = postgres_desk
    desk.load([order(number) for number in range(1, 25)])
    desk.settings(refuse_repeats=False)
    desk.faults(share=0.3, kinds=EVERY_FAULT, seed=3, late_seconds=0.6, slow_seconds=1.8)
    run = desk.run()
    victim = desk.start_worker()
    while sum(one.state == "sent" for one in desk.effects()) < 4:
        time.sleep(0.05)
    desk.start_worker()
    victim.kill()
    victim.wait()
    begun = {one.id for one in desk.effects() if one.state == "sent"}
    assert begun
    assert desk.open() > 0
    _wait(lambda: not begun & {one.id for one in desk.effects() if one.state == "sent"}, 60)
    desk.faults()  # with faults to the end, the last order's bad luck decides how long it takes
    desk.wait(90)
    once_each(desk.ledger(), 24)
    assert desk.states() == {"done": 24}
    assert runs.progress(run.id).run.state == "finished"
    assert chain_holds(desk)


def test_each_live_worker_holds_a_slot_of_its_own(postgres_desk: Desk) -> None:
    first, second = slots.take(home()), slots.take(home())
    assert first.number != second.number
    assert slots.worker_alive(home())
    first.release()
    _wait(lambda: slots.living(home()) == {slots.executor(second.number)})
    second.release()
    _wait(lambda: not slots.worker_alive(home()))


def test_a_sync_and_the_reversals_of_the_same_orders_never_block_each_other_crosswise(
    postgres_desk: Desk,
) -> None:
    engine = postgres_desk.engine
    postgres_desk.load([order(number) for number in range(1, 31)])
    with db.reading(engine) as connection:
        shop = connections.all_connections(connection, "shop")[0]
        made = connection.execute(select(invoices.c.id, invoices.c.order_id)).all()
    read = list(cast("Shop", registry.adapter(shop)).all_orders())

    def sync() -> None:
        for minute in range(1, 16):
            later = dt.timedelta(minutes=minute)
            changed = [replace(one, updated_at=one.updated_at + later) for one in read]
            with db.writing(engine) as connection:
                upsert_orders(connection, shop.id, changed)

    def reverse(part: int) -> None:
        for row in made[part::3] * 5:
            with db.writing(engine) as connection:
                record_done(connection, row.id, row.order_id, {}, dt.UTC, annulled=False)

    with ThreadPoolExecutor() as pool:
        busy = [pool.submit(sync), *(pool.submit(reverse, part) for part in range(3))]
        for one in busy:
            one.result()


def test_an_outcome_that_cannot_be_written_stays_in_doubt_and_costs_its_order_a_wait(
    postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was to be written with the next change: that change must not fail of it for ever."""
    engine = postgres_desk.engine
    postgres_desk.load([order(1)])
    postgres_desk.run()

    def with_no_number(connection: Connection, _result: object) -> None:
        connection.execute(select(literal("no number").cast(Integer)))

    def carry(case: ReversalContext) -> None:
        effect = case.plan(case.shop_id, "tag", "a tag")
        call = EffectCall(
            lambda _: NotSent(quoted("")),
            None,
            0.0,
            deferred_write=True,
            on_confirmed=with_no_number,
        )
        claimed = case.performer._claim(effect)
        assert claimed is not None
        case.performer._settle(claimed, call, Change(EffectState.CONFIRMED, "confirmed"))

    monkeypatch.setattr(advance, "_pass", carry)
    with db.reading(engine) as connection:
        (reversal_id,) = connection.scalars(select(reversals.c.id)).all()
    assert advance.advance(reversal_id, 0) == "waiting"
    assert [one.state for one in postgres_desk.effects()] == ["sent"]
    assert chain_holds(postgres_desk)


def test_what_the_database_does_not_take_costs_its_order_a_wait_and_not_the_worker(
    postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that ended of it would begin again, meet the same order, and end again."""
    engine = postgres_desk.engine
    postgres_desk.load([order(1)])
    postgres_desk.run()

    def with_no_number(_case: object) -> None:
        with db.writing(engine) as connection:
            trail.record(connection, "seen", "an answer", {"said": float("nan")}, name="ana")

    monkeypatch.setattr(advance, "_pass", with_no_number)
    with db.reading(engine) as connection:
        (reversal_id,) = connection.scalars(select(reversals.c.id)).all()
    assert advance.advance(reversal_id, 0) == "waiting"
    with db.reading(engine) as connection:
        assert connection.scalar(select(reversals.c.failures)) == 1
    assert chain_holds(postgres_desk)


def _wait(until: Callable[[], bool], seconds: float = 90) -> None:
    """The server ends a session a moment after it was let go."""
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_machines_whose_clocks_differ_measure_a_settle_delay_by_the_clock_of_the_database(
    postgres_desk: Desk,
) -> None:
    """Asked too early, a storno that is applied late would be sent again."""
    slow = now() - dt.timedelta(hours=1)
    with clock.use(Machine("slow", slow)):
        marks.follow(postgres_desk.engine)
        mark = marks.mark()
    with clock.use(Machine("right", now())):
        marks.follow(postgres_desk.engine)
        assert marks.remaining(mark, 90.0) > 80


class Machine(clock.Clock):
    """A computer of its own, whose wall clock stands where it stands."""

    def __init__(self, boot: str, wall: dt.datetime) -> None:
        self.boot, self._wall = boot, wall

    def now(self) -> dt.datetime:
        return self._wall
