"""Every order is cancelled once and every invoice reversed once, whatever happens in between."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from reversal_support import (
    EVERY_FAULT,
    Desk,
    chain_holds,
    effect_times,
    once_each,
    order,
    scan_pile,
    the_trail_is_whole,
)
from sqlalchemy import select

from core.orders.judge.reasons import JudgeCode
from core.orders.shop import sync
from core.reversal.runs import follow_up, run_control, runs
from core.settings import connections
from core.store import db
from core.store.tables import invoices, orders, reversals

POINTS = ["planned", "intent committed", "sent", "outcome written", "outcome committed", "asked"]


def test_a_calm_pile_ends_with_every_storno_beside_its_invoice(desk: Desk) -> None:
    desk.load([order(number) for number in range(1, 21)])
    desk.start_worker()
    run = desk.run()
    desk.wait()
    once_each(desk.ledger(), 20)
    assert runs.progress(run.id).done == 20
    with db.reading(desk.engine) as connection:
        numbers = connection.scalars(select(invoices.c.storno_number)).all()
        assert len(set(numbers)) == 20
        assert all(numbers)
        assert connection.scalars(select(orders.c.cancelled_at)).all().count(None) == 0
        assert set(connection.scalars(select(orders.c.financial_status))) == {"VOIDED"}
        shop = connections.all_connections(connection, "shop")[0]
    assert sync.sync_shop(shop).orders == 0  # the run has seen how its own changes ended
    assert chain_holds(desk)


def test_nothing_is_doubled_or_lost_under_every_fault_and_kills(desk: Desk) -> None:
    """T1 in its short form: 30 % faults of every kind, the worker killed again and again."""
    desk.load([order(number) for number in range(1, 25)])
    desk.settings(refuse_repeats=False)
    desk.faults(share=0.3, kinds=EVERY_FAULT, seed=3, late_seconds=0.6, slow_seconds=1.8)
    desk.run()
    desk.start_worker()
    kills = [time.monotonic() + seconds for seconds in (11, 7, 3)]

    def kill_sometimes() -> None:
        if kills and time.monotonic() > kills[-1]:
            kills.pop()
            desk.workers[-1].kill()
        desk.replace_dead()

    desk.wait(150, kill_sometimes)
    desk.faults()
    once_each(desk.ledger(), 24)
    assert desk.states() == {"done": 24}
    assert chain_holds(desk)


@pytest.mark.parametrize("guard", ["asking", "settling", "intent"])
def test_without_a_guard_something_is_doubled(desk: Desk, guard: str) -> None:
    """T2, the negative controls: a proof that could not fail would prove nothing."""
    assert max(effect_times(_ill_fated(desk, guard))) > 1


@pytest.mark.parametrize("guard", ["asking", "intent"])
def test_with_every_guard_the_same_histories_double_nothing(desk: Desk, guard: str) -> None:
    """Else the controls would double for another reason than the guard they lack."""
    assert set(effect_times(_ill_fated(desk, guard, guarded=True))) == {1}


def _ill_fated(desk: Desk, guard: str, *, guarded: bool = False) -> dict[str, Any]:
    """A history in which this guard matters; gives the ledger."""
    desk.load([order(number) for number in range(1, 13)])
    desk.settings(refuse_repeats=False)
    desk.faults(
        share=0.5, kinds=["applied_late", "error_after"], seed=5, late_seconds=0.8,
        slow_seconds=1, only_effects=True,
    )  # fmt: skip
    desk.run()
    strange = {} if guarded else {"WITHOUT": guard}
    crash = {}
    if guard == "intent":
        # It crashes right after sending, and what was sent arrives when it is long back again, yet
        # within the settle delay: with the guard it would be waited for.
        _settle_in(desk, "20")
        crash = {"CRASH_AT": "sent/storno" if guarded else "sent without intent/storno"}
        desk.faults(
            share=1, kinds=["applied_late"], late_seconds=15, services=["oblio"], only_effects=True
        )
    desk.start_worker(**strange, **crash)
    desk.wait(120, lambda: desk.replace_dead(**strange))
    desk.faults()
    return desk.ledger()


def _settle_in(desk: Desk, seconds: str) -> None:
    with db.writing(desk.engine) as connection:
        for one in connections.all_connections(connection):
            connections.save(
                connection, kind=one.kind, service=one.service, name=one.name,
                settings={**one.settings, "settle_seconds": seconds}, secrets_=one.secrets,
                sandbox=True,
            )  # fmt: skip


def test_a_crash_at_every_point_leaves_one_effect_each(any_desk: Desk, home_dir: Path) -> None:
    """T3: the worker dies once at each named point around each kind of effect."""
    desk = any_desk
    points = [f"{point}/{kind}" for point in POINTS for kind in ("cancel", "storno")]
    desk.load([order(number) for number in range(1, 17)])
    # Some answers are lost, so that services are asked, and crashes happen around the asking.
    desk.faults(share=0.3, kinds=["error_after"], only_effects=True)
    desk.settings(refuse_repeats=False)
    desk.run()
    crash = {"CRASH_AT": ",".join(points)}
    desk.start_crew(**crash)
    ends: list[int] = []
    desk.wait(150, lambda: ends.extend(desk.replace_dead(**crash)))
    assert set(ends) == {-signal.SIGKILL}
    assert len(list(home_dir.glob("crashed-*"))) == len(points)
    once_each(desk.ledger(), 16)
    the_trail_is_whole(desk.engine, desk.effects())


@pytest.mark.heavy
@pytest.mark.timeout(900)
def test_a_crash_at_every_point_of_the_rarer_kinds_leaves_one_effect_each(
    desk: Desk, home_dir: Path
) -> None:
    """T3 for annulments, cancelled fulfillments and tags; nobody is asked about the last two."""
    paid = {"payment": "prepaid", "gateway": "card", "financial_status": "PAID"}
    desk.load([order(number, **(paid if number % 2 else {})) for number in range(1, 17)])
    desk.faults(share=0.3, kinds=["error_after"], only_effects=True)
    desk.settings(refuse_repeats=False)
    desk.run()
    _choose(desk, document="annul", cancel_fulfillments=True, refund=False)
    points = [f"{point}/annul" for point in POINTS]
    points += [f"{point}/{kind}" for kind in ("fulfillment_cancel", "tag") for point in POINTS[:-1]]
    crash = {"CRASH_AT": ",".join(points)}
    desk.start_worker(**crash)
    ends: list[int] = []
    desk.wait(300, lambda: ends.extend(desk.replace_dead(**crash)))
    assert set(ends) == {-signal.SIGKILL}
    assert len(list(home_dir.glob("crashed-*"))) == len(points)
    ledger = desk.ledger()
    assert {one["cancelled"] for one in ledger["orders"].values()} == {1}
    assert {(one["annulled"], one["reversed"]) for one in ledger["invoices"].values()} == {(1, 0)}
    the_trail_is_whole(desk.engine, desk.effects())


def _choose(desk: Desk, **choice: object) -> None:
    with db.writing(desk.engine) as connection:
        rows = connection.execute(select(reversals.c.id, reversals.c.options)).all()
        for row in rows:
            chosen = reversals.update().where(reversals.c.id == row.id)
            connection.execute(chosen.values(options={**row.options, **choice}))


def test_a_service_that_cannot_be_asked_leaves_the_unknown_to_a_person(desk: Desk) -> None:
    """T4: nothing is sent again, and the person's word lets the run go on."""
    desk.load([order(number, invoice="smartbill") for number in range(1, 7)])
    desk.settings(refuse_repeats=False)
    desk.faults(share=1, kinds=["error_after"], services=["smartbill"], only_effects=True)
    desk.start_worker()
    run = desk.run()
    desk.wait()
    ledger = desk.ledger()
    assert {one["reversed"] for one in ledger["invoices"].values()} == {1}
    assert desk.states() == {"needs_person": 6}
    desk.faults()
    for one in follow_up.held():
        assert one.can_be_answered
        assert one.evidence is not None
        number = ledger["invoices"][f"smartbill:{one.target.replace(' ', ':')}"]["stornos"][0]
        series, _, digits = number.partition("-")
        assert one.effect_id is not None
        follow_up.answer_exists(one.effect_id, series, digits)
    desk.wait()
    assert runs.progress(run.id).done == 6
    once_each(desk.ledger(), 6)


def test_the_word_that_it_does_not_exist_sends_it_once_more(desk: Desk) -> None:
    desk.load([order(1, invoice="smartbill")])
    desk.faults(share=1, kinds=["error_before"], services=["smartbill"], only_effects=True)
    desk.start_worker()
    desk.run()
    desk.wait()
    desk.faults()
    (one,) = follow_up.held()
    assert one.effect_id is not None
    follow_up.answer_absent(one.effect_id)
    desk.wait()
    once_each(desk.ledger(), 1)
    with pytest.raises(follow_up.AnswerError, match="settled"):
        follow_up.answer_absent(one.effect_id)


def test_two_piles_of_the_same_parcels_confirmed_twenty_times_are_one_reversal_an_order(
    any_desk: Desk,
) -> None:
    """T5."""
    desk = any_desk
    desk.load([order(number) for number in range(1, 6)])
    desk.settings(refuse_repeats=False)
    pile_ids = [scan_pile(desk, 5), scan_pile(desk, 5)]
    desk.start_crew()

    def press(turn: int) -> int:
        try:
            return runs.start_run(pile_ids[turn % 2]).total
        except runs.NothingToRun:
            return 0

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(press, range(20))) == 5
    desk.wait()
    once_each(desk.ledger(), 5)
    assert desk.states() == {"done": 5}


def test_a_worker_frozen_beyond_every_timeout_doubles_nothing_when_it_wakes(any_desk: Desk) -> None:
    """T6."""
    desk = any_desk
    desk.load([order(number) for number in range(1, 13)])
    desk.settings(refuse_repeats=False, latency_ms=150)
    frozen, *_ = desk.start_crew()
    desk.run()
    while not any(one.state == "sent" for one in desk.effects()):
        time.sleep(0.02)
    os.kill(frozen.pid, signal.SIGSTOP)
    time.sleep(6)
    os.kill(frozen.pid, signal.SIGCONT)
    desk.wait()
    once_each(desk.ledger(), 12)


def test_an_invoice_reversed_by_hand_before_is_not_reversed_again(desk: Desk) -> None:
    made = [order(1), order(2)]
    desk.load(made)
    desk.start_worker()
    desk.reverse_by_hand("oblio", "OB", "0001")
    desk.run()
    desk.wait()
    ledger = desk.ledger()["invoices"]
    assert {one["reversed"] for one in ledger.values()} == {1}
    assert desk.states() == {"done": 2}


def test_a_paused_run_rests_and_a_resumed_one_ends(desk: Desk) -> None:
    desk.load([order(number) for number in range(1, 31)])
    desk.settings(latency_ms=200)
    run = desk.run()
    run_control.pause(run.id)
    desk.start_worker()
    time.sleep(4)
    assert runs.progress(run.id).queued == 30
    run_control.resume(run.id)
    desk.wait()
    once_each(desk.ledger(), 30)
    assert runs.progress(run.id).run.state == "finished"


def test_a_stopped_run_leaves_alone_what_had_not_begun_and_can_be_retried(desk: Desk) -> None:
    desk.load([order(number) for number in range(1, 6)])
    run = desk.run()
    assert run_control.stop(run.id) == 5
    desk.start_worker()
    assert desk.states() == {"stopped": 5}
    assert run_control.retry(run.id) == 5
    desk.wait()
    once_each(desk.ledger(), 5)


def test_a_shipped_and_paid_order_waits_for_a_person(desk: Desk) -> None:
    paid = {"payment": "prepaid", "gateway": "card", "financial_status": "PAID"}
    desk.load([order(1, **paid)])
    desk.start_worker()
    desk.run()
    desk.wait()
    (one,) = follow_up.held()
    assert one.why is not None
    assert one.why.code == JudgeCode.PAID_AND_SHIPPED
    assert desk.ledger()["totals"]["reversed"] == 0  # rule 6


def test_with_leave_the_fulfillment_is_cancelled_first(desk: Desk) -> None:
    paid = {"payment": "prepaid", "gateway": "card", "financial_status": "PAID"}
    desk.load([order(1, **paid)])
    desk.start_worker()
    run = desk.run()
    desk.wait()
    with db.writing(desk.engine) as connection:
        row = connection.execute(select(reversals)).one()
        options = {**row.options, "cancel_fulfillments": True, "refund": False}
        connection.execute(reversals.update().values(options=options))
    run_control.retry(run.id)
    desk.wait()
    once_each(desk.ledger(), 1)
    assert [one["fulfillment_cancelled"] for one in desk.ledger()["orders"].values()] == [1]
