"""A question that a service did not answer: the order waits, or a person is asked."""

import datetime as dt

import pytest

from core.clock import now
from core.reasons import Reason, quoted
from core.reversal.codes import ReversalCode
from core.reversal.effects.calls import NO_ANSWER, StepBlocked
from core.reversal.steps.answers import halt_of
from core.services.outcome import Confirmed, NotSent, Outcome, Refusal, Refused, RefusedForNow
from core.services.outcome import Unknown as NoAnswer
from core.store.states import ReversalState

WHY = quoted("The service's own words.")
WAITING, PERSON = ReversalState.WAITING, ReversalState.NEEDS_PERSON


def halt(outcome: Outcome[str]) -> StepBlocked:
    return halt_of(outcome, ReversalCode.INVOICES_UNREADABLE)


@pytest.mark.parametrize("seconds", [1, 45, 3600])
def test_the_time_that_a_service_names_is_waited_for(seconds: int) -> None:
    blocked = halt(RefusedForNow(WHY, now() + dt.timedelta(seconds=seconds)))
    assert (blocked.state, blocked.why) == (WAITING, WHY)
    assert seconds - 0.9 < blocked.wait <= seconds


@pytest.mark.parametrize("seconds", [0, -600])
def test_a_time_that_is_over_is_waited_for_a_moment_not_at_once(seconds: int) -> None:
    blocked = halt(RefusedForNow(WHY, now() + dt.timedelta(seconds=seconds)))
    assert (blocked.state, blocked.wait) == (WAITING, 0.2)


@pytest.mark.parametrize("code", [Refusal.NOT_FOUND, Refusal.NO_PERMISSION, ""])
def test_a_no_goes_to_a_person_with_what_was_asked_and_what_was_said(code: str) -> None:
    blocked = halt(Refused(WHY, code))
    assert (blocked.state, blocked.wait, blocked.code) == (PERSON, 0.0, code)
    assert blocked.why == Reason.of(ReversalCode.INVOICES_UNREADABLE, why=WHY)


def test_a_question_that_never_left_is_asked_again_later_than_one_without_an_answer() -> None:
    unsent, unanswered = halt(NotSent(WHY)), halt(NoAnswer(WHY))
    assert (unsent.state, unsent.why, unsent.code) == (WAITING, WHY, "")
    assert (unanswered.state, unanswered.why, unanswered.code) == (WAITING, WHY, NO_ANSWER)
    assert unsent.wait > unanswered.wait > 0


def test_an_answer_is_looked_at_again_at_once_and_says_nothing_against_anybody() -> None:
    blocked = halt(Confirmed("cancelled"))
    assert (blocked.state, blocked.why) == (WAITING, None)
    assert 0 < blocked.wait < 1
