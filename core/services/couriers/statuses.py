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
    AFTER,
    ALSO,
    BESIDE,
    BY_A_PERSON,
    BYSTANDERS,
    CIRCUMSTANCE,
    COURIERS_HOUSE,
    FROM_SENDER,
    GERMAN_PERSONS,
    HANDED,
    HAS_BEEN,
    INTO,
    LINKS,
    NOT_YET,
    ON_ITS_WAY,
    PAPERS,
    PARCEL,
    RECEIPT,
    REFUSED_BESIDE,
    REQUESTS,
    RETURNS_BACK,
    SENDER,
    TO_A_PLACE,
    TO_SENDER,
    VERB_FIRST,
    WAS,
    WILL,
    WILL_BE,
    WILL_BE_RO,
)
from core.services.couriers.phrases import (
    ACCEPTED,
    ASIDE,
    AT_A_BANK,
    BACK_ELSEWHERE,
    ENVELOPES,
    FETCHED,
    FUTURE,
    HANDED_BACK,
    PHRASES,
    PLACES_TO_FETCH,
    POSSIBLE,
    SOON,
    WAYS_BACK,
)
from core.services.couriers.sentences import about_the_parcel, is_waiting
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
Meaning = ParcelStatus | Literal["to_sender", "accepted"] | None
_BY_WHOM = re.compile(r" de (?=destinatar|client|curier)")


def _table() -> Iterator[tuple[str, Meaning]]:
    """Every phrase; None for what says nothing of the parcel."""
    for phrase, meaning in _phrases():
        yield phrase, meaning
        if _BY_WHOM.search(phrase):  # "de destinatar" is "de catre destinatar" as well
            yield _BY_WHOM.sub(" de catre ", phrase), meaning


def _phrases() -> Iterator[tuple[str, Meaning]]:
    """Every phrase that our lists make, with its meaning; None: it says nothing of the parcel."""
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
    yield from ((phrase, "accepted") for phrase in ACCEPTED)


_PHRASES = Phrases[Meaning](_table())
# What a parcel does that goes to its sender.
_TO_SENDER: dict[Meaning, ParcelStatus] = {"delivered": "returned", "out": "returning"}


# What is over once it is said: neither wished, tried nor planned.
ENDINGS: frozenset[ParcelStatus] = RETURN_SIDE - {"returning"} | {"delivered", "lost", "cancelled"}
# Somebody says that it never came.
_DISPUTED = re.compile(
    r"(?<!\w)(?:nu (?:l-|le-|i-)?a (?:mai )?primit (?:colet\w*|pachet\w*|comand\w*|nimic|"
    r"produs\w*)|nu l-a primit|"
    r"(?:did not|didn't|has not|hasn't|never) receiv\w+ (?:it|the|his|her|their|any|"
    r"parcel|package)|nicht erhalten|nichts erhalten|nem kapta meg|не (?:я |го )?е получил\w*|"
    r"nie otrzyma[lł]\w*|neprim\w+|neobdr[zž]el\w*|nedostal\w*)(?!\w)",
    re.IGNORECASE,
)
TO_BE = frozenset({"de", "pentru", "spre", "for"})  # right before it: "de livrat"
_PART_OF = re.compile(r"(?<![\d/.:])([1-9])\s*/\s*([1-9])(?![\d/.:])")


# The possibility is a part of the verb: "visszautasíthatja".
_HUNGARIAN_MAY = re.compile(r"(?:visszautasit|megtagad|visszakuld)\w*h[ae]t")
NEVER = 10_000  # a clause behind every text's
_THEN = re.compile(
    r"(?<!\w)(?:apoi|ulterior|dup[aă] aceea|dar|[iî]ns[aă]|azi|ast[aă]zi|acum|then|later|"
    r"afterwards|"
    r"but|now|today|dann|danach|sp[aä]ter|aber|heute|potem|p[oó][zź]niej|ale|dzi[sś]|potom|dnes|"
    r"azut[aá]n|k[eé]s[oő]bb|de|ma|после|след това|но|днес)(?!\w)",
    re.IGNORECASE,
)


def status_of_text(text: str) -> ParcelStatus:
    """What the courier's words mean; "unknown" where no phrase holds, or only in part."""
    parts = any(int(some) < int(every) for some, every in _PART_OF.findall(text))
    disputed = _DISPUTED.search(text) is not None
    waits = is_waiting(text)
    text = about_the_parcel(text)
    listed = _PHRASES.read(text)
    found: set[ParcelStatus] = set()
    back = {one.clause for one in listed if one.meaning == "to_sender" and not one.denied}
    for place in listed:
        meaning = place.meaning if place.clause in back else _at_couriers_place(place)
        if meaning is None or meaning == "to_sender" or not _is_the_parcels(place):
            continue
        if meaning == "accepted":
            continue
        final = meaning in ENDINGS
        if meaning == "delivered" and _german_no(place):
            found.add("failed")
            continue
        if final and (_is_not_yet(place) or _will_be(place)):
            if meaning == "returned" and not place.denied and WILL & {*place.earlier}:
                found.add("returning")
            continue
        if place.overturned and not place.denied and meaning not in ("failed", "created"):
            return "unknown"
        if (place.partial or parts) and (final or meaning in RETURN_SIDE):
            return "unknown"
        if not place.denied:
            found.add(_TO_SENDER.get(meaning, meaning) if place.clause in back else meaning)
        elif meaning == "delivered" and not place.yet and not place.doubted:
            found.add("failed")
    if disputed and "delivered" in found:
        return "unknown"
    if "delivered" in found:
        lies = waits or any(map(_lies_somewhere, listed))
        fetching = _fetching(listed)
        if lies and fetching < 0:
            found = found - {"delivered"} | {"out"}
        elif fetching > max(
            (at for at, one in enumerate(listed) if one.meaning == "out"), default=-1
        ):
            found -= {"out"}
    found -= _no_longer(listed, then=_THEN.search(text) is not None)
    return next((status for status in RANK if status in found), "unknown")


def _is_not_yet(place: Said[Meaning]) -> bool:
    last = place.before[-1:] if place.meaning in ("delivered", "returned") else ()
    if place.before[-2:] in HAS_BEEN and "ca" not in place.before:
        return False
    if NOT_YET & {*_without_german_vom(place.before)} or TO_BE & {*last} or _is_wished(place):
        return True
    # German puts its verb last, however much stands between.
    return bool(VERB_FIRST & {*place.earlier})


def _will_be(place: Said[Meaning]) -> bool:
    """Whether the nearest auxiliary in front, however far, is one of the future."""
    if place.meaning not in ("delivered", "returned"):
        return False
    pairs = zip(("", *place.earlier), place.earlier, strict=False)
    auxiliaries = [
        word in WILL_BE or (led, word) in WILL_BE_RO
        for led, word in pairs
        if word in WILL_BE | WAS or (led, word) in WILL_BE_RO + HAS_BEEN
    ]
    return bool(auxiliaries) and auxiliaries[-1]


def _german_no(place: Said[Meaning]) -> bool:
    return place.behind[:1] == ("werden",) and "nicht" in place.earlier


def _without_german_vom(said: tuple[str, ...]) -> list[str]:
    """Romanian's "vom" is "we will"; German's, "by the", stands before a person."""
    following = (*said[1:], "")
    return [
        word
        for word, then in zip(said, following, strict=False)
        if word != "vom" or not then.startswith(GERMAN_PERSONS)
    ]


def _is_wished(place: Said[Meaning]) -> bool:
    """Romanian's "să": "să fie livrat", "a vrut să refuze"."""
    return place.before[-1:] == ("sa",) or place.before[-2:] in (("sa", "fie"), ("sa", "se"))


def _is_the_parcels(place: Said[Meaning]) -> bool:
    """Whether the parcel is meant, neither money and papers nor a courier's own ways."""
    if place.meaning in RETURN_SIDE | {"delivered"} and _is_of_papers(place):
        return False
    if place.meaning in RETURN_SIDE and _may_be_done(place):
        return False
    if place.meaning == "refused":
        who = [word for word in place.before if word not in LINKS][-1:]
        if {*who} & BYSTANDERS and place.said.startswith(BY_A_PERSON):
            return False
        if {*who} & REQUESTS:
            return False
        return bool({*place.behind[:1]} & CIRCUMSTANCE) or not _begins(
            REFUSED_BESIDE, PARCEL + RECEIPT, place.behind[:4]
        )
    if place.meaning == "failed":  # "livrat după reprogramare" tells what was before
        return place.before[-1:] not in AFTER
    comes = [word for word in place.before if word not in LINKS | WILL | {"se"}][-1:]
    if place.meaning == "returning" and BYSTANDERS & {*comes}:
        return any(word.startswith((*PARCEL, *SENDER)) for word in place.behind[:4])
    return True


def _is_of_papers(place: Said[Meaning]) -> bool:
    """Whether money or papers are handed over, or somebody's bank takes them."""
    said = place.earlier[-6:]
    packed = any(word.startswith(ENVELOPES) for word in said) and not any(
        word.startswith(PARCEL) for word in said
    )
    if packed and any(word.startswith(PAPERS) for word in said):
        return True
    if _has(PAPERS, PARCEL, said):
        return True
    led = place.behind[:4]
    at_bank = bool({*led} & {*AT_A_BANK}) and bool({*led[:2]} & INTO | {*place.before} & INTO)
    return at_bank and not any(word.startswith(("recepti", "recepc", "empfang")) for word in led)


def _may_be_done(place: Said[Meaning]) -> bool:
    """Whether the clause goes on to say that this is possible: "visszautasítani … tudja"."""
    if _HUNGARIAN_MAY.match(place.said):
        return True
    return any(
        word in POSSIBLE and not {*place.behind[max(0, at - 2) : at]} & SOON
        for at, word in enumerate(place.behind)
    )


def _has(wanted: tuple[str, ...], stronger: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Whether one of these is what is spoken of: not "cu ramburs", and no parcel beside it."""
    if any(word.startswith(stronger) for word in said) or said[-1:] in ALSO:
        return False  # "încasat și livrat" is said of what stands before both
    # At the beginning "a" is Hungarian's article.
    before = ("", *("" if (at, word) == (0, "a") else word for at, word in enumerate(said)))
    return any(
        word.startswith(wanted) and led not in BESIDE
        for led, word in zip(before, said, strict=False)
    )


def _begins(wanted: tuple[str, ...], stronger: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Whether one of these is told, before any parcel is."""
    first = next((word for word in said if word.startswith((*wanted, *stronger))), "")
    return first.startswith(wanted) if first else False


def _fetching(listed: list[Said[Meaning]]) -> int:
    """Where somebody is told to have fetched it last; -1 where nobody is."""
    places = (
        at for at, one in enumerate(listed)
        if one.meaning == "delivered" and one.holds and one.said.startswith(FETCHED)
    )  # fmt: skip
    return max(places, default=-1)


def _lies_somewhere(place: Said[Meaning]) -> bool:
    """Whether it was handed over where somebody has to fetch it: "zugestellt in der DHL Box"."""
    if place.meaning != "delivered" or not place.holds or place.said.startswith(FETCHED):
        return False
    return _leads_to_a_locker(place.behind[:6]) or _leads_to_a_locker(place.earlier[-6:])


def _leads_to_a_locker(said: tuple[str, ...]) -> bool:
    """Whether the first preposition leads into a place from which one fetches: no "aus", "from"."""
    first = next((at for at, word in enumerate(said) if word in INTO), len(said))
    led = said[first + 1 :]
    more = next((at for at, word in enumerate(led) if word in INTO), len(led))
    return any(
        word.startswith(PLACES_TO_FETCH) and not word.endswith(("bol", "rol"))  # Hungarian's "from"
        for word in led[:more]
    )


def _at_couriers_place(place: Said[Meaning]) -> Meaning:
    """What is handed over in the courier's own house is under way: "delivered to our depot"."""
    if place.meaning not in ("delivered", "returned", "returning"):
        return place.meaning
    behind = place.behind[:5]
    led = bool(behind) and behind[0] in INTO
    if not led or not any(word.startswith(COURIERS_HOUSE) for word in behind):
        return place.meaning
    if place.meaning == "returned":
        return "returning"
    return "transit" if place.said.startswith(HANDED) else place.meaning


def _no_longer(listed: list[Said[Meaning]], *, then: bool) -> set[ParcelStatus]:
    """What a later clause of the same text says is over: "a refuzat, apoi a acceptat coletul"."""
    last = {place.meaning: place.clause for place in listed if place.holds}
    over: set[ParcelStatus] = set()
    if last.get("accepted", -1) > last.get("refused", NEVER):
        over.add("refused")
    failed = [
        place.clause
        for place in listed
        if place.meaning == "failed" or (place.meaning == "delivered" and place.denied)
    ]
    if then and failed and last.get("delivered", -1) > max(failed):
        over.add("failed")
    return over


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
