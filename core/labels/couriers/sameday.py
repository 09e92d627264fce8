"""Sameday: the label's code is the AWB and a parcel number of three digits."""

import re

from core.labels.label import Certainty, TrackingCandidate


class Sameday:
    """`1ONB24222308781`, on the label `1ONB24222308781001`."""

    slug = "sameday"
    title = "Sameday"
    names = ("sameday", "samedaycourier", "easybox")

    def recognises(self, text: str) -> Certainty | None:
        """The digit, letters and digits of a Sameday AWB."""
        return "fair" if re.fullmatch(r"[0-9][0-9A-Z]{2,5}[0-9]{8,12}", text) else None

    def cuts(self, text: str) -> list[TrackingCandidate]:
        """Without the parcel number (sure: API samples, field parcelAwbNumber)."""
        if not re.fullmatch(r"[0-9A-Z]{10,18}[0-9]{3}", text):
            return []
        return [
            TrackingCandidate(text[:-3], self.slug, "sure", "Sameday: without the parcel number")
        ]


COURIER = Sameday()
