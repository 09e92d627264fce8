"""What became of one call to an outside service: a closed type, matched exhaustively.

Outcome
├── NotSent         the request never left: may be sent again
├── RefusedForNow   the service said "later" and did nothing: may be sent again after `until`
├── Refused         the service said "no" and did nothing: a person decides
├── Unknown         it may or may not have happened: ask, never resend (rule 4)
└── Confirmed       it happened, and here is the evidence (rule 3)
"""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from core.clock import now
from core.reasons import Reason

T = TypeVar("T")

SHORTEST_WAIT = 0.2  # seconds; a service whose "later" is over already is not asked in a circle


@dataclass(frozen=True)
class Evidence:
    """What a service answered, without secrets: enough for a person to judge by."""

    service: str
    request: str  # "POST /invoice/reverse"
    status: int | None = None
    excerpt: str = ""  # of the body, at most 2,000 characters

    @property
    def shows(self) -> bool:
        """Whether there is anything in it that a person could look at."""
        return bool(self.excerpt.strip())

    def as_json(self) -> dict[str, object]:
        """As it is kept in the effects table and the audit trail."""
        return {
            "service": self.service,
            "request": self.request,
            "status": self.status,
            "excerpt": self.excerpt,
        }


@dataclass(frozen=True)
class NotSent:
    """The connection failed before the request left this machine."""

    why: Reason


@dataclass(frozen=True)
class RefusedForNow:
    """A limit or a pause of the service (429, throttled)."""

    why: Reason
    until: dt.datetime

    def seconds(self) -> float:
        """From now until the service takes calls again; a moment at least, however late it is."""
        return max(SHORTEST_WAIT, (self.until - now()).total_seconds())


class Refusal(StrEnum):
    """What kind of no a service said: all that is ever decided by, its words are for people."""

    OTHER = ""
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    NO_PERMISSION = "no_permission"
    SIGNED_OUT = "signed_out"  # the token has run out: sign in again
    LATER = "later"  # the service calls it temporary, and did nothing
    CANNOT_BE_ASKED = "cannot_be_asked"  # the service does not offer this question
    TOO_MANY = "too_many"  # more rows than can be searched
    TOO_COSTLY = "too_costly"  # one question, beyond what the service answers at once
    # of shops
    ALREADY_CANCELLED = "already_cancelled"
    IN_PROGRESS = "in_progress"
    OUTSTANDING_FULFILLMENTS = "outstanding_fulfillments"
    HAS_RETURNS = "has_returns"
    # of invoicing services
    IS_STORNO = "is_storno"
    ANNULLED = "annulled"
    PAID = "paid"
    NO_PLAN = "no_plan"  # the account's plan allows no more
    CLOSED = "closed"  # the month, or the document itself
    CONTRADICTS_ITSELF = "contradicts_itself"  # "done before", and asked: it does not exist


@dataclass(frozen=True)
class Refused:
    """A business error; the workflow decides by its code."""

    why: Reason
    code: Refusal = Refusal.OTHER
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Unknown:
    """Read timeout, reset, 5xx, unreadable answer: nobody knows whether it happened."""

    why: Reason
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Confirmed(Generic[T]):
    """It happened. `before` is True where an earlier call or somebody else had done it.

    Of an effect it counts with evidence only: without it the executor takes it for `Unknown`.
    """

    value: T
    evidence: Evidence | None = None
    before: bool = field(default=False)


Outcome = NotSent | RefusedForNow | Refused | Unknown | Confirmed[T]
