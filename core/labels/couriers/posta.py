"""Poșta Română and every post of the UPU: S10, two letters, nine digits, a country."""

import re

from core.labels import digits
from core.labels.label import Certainty, TrackingCandidate


class Posta:
    """`RR123456785RO`, the ninth digit checks the eight before."""

    slug = "posta"
    title = "Poșta Română"
    names = ("posta", "poșta", "poșta română", "posta romana")

    def recognises(self, text: str) -> Certainty | None:
        """The whole form and its check digit."""
        found = re.fullmatch(r"[A-Z]{2}([0-9]{8})([0-9])[A-Z]{2}", text)
        return "sure" if found and digits.s10(found[1], found[2]) else None

    def cuts(self, text: str) -> list[TrackingCandidate]:  # noqa: ARG002 (nothing is added on labels)
        """Nothing is added on labels."""
        return []


COURIER = Posta()
