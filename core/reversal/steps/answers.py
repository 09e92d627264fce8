"""What a question that a service did not answer means, for a reversal and for an effect."""

from typing import Any

from core.reasons import Reason
from core.reversal.codes import ReversalCode
from core.reversal.effects.calls import NO_ANSWER, Answer, CannotTell, NotYet, StepBlocked
from core.services.outcome import (
    Confirmed,
    NotSent,
    Outcome,
    Refused,
    RefusedForNow,
    Unknown,
)
from core.store.states import ReversalState


def halt_of(outcome: Outcome[Any], refused: ReversalCode) -> StepBlocked:
    """What a question that was not answered means for the reversal: wait, or a person."""
    match outcome:
        case RefusedForNow(why):
            return StepBlocked(ReversalState.WAITING, why, outcome.seconds())
        case Refused(why, code):
            return StepBlocked(ReversalState.NEEDS_PERSON, Reason.of(refused, why=why), code=code)
        case NotSent(why):
            return StepBlocked(ReversalState.WAITING, why, 10.0)
        case Unknown(why):
            return StepBlocked(ReversalState.WAITING, why, 3.0, code=NO_ANSWER)
        case Confirmed():
            return StepBlocked(ReversalState.WAITING, None, 0.2)


def no_answer(outcome: Outcome[Any]) -> Answer:
    """The same for an effect that was asked about: later, or nothing can be told of it."""
    match outcome:
        case Refused(why, _, evidence):
            return CannotTell(why, evidence)
        case RefusedForNow(why):
            return NotYet(why, outcome.seconds())
        case NotSent(why) | Unknown(why):
            return NotYet(why)
        case Confirmed():
            return NotYet(None)
