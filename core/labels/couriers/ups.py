"""UPS: `1Z`, 16 characters with a check digit; its MaxiCode holds the number too."""

import re

from core.labels import digits
from core.labels.label import Certainty, TrackingCandidate

LONGER = 21  # a number with a letter too many is a slip, not a MaxiCode: those hold much more


class Ups:
    """`1Z5R89390357567127`."""

    slug = "ups"
    title = "UPS"
    names = ("ups",)

    def recognises(self, text: str) -> Certainty | None:
        """The form and its check digit (mod 10, letters as numbers); the waybill form is fair."""
        waybill = re.fullmatch(r"[AHJKTV]([0-9]{9})([0-9])", text)
        if waybill and digits.mod10(waybill[1], 1, 2) == int(waybill[2]):
            return "fair"
        found = re.fullmatch(r"1Z([0-9A-Z]{15}[0-9])", text)
        return "sure" if found and digits.ups(found[1]) else None

    def cuts(self, text: str) -> list[TrackingCandidate]:
        """The number inside a longer text, when its check digit fits."""
        if len(text) < LONGER:
            return []
        found = re.findall(r"1Z[0-9A-Z]{15}[0-9]", text)
        fits = [one for one in found if one != text and self.recognises(one)]
        glued = text.startswith("1Z") and text.isalnum()  # to the next one, by a fast scanner
        certainty: Certainty = "low" if glued else "sure"
        return [
            TrackingCandidate(one, self.slug, certainty, "UPS: the number inside") for one in fits
        ]


COURIER = Ups()
