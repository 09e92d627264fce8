"""Words that people write beside a tracking number in one field, and what they say about it.

A caption only says what the number is and is left out. A word says something else, so the field
is no plain number. Both without marks, as `bare` gives them.
"""

import functools
import re
import unicodedata

from core.labels.reading import couriers

# "AWB", "nr.", in the languages of the couriers' countries. Several may follow each other.
CAPTIONS = frozenset((
    "nr", "numar", "numarul", "no", "num", "number", "n°", "t/n", "s.a", "sa", "s.r.l", "srl",
    "awb", "awb-ul", "awb-uri", "awb-urile", "tracking", "track", "tracking id", "tracking code",
    "waybill", "air waybill", "airway bill", "consignment", "shipment", "barcode",
    "colet", "coletul", "colete", "coletele", "pachet", "pachetul", "parcel", "package",
    "courier", "curier", "curierul", "expeditie", "expeditia", "scrisoare de transport",
    "cod awb", "cod tracking", "cod colet", "cod de urmarire", "cod urmarire", "cod de bare",
    "numero", "numer", "cislo", "szam", "szama", "номер", "nummer",
    "sendungsnummer", "sendungsnr", "sendung", "paketnummer", "paketnr", "paket",
    "trackingnummer", "zasilka", "zasilky", "zasielka", "zasielky", "sledovaci",
    "csomag", "csomagszam", "fuvarlevel", "fuvarlevelszam", "szallitolevel",
    "kuldemeny", "kuldemenyszam", "kuldemenyazonosito", "nyomkovetes", "nyomkovetesi",
    "paczka", "paczki", "przesylka", "przesylki", "list przewozowy", "listu przewozowego",
    "товарителница", "товарителницата", "пратка", "пратката", "на товарителница",
    "на товарителницата", "на пратка", "на пратката", "накладная", "посылка",
    "spedizione", "di spedizione", "tracciamento", "lettera di vettura", "colis", "de suivi",
    "suivi", "lettre de voiture", "envio", "de envio", "guia", "de guia", "seguimiento",
    "de seguimiento",
))  # fmt: skip

# Couriers by other names than their own.
COMMON_NAMES = frozenset(
    (
        "fancourier",
        "fan curier",
        "urgent cargus",
        "urgentcargus",
        "sameday courier",
        "samedaycourier",
        "posta romana",
        "dhl express",
        "gls romania",
        "dpd romania",
        "easybox",
    )
)

# What letters beside a number say that are few enough to be a part of it ("RR", "URGC").
WORDS = frozenset((
    "id", "kg", "ul", "uri", "tel", "tlf", "telefon", "mob", "mobil", "gsm", "fax", "sms", "pin",
    "cnp", "cui", "iban", "zip", "cod", "code", "kod", "ref", "refuz", "refuzat", "ret", "retur",
    "return", "returned", "cmd", "ord", "order", "comanda", "fact", "fac", "factura", "inv",
    "invoice", "tva", "vat", "buc", "bucati", "bcs", "pcs", "pc", "szt", "ks", "db", "stk", "set",
    "qty", "cant", "plic", "box", "cutie", "bag", "lei", "ron", "eur", "euro", "usd", "huf", "bgn",
    "pln", "czk", "gbp", "cash", "card", "pos", "cost", "pret", "plus", "total", "azi", "ieri",
    "data", "date", "ora", "ok", "tur", "dus", "swap", "nou", "new", "old", "test", "din", "prin",
    "sau", "via", "per", "vezi", "see", "for", "the", "ext", "тел", "кг", "бр", "лв", "код",
))  # fmt: skip
LITTLE = frozenset((
    "de", "la", "pe", "cu", "si", "in", "of", "to", "or", "on", "by", "ex", "az", "es", "na",
    "do", "od", "di", "du", "le", "el", "и", "на", "от", "до",
))  # fmt: skip
MOST_LETTERS = 4  # of a piece of a number that stands apart: "JJD 0099…", "URGC 1087…"
_UNDIVIDED = {"ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ø": "o", "Ø": "o", "ı": "i"}
_GLUED = re.compile(r"(?P<word>[^\W\d_]{2,})(?P<digits>\d{8,})")


def bare(text: str) -> str:
    """In lower case and without marks, a character for each of the (composed) text."""
    return "".join(_plain(one) for one in text)


def _plain(character: str) -> str:
    character = _UNDIVIDED.get(character, character)
    base = unicodedata.normalize("NFKD", character)[0].lower()
    return base if len(base) == 1 else character


@functools.cache
def _label() -> re.Pattern[str]:
    return re.compile(rf"(?:(?:{_either(CAPTIONS | _names())})(?=[\s.:#-]|$)[\s.:#-]*)+")


@functools.cache
def _behind() -> re.Pattern[str]:
    return re.compile(rf"[\s(\[-]+(?:{_either(_names())})(?:\s+courier|\s+curier)?[)\]]?$")


@functools.cache
def _names() -> frozenset[str]:
    """The couriers' names."""
    names = {bare(name) for one in couriers().values() for name in (one.slug, one.title)}
    return frozenset(names | COMMON_NAMES)


@functools.cache
def _caption_words() -> frozenset[str]:
    return WORDS | CAPTIONS | _names()


def _either(words: frozenset[str]) -> str:
    """As an alternative of a regular expression, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def without_captions(text: str) -> str:
    """The text without captions and couriers' names before it: "AWB", "FAN Courier:", "AWB7000…".

    A caption without a blank is left out before eight digits and more; a courier's name, where
    the digits are that courier's.
    """
    found = _label().match(bare(text))
    rest = text[found.end() :] if found else text
    glued = _GLUED.fullmatch(rest)
    if not glued:
        return rest
    word, digits = bare(glued["word"]), glued["digits"]
    courier = couriers().get(word)
    is_its = courier is not None and bool(courier.recognises(digits) or courier.cuts(digits))
    return digits if is_its or word in CAPTIONS else rest


def without_courier(text: str) -> str:
    """The text without a courier's name behind it: "7000… (FAN)", "7000… - FAN Courier"."""
    found = _behind().search(bare(text))
    return text[: found.start()] if found else text


def is_word(piece: str) -> bool:
    """Whether letters that stand beside a number are no part of it: "retur", "tel", "Cod"."""
    if not piece.isalpha():
        return False
    plain = bare(piece)
    small = not piece.isupper()
    return (
        len(piece) > MOST_LETTERS
        or plain in WORDS
        or (small and (plain in LITTLE or (len(piece) > 2 and not _begins_a_number(plain))))
    )


@functools.lru_cache(maxsize=1000)
def _begins_a_number(letters: str) -> bool:
    """Whether a courier's numbers begin with these letters: "urgc"."""
    tries = [letters.upper() + "0" * digits for digits in range(6, 16)]
    return any(one.recognises(text) for one in couriers().values() for text in tries)


def is_glued_word(text: str) -> bool:
    """Whether a word stands before or behind digits without a blank: "tel0722…", "1234567kg"."""
    found = re.fullmatch(r"([^\W\d_]*)\d+([^\W\d_]*)", text)
    if not found:
        return False
    words = [one for one in found.groups() if len(one) > 2 or (one and not one.isupper())]
    return any(
        bare(one) in _caption_words() or (len(one) > MOST_LETTERS and not one.isupper())
        for one in words
    )
