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
    WILL,
)
from core.services.couriers.phrases import (
    ACCEPTED,
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
Meaning = ParcelStatus | Literal["to_sender", "accepted"] | None
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
    yield from ((phrase, "accepted") for phrase in ACCEPTED)


_PHRASES = Phrases[Meaning](_table())
# What a parcel does that goes to its sender.
_TO_SENDER: dict[Meaning, ParcelStatus] = {"delivered": "returned", "out": "returning"}


# What is over once it is said: neither wished, tried nor planned.
ENDINGS: frozenset[ParcelStatus] = RETURN_SIDE - {"returning"} | {"delivered", "lost", "cancelled"}
# A sentence with one of these tells what may come, not what is: "daca nu il ridicati, …".
CONDITION = re.compile(
    r"(?<!\w)(?:dac[aăâ]|if|unless|otherwise|altfel|wenn|falls|sofern|andernfalls|hogyha|"
    r"ha(?= (?:nem|az?|ön)\b)|"  # "ha" alone is "has" in Italian and Spanish
    r"ако|в противен случай|je[sś]li|je[zż]eli|pokud|jestli[zž]e|αν|εαν|εάν|"
    r"[iî]n caz(?:ul)?|[iî]n situa[tț]ia|[iî]n eventualitatea|in case|in the event|amennyiben|"
    r"im falle?|bei (?:annahme\w*|nicht\w*|verweiger\w*)|eset[eé]n|"
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
# Signs that end no sentence: in dates and times ("am 12.03. zugestellt"), behind what is cut short.
_NO_END = re.compile(
    r"(?<=\d)[.:](?=\d|\s*[^\W\d_A-ZĂÂÎȘȚА-Я])|"
    r"(?<!\w)(?i:dvs|dv|nr|no|str|bd|bl|sc|ap|jud|tel|dl|dna|ca|ul|ulica|nam|c)\.(?=\s*\w)"
)
# A choice that is printed, and no answer: "Refuz (da/nu): nu".
_CHOICE = re.compile(
    r"(?<!\w)(?:da|yes|igen|ja|tak|ano|да)\s*/\s*(?:nu|no|nem|nein|nie|ne|не)(?!\w)", re.IGNORECASE
)
# What is asked and not answered at once. A "?" inside a word is a letter that was lost.
_ASKED = re.compile(
    r"[^.;!?\r\n|]*\?(?!\s*(?:da|yes|igen|ja|tak|ano|да|nu|no|nem|nein|nie|ne|не)(?!\w))",
    re.IGNORECASE,
)
_LOST_LETTER = re.compile(r"\w\?\w")
# Behind or before a refusal, these say that it has no reason, and deny nothing.
_NO_REASON = re.compile(
    r"(?<!\w)(?:f[aă]r[aă] (?:niciun |vreun )?motiv\w*|without (?:any |a |giving a )?reasons?|"
    r"no reason(?: given)?|ohne (?:angabe von )?gr[uü]nd\w*|bez (?:podania )?(?:powodu|przyczyny)|"
    r"bez (?:ud[aá]n[ií] )?d[uů]vodu|без (?:посочена )?причина|"
    r"indok(?:l[aá]s)? n[eé]lk[uü]l)(?!\w)",
    re.IGNORECASE,
)
# Why it was refused: the goods were wrong, not the refusal.
_WRONG_GOODS = re.compile(
    r"(?<=[\s(,:-])(?:(?:produs\w*|colet\w*|articol\w*|m[aă]rim\w*|culoare\w*|model\w*|comand\w*|"
    r"pre[tț]\w*) (?:este |e |a fost )?(?:gre[sș]it\w*|eronat\w*)|"
    r"wrong (?:item|product|size|colou?r|goods|order|model|price)s?|"
    r"falsche[rsn]? (?:artikel|produkt|ware|gr[oö][sß]+e|farbe))(?!\w)(?! [iî]nregistrat)",
    re.IGNORECASE,
)
_REFUSAL = re.compile(r"(?:refuz|refus|verweiger|abgelehnt)\w*", re.IGNORECASE)
# Clauses end at a pause, and where a reason begins: what stands behind tells of something else.
_CLAUSE = re.compile(
    r"\s(?=(?:pentru c[aă]|deoarece|fiindc[aă]|[iî]ntruc[aâ]t|because|since|weil|mert|тъй като|"
    r"защото|ponieważ|protože|pretože)\s)|[,.;:!?()\r\n|–—]|\s-\s",
    re.IGNORECASE,
)
_OTHER = (
    r"(?:un |o |the |an |ein |egy )?(?:alt[aăeiu]?|altui|altei|cel[aă]lalt|cealalt[aă]|celelalte|"
    r"other|another|wrong|previous|prior|earlier|ander\w*|vorig\w*|vorherig\w*|fr[uü]her\w*|"
    r"m[aá]sik|el[oő]z[oő]|korábbi|inn[aąye]\w*|poprzedni\w*|jin[yýaáeé]\w*|p[rř]edchoz\w*|"
    r"друг\w*|предишн\w*|предходн\w*)"
)
_THING = (
    r"(?:colet\w*|pachet\w*|expedi[tțţ]i\w*|comenzi|comand[aăe]\w*|awb|livr[aă]ri|"
    r"parcels?|packages?|shipments?|orders?|paket\w*|sendung\w*|bestellung\w*|csomag\w*|"
    r"k[uü]ldem[eé]ny\w*|rendel[eé]s\w*|paczk\w*|przesy[lł]k\w*|z[aá]silk\w*|z[aá]sielk\w*|"
    r"bal[ií]k\w*|пратк\w*|поръчк\w*|"
    r"client\w*|destinatar\w*|customers?|recipients?|consignees?|kund\w*|empf[aä]nger\w*|"
    r"c[ií]mzett\w*|adresat\w*|odbiorc\w*|получател\w*|клиент\w*)"
)
_COUNT = (
    r"(?:\d+|dou[aă]|trei|two|three|zwei|drei|k[eé]t|h[aá]rom|dwie|dwa|trzy|dv[aě]|t[rř]i|две|три)"
)
# Another parcel, or somebody else's; not "under another number", nor "together with another".
_ANOTHER = re.compile(
    rf"(?<!\w)(?<!cu )(?<!with )(?<!mit )(?<!sub )(?<!under )(?<!pe )(?<!unter )(?<!със )(?<!под )"
    rf"(?:{_OTHER}\s+(?:{_COUNT}\s+)?{_THING}|{_THING}\s+(?:anterioar\w+|anterior\w*|preceden[tț]\w*))(?!\w)",
    re.IGNORECASE,
)
# After so many days, and with no word of what was: a rule of the house, not news of this parcel.
_AFTERWARDS = re.compile(
    r"(?<!\w)(?:(?:dup[aă]|peste|after|nach|po|след)\s+\d+\s+(?:de )?"
    r"(?:zile|ore|days?|hours?|tag\w*|dni\w*|dnech|dňoch|дни|дена)|"
    r"\d+\s+nap\w*\s+(?:ut[aá]n|m[uú]lva|eltelt\w*)|dup[aă] care|after which)(?!\w)",
    re.IGNORECASE,
)
_WAS = re.compile(
    r"(?<!\w)(?:a fost|au fost|s-a|s-au|a revenit|was|were|has been|have been|wurden?|ist|"
    r"zosta[lł]\w*|by[lł][aoy]?|byl[aoiy]?|беше|бе|е|lett)(?!\w)",
    re.IGNORECASE,
)
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
    text = _about_the_parcel(text)
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
        elif meaning == "delivered" and not place.yet and not place.doubted:
            found.add("failed")
    if disputed and "delivered" in found:
        return "unknown"
    found -= _no_longer(listed, then=_THEN.search(text) is not None)
    return next((status for status in RANK if status in found), "unknown")


def _about_the_parcel(text: str) -> str:
    """The text without what is said to everybody, asked, conditional, or of another parcel."""
    text = _CHOICE.sub(" ", _COURTESY.sub("", _NO_REASON.sub(" ", text)))
    refusal = _REFUSAL.search(text)
    if refusal:
        text = text[: refusal.end()] + _WRONG_GOODS.sub(" ", text[refusal.end() :])
    text = _NO_END.sub(lambda found: found[0][:-1] + " ", text)
    if not _LOST_LETTER.search(text):
        text = _ASKED.sub(" ", text)
    kept = (one for one in _SENTENCE.findall(text) if not _is_a_rule(one))
    return "".join(_of_this_parcel(one) for one in kept)


def _is_a_rule(sentence: str) -> bool:
    if CONDITION.search(sentence):
        return True
    return bool(_AFTERWARDS.search(sentence)) and not _WAS.search(sentence)


def _of_this_parcel(sentence: str) -> str:
    """The sentence without its clauses about another parcel or another recipient."""
    kept, start = [], 0
    for end in [*(found.end() for found in _CLAUSE.finditer(sentence)), len(sentence)]:
        clause = sentence[start:end]
        kept.append(" | " if _ANOTHER.search(clause) else clause)
        start = end
    return "".join(kept)


def _is_not_yet(place: Said[Meaning]) -> bool:
    last = place.before[-1:] if place.meaning in ("delivered", "returned") else ()
    if place.before[-2:] in HAS_BEEN and "ca" not in place.before:
        return False
    if NOT_YET & {*_without_german_vom(place.before)} or TO_BE & {*last} or _is_wished(place):
        return True
    # German puts its verb last, however much stands between.
    return bool(VERB_FIRST & {*place.earlier})


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
    if place.meaning in RETURN_SIDE | {"delivered"} and _has(PAPERS, PARCEL, place.earlier[-6:]):
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


def _has(wanted: tuple[str, ...], stronger: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Whether one of these is what is spoken of: not "cu ramburs", and no parcel beside it."""
    if any(word.startswith(stronger) for word in said) or said[-1:] in ALSO:
        return False  # "încasat și livrat" is said of what stands before both
    before = ("", *said)
    return any(
        word.startswith(wanted) and led not in BESIDE
        for led, word in zip(before, said, strict=False)
    )


def _begins(wanted: tuple[str, ...], stronger: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Whether one of these is told, before any parcel is."""
    first = next((word for word in said if word.startswith((*wanted, *stronger))), "")
    return first.startswith(wanted) if first else False


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
