"""Reads a code that a scanner typed for a US keyboard on a computer with another one.

The page tells keys by their place (`keys.js`); this is for texts whose places nobody saw. A text is
turned only where every character fits one layout and its signs cannot be meant: codes are made of
letters, digits and few signs. Layouts by the Unicode CLDR keyboard charts.
"""

import re
import unicodedata

# What the keys 1 2 3 … 9 0 give without Shift, and letters (by place on a US keyboard) that differ.
_ROWS: dict[str, tuple[str, dict[str, str]]] = {
    "azerty": ("&é\"'(-è_çà", {"q": "a", "a": "q", "z": "w", "w": "z", ",": "m", "$": "]"}),
    "azerty_be": ("&é\"'(§è!çà", {"q": "a", "a": "q", "z": "w", "w": "z", ",": "m", "$": "]"}),
    "czech": ("+ěščřžýáíé", {"z": "y", "y": "z", ")": "]"}),
    "slovak": ("+ľščťžýáíé", {"z": "y", "y": "z", "ä": "]"}),
    "lithuanian": ("ąčęėįšųū90", {}),
    "bepo": ('"«»()@+-/*', {}),
    "hungarian": ("123456789ö", {"z": "y", "y": "z", "ú": "]"}),
}
# Other alphabets, by place: the keys of a US keyboard and what they give there, row by row.
_KEYS = ("qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,.")
_ALPHABETS: dict[str, tuple[str, str, str]] = {
    "russian": ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
    "ukrainian": ("йцукенгшщзхї", "фівапролджє", "ячсмитьбю"),
    "bulgarian": (",уеишщксдзц;", "ьяаожгтнвмч", "юйъэфхпрл"),
    "bulgarian_phonetic": ("яверть уиопшщ".replace(" ", ""), "асдфгхйкл;'", "зжцвбнм,."),
    "bulgarian_phonetic_old": ("явертъуиопшщ", "асдфгхйкл;'", "зьцжбнм,."),
    "greek": (";ςερτυθιοπ[]", "ασδφγηξκλ΄'", "ζχψωβνμ,."),
    "serbian": ("љњертзуиопшђ", "асдфгхјклчћ", "ѕџцвбнм,."),
    "macedonian": ("љњертѕуиопшѓ", "асдфгхјклчќ", "зџцвбнм,."),
    "hebrew": ("/'קראטוןםפ][", "שדגכעיחלךף,", "זסבהנמצתץ"),
}
FEWEST_DIGITS = 4

# Symbology identifiers (ISO/IEC 15424) whose bracket came out as what stands there elsewhere, one
# sign or two where the key only makes an accent.
_IDENTIFIER = re.compile(r"^([^\sA-Za-z0-9*<{(]{1,2})(?=(?:[ACEFIedQLGz][0-9])[A-Za-z0-9]{4})")
_BRACKETS = frozenset("îÎ+*¨^$úÚőŐäÄåÅüÜžŽđĐšŠ¡`´')][=~")
# The same, where its letter came out of another alphabet as well.
_STRANGE_IDENTIFIER = re.compile(r"^[^\sA-Za-z0-9][^\x00-\x7f][0-9](?=[A-Za-z0-9]{4,}$)")
_SEPARATOR = re.compile(
    r"<(?:GS|FNC1|F1|0x1D|29|CR|LF|CRLF|TAB|EOT|RS|ENTER)>|"
    r"\{(?:GS|FNC1|CR|LF|TAB|ENTER)\}|\[(?:GS|FNC1|CR|LF|TAB|ENTER)\]|\((?:GS|FNC1)\)|"
    r"#GS#|\|GS\||~d?0?29|~1$|%1D|&#(?:29|x1d);|\\x1d|\\u001d|\\0?35|\\F|\^029|\^\]|"
    r"[\u2400-\u241f]|\\[rn]$",
    re.IGNORECASE,
)


def straighten(text: str) -> str:
    """The text as a US keyboard would have typed it; unchanged where that is not certain."""
    if text.isascii() and text.isalnum():
        return text
    bare = _SEPARATOR.sub("", text.strip()) or text
    bare = "".join(_digit(one) for one in bare)
    turned = _STRANGE_IDENTIFIER.sub("", _turned(_by_alphabet(bare)))
    bracket = _IDENTIFIER.match(turned)
    if bracket and set(bracket[1]) <= _BRACKETS:
        turned = f"]{turned[len(bracket[1]) :]}"
    return turned


def _digit(one: str) -> str:
    """A digit of another writing, as layouts of Arabic and others type them."""
    return one if one.isascii() or not one.isdecimal() else str(unicodedata.decimal(one))


def _by_alphabet(text: str) -> str:
    """By the one layout of another alphabet that has every letter of the text that is none here."""
    strange = {one.lower() for one in text if not one.isascii() and one.isalpha()}
    if not strange or any(one.isascii() and one.isalpha() for one in text):
        return text
    found = set()
    for rows in _ALPHABETS.values():
        keys = dict(zip("".join(rows), "".join(_KEYS), strict=False))
        if strange <= keys.keys():
            found.add("".join(_key(one, {}, keys) if not one.isdigit() else one for one in text))
    return found.pop() if len(found) == 1 else text


def _turned(text: str) -> str:
    """By the one layout whose digits every sign of the text can be."""
    found = set()
    for row, letters in _ROWS.values():
        digits = dict(zip(row, "1234567890", strict=True))
        signs = [one for one in text if one in digits and not one.isdigit()]
        rest = [one for one in text if one not in digits]
        # Digits typed with these keys are never digits in the text.
        mixed = any(one.isdigit() and one not in digits for one in text)
        strange = any(not one.isascii() for one in signs)
        fits = all((one.isascii() and one.isalpha()) or one.lower() in letters for one in rest)
        if strange and fits and not mixed and (len(signs) >= FEWEST_DIGITS or "ö" in row):
            found.add("".join(_key(one, digits, letters) for one in text))
    return found.pop() if len(found) == 1 else text


def _key(one: str, digits: dict[str, str], letters: dict[str, str]) -> str:
    if one in digits:
        return digits[one]
    key = letters.get(one.lower(), one.lower())
    return key.upper() if one.isupper() else key
