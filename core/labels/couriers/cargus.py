"""Cargus: 9 or 10 digits, or `URGC` and 8 digits; labels may add a parcel suffix."""

import re

from core.labels.label import Certainty, TrackingCandidate


class Cargus:
    """`804419419`, `1100223344`, `URGC10875236`."""

    slug = "cargus"
    title = "Cargus"
    names = ("cargus", "urgent cargus", "urgentcargus")

    def recognises(self, text: str) -> Certainty | None:
        """Its prefix is sure, a bare number of 9 or 10 digits is not."""
        if re.fullmatch(r"URGC[0-9]{8}", text):
            return "sure"
        return "low" if re.fullmatch(r"[0-9]{9,10}", text) else None

    def cuts(self, text: str) -> list[TrackingCandidate]:
        """The number before a parcel suffix of two to four digits."""
        found = re.fullmatch(r"(URGC[0-9]{8})[0-9]{2,4}", text)
        if not found:
            return []
        return [TrackingCandidate(found[1], self.slug, "fair", "Cargus: without the parcel suffix")]


COURIER = Cargus()
