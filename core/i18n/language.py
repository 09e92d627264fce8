"""The words of the desk in the reader's language: English in the code, Romanian in a catalog.

Rooms below the pages say and store codes (`core.reasons`); the sentence of a code, and every text
that pages show, is looked up here by its English, before its blanks are filled in.
"""

import functools
import io
import re
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations

from core.i18n.counted import Counted

LOCALES = Path(__file__).parent / "locale"
LANGUAGES = {"en": "English", "ro": "Română"}
WHOLE = "#,##0"  # how a number without digits behind the point is written in a pattern
CURRENCY_WORDS = {"RON": "lei"}


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
    """A text of the catalog in that language; any other as it is."""
    translated = str(translations(language).gettext(text)) if text else text
    return Counted(translated) if language == "ro" else translated


def money(minor: int, currency: str, language: str = "en") -> str:
    """ "6,214.50 lei" for 621450 RON; Romanian writes "6.214,50 lei"."""
    amount = format_decimal(minor / 100, format="#,##0.00", locale=language)
    return f"{amount} {CURRENCY_WORDS.get(currency, currency)}"


def number(value: float, language: str = "en", digits: int = 0) -> str:
    """ "12,478" as the language writes it, with so many digits behind the point."""
    pattern = WHOLE + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=language))


def percent(share: float, language: str = "en", digits: int = 1) -> str:
    """ "13.7%" of .137; Romanian writes "13,7 %"."""
    shown = WHOLE + ("." + "0" * digits if digits else "")
    return str(format_percent(share, format=shown + percent_sign(language), locale=language))


def percent_sign(language: str = "en") -> str:
    """What stands behind a number in percent: "%", in Romanian with a space that never breaks."""
    return str(Locale.parse(language).percent_formats[None].pattern).removeprefix(WHOLE)


def short_money(minor: int, currency: str, language: str = "en") -> str:
    """An amount for a headline: "298k lei", in Romanian "298 mii lei"; whole under 10,000."""
    thousands, millions = {"en": ("k", "M"), "ro": ("\u00a0mii", "\u00a0mil.")}[language]
    amount = minor / 100
    sizes = ((1_000_000, 1_000_000, millions), (10_000, 1_000, thousands), (0, 1, ""))
    size, word = next((size, word) for least, size, word in sizes if abs(amount) >= least)
    scaled = amount / size
    digits = 1 if word and abs(scaled) < 100 else 0
    return f"{number(scaled, language, digits)}{word} {CURRENCY_WORDS.get(currency, currency)}"


class Words:
    """Texts and figures in one language, for a page or a letter that is made outside a session."""

    def __init__(self, language: str = "en") -> None:
        """`language`: one of `LANGUAGES`."""
        self.language = language

    def __call__(self, text: str, **blanks: object) -> str:
        """A text of the catalog with its blanks filled in."""
        sentence = translate(text, self.language)
        return sentence.format(**blanks) if blanks else sentence

    def count(self, many: float) -> str:
        """A count: "12,478"."""
        return number(float(many), self.language)

    def share(self, part: float) -> str:
        """A share of one in percent: "13.7%"."""
        return percent(part, self.language)

    def money(self, minor: float, currency: str) -> str:
        """An amount of minor units without them: "6,215 lei"."""
        return f"{self.count(minor / 100)} {CURRENCY_WORDS.get(currency, currency)}"
