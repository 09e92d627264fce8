"""FAN Courier: the label's code begins with the 13 digits of the AWB."""

import re

from core.labels.label import Certainty, TrackingCandidate


class Fan:
    """`7000121083646`, on the label longer."""

    slug = "fan"
    title = "FAN Courier"
    names = ("fan", "fan courier", "fancourier")

    def recognises(self, text: str) -> Certainty | None:
        """Thirteen digits that begin as FAN's do."""
        return "fair" if re.fullmatch(r"[27][0-9]{12}", text) else None

    def cuts(self, text: str) -> list[TrackingCandidate]:
        """The first 13 digits (fair: one merchant's scanner code); one digit more is a misread.

        Low where another AWB follows: then either of two may be meant.
        """
        if not re.fullmatch(r"[0-9]{15,}", text):
            return []
        if re.fullmatch(r"([27][0-9]{12}){2,}", text) and text[:13] != text[13:26]:
            numbers = [text[at : at + 13] for at in range(0, len(text), 13)]
            return [TrackingCandidate(one, self.slug, "low", "FAN: one of two") for one in numbers]
        return [TrackingCandidate(text[:13], self.slug, "fair", "FAN: the first 13 digits")]


COURIER = Fan()
