"""Reads the tracking numbers that people, spreadsheets and shops write into one field."""

import re
import unicodedata

from core.errors import RefuzError
from core.labels.captions import is_glued_word, is_word, without_captions, without_courier
from core.labels.reading import couriers
from core.labels.text import normalise

SHORTEST, LONGEST = 4, 60
FEWEST_DIGITS = 3
LONGEST_PART = 300  # a number with its caption and its blanks; to look closer at more costs much
_QUOTES = " '\"`´‘’“”„«»‚"

# What is written where there is no number, without punctuation.
PLACEHOLDERS = frozenset((
    "", "NA", "NAN", "NONE", "NULL", "NIL", "NU", "DA", "NO", "YES", "Y", "N", "X", "TRUE",
    "FALSE", "FARA", "FARAAWB", "LIPSA", "NECOMPLETAT", "TBD", "TBA", "REF", "VALUE", "NAME",
    "DIV", "NUM", "ERROR", "EMPTY", "GOL", "VOID", "MISSING", "UNKNOWN", "NECUNOSCUT",
    "НЯМА", "НЕ", "ДА", "БЕЗ", "NINCS", "NEM", "IGEN", "NEIN", "JA", "BRAK", "NIE", "TAK",
    "UNDEFINED", "BLANK", "NUARE", "NUEXISTA", "NUESTE", "TODO", "DIV0", "ZADNE", "ZIADNE",
    "KEIN", "KEINE", "YOK", "NEMA", "AUCUN", "NESSUNO", "NINGUNO", "НЕТ", "НЕМАЄ",
    "INCURS", "NEEXPEDIAT", "NEGENERAT", "RIDICARE", "RIDICAREPERSONALA", "PICKUP", "AWB",
))  # fmt: skip
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_FORMULA = re.compile(r'^=\s*(?:T\()?"?(.*?)"?\)?$', re.DOTALL)
_PARTS = re.compile(
    r"[,;|\n\r\t]+|\\[nrt]|<br\s*/?>|\s(?:si|și|and|und|i|és|и|&|\+)\s|\s*[+&]\s*", re.IGNORECASE
)
_BRACKETS = re.compile(r"^[\[{(<«]+|[\]})>»]+$")
_DASHES = str.maketrans("\u2010\u2011\u2012\u2014\u2015\u2212", "------")
_DATE = re.compile(
    r"(?:\d{1,2}([./-])\s?\d{1,2}\1\s?\d{4}|\d{4}([./-])\s?\d{1,2}\2\s?\d{1,2})\.?(?:[\sT].*)?"
)
_PHONE = re.compile(r"\+\d[\d\s().-]{8,}")
# In front of the first, the second, … of several: "AWB 1: …", "Colet 2) …".
_COUNTED = re.compile(
    r"^(?:(?:awb|colet|coletul|parcel|pachet|cutie|cutia|box)\s*)?#?\d{1,2}\s*[:)]\s*(?=\S)",
    re.IGNORECASE,
)
_OF = re.compile(r"\s*\(\s*\d{1,3}\s*/\s*\d{1,3}\s*\)\s*$")  # "(1/2)" behind a number
# Tried where digits begin, not at each of them: many digits would be read as often as they are.
CUT = re.compile(r"(?:[+-]|(?<!\d))\d+(?:[.,]\d+)?[eE][+]?\d+")


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
    if _PHONE.fullmatch(bare):
        raise NotANumber(text)
    found: dict[str, str] = {}
    for part in _parted(bare):
        number = _number(part)
        if number:
            found.setdefault(normalise(number), number)
    return list(found.values())


def _without_marks(text: str) -> str:
    bare = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text).replace("№", " nr "))
    bare = bare.translate(_DASHES).strip()
    if bare.startswith("="):
        bare = _FORMULA.sub(r"\1", bare)
    return bare.strip(_QUOTES)


def _parted(text: str) -> list[str]:
    whole = CUT.sub(lambda found: found[0].replace("+", "").replace(",", "."), text)
    parts = [part.strip() for part in _PARTS.split(whole)]
    for part in parts:
        if len(part) > LONGEST_PART:
            raise NotANumber(part)
    return [one for part in parts for one in _split(part)]


def _split(part: str) -> list[str]:
    """Parted by blanks, slashes or a dash between blanks only where each piece is a number."""
    if re.match(r"(?i)https?://", part):
        return [part]
    part = _COUNTED.sub("", part)
    bare = without_captions(part)
    pieces = [piece for piece in re.split(r"\s+[-–]\s+|[\s/\\]+", bare) if piece]
    if len(pieces) > 1 and all(_stands_alone(piece) for piece in pieces):
        if _is_sure("".join(pieces)) and not any(map(_is_sure, pieces)):
            raise NotANumber(part)  # one number in two halves, or two numbers
        return pieces
    return [part]


def _stands_alone(piece: str) -> bool:
    bare = re.sub(r"[^A-Za-z0-9]", "", piece)
    return len(bare) >= 8 and sum(c.isdigit() for c in bare) >= 6


def _says_more(pieces: list[str]) -> bool:
    """Whether something that is no part of a number stands beside it: "retur", "x2", a count."""
    if len(pieces) < 2:
        return is_glued_word(pieces[0])
    alone = sum(map(_stands_alone, pieces))
    counts = [one for one in pieces if re.fullmatch(r"(?i)x\d{1,2}|\d{1,2}x", one)]
    counts += [one for one in pieces if alone and re.fullmatch(r"\d{1,2}", one)]
    return bool(counts) or any(is_word(one) or is_glued_word(one) for one in pieces)


def _is_sure(text: str) -> bool:
    """Whether a courier's own letters and form say that all of it is one number: "URGC", S10.

    Digits alone never do: one count in ten beside a number passes for its check digit.
    """
    key = normalise(text)
    if key.isdigit():
        return False
    for courier in couriers().values():
        keys = [key, *(cut.tracking_key for cut in courier.cuts(key))]
        for one in keys:
            if key.startswith(one) and courier.recognises(one) == "sure":
                return key == one or key[len(one) :].isdigit()
    return False


def _number(part: str) -> str:
    """One number without its label and its separators; "" for a placeholder."""
    bare = _OF.sub("", part.strip(_QUOTES + ".,:#"))
    bare = _BRACKETS.sub("", bare.strip(_QUOTES)).strip(_QUOTES)
    text = without_courier(without_captions(bare)).strip(_QUOTES)
    if is_placeholder(text):
        return ""
    if CUT.fullmatch(text):
        raise NotANumber(part, cut=True)
    if _DATE.fullmatch(text):
        raise NotANumber(part)
    # a number cell written with its decimals
    text = re.sub(r"^(?:(\d+)[.,]0{1,2}|(\d{8,})[.,]0+)$", r"\1\2", text)
    if re.fullmatch(r"\d+[.,]\d{1,2}", text):
        raise NotANumber(part)
    if re.fullmatch(r"[A-Za-z0-9]+(?:[\s.\-–_/]+[A-Za-z0-9]+)*", text):
        pieces = re.split(r"[\s.\-–_/]+", text)
        text = "".join(pieces)
        if sum(map(_stands_alone, pieces)) > 1 or (_says_more(pieces) and not _is_sure(text)):
            raise NotANumber(part)
    key = normalise(text)
    digits = sum(c.isdigit() for c in key)
    fits = re.fullmatch(r"[A-Z0-9]+", key) and SHORTEST <= len(key) <= LONGEST
    if not fits or digits < FEWEST_DIGITS:
        raise NotANumber(part)
    return text
