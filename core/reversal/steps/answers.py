"""What a question that a service did not answer means for a reversal."""

from typing import Any

from core.clock import now
from core.reasons import Reason
from core.reversal.codes import ReversalCode
from core.reversal.effects.calls import NO_ANSWER, StepBlocked
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
        case RefusedForNow(why, until):
            return StepBlocked(
                ReversalState.WAITING, why, max(0.2, (until - now()).total_seconds())
            )
        case Refused(why, code):
            return StepBlocked(ReversalState.NEEDS_PERSON, Reason.of(refused, why=why), code=code)
        case NotSent(why):
            return StepBlocked(ReversalState.WAITING, why, 10.0)
        case Unknown(why):
            return StepBlocked(ReversalState.WAITING, why, 3.0, code=NO_ANSWER)
        case Confirmed():
            return StepBlocked(ReversalState.WAITING, None, 0.2)
