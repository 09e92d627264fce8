"""What people do while an order is being sent: pause, stop, retry, connect an account anew.

One pass runs in the test's own process, so that a button is pressed at exactly one point of it.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from reversal_support import Desk, chain_holds, once_each, order
from sqlalchemy import select, update

from core.audit.actions import Action
from core.clock import now
from core.reversal.effects import executor, ledger
from core.reversal.runs import follow_up, run_control
from core.reversal.steps import advance
from core.reversal.worker import outbox
from core.settings import connections
from core.store import db
from core.store import desk as store_desk
from core.store.states import OPEN_REVERSALS
from core.store.tables import audit, reversals

PAID = {"payment": "prepaid", "gateway": "card", "financial_status": "PAID"}  # cannot be cancelled


class ProgramEnded(Exception):
    """Stands for a crash: nothing after it happens."""


@contextmanager
def at_point(
    monkeypatch: pytest.MonkeyPatch, point: str, kind: str, act: Callable[[], object]
) -> Iterator[None]:
    """`act` is done once, when a pass comes to this point with this kind of effect."""
    reached: list[str] = []

    def failpoint(name: str, effect: ledger.Effect) -> None:
        if (name, effect.kind) == (point, kind) and not reached:
            reached.append(name)
            act()

    with monkeypatch.context() as patch:
        patch.setattr(executor, "failpoint", failpoint)
        yield
    assert reached, f"no pass came to {point} of a {kind}"


def hand_over(desk: Desk) -> tuple[int, int] | None:
    """What the engine would begin now: the only reversal and its generation."""
    due = reversals.c.state.in_(OPEN_REVERSALS) & ~reversals.c.dispatched
    with db.writing(desk.engine) as connection:
        columns = (reversals.c.id, reversals.c.generation)
        handed = update(reversals).where(due).values(dispatched=True).returning(*columns)
        row = connection.execute(handed).one_or_none()
    return (row.id, row.generation) if row else None


def work(desk: Desk) -> str | None:
    """The pass that the engine would begin now, if any."""
    given = hand_over(desk)
    return advance.advance(*given) if given else None


def trail(desk: Desk, action: str) -> list[dict[str, Any]]:
    """What the trail tells of an action, oldest first."""
    query = select(audit.c.detail).where(audit.c.action == action).order_by(audit.c.id)
    with db.reading(desk.engine) as connection:
        return list(connection.scalars(query))


def test_a_run_paused_and_resumed_leaves_alone_what_is_being_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second pass would take the call in the air for one without an outcome: a person's work."""
    desk.load([order(1, invoice="smartbill")])
    run = desk.run()

    def press() -> None:
        run_control.pause(run.id)
        run_control.resume(run.id)
        work(desk)

    with at_point(monkeypatch, "sent", "storno", press):
        work(desk)
    assert {(one.state, one.attempt) for one in desk.effects()} == {("confirmed", 1)}
    assert desk.states() == {"done": 1}
    once_each(desk.ledger(), 1)


def test_a_run_stopped_while_an_order_is_being_sent_lets_it_come_to_its_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 10."""
    desk.load([order(1, invoice="smartbill")])
    run = desk.run()

    def press() -> None:
        assert run_control.stop(run.id) == 0
        work(desk)

    with at_point(monkeypatch, "sent", "cancel", press):
        work(desk)
    assert {(one.state, one.attempt) for one in desk.effects()} == {("confirmed", 1)}
    assert desk.states() == {"done": 1}


def test_an_order_told_as_left_alone_is_left_alone_though_its_pass_had_begun(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load([order(1)])
    run = desk.run()

    def press() -> None:
        assert run_control.stop(run.id) == 1

    with at_point(monkeypatch, "planned", "cancel", press):
        assert work(desk) == advance.OVERTAKEN
    assert desk.effects() == []
    assert desk.states() == {"stopped": 1}
    assert desk.ledger()["totals"]["cancelled"] == 0


def test_a_pass_that_has_not_sent_yet_makes_way_for_the_one_after_a_resume(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load([order(1)])
    run = desk.run()

    def press() -> None:
        run_control.pause(run.id)
        run_control.resume(run.id)
        assert work(desk) == "done"

    with at_point(monkeypatch, "planned", "cancel", press):
        assert work(desk) == advance.OVERTAKEN
    assert {(one.state, one.attempt) for one in desk.effects()} == {("confirmed", 1)}
    once_each(desk.ledger(), 1)


def test_a_retry_is_told_for_each_effect(desk: Desk) -> None:
    # the shop refuses it, since one of its fulfillments stands
    desk.load([order(1, **PAID, fulfillment_status="UNFULFILLED")])
    run = desk.run(refund=False)
    assert work(desk) == "needs_person"
    assert run_control.retry(run.id) == 1
    assert "tried_again" in [one["outcome"] for one in trail(desk, Action.EFFECT_PLANNED)]
    assert chain_holds(desk)


def test_what_a_person_does_by_hand_is_not_tried_again_with_the_rest(desk: Desk) -> None:
    desk.load([order(1, **PAID)])
    run = desk.run()
    assert work(desk) == "needs_person"
    [one] = follow_up.held()
    follow_up.give_up(one.reversal_id, "in the admin")
    assert run_control.retry(run.id) == 0
    assert desk.states() == {"stopped": 1}


def test_a_storno_in_doubt_stays_the_same_one_when_its_account_is_connected_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 1: through another account it would be another storno of the same invoice."""
    desk.load([order(1, invoice="smartbill")])
    desk.settings(refuse_repeats=False)
    desk.run()

    def end() -> None:
        raise ProgramEnded

    with at_point(monkeypatch, "sent", "storno", end):
        work(desk)
    _connect_anew(desk, "smartbill")
    assert work(desk) == "needs_person"
    documents = [one for one in desk.effects() if one.slot == "document"]
    assert [one.state for one in documents] == ["held"]
    once_each(desk.ledger(), 1)


def _connect_anew(desk: Desk, service: str) -> None:
    with db.writing(desk.engine) as connection:
        every = connections.all_connections(connection, "invoicing")
        old = next(one for one in every if one.service == service)
        values = {"kind": old.kind, "service": service, "settings": old.settings, "sandbox": True}
        connections.save(connection, name=old.name, secrets_=old.secrets, enabled=False, **values)
        connections.save(connection, name="Anew", secrets_=old.secrets, **values)
    store_desk.current().forget()  # as a moment later


def test_two_accounts_cannot_both_have_a_storno_of_one_invoice(desk: Desk) -> None:
    """Whoever comes second gets the row of the first, whatever account it came through."""
    desk.load([order(1)])
    desk.run()
    assert work(desk) == "done"
    [first] = [one for one in desk.effects() if one.slot == "document"]
    subject = ledger.AuditSubject(first.reversal_id, 1, "#1", "ana")
    with db.writing(desk.engine) as connection:
        other = next(
            one.id
            for one in connections.all_connections(connection, "invoicing")
            if one.id != first.connection_id
        )
        second = ledger.new(subject, other, "storno", first.target, first.invoice_id)
        assert ledger.write(connection, second).id == first.id
        assert ledger.claim(connection, second, subject) is None


def test_an_order_stopped_while_it_waited_and_started_again_waits_no_longer(desk: Desk) -> None:
    """What it waited for belongs to the run that was stopped: its effects wait by themselves."""
    desk.load([order(1)])
    stopped = desk.run()
    later = now() + dt.timedelta(hours=3)
    with db.writing(desk.engine) as connection:
        connection.execute(update(reversals).values(state="waiting", wake_at=later))
    assert run_control.stop(stopped.id) == 1
    desk.run()
    with db.writing(desk.engine) as connection:
        assert [one.generation for one in outbox.due(connection)] == [2]
