"""Aztec codes whose modules zxing-cpp does not find: washed, worn, blurred ones. Compact codes only
(up to 27 modules a side): their bullseye is large beside them, so that its grid is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.intake.decode import readers
from core.intake.decode.fitted import rings
from core.intake.decode.fitted.lattice import Lattice, equalised
from core.intake.types import Corners, Gray

RINGS = 4  # around the middle, that are the same in every code
SIZES = (19, 15, 23, 27)  # modules a side; small ones first, as parcels have them
BLURS = (0.25, 0.4)  # modules over which brightness is taken
ALIKE = 0.6  # least correlation of the rings
# ISO/IEC 24778 advises 23 % and three words of check; fewer are a broken mode message. With a third
# of what can be mended left, one of ten million random words is near enough to a code's.
LEAST_CHECK, SPARE = 20, 0.3


@dataclass(frozen=True)
class AztecFound:
    """A code with its corners (pixels), and whether its check has words to spare."""

    text: str
    corners: Corners
    certain: bool


def read(gray: Gray) -> list[AztecFound]:
    """The codes of a picture, which should be little larger than they are."""
    found = []
    for place in rings.find(gray, RINGS):
        rough = Lattice.placed(gray, place.x, place.y, place.module, place.angle)
        fit = rough.fitted(rings.signs(RINGS), (RINGS, RINGS))
        if fit is not None and fit[1] > ALIKE:
            found += _first(_read(fit[0]))
    return found


def _first(found: Iterator[AztecFound]) -> list[AztecFound]:
    """The first that is certain, else the first."""
    seen: list[AztecFound] = []
    for one in found:
        if one.certain:
            return [one]
        seen.append(one)
    return seen[:1]


def _read(lattice: Lattice) -> Iterator[AztecFound]:
    """What can be read in a lattice, at each size and sharpness that it may have."""
    for blur in BLURS:
        for size in SIZES:
            half = size // 2 + 1  # with a module around
            modules = range(-half, half + 1)
            brightness = lattice.brightness(modules, modules, blur)
            known = np.pad(rings.signs(RINGS), half - RINGS)
            inside = np.pad(np.ones((size, size), bool), 1)
            for values in equalised(brightness, known, inside):
                dark = np.where(known == 0, values < 0, known < 0) & inside
                for one in readers.modules(dark, readers.AZTEC):
                    if one.check >= LEAST_CHECK:
                        place = tuple(
                            lattice.at(x - half - 0.5, y - half - 0.5) for x, y in one.corners
                        )
                        yield AztecFound(one.text, place, one.spare > SPARE)
