"""The executor against a service of a few lines: each outcome and each answer, one by one."""

from dataclasses import replace
from typing import Any

import pytest
from effects_model import (
    DONE,
    LIMIT,
    LOST,
    SAID,
    Bench,
    Model,
    asked_after,
    later,
    needs_person,
    waits,
)
from set_clock import SetClock

from core.reasons import Reason, quoted
from core.reversal.codes import EffectCode
from core.reversal.effects import executor, ledger
from core.reversal.effects.calls import Absent, Answer, CannotTell, Failed, Found, NotYet
from core.reversal.effects.ledger import Change
from core.services.outcome import Confirmed, NotSent, Refused
from core.store import db
from core.store.states import EffectState

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
    assert bench.stands().outcome == "done_before"


@pytest.mark.parametrize(
    ("refused", "why", "code"),
    [
        (Refused(quoted("paid"), "paid", SAID), quoted("paid"), "paid"),
        (Refused(quoted("no"), evidence=SAID), quoted("no"), "refused"),
        (
            Refused(Reason(EffectCode.SET_BACK), "set_back", SAID),
            Reason(EffectCode.SET_BACK),
            "set_back",
        ),
    ],
)
def test_a_refusal_goes_to_a_person_with_its_words(
    bench: Bench, refused: Refused, why: Reason, code: str
) -> None:
    assert needs_person(bench.execute(Model([refused]))) == (why, code)
    stands = bench.stands()
    assert (stands.state, stands.evidence) == ("refused", SAID.as_json())
    assert stands.wait_seconds == 0.0
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
    assert bench.stands().outcome == "not_sent"


def test_a_limit_is_waited_out_as_long_as_the_service_says(bench: Bench) -> None:
    halt = bench.execute(Model([later(30)]))
    assert waits(halt) == 30
    assert halt is not None
    assert halt.why == quoted("slow down")
    assert (bench.stands().state, bench.stands().outcome) == ("planned", "refused_for_now")


def test_what_a_service_calls_temporary_is_tried_again_and_then_goes_to_a_person(
    bench: Bench, set_clock: SetClock
) -> None:
    """Twice as long each time, asked before it is sent again, and not for ever."""
    waited = []
    temporary = Refused(quoted("incercati mai tarziu"), "later", SAID)
    model = Model([temporary] * executor.LATER_ATTEMPTS, [Absent(SAID)] * 20)
    halt = bench.execute(model)
    while halt is not None and halt.state == "waiting":
        assert bench.stands().outcome == "refused_for_now"
        waited.append(waits(halt))
        set_clock.passed += waits(halt) + 1
        halt = bench.execute(model, bench.stands())
    assert waited == [120, 240, 480, 960, 1920]
    assert len(model.asked) == 5
    assert needs_person(halt) == (quoted("incercati mai tarziu"), "later")
    assert model.attempts == [1, 2, 3, 4, 5, 6]


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


def _once(answer: tuple[float, Reason | None]) -> Any:
    left = [answer]
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
    assert (stands.state, stands.outcome, stands.questions) == ("confirmed", "found_by_asking", 1)
    assert (stands.result, model.attempts, stands.wait_seconds) == ({"number": "8"}, [1], 0.0)
    assert model.confirmed == [{"number": "8"}]


def test_what_is_not_there_is_sent_again(bench: Bench, set_clock: SetClock) -> None:
    model = Model([DONE], [Absent(SAID)])
    assert asked_after(bench, set_clock, model) is None
    assert model.attempts == [1, 2]
    assert bench.stands().wait_seconds == 0.0
    planned = [one.detail for one in bench.trail() if one.action == "effect_planned"]
    assert [one["outcome"] for one in planned] == ["absent"]


@pytest.mark.parametrize(
    ("answer", "state", "outcome", "why"),
    [
        (Failed(quoted("it failed"), SAID), "refused", "failed", quoted("it failed")),
        (
            CannotTell(quoted("no key"), SAID),
            "held",
            "cannot_tell",
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
    assert (model.attempts, stands.wait_seconds) == ([1], 0.0)


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
    assert pauses[8:] == [30.0] * (executor.OFTEN - 8) + [60.0] * (75 - executor.OFTEN)
    assert 3_500 < sum(pauses) < 4_000, "about an hour"
    set_clock.passed += 100
    why, code = needs_person(bench.execute(model, bench.stands()))
    count = executor.MAX_QUESTIONS
    assert why == Reason.of(EffectCode.ASKED_IN_VAIN, why=quoted("at it"), count=count)
    assert (code, bench.stands().state) == ("cannot_tell", "held")


@pytest.mark.parametrize(
    ("asked", "wait"), [(3, 2.4), (9, 30.0), (19, 30.0), (20, 60.0), (60, 60.0)]
)
def test_a_service_that_says_wait_a_second_again_and_again_is_asked_less_often_too(
    bench: Bench, asked: int, wait: float
) -> None:
    bench.execute(Model([LOST]))
    change = executor._not_yet(replace(bench.stands(), questions=asked), None, 1.0)
    assert (change.state, change.wait) == ("unknown", wait)
    assert executor._not_yet(replace(bench.stands(), questions=asked), None, 90.0).wait == 90


def test_what_cannot_be_asked_about_is_a_persons_at_once(bench: Bench) -> None:
    why, code = needs_person(bench.execute(Model([LOST]), ask=None))
    assert why == Reason.of(EffectCode.IN_DOUBT, why=quoted("no answer"))
    assert (code, bench.stands().state) == ("unknown", "held")
    assert (bench.stands().evidence, bench.stands().wait_seconds) == (SAID.as_json(), 0.0)


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
    assert (stands.state, stands.outcome, stands.attempt) == ("confirmed", "done_before", 0)
    assert (stands.why, stands.result) == (Reason(EffectCode.DONE_BEFORE), {"number": "5"})
    assert stands.wait_seconds == 0.0
    assert (stands.evidence, model.confirmed) == (SAID.as_json(), [{"number": "5"}])


@pytest.mark.parametrize("answer", [Failed(quoted("no"), SAID), CannotTell(quoted("no"), SAID)])
def test_a_refused_question_before_the_first_sending_goes_to_a_person(
    bench: Bench, answer: Answer
) -> None:
    model = Model([], [answer])
    assert needs_person(bench.execute(model, ask_first=True)) == (quoted("no"), "failed")
    assert (bench.stands().state, model.attempts) == ("refused", [])
    assert (bench.stands().evidence, bench.stands().wait_seconds) == (SAID.as_json(), 0.0)


@pytest.mark.parametrize(("wait", "expected"), [(8.0, 8), (None, 5)])
def test_a_question_that_is_not_answered_now_is_asked_again(
    bench: Bench, wait: float | None, expected: int
) -> None:
    model = Model([], [NotYet(quoted("busy"), wait)])
    halt = bench.execute(model, ask_first=True)
    assert waits(halt) == expected
    assert halt is not None
    assert halt.why == quoted("busy")
    stands = bench.stands()
    assert (stands.state, stands.outcome, model.attempts) == ("planned", "asking", [])


def test_before_a_repeat_it_is_asked_again_unless_it_said_so_within_a_minute(
    bench: Bench, set_clock: SetClock
) -> None:
    model = Model([later(0.1), DONE], [Absent(), Found({"number": "9"}, SAID)])
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
