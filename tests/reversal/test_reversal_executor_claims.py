"""The executor against a service of a few lines: proofs, leases, claims and deferred writes."""

from typing import Any

import psycopg.errors
import pytest
from effects_model import DONE, LOST, SAID, Bench, Model, asked_after, later, waits
from set_clock import SetClock
from sqlalchemy.exc import OperationalError

from core.reasons import quoted
from core.reversal.effects import executor, ledger
from core.reversal.effects.calls import Found, NotYet
from core.reversal.effects.executor import EffectExecutor
from core.reversal.effects.ledger import Change, Effect
from core.services.http import client
from core.services.outcome import Confirmed, Outcome, Refused
from core.store import db
from core.store.states import EffectState

# ---------------------------------------------------------------- proved by asking


@pytest.mark.parametrize("looks", [1, 2, 3])
def test_a_shops_yes_is_believed_when_it_is_seen(
    bench: Bench, set_clock: SetClock, looks: int
) -> None:
    slept: list[float] = []
    set_clock.on_sleep = slept.append
    model = Model([Confirmed({"job": "j"}, SAID)], [NotYet(None)] * (looks - 1))
    model.answers.append(Found({"cancelled": True}, SAID))
    assert bench.execute(model, proved_by_asking=True) is None
    stands = bench.stands()
    assert (stands.state, stands.outcome) == ("confirmed", "confirmed")
    assert stands.result is not None
    assert (stands.result["job"], stands.result["cancelled"]) == ("j", True)
    assert (stands.evidence, stands.wait_seconds) == (SAID.as_json(), 0.0)
    assert slept == list(executor.PROOF_PAUSES[:looks])
    assert "accepted" in (model.asked[0].result or {})


def test_a_shops_yes_that_is_not_seen_yet_is_asked_about_a_second_later(bench: Bench) -> None:
    model = Model(
        [Confirmed({"job": "j"}, SAID)], [NotYet(None)] * 3 + [Found({"seen": True}, SAID)]
    )
    assert bench.execute(model, proved_by_asking=True) is None
    assert (bench.stands().outcome, bench.stands().questions) == ("found_by_asking", 1)
    details = [one.detail for one in bench.trail() if one.action == "effect_unknown"]
    assert [one["outcome"] for one in details] == ["accepted"]
    assert details[0]["result"]["job"] == "j"
    assert bench.stands().result is not None
    assert (bench.stands().result or {})["job"] == "j"


def test_a_shops_yes_waits_a_second_to_be_asked_about(bench: Bench, set_clock: SetClock) -> None:
    call = Model([], [NotYet(None)] * 3).call(proved_by_asking=True)
    change = bench.performer._change_by(bench.fresh(), call, Confirmed({"job": "j"}, SAID))
    assert (change.state, change.wait, change.evidence) == (EffectState.UNKNOWN, 1.0, SAID)
    unasked = Model().call(ask=None, proved_by_asking=True)
    change = bench.performer._change_by(bench.fresh(), unasked, Confirmed({}, SAID))
    assert change.state == EffectState.UNKNOWN


@pytest.mark.parametrize("outcome", [LOST, Refused(quoted("no"))])
def test_only_a_yes_has_to_be_proved(bench: Bench, outcome: Outcome[Any]) -> None:
    model = Model([outcome])
    bench.execute(model, proved_by_asking=True)
    assert model.asked == []


# ---------------------------------------------------------------- lease and claim


@pytest.mark.parametrize(
    ("late", "stale"),
    [
        (executor.LEASE_SECONDS - 1, False),
        (executor.LEASE_SECONDS, False),
        (executor.LEASE_SECONDS + 1, True),
    ],
)
def test_a_sender_frozen_for_longer_than_its_lease_is_told_so(
    bench: Bench, set_clock: SetClock, late: float, stale: bool
) -> None:
    answers: list[bool] = []

    def frozen(_effect: Effect) -> None:
        fence = client._FENCE.get()
        assert fence is not None
        set_clock.passed += late
        try:
            fence()
        except client.Stale:
            answers.append(True)

    bench.execute(Model([DONE], on_send=frozen))
    assert answers == ([True] if stale else [])
    assert client._FENCE.get() is None


def test_who_comes_second_sends_nothing_and_goes_on_from_what_stands(
    bench: Bench, set_clock: SetClock
) -> None:
    seen = bench.fresh()
    with db.writing(bench.engine) as connection:
        ledger.claim(connection, bench.fresh(), bench.subject)
    model = Model()
    assert waits(bench.execute(model, seen)) == 90
    assert model.attempts == []
    assert bench.stands().attempt == 1


def test_the_reversal_is_shown_as_working_by_the_first_claim_of_a_pass(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[bool] = []
    claim = ledger.claim

    def noted(*arguments: Any, begun_before: list[bool] = shown, **more: Any) -> Effect | None:
        begun_before.append(more["shown_working"])
        return claim(*arguments, **more)

    monkeypatch.setattr(ledger, "claim", noted)
    bench.execute(Model([later(0.1), DONE]))
    assert shown == [False, True]
    assert bench.reversal().state == "working"


def test_a_claim_that_was_lost_does_not_count_as_begun(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "claim", lambda *_arguments, **_more: None)
    assert bench.performer._claim(bench.fresh()) is None
    assert not bench.performer._shown_working


def test_each_point_is_passed_in_its_order(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[tuple[str, str]] = []
    monkeypatch.setattr(executor, "failpoint", lambda point, one: passed.append((point, one.state)))
    bench.execute(Model([DONE]))
    assert passed == [
        ("planned", "planned"), ("intent committed", "sent"), ("sent", "sent"),
        ("outcome written", "confirmed"), ("outcome committed", "confirmed"),
    ]  # fmt: skip


def test_asking_is_a_point_as_well(
    bench: Bench, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[str] = []
    model = Model([], [Found({}, SAID)])
    monkeypatch.setattr(executor, "failpoint", lambda point, _one: passed.append(point))
    asked_after(bench, set_clock, model)
    assert passed[-3:] == ["asked", "outcome written", "outcome committed"]


# ---------------------------------------------------------------- deferred


def test_a_deferred_success_is_written_with_the_next_write(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[str] = []
    monkeypatch.setattr(executor, "failpoint", lambda point, _one: passed.append(point))
    model = Model([DONE])
    assert bench.execute(model, deferred_write=True) is None
    assert bench.stands().state == "sent"
    assert model.confirmed == []
    with bench.performer.writing():
        pass
    assert bench.stands().state == "confirmed"
    assert model.confirmed == [{"number": "7"}]
    assert passed[-2:] == ["outcome written", "outcome committed"]
    with bench.performer.writing():
        pass
    assert len(model.confirmed) == 1


def test_what_the_executor_writes_may_share_its_commit_with_other_threads(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared: list[bool] = []
    writing = db.writing

    def noted(on: Any = None, *, group_commit: bool = False) -> Any:
        shared.append(group_commit)
        return writing(on, group_commit=group_commit)

    monkeypatch.setattr(db, "writing", noted)
    bench.execute(Model([DONE]))
    assert shared == [True, True]  # the intent, the outcome


def test_of_two_deferred_the_first_is_written_before_the_second(bench: Bench) -> None:
    model = Model([DONE, DONE])
    bench.execute(model, bench.fresh("one"), deferred_write=True)
    bench.execute(model, bench.fresh("two"), deferred_write=True)
    assert bench.stands("one").state == "confirmed"
    bench.performer.write_down()
    assert bench.stands("two").state == "confirmed"


def test_only_a_success_is_deferred(bench: Bench) -> None:
    bench.execute(Model([Refused(quoted("no"))]), deferred_write=True)
    assert bench.stands().state == "refused"


def test_what_is_dropped_stays_in_doubt(bench: Bench) -> None:
    bench.execute(Model([DONE]), deferred_write=True)
    bench.performer.drop()
    bench.performer.write_down()
    assert bench.stands().state == "sent"


def test_a_block_that_fails_takes_what_is_deferred_with_it_and_keeps_it_for_the_next(
    bench: Bench,
) -> None:
    bench.execute(Model([DONE]), deferred_write=True)
    with pytest.raises(ZeroDivisionError), bench.performer.writing():
        raise ZeroDivisionError
    assert bench.stands().state == "sent"
    bench.performer.write_down()
    assert bench.stands().state == "confirmed"


# ---------------------------------------------------------------- a transaction that gives way


def gives_way(times: int, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> list[bool]:
    settle, lost = ledger.settle, [True] * times

    def settled(*arguments: Any, **more: Any) -> Effect | None:
        if lost:
            lost.pop()
            raise OperationalError("", {}, error)
        return settle(*arguments, **more)

    monkeypatch.setattr(ledger, "settle", settled)
    return lost


def test_an_outcome_is_written_again_where_its_transaction_gave_way(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlock = psycopg.errors.DeadlockDetected()
    gives_way(executor.DEADLOCKS - 1, monkeypatch, deadlock)
    assert bench.execute(Model([DONE])) is None
    assert bench.stands().state == "confirmed"


def test_after_three_times_it_is_left_to_the_next_pass(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = gives_way(executor.DEADLOCKS + 1, monkeypatch, psycopg.errors.DeadlockDetected())
    with pytest.raises(OperationalError):
        bench.execute(Model([DONE]))
    assert len(lost) == 1
    assert bench.stands().state == "sent"


def test_another_error_of_the_database_is_not_tried_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = gives_way(2, monkeypatch, psycopg.errors.DiskFull())
    with pytest.raises(OperationalError):
        bench.execute(Model([DONE]))
    assert len(lost) == 1


def test_an_answer_that_comes_after_the_matter_was_settled_leaves_it_as_it_stands(
    bench: Bench,
) -> None:
    def meanwhile(effect: Effect) -> None:
        with db.writing(bench.engine) as connection:
            found = Change(EffectState.CONFIRMED, "found_by_asking", None, 0, None, {"number": "1"})
            ledger.settle(connection, effect, bench.subject, found)

    assert bench.execute(Model([Refused(quoted("no"))], on_send=meanwhile)) is None
    assert bench.stands().outcome == "found_by_asking"


def test_a_performer_begins_with_nothing_deferred(bench: Bench) -> None:
    made = EffectExecutor(bench.engine, bench.subject)
    made.write_down()
    assert bench.trail() == []
