"""What a courier's status means: its code where we know it, else its words, else "unknown".

The words are read as whole phrases, longest first (`core.services.phrases`): "livrat la expeditor"
(brought back to the sender) is no "livrat" (delivered), "neridicat" no "ridicat", and a phrase that
is denied ("fara retur") or partial ("livrat partial") does not hold. What no phrase knows stays
"unknown" with its text, and is never guessed.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Literal, get_args

from core.services.couriers import languages
from core.services.couriers.languages import (
    FROM_SENDER,
    ON_ITS_WAY,
    RETURNS_BACK,
    TO_A_PLACE,
    TO_SENDER,
)
from core.services.couriers.phrases import (
    ASIDE,
    BACK_ELSEWHERE,
    FUTURE,
    HANDED_BACK,
    PHRASES,
    WAYS_BACK,
)
from core.services.phrases import Phrases, Said
from core.services.ports import ParcelStatus

# Where a text tells several things, the first of these is what became of the parcel.
RANK: tuple[ParcelStatus, ...] = (
    "returned", "refused", "returning", "lost", "failed", "cancelled", "out", "delivered",
    "transit", "created",
)  # fmt: skip
RETURN_SIDE: frozenset[ParcelStatus] = frozenset({"refused", "returning", "returned"})
STATUSES: frozenset[str] = frozenset(get_args(ParcelStatus))


NO = ("nu", "not", "nicht", "nie", "nem", "не", "ne*")  # behind what is said not to be
Meaning = ParcelStatus | Literal["to_sender"] | None
_BY_WHOM = re.compile(r" de (?=destinatar|client|curier)")


def _table() -> Iterator[tuple[str, Meaning]]:
    """Every phrase; None for what says nothing of the parcel."""
    for phrase, meaning in _phrases():
        yield phrase, meaning
        if _BY_WHOM.search(phrase):  # "de destinatar" is "de catre destinatar" as well
            yield _BY_WHOM.sub(" de catre ", phrase), meaning


def _phrases() -> Iterator[tuple[str, Meaning]]:
    yield from ((phrase, None) for phrase in (*ASIDE, *languages.ASIDE, *FROM_SENDER))
    yield from ((phrase, "to_sender") for phrase in TO_SENDER)
    for nouns, ways, links, verbs in RETURNS_BACK:
        for parts in product(nouns, ways, links, verbs):
            yield " ".join(part for part in parts if part), "returned"
    for verb in HANDED_BACK:
        for way in WAYS_BACK:
            yield f"{verb} {way}", "returned"
            yield from ((f"{future} {verb} {way}", "returning") for future in FUTURE)
    for verbs, ways in BACK_ELSEWHERE:
        for verb in verbs:
            for way in ways:
                yield f"{verb} {way}", "returned"
                yield f"{way} {verb}", "returned"
    for verbs, ways in TO_A_PLACE:
        for verb, way in product(verbs, ways):
            yield f"{verb} {way}", "out"
            yield f"{way} {verb}", "out"
    for nouns, ways in ON_ITS_WAY:
        for noun, way in product(nouns, ways):
            yield f"{noun} {way}", "returning"
            yield from ((f"{noun} {way} {no}", None) for no in NO)
    for status, phrases in PHRASES.items():
        yield from ((phrase, status) for phrase in phrases)


_PHRASES = Phrases[Meaning](_table())
# What a parcel does that goes to its sender.
_TO_SENDER: dict[Meaning, ParcelStatus] = {"delivered": "returned", "out": "returning"}


# What is over once it is said: neither wished, tried nor planned.
ENDINGS: frozenset[ParcelStatus] = RETURN_SIDE - {"returning"} | {"delivered", "lost", "cancelled"}
NOT_YET = frozenset((
    "va", "vor", "vom", "urmeaza", "programat", "programata", "incercare", "incercat", "tentativa",
    "asteptam", "asteapta", "asteptare", "aproape", "neconfirmat", "neconfirmata", "planificat",
    "planificata", "vrea", "doreste", "will", "shall", "to", "attempt", "attempted", "attempting",
    "wird", "werden", "soll", "sollen", "bude", "budou", "budu", "zostanie", "zostana", "bedzie",
    "beda", "ще", "предстои", "bit", "biti", "bice", "bo", "bodo", "lesz", "fog", "θα", "sera",
    "verra", "scheduled", "planned", "awaiting", "waiting", "almost", "nearly", "pending",
    "unconfirmed",
))  # fmt: skip
# Of a parcel that will be back, "will" says that it goes back.
WILL = frozenset((
    "va", "vor", "urmeaza", "will", "shall", "wird", "werden", "bude", "budou", "budu", "zostanie",
    "zostana", "bedzie", "beda", "ще", "предстои", "bit", "biti", "bice", "bo", "bodo", "lesz",
    "fog", "θα", "sera", "verra",
))  # fmt: skip
# A sentence with one of these tells what may come, not what is: "daca nu il ridicati, …".
CONDITION = re.compile(
    r"(?<!\w)(?:dac[aăâ]|if|unless|otherwise|altfel|wenn|falls|sofern|andernfalls|hogyha|"
    r"ha(?= (?:nem|az?|ön)\b)|"  # "ha" alone is "has" in Italian and Spanish
    r"ако|в противен случай|je[sś]li|je[zż]eli|pokud|jestli[zž]e|αν|εαν|εάν|"
    r"[iî]n caz(?:ul)?|in case|im falle?|bei (?:annahme\w*|nicht\w*|verweiger\w*)|eset[eé]n|"
    r"w przypadku|w razie|v p[rř][ií]pad[eě]|u slu[cč]aju|в случай|при отказ\w*)(?!\w)",
    re.IGNORECASE,
)
# "If you have questions, call us" sets none: it is said to everybody.
_COURTESY = re.compile(
    r"(?<!\w)(?:if|in case|dac[aă]|pentru|for|bei|ha|при|w razie|pokud)(?: \w+){0,3}? "
    r"(?:questions?|queries|[iî]ntreb[aă]ri|nel[aă]muriri|detalii|fragen|k[eé]rd[eé]s\w*|"
    r"въпроси|pyta[nń]|dotazy)(?!\w)[^.;!?\r\n|]*",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.;!?\r\n|]*[.;!?\r\n|]*")
TO_BE = frozenset({"de", "pentru", "spre", "for"})  # right before it: "de livrat"
_PART_OF = re.compile(r"(?<![\d/.:])([1-9])\s*/\s*([1-9])(?![\d/.:])")


def status_of_text(text: str) -> ParcelStatus:
    """What the courier's words mean; "unknown" where no phrase holds, or only in part."""
    found: set[ParcelStatus] = set()
    text = _COURTESY.sub("", text)
    text = "".join(one for one in _SENTENCE.findall(text) if not CONDITION.search(one))
    parts = any(int(some) < int(every) for some, every in _PART_OF.findall(text))
    listed = _PHRASES.read(text)
    back = {one.clause for one in listed if one.meaning == "to_sender" and not one.denied}
    for place in listed:
        meaning = place.meaning
        if meaning is None or meaning == "to_sender":
            continue
        final = meaning in ENDINGS
        if final and _is_not_yet(place):
            if meaning == "returned" and not place.denied and WILL & {*place.before}:
                found.add("returning")
            continue
        if place.overturned and not place.denied and meaning not in ("failed", "created"):
            return "unknown"
        if (place.partial or parts) and (final or meaning in RETURN_SIDE):
            return "unknown"
        if not place.denied:
            found.add(_TO_SENDER.get(meaning, meaning) if place.clause in back else meaning)
        elif meaning == "delivered" and not place.yet:
            found.add("failed")
    return next((status for status in RANK if status in found), "unknown")


def _is_not_yet(place: Said[Meaning]) -> bool:
    last = place.before[-1:] if place.meaning in ("delivered", "returned") else ()
    return bool(NOT_YET & {*place.before} or TO_BE & {*last})


def status_of(codes: Mapping[str, ParcelStatus], code: str, text: str) -> ParcelStatus:
    """What a code together with its words means: a known code comes before words (rule 13).

    Only "delivered" may be told more closely by them: a parcel that was handed to its sender
    ("livrat la expeditor") was delivered as well, and couriers use that code for both.
    """
    by_code = codes.get(code)
    if by_code is None:
        return status_of_text(text)
    if by_code == "delivered" and status_of_text(text) == "returned":
        return "returned"
    return by_code
