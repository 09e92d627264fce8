"""USPS: 20 or 22 digits with a GS1 check digit, on labels behind 420 and the ZIP code."""

import re

from core.labels import digits
from core.labels.label import Certainty, TrackingCandidate


class Usps:
    """`9400111202555842332669`."""

    slug = "usps"
    title = "USPS"
    names = ("usps",)

    def recognises(self, text: str) -> Certainty | None:
        """The leading 9 and the check digit."""
        if re.fullmatch(r"9[0-9]{19}([0-9]{2}|[0-9]{6})?", text) and digits.gs1(text):
            return "sure"
        if not re.fullmatch(r"[0-9]{20}", text):
            return None
        # The older form leaves the 91 out of the text, not out of its check digit.
        return "fair" if digits.gs1(text) or digits.gs1(f"91{text}") else None

    def cuts(self, text: str) -> list[TrackingCandidate]:
        """Without 420 and a ZIP code of 5 or 9 digits."""
        found = re.fullmatch(r"420(?:[0-9]{5}|[0-9]{9})(9[0-9]{19}(?:[0-9]{2}|[0-9]{6})?)", text)
        if not found or not self.recognises(found[1]):
            return []
        return [
            TrackingCandidate(found[1], self.slug, "sure", "USPS: without 420 and the ZIP code")
        ]


COURIER = Usps()
