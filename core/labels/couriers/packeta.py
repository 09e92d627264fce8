"""Packeta: `Z` and ten digits; the last-mile courier's own number needs an alias."""

import re

from core.labels.label import Certainty, TrackingCandidate


class Packeta:
    """`Z1234567890`."""

    slug = "packeta"
    title = "Packeta"
    names = ("packeta", "zasilkovna")

    def recognises(self, text: str) -> Certainty | None:
        """Its letter and ten digits."""
        return "fair" if re.fullmatch(r"Z[0-9]{10}", text) else None

    def cuts(self, text: str) -> list[TrackingCandidate]:  # noqa: ARG002 (nothing is known to be added)
        """Nothing is known to be added."""
        return []


COURIER = Packeta()
