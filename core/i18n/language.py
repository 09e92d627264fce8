"""The words of the desk in the reader's language: English in the code, Romanian in a catalog.

Rooms below the pages say and store plain English; it is translated when it is shown, whole or with
its blanks filled in ("Invoice CVZ 12 has no storno." by "Invoice {name} has no storno.").
"""

import functools
import io
import re
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

LOCALES = Path(__file__).parent / "locale"
LANGUAGES = {"en": "English", "ro": "Română"}
CURRENCY_WORDS = {"RON": "lei"}
BLANK = re.compile(r"{(\w+)}")
OWN_LETTERS = 4


def choose(preference: str, browser: str | None) -> str:
    """The language to show: the one preferred, else the browser's where we have it, else English.

    `browser` is a tag such as "ro-RO", or the header Accept-Language.
    """
    if preference in LANGUAGES:
        return preference
    first = re.match(r"\s*([A-Za-z]+)", browser or "")
    asked = first[1].lower() if first else ""
    return asked if asked in LANGUAGES else "en"


@functools.cache
def translations(language: str) -> NullTranslations:
    """The catalog of a language, read from its .po file; English has none and needs none."""
    file = _file(language)
    if not file.exists():
        return NullTranslations()
    with file.open("rb") as source:
        catalog = read_po(source, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


def _file(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "refuz.po"


def translate(text: str, language: str) -> str:
    """The text in that language, or as it is where the catalog lacks it.

    Understood are a text of the catalog, one with its blanks filled in, several sentences in a
    row, and a list with commas of which each part is known.
    """
    if not text or language == "en":
        return text
    return _known(text, language) or _parts(text, language) or text


@functools.lru_cache(8192)
def _known(text: str, language: str) -> str:
    """The translation of the whole text, or ""."""
    found = str(translations(language).gettext(text))
    if found != text or "{" in text:
        return found
    for pattern, told in _patterns(language):
        if fits := pattern.fullmatch(text):
            blanks = {name: translate(value, language) for name, value in fits.groupdict().items()}
            return told.format(**blanks)
    return ""


@functools.lru_cache(8192)
def _parts(text: str, language: str) -> str:
    """Each sentence, or each part between commas, by itself; "" where a part is not known."""
    for gap in (r"(?<=[.!?]) ", ", "):
        parts = re.split(gap, text)
        told = [_known(part, language) for part in parts]
        if len(parts) > 1 and all(told):
            return (", " if gap == ", " else " ").join(told)
    return ""


@functools.cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """The catalog's texts with blanks, those with most letters of their own first."""
    file = _file(language)
    if not file.exists():
        return []
    with file.open("rb") as source:
        found = [one for one in read_po(source) if one.id and not one.pluralizable]
        messages = [(str(one.id), str(one.string)) for one in found]
    blanks = [(BLANK.split(text), told) for text, told in messages if BLANK.search(text) and told]
    blanks.sort(key=lambda one: -sum(map(len, one[0][::2])))
    return [(_pattern(pieces), told) for pieces, told in blanks if _is_distinct(pieces)]


def _is_distinct(pieces: list[str]) -> bool:
    """Has it enough letters of its own not to fit what it does not mean?"""
    return sum(letter.isalpha() for piece in pieces[::2] for letter in piece) >= OWN_LETTERS


def _pattern(pieces: list[str]) -> re.Pattern[str]:
    """Of literal text and names in turn, as `BLANK.split` gives them."""
    parts = [
        f"(?P<{piece}>.+?)" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces)
    ]
    return re.compile("".join(parts), re.DOTALL)


def money(minor: int, currency: str, language: str = "en") -> str:
    """ "6,214.50 lei" for 621450 RON; Romanian writes "6.214,50 lei"."""
    amount = format_decimal(minor / 100, format="#,##0.00", locale=language)
    return f"{amount} {CURRENCY_WORDS.get(currency, currency)}"
