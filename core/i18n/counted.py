"""Romanian counts from twenty on with "de": "19 colete", "95 de colete", "108 colete".

The catalog's sentences are written for a few; which numbers are many is CLDR's plural rule. Only
the words of `NOUNS` behind a blank of the sentence itself are looked at, never what fills it in.
"""

import re
from collections.abc import Mapping

from babel import Locale

NOUNS = (
    "alarme", "capete", "caractere", "clienți", "coduri", "colete", "comenzi", "facturi",
    "feluri", "fotografii", "locuri", "numere", "pagini", "refuzuri", "rânduri", "secunde",
    "zile",
)  # fmt: skip
COUNTED = re.compile(rf"\{{(\w+)\}}(\*\*)? (?=(?:{'|'.join(NOUNS)})\b)")
ROMANIAN = Locale.parse("ro")


class Counted(str):
    """A Romanian sentence whose blanks are filled in with "de" where a count asks for it."""

    __slots__ = ()

    def format(self, *values: object, **named: object) -> str:
        """As `str.format`."""
        return str.format(with_de(self, named), *values, **named)


def with_de(text: str, named: Mapping[str, object]) -> str:
    """The sentence, its blanks not filled in yet, with "de" behind each that counts many."""

    def counted(blank: re.Match[str]) -> str:
        return blank[0] + "de " if is_many(named.get(blank[1])) else blank[0]

    return COUNTED.sub(counted, text)


def is_many(count: object) -> bool:
    """Whether a count, a number or one as Romanian writes it ("1.942"), takes "de"."""
    digits = re.sub(r"[.\s\\]", "", str(count)) if isinstance(count, int | str) else ""
    return digits.isdecimal() and ROMANIAN.plural_form(int(digits)) == "other"
