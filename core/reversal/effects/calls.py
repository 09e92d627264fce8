"""How an effect is sent and asked about, what asking can answer, and what stops a reversal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection

from core.reasons import Reason
from core.reversal.effects.ledger import Effect
from core.services.outcome import Evidence, Outcome
from core.store.states import ReversalState

Result = dict[str, Any]
NO_ANSWER = "no_answer"  # code of a StepBlocked: the service was asked and gave nothing readable


@dataclass(frozen=True)
class Found:
    """Asked, and it exists."""

    result: Result
    evidence: Evidence | None = None  # without it the executor takes it for `CannotTell`


@dataclass(frozen=True)
class Absent:
    """Asked, and it does not exist."""

    evidence: Evidence | None = None


@dataclass(frozen=True)
class NotYet:
    """Asked, and the service is still at it, or cannot tell now."""

    why: Reason | None
    wait: float | None = None


@dataclass(frozen=True)
class Failed:
    """Asked, and the service says that it tried and failed."""

    why: Reason | None
    evidence: Evidence | None = None


@dataclass(frozen=True)
class CannotTell:
    """Asked, and the question itself was refused: nothing is known of the effect."""

    why: Reason | None
    evidence: Evidence | None = None


Answer = Found | Absent | NotYet | Failed | CannotTell


@dataclass(frozen=True)
class EffectCall:
    """One kind of effect at one service: how it is sent, how it is asked about.

    `ask` is None where the service cannot be asked. With `proved_by_asking`, a yes to the
    sending only means that the service has begun.
    """

    send: Callable[[Effect], Outcome[Result]]
    ask: Callable[[Effect], Answer] | None
    settle_seconds: float
    ask_first: bool = False
    proved_by_asking: bool = False
    resend_when_unknown: bool = False  # a repeat has no further effect (tags)
    deferred_write: bool = False  # nobody is asked before the next write: both are one
    blocked: Callable[[], tuple[float, Reason | None] | None] = lambda: None
    on_confirmed: Callable[[Connection, Result], None] = lambda _db, _result: None


@dataclass(frozen=True)
class StepBlocked:
    """Why a reversal cannot go on now."""

    state: Literal[ReversalState.WAITING, ReversalState.NEEDS_PERSON]
    why: Reason | None
    wait: float = 0.0
    code: str = ""
