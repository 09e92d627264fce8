"""Velo: `VELO` and eight digits."""

import re

from core.labels.label import Certainty, TrackingCandidate


class Velo:
    """`VELO12345678`."""

    slug = "velo"
    title = "Velo Courier"
    names = ("velo",)

    def recognises(self, text: str) -> Certainty | None:
        return "sure" if re.fullmatch(r"VELO[0-9]{8}", text) else None

    def cuts(self, text: str) -> list[TrackingCandidate]:
        return []


COURIER = Velo()
