"""DPD: `%`, postcode of 7, parcel of 14, service of 3, country of 3, perhaps a check character."""

import re

from core.labels.label import Certainty, TrackingCandidate

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_character(digits: str) -> str:
    """ISO 7064 mod 37, 36, as printed behind the 14 digits."""
    rest = 36
    for character in digits:
        rest += _ALPHABET.index(character)
        rest = rest - 36 if rest > 36 else rest
        rest *= 2
        rest = rest - 37 if rest > 36 else rest
    return _ALPHABET[(37 - rest) % 36]


class Dpd:
    """`13054001000001`, on the label `%0101234` + parcel + `101642`."""

    slug = "dpd"
    title = "DPD"
    names = ("dpd", "dpdgroup")

    def recognises(self, text: str) -> Certainty | None:
        """Fourteen digits, sure when the check character follows and fits."""
        if re.fullmatch(r"[0-9]{27}[0-9A-Z]", text):
            return "sure" if check_character(text[:27]) == text[27] else None
        if re.fullmatch(r"[0-9]{14}[0-9A-Z]", text):
            return "sure" if check_character(text[:14]) == text[14] else None
        return "fair" if re.fullmatch(r"[0-9]{14}", text) else None

    def cuts(self, text: str) -> list[TrackingCandidate]:
        """Characters 9 to 22 of the generic label (sure), or the 14 digits before a check."""
        if re.fullmatch(r"%[0-9A-Z]{27,28}", text):
            return [
                TrackingCandidate(text[8:22], self.slug, "sure", "DPD: the parcel inside the label")
            ]
        if len(text) == 28 and self.recognises(text) == "sure":
            return [
                TrackingCandidate(text[7:21], self.slug, "sure", "DPD: the parcel inside the label")
            ]
        if re.fullmatch(r"[0-9]{27}", text):  # a scanner or a keyboard swallowed the %
            return [TrackingCandidate(text[7:21], self.slug, "fair", "DPD: without its sign")]
        if self.recognises(text) == "sure":
            return [
                TrackingCandidate(text[:14], self.slug, "sure", "DPD: without the check character")
            ]
        return []


COURIER = Dpd()
