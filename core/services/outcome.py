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
from typing import Any, Generic, TypeVar

from core.reasons import Reason

T = TypeVar("T")


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

    def as_json(self) -> dict[str, Any]:
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


@dataclass(frozen=True)
class Refused:
    """A business error. `code` is ours: a short word that the workflow can decide by."""

    why: Reason
    code: str = ""
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
