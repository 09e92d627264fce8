"""What a courier's rule says of a code."""

from dataclasses import dataclass
from typing import Literal, Protocol

from core.reasons import Reason

Certainty = Literal["sure", "fair", "low"]
Kind = Literal["tracking", "not_tracking", "unknown"]


@dataclass(frozen=True)
class TrackingCandidate:
    """A tracking number that the code may mean, normalised, and by which rule."""

    tracking_key: str
    courier: str
    certainty: Certainty
    rule: str


@dataclass(frozen=True)
class Label:
    """A code as the labels know it. `candidates` come most trusted first.

    A code that is recognised as something else (routing code, address, product) is
    `not_tracking`, and `why` says as what.
    """

    text: str
    kind: Kind
    candidates: tuple[TrackingCandidate, ...] = ()
    why: Reason | None = None


class CourierRules(Protocol):
    """One courier's rules: a module in core/labels/couriers with `COURIER` is found by itself."""

    slug: str
    title: str  # how the courier writes its own name
    names: tuple[str, ...]  # how shops write it, in lower case

    def recognises(self, text: str) -> Certainty | None:
        """How surely the whole text is a tracking number of this courier; None: it is not."""

    def cuts(self, text: str) -> list[TrackingCandidate]:
        """The tracking numbers inside a longer label text, most trusted first."""
