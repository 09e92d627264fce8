"""What surrounds a run: cancelling by hand at the shop, reconciling, results, what gets lost."""

import threading
import time
from typing import Any

import pytest
import requests
from reversal_support import Desk, once_each, order, world
from sqlalchemy import select

from core import rights
from core.audit.actions import Action
from core.cli import pile
from core.config import home
from core.i18n.reasons import sentence
from core.orders.shop import sync
from core.reasons import Reason
from core.reversal.checks.reconcile import reconcile
from core.reversal.codes import ReversalCode
from core.reversal.runs import external_cancellations, follow_up, results, run_control, runs
from core.settings import connections, preferences
from core.store import db, disk
from core.store.tables import audit as audit_table
from core.store.tables import invoices, orders, reversals

PAID = {"payment": "prepaid", "gateway": "card", "financial_status": "PAID"}


def tell(desk: Desk, path: str, body: Any = None) -> None:
    """Do something by hand in the world outside."""
    answer = requests.post(f"{desk.sandbox.base_url}/_sandbox/{path}", json=body, timeout=30)
    answer.raise_for_status()


def cancelled_at_shop(desk: Desk, number: int) -> list[int]:
    """Somebody cancels this order in the shop's own program; the next round sees it."""
    tell(desk, f"orders/{100000 + number}/cancel")
    with db.reading(desk.engine) as connection:
        shop = connections.all_connections(connection, "shop")[0]
    return sync.sync_shop(shop).external_cancellations


def prefer(desk: Desk, **changes: Any) -> None:
    with db.writing(desk.engine) as connection:
        preferences.save(connection, **changes)


def asked_by(desk: Desk) -> dict[str, str]:
    """Who asked for each reversal, by order, as the trail tells."""
    query = select(audit_table.c.subject, audit_table.c.actor).where(
        audit_table.c.action == Action.REVERSAL_ASKED_FOR
    )
    with db.reading(desk.engine) as connection:
        return {row.subject: row.actor for row in connection.execute(query)}


def test_an_order_cancelled_by_hand_has_its_invoice_reversed_once_by_itself_or_by_a_person(
    desk: Desk,
) -> None:
    desk.settings(refuse_repeats=False)
    desk.load([order(number) for number in range(1, 4)])

    prefer(desk, revert_invoice_on_cancel=False)
    (first,) = cancelled_at_shop(desk, 1)
    assert external_cancellations.take([first]) == []
    (waiting,) = external_cancellations.all_waiting()
    assert (waiting.order_name, waiting.invoices) == ("#100001", "OB 0001")
    with rights.named("ana"):
        assert runs.reverse_invoices(waiting.order_id) is not None
        assert runs.reverse_invoices(waiting.order_id) is None

    prefer(desk, revert_invoice_on_cancel=True)
    second = cancelled_at_shop(desk, 2)
    assert len(second) == 1
    assert len(external_cancellations.take(second)) == 1
    assert external_cancellations.take(second) == []
    assert external_cancellations.all_waiting() == []

    desk.start_worker()
    desk.wait()
    ledger = desk.ledger()["invoices"]
    assert [ledger[f"oblio:OB:000{n}"]["reversed"] for n in (1, 2, 3)] == [1, 1, 0]
    assert asked_by(desk) == {
        "order #100001": "ana",
        "order #100002": "Casa Verde",
    }


def test_results_and_reconcile_tell_what_is_out_there(desk: Desk) -> None:
    made = [order(1), order(2, invoice="smartbill"), order(3, **PAID)]
    desk.load(made)
    desk.start_worker()
    run = desk.run()
    desk.wait()
    desk.kill_workers()
    _the_third_is_given_up_with_a_reason(desk)
    _the_run_is_told(desk, run.id)

    report = reconcile()
    assert report.ok
    assert (report.orders, report.invoices, report.unasked) == (2, 1, 1)
    assert follow_up.open_alarms() == []

    tell(desk, "load", world(made))  # a world in which nothing of it has happened
    tell(desk, "orders/100002/cancel")
    texts = {
        Reason.of("order_not_cancelled", order="#100001"),
        Reason.of("no_storno", invoice="OB 0001", order="#100001"),
    }
    for _ in range(2):  # raised once, however often it is seen
        assert set(reconcile().alarms) == texts
        raised = [one.reason for one in follow_up.open_alarms()]
        assert len(raised) == len(texts)
        assert set(raised) == texts
    for one in follow_up.open_alarms():
        follow_up.clear_alarm(one.id)
    assert follow_up.open_alarms() == []

    tell(desk, "orders/100001/cancel")
    desk.reverse_by_hand("oblio", "OB", "0001")
    assert reconcile().ok  # put right by hand, it fits again


def _the_third_is_given_up_with_a_reason(desk: Desk) -> None:
    (stuck,) = follow_up.held()
    assert (stuck.order_name, stuck.can_be_answered) == ("#100003", False)
    with pytest.raises(follow_up.AnswerError, match="why"):
        follow_up.give_up(stuck.reversal_id, "  ")
    assert follow_up.held() != []
    follow_up.give_up(stuck.reversal_id, "the customer keeps it")
    assert follow_up.held() == []


def _the_run_is_told(desk: Desk, run_id: int) -> None:
    progress = runs.progress(run_id)
    assert (progress.total, progress.done, progress.stopped, progress.needs_person) == (3, 2, 1, 0)
    assert (progress.queued, progress.working, progress.waiting, progress.finished) == (0, 0, 0, 3)
    frame = results.results(run_id).set_index("order")
    with db.reading(desk.engine) as connection:
        query = select(orders.c.name, invoices.c.storno_number).join(
            invoices, invoices.c.order_id == orders.c.id
        )
        numbers = {row.name: row.storno_number for row in connection.execute(query)}
    for name in ("#100001", "#100002"):
        assert numbers[name]
        assert numbers[name] in frame.loc[name, "storno"]
        assert "invoice reversed" in sentence(frame.loc[name, "what"])
    assert frame.loc["#100003", "storno"] == ""
    assert frame.loc["#100003", "why"] == Reason.of(
        ReversalCode.BY_HAND, note="the customer keeps it"
    )


def test_the_command_line_says_what_holds_its_run_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.load([order(1)])
    run = desk.run()
    monkeypatch.setattr(disk, "SPACE_NEEDED", 1 << 62)
    run_control.pause_if_disk_is_short(home())
    following = threading.Thread(target=pile._follow, args=(run.id,))
    following.start()
    time.sleep(3 * pile.FOLLOW_SECONDS)
    run_control.stop(run.id)
    following.join(10)
    assert capsys.readouterr().err.count("disk is almost full") == 1


def test_orders_that_the_engine_has_forgotten_are_begun_again_and_end_once(desk: Desk) -> None:
    desk.settings(refuse_repeats=False, latency_ms=300)
    desk.load([order(number) for number in range(1, 13)])
    desk.run()
    worker = desk.start_worker()
    while not any(one.state == "sent" for one in desk.effects()):
        time.sleep(0.05)
    worker.kill()
    worker.wait()
    with db.reading(desk.engine) as connection:
        given = connection.scalars(select(reversals.c.dispatched)).all()
    assert given.count(True) == 12
    assert desk.open() > 0
    forgotten = list(home().root.glob("engine.db*"))
    assert forgotten
    for file in forgotten:
        file.unlink()
    desk.settings(latency_ms=0)
    desk.start_worker()
    desk.wait()
    once_each(desk.ledger(), 12)
    with db.reading(desk.engine) as connection:
        assert max(connection.scalars(select(reversals.c.generation)).all()) >= 1
