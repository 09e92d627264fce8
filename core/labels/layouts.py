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
    "hungarian": ("123456789ö", {"z": "y", "y": "z", "ú": "]"}),
}
FEWEST_DIGITS = 4

# Symbology identifiers (ISO/IEC 15424) whose bracket came out as what stands there elsewhere,
# their letter as well where the alphabet is another one.
_IDENTIFIER = re.compile(r"^([^\sA-Za-z0-9*<{\[(])(?=(?:[ACcEFIedQLGz][0-9])[A-Za-z0-9])")
_OTHER_ALPHABET = re.compile(r"^([^\s\w]|[^\W\d_])([^\W\d_A-Za-z])([0-9])(?=[A-Za-z0-9]{6})")
_BRACKETS = frozenset("îÎ+*¨^$£úÚőŐäÄåÅüÜžŽđĐšŠõÕöÖśŚ¡!`´@;)}][ъЪщЩїЇђЂѓЃґҐ")
_THEIR_C = frozenset("сцъψב")  # on the key of C: Russian, Bulgarian, Serbian, Greek, Hebrew
_NAMES = "GS|FNC1|F1|STX|ETX|SOH|EOT|RS|US|NUL|CR|LF|CRLF|TAB|HT|ENTER|RETURN|ESC|0x[01]?[0-9A-F]"
_SEPARATOR = re.compile(
    rf"<(?:{_NAMES})>|\{{(?:{_NAMES})\}}|\[(?:{_NAMES})\]|\((?:GS|FNC1)\)|"
    r"\\x(?:1d|0d|0a)|\\u001d|\\035|\\F|\^[\]M]|\u241d|~d029|&#(?:29|x1d|13|x0d);|"
    r"_x00(?:1d|0d|0a)_|%(?:1d|0d|0a|09)(?:%0a)?$|(?:\\[rnt])+$",
    re.IGNORECASE,
)
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def straighten(text: str) -> str:
    """The text as a US keyboard would have typed it; unchanged where that is not certain."""
    if text.isascii() and text.isalnum():
        return text
    bare = _SEPARATOR.sub("", _digits(_UNSEEN.sub("", text)).strip()) or text
    turned = _turned(bare)
    bracket = _IDENTIFIER.match(turned)
    if bracket and bracket[1] in _BRACKETS:
        return f"]{'C' if turned[1] == 'c' else turned[1]}{turned[2:]}"
    other = _OTHER_ALPHABET.match(turned)
    if other and other[1] in _BRACKETS:
        return f"]{'C' if other[2].lower() in _THEIR_C else 'X'}{turned[2:]}"
    return turned


def _digits(text: str) -> str:
    """Digits of other scripts, and wide ones, as plain digits."""
    if text.isascii():
        return text
    plain = [str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text]
    return "".join(plain)


def _turned(text: str) -> str:
    """What a scanner meant that typed on a keyboard whose digits need Shift ("éàè&" for "2071").

    The text itself where it fits no layout of `_ROWS`, or several that read it differently.
    """
    found = set()
    for row, letters in _ROWS.values():
        digits = dict(zip(row, "1234567890", strict=True))  # what the key of a digit types
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
