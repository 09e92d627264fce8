"""Reads sentences of outside services by tables of phrases, as whole words with their negations.

A phrase is read as `plain` writes it. Its words stand side by side; `word*` takes any ending,
`word@` the endings of a Romanian participle (stornat, stornata, stornate, stornati), `~` lets a
comma, a dash or a bracket stand between, and a `>` at the end takes the rest of the clause along.
Longer phrases are tried first and use their words up: "nelivrat" never holds "livrat", and "colet
la schimb (retur)" is no "retur".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from core.services.http.texts import plain

M = TypeVar("M")

NEGATIONS = frozenset(map(plain, (
    "nu", "n", "fara", "nici", "niciun", "nicio", "niciodata", "not", "no", "never", "without",
    "none", "neither", "nor", "cannot", "non", "nem", "nincs", "nicht", "kein", "keine", "nie",
    "bez", "ne", "neni", "nebyl", "nebyla", "nebylo", "nebol", "nebola", "nebolo", "nije", "nisu",
    "nebude", "ni", "niso", "не", "няма", "без", "нет", "δεν", "μη", "χωρις", "degil", "yok", "pas",
    "sans", "ohne", "senza", "sin", "nao", "ikke", "inte", "niet", "geen", "brez", "ні", "brak",
)))  # fmt: skip
# An answer of its own behind what was asked: "Livrat: NU", "delivered? no".
YET = frozenset({"inca", "yet", "deocamdata", "meg", "noch", "jeste", "още"})
ANSWERS_NO = NEGATIONS | {"nein", "non", "false", "fals", "0", "hayir", "οχι", "нет", "egal"}
NO_CASE = frozenset({"este", "e", "a", "fost", "cazul", "se", "aplica", "applicable"})
MONEY = frozenset({"lei", "ron", "leu", "eur", "euro", "00"})  # "ramburs: 0 lei"
# What makes a statement a question, a wish or a condition.
DOUBTS = frozenset((
    "daca", "if", "whether", "poate", "posibil", "possible", "possibly", "maybe", "may", "might",
    "risc", "risk", "should", "trebuie", "trebuit", "cand", "when", "once", "pana", "until",
    "aproape", "almost", "pot", "putea", "puteti", "can", "might", "probabil", "probably",
    "likely", "ameninta", "threatens", "vielleicht", "moglicherweise", "wahrscheinlich",
    "droht", "moze", "moga", "prawdopodobnie", "grozi", "mozna", "pravdepodobne", "esetleg",
    "valoszinuleg", "talan",
    "could", "would", "neaga", "sustine", "despre", "denies", "claims", "about", "bestreitet",
    "behauptet", "отрича", "твърди", "tagadja", "zaprzecza", "twierdzi", "popira", "tvrdi",
 "lehet", "вероятно", "може", "евентуално", "възможно", "eventual",
))  # fmt: skip
PARTIAL = re.compile(
    r"(?<!\S)(?:partial\w*|partly|in parte|o parte|part of|incomplet\w*|in proportie|partea|"
    r"reszben|reszleges\w*|teilweise|"
    r"teilzustell\w*|czesciow\w*|castecn\w*|ciastocn\w*|частич\w*|djelomicn\w*|delimicn\w*|μερικ\w*|"
    r"(\d{1,3}) (?:din|of|von|z|ot|от|od) (?!\1(?!\S))\d{1,3}|\d{1,2} (?:percent|la suta)|"
    r"jumatate|half|halb|(?:doar|numai|only|nur) (?:unul|una|un|o|one|1|ein\w*)|parzial\w*|"
    r"partiel\w*|parcial\w*|gedeeltelijk|kismen|kismi)(?!\S)"
)
# Directly behind a statement, these take it back: "livrare imposibila", "refuz anulat".
OVERTURNED = re.compile(
    r"(?:(?!after |dupa |nach |po |след )[^|#\s]+ ){0,2}?(?:(?:este |a fost |e |is |was |din |by )?"
    r"(?:o |an? )?(?:imposibil|esuat|nereusit|eronat|gresit|gresel|greseala|eroare|eror|"
    r"neconfirmat|infirmat|revocat|respins|amanat|anulat|failed|unsuccessful|impossible|"
    r"cancell?ed|mistake|error|wrong|wrongly|rejected|postponed|unconfirmed|revoked|withdrawn|"
    r"stopped|halted|oprit|sistat|retras|storniert|abgebrochen|gestoppt|zuruckgezogen|"
    r"widerrufen|anulowan|odwołan|odwolan|wstrzyman|cofniet|wycofan|odrzucon|torolve|"
    r"visszavon|leallitva|elutasitva|zrusen|ponisten|anulir|анулиран|nu se (?:confirm|aprob)|"
    r"nu (?:a fost|este) (?:confirm|aprob)|not (?:confirmed|approved)|lemond|contest|disput|"
    r"denied|nu mai (?:este |e )?valabil|no longer valid|nicht bestatigt|не се потвърд|"
    r"nie potwierdz|отменен|прекратен|оттеглен|спрян|отхвърлен|iptal)\w*)(?!\S)"
)
START = 4  # letters of a phrase's first word by which it is looked up
NEAR = 3  # words between a statement and its answer
REACH = 4  # words: "nu a mai fost inca livrat", "has not yet been successfully delivered"
# Words that begin another statement, as a pause does.
_SPLITS = frozenset(
    ("deoarece", "fiindca", "intrucat", "because", "since", "dar", "but", "insa", "iar")
)
_CONTRACTED = re.compile(r"n['’`]t\b")  # wasn't, couldn't
_PAUSE = re.compile(r"[.,;:!?()\[\]{}|/\\\"„”“«»\n\r\t…–—]+|\s-+\s|^-+\s|\s-+$")


@dataclass(frozen=True)
class Said(Generic[M]):
    """A phrase found in a text. Only where it is neither denied nor partial does it hold."""

    meaning: M
    denied: bool
    partial: bool
    yet: bool  # denied for now only: "nu a fost inca livrat"
    overturned: bool = False  # "livrat eronat", "refuz primire anulat"
    before: tuple[str, ...] = ()  # the words in front of it, in the same clause
    clause: int = 0  # which one of the text's, parted by pauses
    doubted: bool = False  # only wished, asked or possible: "poate fi livrat", with no negation
    said: str = ""  # the words of the text that are the phrase
    earlier: tuple[str, ...] = ()  # every word in front of it, in the same clause
    behind: tuple[str, ...] = ()  # every word behind it, in the same clause

    @property
    def holds(self) -> bool:
        """Whether the text says it, all of it."""
        return not (self.denied or self.partial or self.overturned)


class Phrases(Generic[M]):
    """A table of phrases, each with its meaning; where two are as long, the first one wins."""

    def __init__(self, table: Iterable[tuple[str, M]]) -> None:
        self._rows = sorted(table, key=lambda row: (not row[0].endswith(">"), -_length(row[0])))
        # Thousands of phrases, of which a text can hold few: those whose first word begins alike.
        self._by_start: dict[str, list[int]] = {}
        for place, (phrase, _) in enumerate(self._rows):
            start = plain(phrase.split(maxsplit=1)[0].rstrip("*@"))[:START]
            self._by_start.setdefault(start, []).append(place)

    def read(self, text: str) -> list[Said[M]]:
        """What the text says, in the order in which it is said."""
        left = whole = f"{words(text)} "
        found = []
        for phrase, meaning in self._candidates(whole):
            for match in list(_pattern(phrase).finditer(left)):
                start, end = match.span()
                found.append((start, _in_context(meaning, whole, left, start, end)))
                left = left[:start] + re.sub(r"[^ ]", "#", left[start:end]) + left[end:]
        return [place for _, place in sorted(found, key=lambda one: one[0])]

    def _candidates(self, whole: str) -> list[tuple[str, M]]:
        starts = {word[:length] for word in whole.split() for length in range(1, START + 1)}
        places = sorted(place for one in starts for place in self._by_start.get(one, ()))
        return [self._rows[place] for place in places]

    def holding(self, text: str) -> list[M]:
        """The meanings that hold in the text."""
        return [place.meaning for place in self.read(text) if place.holds]


def words(text: str) -> str:
    """The text as phrases see it: plain words, one blank apart, "|" for a pause between them."""
    counted = re.sub(r"(?<=\d)\s*%", " percent ", text.casefold())
    pauses = _PAUSE.sub(" | ", _CONTRACTED.sub(" not", counted))
    bare = re.sub(r"[^\w|]+", " ", plain(pauses)).replace("_", " ")
    parts = ["|" if word in _SPLITS else word for word in bare.split()]
    return " ".join(parts)


def _length(phrase: str) -> int:
    return sum(word not in "~>" for word in phrase.split())


@cache
def _pattern(phrase: str) -> re.Pattern[str]:
    parts = []
    for word in phrase.split():
        if word == "~":
            parts.append(r"(?:\| )*")
            continue
        if word == ">":
            parts.append(r"(?:[^|\s#]+ )*")
            continue
        stem = re.escape(plain(word.rstrip("*@")))
        ending = r"\w*" if word.endswith("*") else r"(?:a|e|i)?" if word.endswith("@") else ""
        parts.append(f"{stem}{ending} ")
    return re.compile(r"(?<!\S)" + "".join(parts))  # each word with the blank behind it


def _in_context(meaning: M, whole: str, left: str, start: int, end: int) -> Said[M]:
    """What stands around a phrase: a negation used up by a longer phrase is that one's own."""
    earlier = whole[:start].rpartition("|")[2].split()
    before = left[:start].rpartition("|")[2].split()[-REACH:]
    clause = whole[:start].rpartition("|")[2] + whole[start:end] + whole[end:].partition("|")[0]
    rest = whole[end:].partition("|")[0].split()
    behind = rest[:2]
    negated = bool(NEGATIONS & set(before)) or "not" in behind[:1] or _answered_no(whole[end:])
    doubted = not negated and bool(DOUBTS & set(before))
    denied = negated or doubted
    # A word in brackets or behind a comma may still say that only a part is meant.
    near = f"{clause} {whole[end:].replace('|', ' ').strip()[:40]}"
    yet = denied and bool(YET & {*before, *behind, *_next_clause(whole[end:])})
    overturned = OVERTURNED.match(left[end:].removeprefix("| ")) is not None
    return Said(meaning, denied, PARTIAL.search(near) is not None, yet, overturned, tuple(before),
                whole[:start].count("|"), doubted, whole[start:end].strip(), tuple(earlier),
                tuple(rest))  # fmt: skip


def _answered_no(rest: str) -> bool:
    """Whether the clause ends, or the next one is, nothing but a no: "Refuz primire: NU"."""
    parts = [part.split() for part in rest.split("|")]
    own, others = parts[0], [part for part in parts[1:] if part]
    while own and own[-1] in MONEY:
        own = own[:-1]
    if own and len(own) <= NEAR and own[-1] in ANSWERS_NO:
        return True
    answer = {*others[0]} if others else set()
    return (
        len(own) < NEAR
        and bool(answer & ANSWERS_NO)
        and answer <= ANSWERS_NO | YET | MONEY | NO_CASE
    )


def _next_clause(rest: str) -> list[str]:
    """The words of a short clause behind: "livrat: nu inca"."""
    parts = [part.split() for part in rest.split("|")]
    return parts[1][:2] if len(parts) > 1 and not parts[0] else []
