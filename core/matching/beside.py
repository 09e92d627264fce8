"""The tracking numbers in a text that holds more than one: several, a caption, a count, what a
machine wrote (JSON, fields between bars), and what a slip of hand or scanner made of one."""

import re
from collections.abc import Iterable

from core.labels import normalise, read_label
from core.labels.cells import LONGEST_PART, NotANumber, numbers_in

# "2 of 3", "1/2", "colet 2 din 3": which of the order's parcels it is.
_COUNT = re.compile(
    r"(?:(?<=\s)|^)\(?(?:(?:colet|coletul|parcel|package|pachet|box|paczka|paket|csomag)\s+)?"
    r"\d{1,2}\s*(?:/|of|din|von|z|ze|от|od)\s*\d{1,2}\)?\s*:?(?=\s|$)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s;,|\x1d]+")
SHORTEST, FEWEST_DIGITS = 8, 6  # of a number that stands by itself
LONGEST_TEXT, MOST_PIECES = 2_000, 40  # of what a machine wrote into a QR code
MOST_GLUED, MOST_SLIPPED = 60, 40  # characters
MOST_TIMES = 10  # that one number is thought to have been scanned into one text
MOST_ZEROS = 4  # that a spreadsheet is thought to have taken
_LETTERED = re.compile(r"[A-Z]{0,3}([0-9]{8,})[A-Z]?")
_TYPED = str.maketrans("OQDIL", "00011")


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


def numbers_within(text: str) -> list[str]:
    """What stands whole between other characters, as in `{"awb":"7000…","kg":1}` or
    `7000…|400123`. Nothing where the text is one such piece."""
    if len(text) > LONGEST_TEXT:
        return []
    pieces = [piece.upper() for piece in re.findall(r"[^\W_]+", text)]
    found = [one for one in pieces if one.isascii() and _stands_alone(one)][:MOST_PIECES]
    return [] if found == [normalise(text)] else list(dict.fromkeys(found))


def cuts_of(numbers: Iterable[str]) -> list[str]:
    """What couriers surely or fairly cut from these."""
    found = [one for number in numbers for one in read_label(number).candidates]
    return list(dict.fromkeys(one.tracking_key for one in found if one.certainty != "low"))


def halves(key: str) -> list[tuple[str, str]]:
    """Each way to part a text in two that can be numbers: a fast scanner glues one to the next."""
    if len(key) > MOST_GLUED or not (key.isascii() and key.isalnum()):
        return []
    return [(key[:at], key[at:]) for at in range(SHORTEST, len(key) - SHORTEST + 1)]


def repeated(key: str) -> list[str]:
    """The number that a trigger held down gave twice and more in one text."""
    if not key.isalnum():
        return []
    for length in range(SHORTEST, len(key) // 2 + 1):
        times, rest = divmod(len(key), length)
        if not rest and times <= MOST_TIMES and key == key[:length] * times:
            return [key[:length]]
    return []


def slips(key: str) -> list[str]:
    """Numbers that this may have been: zeros that a spreadsheet or ITF took or gave, a letter of
    the scanner's before or behind digits, letters typed for digits. A person is to be asked."""
    if not key.isascii() or not SHORTEST <= len(key) <= MOST_SLIPPED:
        return []
    found = [digits[1]] if (digits := _LETTERED.fullmatch(key)) else []
    if key.isdigit():
        bare = key.lstrip("0")
        found += ["0" * zeros + bare for zeros in range(len(key) - len(bare) + MOST_ZEROS + 1)]
    elif key[0].isalpha() and key.isalnum():
        found.append(key[1:])
    typed = key.translate(_TYPED)
    if typed.isdigit():
        found.append(typed)
    return [one for one in dict.fromkeys(found) if one != key and len(one) >= SHORTEST]
