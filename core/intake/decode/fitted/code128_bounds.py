"""How well symbols of Code 128 must fit a row to be believed, alone or with other fits."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.intake.decode.code128 import Fit


@dataclass(frozen=True)
class Bounds:
    """What a fit of the model reader must keep to."""

    cost: float
    margin: float
    ends: float

    def hold(self, fit: Fit) -> bool:
        """Whether the fit lies within."""
        return fit.cost < self.cost and fit.margin > self.margin and fit.ends < self.ends


# Found on tuning photos: wrong texts had a cost, or a cost of their ends, of over .08 and .14.
AGREED = Bounds(0.1, 0.0, 0.2)  # with the word of zxing-cpp
ALONE = Bounds(0.05, 0.03, 0.11)
SECONDED = Bounds(0.06, 0.005, 0.13)
# Weak: only the number of an order makes these believable. By how many of three averages say so.
WEAK = {1: Bounds(0.05, 0.0, 0.25), 3: Bounds(0.07, 0.0, 0.25)}
MENDED = Bounds(0.06, -0.1, 0.15)


def often(text: str, fits: Sequence[Fit]) -> bool:
    """Whether two fits or more give the text."""
    return sum(fit.text == text for fit in fits) > 1


def believable(fit: Fit, fits: Sequence[Fit]) -> bool:
    """Whether a fit is good enough to be weak, by how many of the fits give its text."""
    alike = sum(one.text == fit.text for one in fits)
    return MENDED.hold(fit) or any(
        alike >= count and bounds.hold(fit) for count, bounds in WEAK.items()
    )


def twice(fits: Sequence[Fit]) -> bool:
    """Whether the last text was there before, and one of its fits would stand alone."""
    text = fits[-1].text
    return often(text, fits) and any(ALONE.hold(fit) for fit in fits if fit.text == text)
