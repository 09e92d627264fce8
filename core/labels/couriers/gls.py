"""GLS: a parcel number of 8 to 11 digits; labels may add a check digit."""

import re

from core.labels.label import Certainty, TrackingCandidate


class Gls:
    """`51234567890`."""

    slug = "gls"
    title = "GLS"
    names = ("gls",)

    def recognises(self, text: str) -> Certainty | None:
        """Digits alone say little."""
        return "low" if re.fullmatch(r"[0-9]{8,11}", text) else None

    def cuts(self, text: str) -> list[TrackingCandidate]:
        """Without the last digit (low: not confirmed by any document)."""
        if not re.fullmatch(r"[0-9]{9,12}", text):
            return []
        return [TrackingCandidate(text[:-1], self.slug, "low", "GLS: without the check digit")]


COURIER = Gls()
