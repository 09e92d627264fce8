"""DHL: air waybills of 10 or 11 digits, licence plates JD and JJD (which need an alias)."""

import re

from core.labels import digits
from core.labels.label import Certainty, TrackingCandidate


class Dhl:
    """`3318810025`; the plate `JD014600003889800000` is another number of the same parcel."""

    slug = "dhl"
    title = "DHL"
    names = ("dhl",)

    def recognises(self, text: str) -> Certainty | None:
        """Mod 7 for waybills; the plate by its letters."""
        if re.fullmatch(r"J?JD[0-9]{16,20}", text):
            return "sure"
        if re.fullmatch(
            r"J[A-Z]{2,3}[0-9]{9,10}|(GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)[0-9]{10,39}", text
        ):
            return "fair"
        if re.fullmatch(r"[0-9]{14}", text):
            return "low"
        if re.fullmatch(r"[0-9]{10,11}", text):
            return "fair" if digits.mod7(text[:-1]) == int(text[-1]) else None
        return None

    def cuts(self, text: str) -> list[TrackingCandidate]:
        """A plate holds no waybill (an alias finds it); the J before it only says "a plate"."""
        if not re.fullmatch(r"JJD[0-9]{16,20}", text):
            return []
        return [TrackingCandidate(text[1:], self.slug, "fair", "DHL: the plate without its J")]


COURIER = Dhl()
