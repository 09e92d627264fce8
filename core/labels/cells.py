"""Reads the tracking numbers that people, spreadsheets and shops write into one field."""

import functools
import re
import unicodedata

from core.errors import RefuzError
from core.labels.reading import couriers
from core.labels.text import normalise

SHORTEST, LONGEST = 4, 60
FEWEST_DIGITS = 3
MOST_LETTERS = 4  # of a piece of a number that stands apart: "JJD 0099…", "URGC 1087…"
_QUOTES = " '\"`´‘’“”„«»‚"

# What is written where there is no number, without punctuation.
PLACEHOLDERS = frozenset((
    "", "NA", "NAN", "NONE", "NULL", "NIL", "NU", "DA", "NO", "YES", "Y", "N", "X", "TRUE",
    "FALSE", "FARA", "FARAAWB", "LIPSA", "NECOMPLETAT", "TBD", "TBA", "REF", "VALUE", "NAME",
    "DIV", "NUM", "ERROR", "EMPTY", "GOL", "VOID", "MISSING", "UNKNOWN", "NECUNOSCUT",
    "НЯМА", "НЕ", "ДА", "БЕЗ", "NINCS", "NEM", "IGEN", "NEIN", "JA", "BRAK", "NIE", "TAK",
    "INCURS", "NEEXPEDIAT", "NEGENERAT", "RIDICARE", "RIDICAREPERSONALA", "PICKUP", "AWB",
))  # fmt: skip
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_FORMULA = re.compile(r'^=\s*(?:T\()?"?(.*?)"?\)?$', re.DOTALL)
_PARTS = re.compile(
    r"[,;|\n\r\t]+|\\[nrt]|<br\s*/?>|\s(?:si|și|and|und|i|és|и|&|\+)\s|\s*[+&]\s*", re.IGNORECASE
)
_BRACKETS = re.compile(r"^[\[{(<«]+|[\]})>»]+$")
_OF = re.compile(r"\s*\(\s*\d{1,3}\s*/\s*\d{1,3}\s*\)\s*$")  # "(1/2)" behind a number
CUT = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+]?\d+")


class NotANumber(RefuzError):
    """A part of the field is no tracking number. `part` as written; `cut`: lost its digits."""

    def __init__(self, part: str, *, cut: bool = False) -> None:
        super().__init__(part)
        self.part, self.cut = part, cut


def is_placeholder(text: str) -> bool:
    """Whether a field says that there is no number: "-", "0", "N/A", "nan", "NU", "#REF!"."""
    plain = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)).upper()
    bare = "".join(one for one in plain if one.isalnum())
    return bare in PLACEHOLDERS or (bare.isdigit() and not bare.strip("0"))


def numbers_in(text: str) -> list[str]:
    """The tracking numbers of one field, once each, without quotes, labels and marks of Excel.

    Commas, semicolons, breaks, slashes and blanks part several; blanks, dashes and dots inside one
    number are dropped. Nothing for a placeholder. Raises NotANumber for a part that is none.
    """
    bare = _without_marks(text)
    if is_placeholder(bare):
        return []
    found: dict[str, str] = {}
    for part in _parted(bare):
        number = _number(part)
        if number:
            found.setdefault(normalise(number), number)
    return list(found.values())


def _without_marks(text: str) -> str:
    bare = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).strip()
    if bare.startswith("="):
        bare = _FORMULA.sub(r"\1", bare)
    return bare.strip(_QUOTES)


def _parted(text: str) -> list[str]:
    whole = CUT.sub(lambda found: found[0].replace("+", "").replace(",", "."), text)
    return [one for part in _PARTS.split(whole) for one in _split(part.strip())]


@functools.cache
def _label() -> re.Pattern[str]:
    """Words in front of a number that only say what it is: "AWB", "FAN Courier:", "nr."."""
    names = {name.lower() for one in couriers().values() for name in (one.slug, one.title)}
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(
        rf"^(?:(?:nr|numar|număr|no|number|awb|tracking|colet|parcel|courier|curier|{known})"
        r"(?=[\s.:#-]|$)[\s.:#-]*)+",
        re.IGNORECASE,
    )


def _split(part: str) -> list[str]:
    """Parted by blanks or slashes only where every piece is a number by itself."""
    if re.match(r"(?i)https?://", part):
        return [part]
    bare = _label().sub("", part)
    pieces = [piece for piece in re.split(r"[\s/]+", bare) if piece]
    if len(pieces) > 1 and all(_stands_alone(piece) for piece in pieces):
        return pieces
    return [part]


def _stands_alone(piece: str) -> bool:
    bare = re.sub(r"[^A-Za-z0-9]", "", piece)
    return len(bare) >= 8 and sum(c.isdigit() for c in bare) >= 6


@functools.cache
def _behind() -> re.Pattern[str]:
    """A courier's name behind a number: "7000… (FAN)", "7000… - FAN Courier"."""
    names = {name.lower() for one in couriers().values() for name in (one.slug, one.title)}
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"[\s(\[-]+(?:{known})(?:\s+courier|\s+curier)?[)\]]?$", re.IGNORECASE)


def _has_words(pieces: list[str]) -> bool:
    """Whether something that is no part of a number stands beside it: "retur", "x2", "tel"."""
    if len(pieces) < 2:
        return False
    letters = [one for one in pieces if one.isalpha()]
    counted = [one for one in pieces if re.fullmatch(r"(?i)x\d{1,2}|\d{1,2}x", one)]
    lower = [one for one in letters if one.islower() and len(one) > 2 and one != "urgc"]
    return bool(counted or lower) or any(len(one) > MOST_LETTERS for one in letters)


def _number(part: str) -> str:
    """One number without its label and its separators; "" for a placeholder."""
    bare = _OF.sub("", part.strip(_QUOTES + ".,:#"))
    bare = _BRACKETS.sub("", bare.strip(_QUOTES)).strip(_QUOTES)
    text = _behind().sub("", _label().sub("", bare)).strip(_QUOTES)
    if is_placeholder(text):
        return ""
    if CUT.fullmatch(text):
        raise NotANumber(part, cut=True)
    text = re.sub(r"^(\d+)[.,]0{1,2}$", r"\1", text)  # a number cell written with its decimals
    if re.fullmatch(r"\d+[.,]\d{1,2}", text):
        raise NotANumber(part)
    if re.fullmatch(r"[A-Za-z0-9]+(?:[\s.\-–_/]+[A-Za-z0-9]+)*", text):
        pieces = re.split(r"[\s.\-–_/]+", text)
        if _has_words(pieces):
            raise NotANumber(part)
        text = "".join(pieces)
    key = normalise(text)
    digits = sum(c.isdigit() for c in key)
    fits = re.fullmatch(r"[A-Z0-9]+", key) and SHORTEST <= len(key) <= LONGEST
    if not fits or digits < FEWEST_DIGITS:
        raise NotANumber(part)
    return text
