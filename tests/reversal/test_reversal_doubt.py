"""What is not known is neither sent again nor taken for done, whoever keeps silent about it."""

import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg.errors
import pytest
import requests
from reversal_support import Desk, once_each, order
from set_clock import MovedClock
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.config import home
from core.orders.shop import sync
from core.reasons import Reason, quoted
from core.reversal.codes import EffectCode
from core.reversal.effects import executor, ledger
from core.reversal.effects.calls import Absent, Answer, CannotTell, EffectCall, Found, Result
from core.reversal.effects.executor import EffectExecutor
from core.reversal.effects.ledger import AuditSubject, Change, Effect
from core.reversal.runs import external_cancellations, run_control
from core.reversal.steps import advance, context
from core.services.limits.rate import Throttle, key_of
from core.services.outcome import Confirmed, Evidence, Outcome, RefusedForNow, Unknown
from core.services.ports import Rate
from core.settings import connections
from core.store import db
from core.store import desk as store_desk
from core.store.states import EffectState
from core.store.tables import reversals

SAID = Evidence("model", "POST /", 200, "said")


def work(desk: Desk) -> str | None:
    """The pass that is the next one of the only reversal, whatever it waits for."""
    with db.reading(desk.engine) as connection:
        row = connection.execute(select(reversals.c.id, reversals.c.generation)).one()
    return advance.advance(row.id, row.generation)


def state_of(desk: Desk) -> Any:
    """The only reversal."""
    with db.reading(desk.engine) as connection:
        return connection.execute(select(reversals)).one()


def modelled(
    desk: Desk, sendings: list[Outcome[Result]], answers: list[Answer]
) -> tuple[Effect, list[int]]:
    """How an effect stands after these outcomes and answers in turn, and how often it was sent."""
    desk.load([order(1)])
    desk.run()
    row = state_of(desk)
    subject = AuditSubject(row.id, row.order_id, "#1", "ana")
    with db.reading(desk.engine) as connection:
        shop_id = connections.all_connections(connection, "shop")[0].id
    sent: list[int] = []

    def send(effect: Effect) -> Outcome[Result]:
        sent.append(effect.attempt)
        return sendings[len(sent) - 1]

    call = EffectCall(send=send, ask=lambda _: answers.pop(0), settle_seconds=0.01, ask_first=True)
    seen = ledger.new(subject, shop_id, "storno", "one")
    EffectExecutor(desk.engine, subject).execute(seen, call)
    with db.reading(desk.engine) as connection:
        stands = ledger.find(connection, shop_id, "document", "one")
    assert stands is not None
    return stands, sent


def test_a_question_that_is_refused_leaves_the_effect_in_doubt_to_a_person(desk: Desk) -> None:
    """As refused it would be "tried again", and the storno sent a second time."""
    answers: list[Answer] = [Absent(), CannotTell(quoted("The key has run out."))]
    stands, sent = modelled(desk, [Unknown(quoted("no answer"), SAID)], answers)
    assert (stands.state, sent) == ("held", [1])
    assert stands.why == Reason.of(EffectCode.CANNOT_TELL, why=quoted("The key has run out."))


def test_before_a_repeat_the_service_is_asked_as_before_the_first_sending(desk: Desk) -> None:
    """Meanwhile somebody may have done it by hand, or a backup older than the storno came back."""
    later = RefusedForNow(quoted("slow down"), now() + dt.timedelta(seconds=0.2))
    stands, sent = modelled(desk, [later], [Absent(), Found({"number": "7"}, SAID)])
    assert (stands.state, sent) == ("confirmed", [1])


def test_what_was_found_absent_a_moment_ago_is_not_asked_about_twice(desk: Desk) -> None:
    done = Confirmed({"number": "7"}, SAID)
    stands, sent = modelled(desk, [Unknown(quoted("no answer"), SAID), done], [Absent(), Absent()])
    assert (stands.state, sent) == ("confirmed", [1, 2])


def test_what_was_found_absent_long_ago_is_asked_about_again(
    desk: Desk, moved_clock: MovedClock
) -> None:
    """The worker ended between the answer and the sending, and begins after a weekend."""
    subject, shop_id, claimed = sent_once(desk)
    with db.writing(desk.engine) as connection:
        absent = ledger.settle(connection, claimed, subject, Change(EffectState.PLANNED, "absent"))
    assert absent is not None
    moved_clock.passed += executor.FRESH_SECONDS + 1
    call = EffectCall(
        send=lambda _: pytest.fail("sent again"), ask=lambda _: Found({"number": "7"}, SAID),
        settle_seconds=0.01, ask_first=True,
    )  # fmt: skip
    EffectExecutor(desk.engine, subject).execute(absent, call)
    with db.reading(desk.engine) as connection:
        stands = ledger.find(connection, shop_id, "document", "one")
    assert stands is not None
    assert stands.outcome == "done_before"


def test_an_outcome_is_written_again_where_its_transaction_had_to_give_way(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, lost = ledger.settle, [True]

    def gives_way(*arguments: Any, **more: Any) -> Effect | None:
        if lost:
            lost.pop()
            raise OperationalError("", {}, psycopg.errors.DeadlockDetected())
        return settle(*arguments, **more)

    monkeypatch.setattr(ledger, "settle", gives_way)
    stands, sent = modelled(desk, [Confirmed({"number": "7"}, SAID)], [Absent()])
    assert (stands.state, sent, lost) == ("confirmed", [1], [])


def sent_once(desk: Desk) -> tuple[AuditSubject, int, Effect]:
    """The only reversal, its shop, and an effect whose sending is written down."""
    desk.load([order(1)])
    desk.run()
    row = state_of(desk)
    subject = AuditSubject(row.id, row.order_id, "#1", "ana")
    with db.writing(desk.engine) as connection:
        shop_id = connections.all_connections(connection, "shop")[0].id
        fresh = ledger.new(subject, shop_id, "storno", "one")
        claimed = ledger.claim(connection, fresh, subject)
    assert claimed is not None
    return subject, shop_id, claimed


def test_proof_that_comes_late_counts_while_nothing_was_sent_since(desk: Desk) -> None:
    subject, _, claimed = sent_once(desk)
    with db.writing(desk.engine) as connection:
        absent = ledger.settle(connection, claimed, subject, Change(EffectState.PLANNED, "absent"))
        assert absent is not None
        proof = Change(EffectState.CONFIRMED, "confirmed", None, 0, SAID, {"number": "7"})
        late = ledger.settle(connection, claimed, subject, proof)
    assert late is not None
    assert late.state == "confirmed"


# ---------------------------------------------------------------- a sender that was frozen


def frozen_around_its_sending(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, moved_clock: MovedClock
) -> None:
    """Its intent is committed, then it sleeps while another pass finds it, asks, and sends."""
    desk.load([order(1)])
    desk.settings(refuse_repeats=False)
    desk.run()
    slept: list[float] = []

    def failpoint(point: str, effect: Effect) -> None:
        if (point, effect.kind) == ("intent committed", "storno") and not slept:
            slept.append(600.0)
            moved_clock.passed += 600.0
            with db.writing(desk.engine) as connection:
                again = {"generation": reversals.c.generation + 1}
                connection.execute(update(reversals).values(again))
            while work(desk) != "done":
                moved_clock.passed += 60.0

    monkeypatch.setattr(executor, "failpoint", failpoint)
    work(desk)
    assert slept


def test_a_sender_frozen_beyond_its_lease_sends_nothing_when_it_wakes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, moved_clock: MovedClock
) -> None:
    """T6 at its worst moment: another one has asked, found nothing, and sent it meanwhile."""
    frozen_around_its_sending(desk, monkeypatch, moved_clock)
    once_each(desk.ledger(), 1)
    assert desk.states() == {"done": 1}


def test_without_the_lease_that_sender_doubles_the_storno(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, moved_clock: MovedClock
) -> None:
    """The negative control: this test would not notice a missing lease if it doubled nothing."""
    monkeypatch.setattr(executor, "_lease", lambda: lambda: None)
    frozen_around_its_sending(desk, monkeypatch, moved_clock)
    assert [one["reversed"] for one in desk.ledger()["invoices"].values()] == [2]


def test_the_lease_begins_before_the_intent_is_committed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, moved_clock: MovedClock
) -> None:
    """A database whose answer comes late has frozen the sender as well."""
    desk.load([order(1)])
    desk.run()
    claim = ledger.claim

    def slow(*arguments: Any, **more: Any) -> Effect | None:
        claimed = claim(*arguments, **more)
        moved_clock.passed += executor.LEASE_SECONDS + 1
        return claimed

    monkeypatch.setattr(ledger, "claim", slow)
    work(desk)
    assert desk.ledger()["totals"]["cancelled"] == 0


# ---------------------------------------------------------------- nothing is lost


def test_an_invoice_search_that_was_not_allowed_is_not_an_order_without_invoices(
    desk: Desk,
) -> None:
    with db.writing(desk.engine) as connection:
        every = connections.all_connections(connection, "invoicing")
        oblio = next(one for one in every if one.service == "oblio")
        connections.save(
            connection, kind="invoicing", service="oblio", name=oblio.name,
            settings={**oblio.settings, "order_field": "mentions"},
            secrets_=dict.fromkeys(oblio.secrets, "wrong"), sandbox=True,
        )  # fmt: skip
    desk.load([order(1, invoice=None)])
    desk.run()
    assert work(desk) == "needs_person"


def test_an_order_left_alone_and_cancelled_by_hand_later_waits_in_follow_up(desk: Desk) -> None:
    desk.load([order(1)])
    run = desk.run()
    assert run_control.stop(run.id) == 1
    url = f"{desk.sandbox.base_url}/_sandbox/orders/100001/cancel"
    requests.post(url, json={}, timeout=30).raise_for_status()
    with db.reading(desk.engine) as connection:
        shop = connections.all_connections(connection, "shop")[0]
    sync.sync_shop(shop)
    [waiting] = external_cancellations.all_waiting()
    assert waiting.order_name == "#100001"
    assert external_cancellations.take([waiting.order_id]) != []


def test_a_service_that_answers_nothing_readable_is_asked_less_and_less_and_then_a_person(
    desk: Desk,
) -> None:
    desk.load([order(1)])
    desk.run()
    desk.faults(share=1, kinds=["error_before"], services=["shopify"])
    waits = []
    for _ in range(advance.MAX_UNANSWERED):
        assert work(desk) == "waiting"
        waits.append((state_of(desk).wake_at - now()).total_seconds())
    assert waits == sorted(waits) or max(waits) > advance.LONGEST_WAIT - 1
    assert waits[-1] > 60
    assert work(desk) == "needs_person"


def test_a_pause_that_a_service_asked_for_a_moment_ago_is_waited_for_once(desk: Desk) -> None:
    """Not again and again, as long as it was when the pass began."""
    desk.load([order(1)])
    desk.run()
    with db.reading(desk.engine) as connection:
        oblio = next(
            one
            for one in connections.all_connections(connection, "invoicing")
            if one.service == "oblio"
        )
    throttle = Throttle(key_of(oblio.id), Rate(1000, 1000), desk.engine, follows=True)
    throttle.block(now() + dt.timedelta(seconds=0.8), quoted("Slow down."))
    store_desk.current().forget()
    assert work(desk) == "done"
    entries = trail_of(desk, Action.EFFECT_PLANNED)
    assert len(entries) <= 2


def trail_of(desk: Desk, action: str) -> list[Any]:
    """What the trail tells of an action."""
    with db.reading(desk.engine) as connection:
        return trail.search(connection, actions=[action])


def test_orders_wait_and_say_why_while_the_key_of_the_secrets_is_lost(
    desk: Desk, moved_clock: MovedClock
) -> None:
    desk.load([order(1)])
    desk.run()
    key = home().root / "secret.key"
    kept = key.read_bytes()
    key.unlink()
    store_desk.current().forget()
    assert work(desk) == "waiting"
    assert state_of(desk).why
    key.write_bytes(kept)
    moved_clock.passed += context.SETTINGS_SECONDS
    assert work(desk) == "done"


@pytest.mark.postgres
def test_an_order_claimed_while_its_run_is_being_stopped_is_not_told_as_left_alone(
    postgres_desk: Desk,
) -> None:
    """The claim commits while Stop waits for its row: Stop must see the effect, not its absence."""
    desk = postgres_desk
    desk.load([order(1)])
    run = desk.run()
    row = state_of(desk)
    subject = AuditSubject(row.id, row.order_id, "#1", "ana", row.generation)
    left: list[int] = []
    stopper = threading.Thread(target=lambda: left.append(run_control.stop(run.id)))
    with db.writing(desk.engine) as connection:
        shop_id = connections.all_connections(connection, "shop")[0].id
        fresh = ledger.new(subject, shop_id, "cancel", "one")
        assert ledger.claim(connection, fresh, subject) is not None
        stopper.start()
        _wait(lambda: _waits_for_a_lock(desk))
    stopper.join()
    assert left == [0]
    assert state_of(desk).state != "stopped"


def _waits_for_a_lock(desk: Desk) -> bool:
    with db.reading(desk.engine) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return connection.exec_driver_sql(query).scalar() == 1


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.05)
