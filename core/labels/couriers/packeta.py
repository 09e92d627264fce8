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

    def cuts(self, text: str) -> list[TrackingCandidate]:
        """Ten digits may have lost their letter (low: people type them so)."""
        if not re.fullmatch(r"[0-9]{10}", text):
            return []
        return [TrackingCandidate(f"Z{text}", self.slug, "low", "Packeta: with its Z")]


COURIER = Packeta()
