"""Brings printed and stored texts to one form: without marks, case, and what readers mix up."""

import functools
import re

from core.letters import without_marks

# Bulgarian by the law on transliteration (2009), and the letters that other languages add.
_LETTERS = str.maketrans({
    "А": "A", "Б": "B", "В": "V", "Г": "G", "Д": "D", "Е": "E", "Ж": "ZH", "З": "Z", "И": "I",
    "Й": "Y", "К": "K", "Л": "L", "М": "M", "Н": "N", "О": "O", "П": "P", "Р": "R", "С": "S",
    "Т": "T", "У": "U", "Ф": "F", "Х": "H", "Ц": "TS", "Ч": "CH", "Ш": "SH", "Щ": "SHT", "Ъ": "A",
    "Ь": "Y", "Ю": "YU", "Я": "YA", "Ы": "Y", "Э": "E", "Ё": "E",
    "І": "I", "Ї": "I", "Є": "YE", "Ґ": "G", "Ђ": "DJ", "Ј": "J", "Љ": "LJ", "Њ": "NJ", "Ћ": "C",
    "Џ": "DZ", "Ѕ": "DZ",
    "Ł": "L", "Đ": "D", "Ø": "O", "Æ": "AE", "Œ": "OE", "ẞ": "SS", "Ð": "D", "Þ": "TH",
})  # fmt: skip
_ENDS_IN_IA = re.compile(r"ИЯ\b")  # the law's exception: София is Sofia
_MIXED_UP = str.maketrans("OQDILSZB", "00011528")
_WORDS = re.compile(r"[A-Z0-9]+")


@functools.lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Upper case Latin letters and digits, words parted by one blank: "Șos. Ștefan" → "SOS STEFAN".

    Bulgarian comes out in Latin letters.
    """
    upper = _ENDS_IN_IA.sub("IA", text.upper()).translate(_LETTERS)
    return " ".join(_WORDS.findall(without_marks(upper).translate(_LETTERS)))


def digit_like(key: str) -> str:
    """A number's key as digits where readers mix letters and digits up: "1ONB" → "10N8"."""
    return key.upper().translate(_MIXED_UP)


def digits_of(text: str) -> str:
    """The digits of a text, nothing else."""
    return "".join(c for c in text if c.isascii() and c.isdigit())


@functools.lru_cache(maxsize=50_000)
def _signs(word: str) -> frozenset[str]:
    return frozenset(word)


def distance(one: str, other: str, most: int) -> int:
    """Changed, missing, added or swapped characters between two words; `most` + 1 for more.

    The optimal string alignment distance, given up as soon as a row exceeds `most`.
    """
    if one == other:
        return 0
    if abs(len(one) - len(other)) > most:
        return most + 1
    # Each change takes away one character at most: most pairs of words differ in more.
    if len(_signs(one) - _signs(other)) > most or len(_signs(other) - _signs(one)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        new = [i]
        for j, b in enumerate(other, start=1):
            cost = min(row[j] + 1, new[-1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        if min(new) > most:
            return most + 1
        before, row = row, new
    return min(row[-1], most + 1)


def nearly(one: str, other: str) -> bool:
    """Whether two folded words are one, misread: of four to eight letters one may differ, of more
    two; shorter words must be alike."""
    if one == other:
        return True
    shorter = min(len(one), len(other))
    if shorter < 4:
        return False
    most = 1 if shorter < 9 else 2
    return distance(one, other, most) <= most
