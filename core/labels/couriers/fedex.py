"""FedEx: 12 digits; labels carry 34 (the last 12 count) or the Ground forms."""

import re

from core.labels import digits
from core.labels.label import Certainty, TrackingCandidate


def _fits_34(text: str) -> bool:
    """The last digit checks the 13 before it (jkeen/tracking_number_data, fedex_34)."""
    return digits.weighted_mod11(text[20:33], (1, 7, 3) * 4 + (1,)) == int(text[33])


class Fedex:
    """`986578788855`."""

    slug = "fedex"
    title = "FedEx"
    names = ("fedex", "federal express")

    def recognises(self, text: str) -> Certainty | None:
        """12 digits by weights 3 1 7 and mod 11, or 15 and 18 digits of Ground by mod 10."""
        if re.fullmatch(r"[0-9]{12}", text):
            check = digits.weighted_mod11(text[:11], (3, 1, 7) * 3 + (3, 1))
            return "fair" if check == int(text[11]) else None
        if re.fullmatch(r"[0-9]{15}|[0-9]{18}", text):
            return "fair" if digits.gs1(text) else None
        return None

    def cuts(self, text: str) -> list[TrackingCandidate]:
        """The last 12 of 34 digits; the last 15 of Ground 96 (22 digits); checked, each of them."""
        if re.fullmatch(r"[0-9]{34}", text) and _fits_34(text):
            return [
                TrackingCandidate(text[-12:], self.slug, "sure", "FedEx: the last 12 of 34 digits")
            ]
        if re.fullmatch(r"[0-9]{32}", text) and self.recognises(text[16:28]):
            return [
                TrackingCandidate(text[16:28], self.slug, "sure", "FedEx ASTRA: the number inside")
            ]
        if re.fullmatch(r"96[0-9]{20}", text) and digits.gs1(text[-15:]):
            return [
                TrackingCandidate(text[-15:], self.slug, "sure", "FedEx Ground 96: the last 15")
            ]
        return []


COURIER = Fedex()
