"""The tracking numbers in a text that holds more than one number: several, a caption, a count."""

import re

from core.labels import normalise
from core.labels.cells import LONGEST_PART, NotANumber, numbers_in

# "2 of 3", "1/2", "colet 2 din 3": which of the order's parcels it is.
_COUNT = re.compile(
    r"(?:(?<=\s)|^)\(?(?:(?:colet|coletul|parcel|package|pachet|box|paczka|paket|csomag)\s+)?"
    r"\d{1,2}\s*(?:/|of|din|von|z|ze|от|od)\s*\d{1,2}\)?\s*:?(?=\s|$)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s;,|\x1d]+")
SHORTEST, FEWEST_DIGITS = 8, 6  # of a number that stands by itself


def numbers_beside(text: str) -> list[str]:
    """The numbers that stand in a text beside something else, normalised, once each.

    Nothing where the text is one number and nothing else, or too long to be of a label.
    """
    if len(text) > LONGEST_PART:
        return []
    bare = _COUNT.sub(" ", text)
    pieces = [normalise(piece) for piece in _BETWEEN.split(bare) if piece]
    if len(pieces) > 1 and all(map(_stands_alone, pieces)):
        return list(dict.fromkeys(pieces))
    try:
        found = [normalise(one) for one in numbers_in(bare)]
    except NotANumber:
        return []
    return [] if found == [normalise(text)] else found


def _stands_alone(piece: str) -> bool:
    digits = sum(map(str.isdigit, piece))
    return piece.isalnum() and len(piece) >= SHORTEST and digits >= FEWEST_DIGITS
