"""Whether two writings name one person or one company."""

import re
from collections.abc import Iterable

from core.letters import without_marks

# What a company is: RO, HU, BG, DE, PL, CZ, IT and others, without dots and accents. "SRL-D" is an
# SRL of a beginner; "SC" stands before any Romanian company and tells nothing.
FORMS = frozenset({
    "srl", "srld", "sa", "snc", "scs", "sca", "ra", "gmbh", "ug", "ag", "kg", "ohg", "ek", "kft",
    "bt", "zrt", "nyrt", "rt", "kkt", "ec", "ltd", "limited", "llc", "inc", "plc", "bv", "nv",
    "sro", "as", "doo", "dd", "dooel", "eood", "ood", "ead", "ad", "et", "spzoo", "spj", "spk",
    "spa", "srls", "sarl", "sas", "еоод", "оод", "еад", "ад", "ет", "дззд",
})  # fmt: skip
# Persons who trade under their own name: the rest of it is the person's.
PERSONAL = frozenset({"pfa", "ii", "if"})
SAME_FORM = {"srld": "srl", "limited": "ltd", "еоод": "eood", "оод": "ood", "еад": "ead",
             "ад": "ad", "ет": "et"}  # fmt: skip
INSTITUTIONS = frozenset({
    "asociatia", "fundatia", "cabinet", "primaria", "scoala", "gradinita", "parohia", "liceul",
    "colegiul", "spitalul", "sc",
})  # fmt: skip
SAID_OF_NOBODY = frozenset({"sc", "societatea", "firma", "compania", "d", "dl", "dna"})
_SPZOO = re.compile(r"(?<!\w)sp\.?\s*z\.?\s*o\.?\s*o\.?(?!\w)")
_SRLD = re.compile(r"(?<!\w)s\.?\s?r\.?\s?l\.?\s?-\s?d\.?(?!\w)")
# Before a word or "S R L": the dots of "S.C." go on to no letter behind it.
_SC = re.compile(r"(?<!\w)s\.\s?c\.\s*(?=[^\W\d_]{2}|s\.?\s?(?:r\.?\s?l|a)(?!\w))")
_DOTTED = re.compile(r"(?<!\w)(?:[^\W\d_]\.\s?){1,4}[^\W\d_](?:\.|(?!\w))")
_SPACED = re.compile(r"(?<!\w)[^\W\d_](?:\s[^\W\d_]){1,4}(?!\w)")


def plain(name: str) -> str:
    """In small letters without accents; the dots and blanks of "S.R.L." taken out."""
    text = without_marks(name.casefold())
    text = _SC.sub("sc ", _SRLD.sub("srld", _SPZOO.sub("spzoo", text)))
    return _SPACED.sub(_closed, _DOTTED.sub(_closed, text))


def _closed(found: re.Match[str]) -> str:
    """Letters that stand alone, together where that is what a company is."""
    text = re.sub(r"[\W_]", "", found[0])
    known = FORMS | PERSONAL | {"sc"}
    if text not in known and text.startswith("sc") and text[2:] in known:
        return f"sc {text[2:]} "
    return f"{text} " if text in known else found[0]


def words(name: str) -> frozenset[str]:
    """What a name says, whatever its order."""
    return frozenset(SAME_FORM.get(one, one) for one in re.findall(r"[^\W_]+", plain(name)))


def is_company(name: str) -> bool:
    """Whether an invoice is made out to a company rather than to a person."""
    return bool(words(name) & (FORMS | PERSONAL | INSTITUTIONS))


def same_customer(one: str, other: str) -> bool:
    """Whether two writings of a name agree.

    Of a person in any order, and one may say more. Of companies each word that tells them apart
    must be there, and what they are, where both say it: neither "Casa Verde Trans SRL" nor Casa
    Verde, the person, is "Casa Verde SRL". A name that says nothing agrees with any.
    """
    word_sets = [words(name) - SAID_OF_NOBODY for name in (one, other)]
    forms = [some & FORMS for some in word_sets]
    ours, theirs = (some - FORMS - PERSONAL for some in word_sets)
    if not ours or not theirs:
        return True
    if forms[0] and forms[1] and forms[0] != forms[1]:
        return False
    if forms[0] or forms[1]:
        return ours == theirs
    return ours <= theirs or theirs <= ours


def names_of(text: str) -> list[str]:
    """The names an order's documents may be made out to, as they are kept: one a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def written(names: Iterable[str]) -> str:
    """The reverse of `names_of`, each once; blanks and line breaks within a name are one blank."""
    return "\n".join(dict.fromkeys(name for one in names if (name := " ".join(one.split()))))
