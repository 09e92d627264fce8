"""The executor against a service of a few lines: each outcome and each answer, one by one."""

import datetime as dt
from typing import Any

import psycopg.errors
import pytest
from effects_model import DONE, SAID, Bench, Model, bench_on
from set_clock import SetClock
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from core.clock import now
from core.reasons import Reason, quoted
from core.reversal.codes import EffectCode
from core.reversal.effects import executor, ledger
from core.reversal.effects.executor import (
    Absent,
    Answer,
    CannotTell,
    EffectExecutor,
    Failed,
    Found,
    NotYet,
    StepBlocked,
)
from core.reversal.effects.ledger import Change, Effect
from core.services.http import client
from core.services.outcome import Confirmed, NotSent, Outcome, Refused, RefusedForNow, Unknown
from core.store import db
from core.store.states import EffectState, ReversalState

LOST = Unknown(quoted("no answer"), SAID)
LIMIT = executor.INLINE_WAIT


@pytest.fixture
def bench(engine: Engine, set_clock: SetClock) -> Bench:
    set_clock.stand_still()
    return bench_on(engine)


def later(seconds: float) -> RefusedForNow:
    return RefusedForNow(quoted("slow down"), now() + dt.timedelta(seconds=seconds))


def waits(halt: StepBlocked | None) -> float:
    """How long it waits, in whole seconds."""
    assert halt is not None
    assert halt.state == ReversalState.WAITING
    return round(halt.wait)


def needs_person(halt: StepBlocked | None) -> tuple[Reason | None, str]:
    assert halt is not None
    assert halt.state == ReversalState.NEEDS_PERSON
    return halt.why, halt.code


# ---------------------------------------------------------------- what a sending says


def test_what_the_service_confirms_is_written_with_its_result_and_evidence(bench: Bench) -> None:
    model = Model([DONE])
    assert bench.execute(model) is None
    stands = bench.stands()
    assert (stands.state, stands.outcome, stands.attempt) == ("confirmed", "confirmed", 1)
    assert (stands.result, stands.evidence) == ({"number": "7"}, SAID.as_json())
    assert (stands.why, stands.wait_seconds, stands.questions) == (None, 0.0, 0)
    assert (model.attempts, model.asked, model.confirmed) == ([1], [], [{"number": "7"}])


def test_what_somebody_had_done_before_is_confirmed_by_that_name(bench: Bench) -> None:
    assert bench.execute(Model([Confirmed({}, SAID, before=True)])) is None
    assert bench.stands().outcome == "done before"


@pytest.mark.parametrize(
    ("refused", "why", "code"),
    [
        (Refused(quoted("paid"), "paid", SAID), quoted("paid"), "paid"),
        (Refused(quoted("no"), evidence=SAID), quoted("no"), "refused"),
        (Refused(quoted(""), "set_back", SAID), Reason(EffectCode.SET_BACK), "set_back"),
    ],
)
def test_a_refusal_goes_to_a_person_with_its_words(
    bench: Bench, refused: Refused, why: Reason, code: str
) -> None:
    assert needs_person(bench.execute(Model([refused]))) == (why, code)
    stands = bench.stands()
    assert (stands.state, stands.evidence) == ("refused", SAID.as_json())
    assert needs_person(bench.execute(Model(), stands)) == (why, code)


@pytest.mark.parametrize(("attempts", "wait"), [(1, 2), (2, 4), (5, 32), (6, 60), (7, 60)])
def test_what_never_left_is_sent_again_after_a_wait_that_doubles_up_to_a_minute(
    bench: Bench, set_clock: SetClock, attempts: int, wait: int
) -> None:
    for _ in range(attempts):
        set_clock.passed += 100
        effect = bench.stands() if bench.trail() else None
        halt = bench.execute(Model([NotSent(quoted("no network"))]), effect)
    assert waits(halt) == wait
    assert halt is not None
    assert halt.why == quoted("no network")
    assert bench.stands().outcome == "not sent"


def test_a_limit_is_waited_out_as_long_as_the_service_says(bench: Bench) -> None:
    halt = bench.execute(Model([later(30)]))
    assert waits(halt) == 30
    assert halt is not None
    assert halt.why == quoted("slow down")
    assert (bench.stands().state, bench.stands().outcome) == ("planned", "refused for now")


def test_a_short_wait_is_slept_through_and_a_limit_that_is_over_costs_a_fifth_of_a_second(
    bench: Bench, set_clock: SetClock
) -> None:
    slept: list[float] = []
    set_clock.on_sleep = slept.append
    model = Model([later(-5), later(0.9), DONE])
    assert bench.execute(model) is None
    assert [round(one, 1) for one in slept] == [0.2, 0.7]
    assert model.attempts == [1, 2, 3]


@pytest.mark.parametrize(("wait", "slept"), [(LIMIT, True), (LIMIT + 0.01, False)])
def test_the_longest_wait_that_is_slept_through(bench: Bench, wait: float, slept: bool) -> None:
    model = Model([DONE])
    halt = bench.execute(model, blocked=_once((wait, quoted("busy"))))
    assert (halt is None) == slept
    assert model.attempts == ([1] if slept else [])


def _once(told: tuple[float, Reason | None]) -> Any:
    left = [told]
    return lambda: left.pop() if left else None


def test_no_sleep_where_there_is_nothing_to_wait_for(bench: Bench, set_clock: SetClock) -> None:
    slept: list[float] = []
    set_clock.on_sleep = slept.append
    assert bench.execute(Model([DONE])) is None
    assert slept == []


def test_a_closed_breaker_spares_the_intent(bench: Bench) -> None:
    model = Model()
    halt = bench.execute(model, blocked=lambda: (20.0, quoted("too fast")))
    assert waits(halt) == 20
    stands = bench.stands()
    assert (stands.state, stands.outcome, stands.attempt) == ("planned", "paused", 0)
    assert (stands.why, model.attempts) == (quoted("too fast"), [])


def test_an_effect_that_never_settles_gives_its_thread_back(bench: Bench) -> None:
    model = Model([later(-1)] * executor.MAX_ROUNDS)
    halt = bench.execute(model)
    assert waits(halt) == 30
    assert halt is not None
    assert halt.why == Reason(EffectCode.TAKES_LONG)
    assert len(model.attempts) in (executor.MAX_ROUNDS, executor.MAX_ROUNDS - 1)
    assert len(model.sendings) <= 1


# ---------------------------------------------------------------- in doubt


def test_in_doubt_the_settle_delay_passes_before_the_service_is_asked(
    bench: Bench, set_clock: SetClock
) -> None:
    model = Model([LOST], [Found({"number": "8"}, SAID)])
    halt = bench.execute(model)
    assert waits(halt) == 90
    assert (bench.stands().state, bench.stands().outcome) == ("unknown", "unknown")
    assert bench.stands().evidence == SAID.as_json()
    set_clock.passed += 88
    assert waits(bench.execute(model, bench.stands())) == 2
    assert model.asked == []
    set_clock.passed += 2
    assert bench.execute(model, bench.stands()) is None
    stands = bench.stands()
    assert (stands.state, stands.outcome, stands.questions) == ("confirmed", "found by asking", 1)
    assert (stands.result, model.attempts) == ({"number": "8"}, [1])
    assert model.confirmed == [{"number": "8"}]


def asked_after(bench: Bench, clock: SetClock, model: Model, **call: Any) -> StepBlocked | None:
    """What comes of an effect in doubt when its service is asked."""
    model.sendings.insert(0, LOST)
    bench.execute(model, **call)
    clock.passed += 91
    return bench.execute(model, bench.stands(), **call)


def test_what_is_not_there_is_sent_again(bench: Bench, set_clock: SetClock) -> None:
    model = Model([DONE], [Absent(SAID)])
    assert asked_after(bench, set_clock, model) is None
    assert model.attempts == [1, 2]
    planned = [one.detail for one in bench.trail() if one.action == "effect_planned"]
    assert [one["outcome"] for one in planned] == ["absent"]


@pytest.mark.parametrize(
    ("answer", "state", "outcome", "why"),
    [
        (Failed(quoted("it failed"), SAID), "refused", "failed", quoted("it failed")),
        (
            CannotTell(quoted("no key"), SAID),
            "held",
            "cannot tell",
            Reason.of(EffectCode.CANNOT_TELL, why=quoted("no key")),
        ),
    ],
)
def test_an_answer_that_is_no_answer_goes_to_a_person(
    bench: Bench, set_clock: SetClock, answer: Answer, state: str, outcome: str, why: Reason
) -> None:
    model = Model([], [answer])
    assert needs_person(asked_after(bench, set_clock, model)) == (why, outcome)
    stands = bench.stands()
    assert (stands.state, stands.evidence) == (state, SAID.as_json())
    assert model.attempts == [1]


def test_a_service_that_is_still_at_it_is_asked_again_when_it_says(
    bench: Bench, set_clock: SetClock
) -> None:
    model = Model([], [NotYet(quoted("at it"), 7.0)])
    halt = asked_after(bench, set_clock, model)
    assert waits(halt) == 7
    assert halt is not None
    assert halt.why == quoted("at it")
    assert (bench.stands().state, bench.stands().outcome) == ("unknown", "asking")


def test_without_a_word_it_is_asked_less_and_less_and_then_a_person(
    bench: Bench, set_clock: SetClock
) -> None:
    model = Model([LOST], [NotYet(quoted("at it"))] * (executor.MAX_QUESTIONS + 1))
    bench.execute(model)
    pauses = []
    for _ in range(executor.MAX_QUESTIONS):
        set_clock.passed += 100
        effect = bench.stands()
        change = executor._not_yet(effect, None, None)
        pauses.append(change.wait)
        with db.writing(bench.engine) as connection:
            ledger.settle(connection, effect, bench.subject, change)
    assert [round(one, 1) for one in pauses[:8]] == [0.3, 0.6, 1.2, 2.4, 4.8, 9.6, 19.2, 30.0]
    assert pauses[8:] == [30.0] * (executor.MAX_QUESTIONS - 8)
    set_clock.passed += 100
    why, code = needs_person(bench.execute(model, bench.stands()))
    count = executor.MAX_QUESTIONS
    assert why == Reason.of(EffectCode.ASKED_IN_VAIN, why=quoted("at it"), count=count)
    assert (code, bench.stands().state) == ("cannot tell", "held")


def test_what_cannot_be_asked_about_is_a_persons_at_once(bench: Bench) -> None:
    why, code = needs_person(bench.execute(Model([LOST]), ask=None))
    assert why == Reason.of(EffectCode.IN_DOUBT, why=quoted("no answer"))
    assert (code, bench.stands().state) == ("unknown", "held")
    assert bench.stands().evidence == SAID.as_json()


def test_what_was_in_doubt_when_the_service_could_be_asked_is_a_persons_when_it_cannot(
    bench: Bench, set_clock: SetClock
) -> None:
    bench.execute(Model([LOST]))
    set_clock.passed += 91
    why, code = needs_person(bench.execute(Model(), bench.stands(), ask=None))
    assert (why, code) == (Reason(EffectCode.CANNOT_BE_ASKED), "unknown")


def test_a_tag_in_doubt_is_simply_set_again(bench: Bench) -> None:
    halt = bench.execute(Model([LOST]), ask=None, resend_when_unknown=True)
    assert waits(halt) == 5
    assert (bench.stands().state, bench.stands().outcome) == ("planned", "unknown")
    assert bench.stands().evidence == SAID.as_json()


def test_an_intent_without_an_outcome_is_in_doubt(bench: Bench, set_clock: SetClock) -> None:
    """The program ended, or froze, around the sending."""
    with db.writing(bench.engine) as connection:
        ledger.claim(connection, bench.fresh(), bench.subject)
    model = Model()
    halt = bench.execute(model, bench.stands())
    assert waits(halt) == 90
    assert halt is not None
    assert halt.why == Reason(EffectCode.PROGRAM_STOPPED)
    assert model.attempts == []


# ---------------------------------------------------------------- asked first


def test_what_is_found_before_the_first_sending_is_not_sent(bench: Bench) -> None:
    model = Model([], [Found({"number": "5"}, SAID)])
    assert bench.execute(model, ask_first=True) is None
    stands = bench.stands()
    assert (stands.state, stands.outcome, stands.attempt) == ("confirmed", "done before", 0)
    assert (stands.why, stands.result) == (Reason(EffectCode.DONE_BEFORE), {"number": "5"})
    assert (stands.evidence, model.confirmed) == (SAID.as_json(), [{"number": "5"}])


@pytest.mark.parametrize("answer", [Failed(quoted("no"), SAID), CannotTell(quoted("no"), SAID)])
def test_a_refused_question_before_the_first_sending_goes_to_a_person(
    bench: Bench, answer: Answer
) -> None:
    model = Model([], [answer])
    assert needs_person(bench.execute(model, ask_first=True)) == (quoted("no"), "failed")
    assert (bench.stands().state, model.attempts) == ("refused", [])
    assert bench.stands().evidence == SAID.as_json()


@pytest.mark.parametrize(("wait", "told"), [(8.0, 8), (None, 5)])
def test_a_question_that_is_not_answered_now_is_asked_again(
    bench: Bench, wait: float | None, told: int
) -> None:
    model = Model([], [NotYet(quoted("busy"), wait)])
    halt = bench.execute(model, ask_first=True)
    assert waits(halt) == told
    assert halt is not None
    assert halt.why == quoted("busy")
    stands = bench.stands()
    assert (stands.state, stands.outcome, model.attempts) == ("planned", "asking", [])


def test_before_a_repeat_it_is_asked_again_unless_it_said_so_within_a_minute(
    bench: Bench, set_clock: SetClock
) -> None:
    model = Model([later(0.1), DONE], [Absent(), Found({"number": "9"})])
    assert bench.execute(model, ask_first=True) is None
    assert (model.attempts, len(model.asked)) == ([1], 2)


@pytest.mark.parametrize(
    ("passed", "asked"), [(executor.FRESH_SECONDS - 1, 1), (executor.FRESH_SECONDS + 1, 2)]
)
def test_an_absence_is_believed_for_a_minute(
    bench: Bench, set_clock: SetClock, passed: float, asked: int
) -> None:
    model = Model([LOST], [])
    bench.execute(model)
    set_clock.passed += 91
    effect = bench.stands()
    with db.writing(bench.engine) as connection:
        ledger.settle(connection, effect, bench.subject, Change(EffectState.PLANNED, "absent"))
    set_clock.passed += passed
    model.sendings, model.answers = [DONE], [Absent()]
    assert bench.execute(model, bench.stands(), ask_first=True) is None
    assert 1 + len(model.asked) == asked
    assert model.attempts == [1, 2]


def test_nobody_is_asked_first_where_nobody_can_be(bench: Bench) -> None:
    assert bench.execute(Model([DONE]), ask=None, ask_first=True) is None


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
    assert stands.evidence == SAID.as_json()
    assert slept == list(executor.PROOF_PAUSES[:looks])
    assert "accepted" in (model.asked[0].result or {})


def test_a_shops_yes_that_is_not_seen_yet_is_asked_about_a_second_later(bench: Bench) -> None:
    model = Model([Confirmed({"job": "j"}, SAID)], [NotYet(None)] * 3 + [Found({"seen": True})])
    assert bench.execute(model, proved_by_asking=True) is None
    assert (bench.stands().outcome, bench.stands().questions) == ("found by asking", 1)
    told = [one.detail for one in bench.trail() if one.action == "effect_unknown"]
    assert [one["outcome"] for one in told] == ["accepted"]
    assert told[0]["result"]["job"] == "j"
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
    ("late", "stale"), [(executor.LEASE_SECONDS - 1, False), (executor.LEASE_SECONDS + 1, True)]
)
def test_a_sender_frozen_for_longer_than_its_lease_is_told_so(
    bench: Bench, set_clock: SetClock, late: float, stale: bool
) -> None:
    told: list[bool] = []

    def frozen(_effect: Effect) -> None:
        fence = client._FENCE.get()
        assert fence is not None
        set_clock.passed += late
        try:
            fence()
        except client.Stale:
            told.append(True)

    bench.execute(Model([DONE], on_send=frozen))
    assert told == ([True] if stale else [])
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
    begun: list[bool] = []
    claim = ledger.claim

    def noted(*told: Any, begun_before: list[bool] = begun, **more: Any) -> Effect | None:
        begun_before.append(more["begun"])
        return claim(*told, **more)

    monkeypatch.setattr(ledger, "claim", noted)
    bench.execute(Model([later(0.1), DONE]))
    assert begun == [False, True]
    assert bench.reversal().state == "working"


def test_a_claim_that_was_lost_does_not_count_as_begun(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "claim", lambda *_told, **_more: None)
    assert bench.performer._claim(bench.fresh()) is None
    assert not bench.performer._begun


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
    model = Model([], [Found({})])
    monkeypatch.setattr(executor, "failpoint", lambda point, _one: passed.append(point))
    asked_after(bench, set_clock, model)
    assert passed[-3:] == ["asked", "outcome written", "outcome committed"]


# ---------------------------------------------------------------- carried


def test_a_carried_success_is_written_with_the_next_write(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[str] = []
    monkeypatch.setattr(executor, "failpoint", lambda point, _one: passed.append(point))
    model = Model([DONE])
    assert bench.execute(model, carried=True) is None
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


def test_of_two_carried_the_first_is_written_before_the_second(bench: Bench) -> None:
    model = Model([DONE, DONE])
    bench.execute(model, bench.fresh("one"), carried=True)
    bench.execute(model, bench.fresh("two"), carried=True)
    assert bench.stands("one").state == "confirmed"
    bench.performer.write_down()
    assert bench.stands("two").state == "confirmed"


def test_only_a_success_is_carried(bench: Bench) -> None:
    bench.execute(Model([Refused(quoted("no"))]), carried=True)
    assert bench.stands().state == "refused"


def test_what_is_dropped_stays_in_doubt(bench: Bench) -> None:
    bench.execute(Model([DONE]), carried=True)
    bench.performer.drop()
    bench.performer.write_down()
    assert bench.stands().state == "sent"


def test_a_block_that_fails_takes_what_is_carried_with_it_and_keeps_it_for_the_next(
    bench: Bench,
) -> None:
    bench.execute(Model([DONE]), carried=True)
    with pytest.raises(ZeroDivisionError), bench.performer.writing():
        raise ZeroDivisionError
    assert bench.stands().state == "sent"
    bench.performer.write_down()
    assert bench.stands().state == "confirmed"


# ---------------------------------------------------------------- a transaction that gives way


def gives_way(times: int, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> list[bool]:
    settle, lost = ledger.settle, [True] * times

    def settled(*told: Any, **more: Any) -> Effect | None:
        if lost:
            lost.pop()
            raise OperationalError("", {}, error)
        return settle(*told, **more)

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
            found = Change(EffectState.CONFIRMED, "found by asking", None, 0, None, {"number": "1"})
            ledger.settle(connection, effect, bench.subject, found)

    assert bench.execute(Model([Refused(quoted("no"))], on_send=meanwhile)) is None
    assert bench.stands().outcome == "found by asking"


def test_a_performer_begins_with_nothing_carried(bench: Bench) -> None:
    made = EffectExecutor(bench.engine, bench.subject)
    made.write_down()
    assert bench.trail() == []
