"""Whether a document's text only mentions an order, beside others or for another reason.

What it sells, it names once and plainly: "Comanda #1001, ramburs". Whoever wrote "instead of
#1001" or "#1001, #1002" meant something that only a person can tell.
"""

import re

from core.services.http.texts import plain
from core.services.invoicing.listing import naming
from core.services.phrases import NEGATIONS

# The beginnings of words, as `plain` writes them: what a document is for when it is not the sale.
_BESIDE = (
    "inloc", "in loc",
    "locul", "instead", "replac", "exchang", "schimb", "swap", "corect", "correct",
    "korekt", "korrekt", "corrig", "storn", "anulat", "anulare", "anuleaz", "cancel", "partial",
    "refund", "credit note", "creditare", "nota de credit", "diferent", "differen", "regulariz",
    "rest comand", "rest de livrat", "restul", "duplic", "ersatz", "statt", "anstelle",
    "austausch", "gutschrift", "csere", "helyett", "javit", "sztorn", "reszben", "замян", "замест",
    "вместо", "корекц", "коригир", "сторн", "анулир", "частич", "кредит", "zamian", "wymian",
    "zamiast", "czesc", "misto", "vymen", "vymena", "dobropis", "oprav", "zamena", "zamjen",
    "umjesto", "umesto", "gresit", "eronat", "gresel", "mistake", "wrong",
)  # fmt: skip
# The same, but only next to the order: "garanție pentru #1001", not "#1001, garanție 24 luni".
_NEXT_TO_IT = (
    "retur", "return", "avans", "advance", "deposit", "prepay", "garant", "warrant", "suplimentar",
    "extra", "copie", "copy", "vezi", "see", "as in", "similar", "proform", "chitant", "receipt",
    "teil", "zwrot", "error", "eroare", "test", "alta", "other", "another",
)  # fmt: skip
_WHOLE = frozenset(("see", "extra", "test", "alta", "teil", "copie", "copy", "locul"))


def _any_of(beginnings: tuple[str, ...]) -> re.Pattern[str]:
    words = (f"{one}(?!\\w)" if one in _WHOLE else f"{one}\\w*" for one in beginnings)
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)")


_BESIDE_WORD, _WORD_NEXT_TO_IT = _any_of(_BESIDE), _any_of(_NEXT_TO_IT)
_NO = "|".join(sorted(NEGATIONS - {"no", "n"}))  # "Order no. #1001"
_DENIED = re.compile(
    rf"(?<!\w)(?:{_NO})(?!\w)[^,]*@|"
    r"@\W*(?:\w+\W+)?(?:nu|not|nicht|nem|не|nie|rest(?! de plata))(?!\w)"
)
# A dot behind a short word ends no sentence: "nr. #1001".
_CLAUSE = re.compile(r"(?<=\w{5})\.\s|[;!?\r\n|]+")
_PART = re.compile(r"\s*(?:[,()]|\.\s|\s[-–]\s)\s*")
# What makes a number an amount, a quantity or a postcode, not another order's.
_UNITS = "lei|ron|eur|euro|€|huf|ft|bgn|лв|pln|zł|czk|kč|buc|pcs|x|kg|g|%"
_NO_ORDER = rf"(?!\s*(?i:{_UNITS})(?!\w))"
_NO_TOWN = "(?! [A-ZȘȚĂÂÎ])"  # behind five or six digits, as postcodes have them
_AND = r"(?:\s*(?:[,;&+/|]|\b(?:si|și|and|und|es|és|и|i)\b|\s-\s)\s*#?|\s+#)"


def is_mentioned_only(text: str, name: str) -> bool:
    """Whether the text names other orders as well, or this one in a clause of another meaning."""
    clauses = [plain(naming(name).sub("@", one)) for one in _CLAUSE.split(text)]
    own = [one for one in clauses if "@" in one]
    near = [part for one in own for part in _PART.split(one) if "@" in part]
    return (
        _in_a_list(text, name)
        or any(_BESIDE_WORD.search(one) or _DENIED.search(one) for one in own)
        or any(_WORD_NEXT_TO_IT.search(part) for part in near)
    )


def _in_a_list(text: str, name: str) -> bool:
    """Whether something that looks like another order's name stands in it."""
    shape = re.sub(r"\d+", r"\\d+", re.escape(name))
    if not name.isdigit():
        others = re.finditer(rf"(?<!\w){shape}(?!\w)", text)
        if any(found[0] != name for found in others):
            return True
    digits = sum(map(str.isdigit, name))
    if not digits:  # a name of letters alone is like any word beside it
        return False
    town = _NO_TOWN if digits in (5, 6) else ""
    own, other = re.escape(name), rf"\d{{{digits}}}(?!\d){_NO_ORDER}{town}"
    pair = rf"(?<![\w.])(?:{own}{_AND}{other}|{other}{_AND}{own})(?![\w.,/-]\w|\w)"
    return re.search(pair, text) is not None
