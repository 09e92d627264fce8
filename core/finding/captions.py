"""What couriers print in front of a field, in the languages of their labels, and whose it makes the
lines around it by where they stand.

The words are those on public label samples and in public manuals of couriers in Romania, Hungary,
Bulgaria, Poland and Germany, and their English editions; without marks, as `folding.fold` gives.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from core.finding.folding import fold


class Caption(StrEnum):
    """What the text behind a caption, or below it, is."""

    SENDER = "sender"
    RECEIVER = "receiver"
    REFERENCE = "reference"
    CASH = "cash"
    WEIGHT = "weight"
    PHONE = "phone"
    POSTCODE = "postcode"
    TOWN = "town"
    STREET = "street"
    ORIGINAL = "original"
    TRACKING = "tracking"
    OTHER = "other"


Role = Literal["sender", "receiver", ""]
Box = tuple[float, float, float, float]  # left, top, right, bottom

BLOCKS = (Caption.SENDER, Caption.RECEIVER)

_WORDS: dict[Caption, tuple[str, ...]] = {
    Caption.SENDER: (
        "expeditor", "exp", "sender", "from", "shipper", "ship from", "return address", "retur la",
        "retur catre", "felado", "kuldo", "подател", "изпращач", "nadawca", "nadawca przesylki",
        "absender", "versender", "punct de ridicare", "ridicare", "consignor", "de la",
    ),
    Caption.RECEIVER: (
        "destinatar", "dest", "catre", "receiver", "recipient", "consignee", "deliver to",
        "ship to", "to", "livrare la", "livrare", "nume destinatar", "client", "customer",
        "cimzett", "cimzett neve", "atvevo", "получател", "odbiorca", "adresat", "empfaenger",
        "empfanger", "an", "adresa livrare", "adresa de livrare", "delivery address", "beneficiar",
    ),
    Caption.REFERENCE: (
        "ref", "referinta", "referinta client", "ref client", "referinta expeditor", "reference",
        "ref no", "cust ref", "customer reference", "sender reference", "comanda", "nr comanda",
        "numar comanda", "comanda nr", "order", "order no", "order number", "order id", "rendeles",
        "rendelesszam", "rendeles szam", "hivatkozas", "ugyfelhivatkozas", "поръчка",
        "номер на поръчка",
        "референция", "референтен номер", "zamowienie", "nr zamowienia", "numer zamowienia",
        "referencja", "nr ref", "numer referencyjny", "bestellnummer", "bestellung", "bestell nr",
        "auftrag", "auftragsnummer", "auftragsnr", "referenz", "kundenreferenz", "ihre referenz",
        "observatii", "remarks", "mentiuni", "megjegyzes", "забележка", "uwagi", "bemerkung",
        "continut si referinta", "document",
    ),
    Caption.CASH: (
        "ramburs", "ramburs cont", "ramburs colector", "suma ramburs", "valoare ramburs",
        "ramburs numerar", "cod", "c o d", "cash on delivery", "cod amount", "amount due",
        "to collect", "suma de incasat", "de incasat", "incasare", "total de plata", "de plata",
        "utanvet", "utanvetel", "utanvet osszege", "beszedendo osszeg", "наложен платеж", "нп",
        "сума за събиране", "pobranie", "kwota pobrania", "za pobraniem", "nachnahme",
        "nachnahmebetrag", "betrag",
    ),
    Caption.WEIGHT: (
        "greutate", "greut", "masa", "weight", "gross weight", "suly", "tomeg", "тегло", "waga",
        "gewicht", "kg",
    ),
    Caption.PHONE: (
        "tel", "telefon", "phone", "mobil", "mobile", "tel contact", "telefonszam", "телефон",
        "тел",
        "nr tel", "contact", "gsm", "telefon destinatar",
    ),
    Caption.POSTCODE: (
        "cod postal", "cp", "zip", "zip code", "postcode", "postal code", "iranyitoszam", "irsz",
        "пощенски код", "п к", "kod pocztowy", "plz", "postleitzahl",
    ),
    Caption.TOWN: (
        "localitate", "loc", "oras", "city", "town", "varos", "telepules", "град", "населено място",
        "miasto", "miejscowosc", "ort", "stadt",
    ),
    Caption.STREET: (
        "adresa", "adr", "address", "cim", "utca", "адрес", "adres", "ulica", "adresse",
        "anschrift", "adresa destinatar",
    ),
    Caption.ORIGINAL: (
        "awb initial", "awb original", "awb tur", "awb vechi", "awb de tur", "nr awb initial",
        "retur pentru awb", "retur awb", "retur al awb", "retur la awb", "redirectionat din awb",
        "colet retur", "retur colet", "original awb", "original tracking", "original shipment",
        "return of awb", "return of", "return for", "ret of", "eredeti csomagszam", "eredeti awb",
        "visszaru csomag", "оригинална товарителница", "връщане на", "връщане по товарителница",
        "nr oryginalny", "zwrot do przesylki", "zwrot przesylki", "numer pierwotny",
        "ursprungliche sendungsnummer", "ruecksendung zu", "rucksendung zu", "orig awb",
    ),
    Caption.TRACKING: (
        "awb", "nr awb", "awb nr", "numar awb", "tracking", "tracking no", "tracking number",
        "tracking nr", "shipment", "shipment no", "parcel no", "parcel number", "colet nr",
        "csomagszam", "kuldemenyazonosito", "товарителница", "номер на пратка", "nr przesylki",
        "numer przesylki", "numer paczki", "sendungsnummer", "sendungsnr", "paketnummer",
        "waybill", "air waybill", "barcode",
    ),
    Caption.OTHER: (
        "continut", "content", "contents", "serviciu", "service", "zona", "zone", "ruta", "route",
        "data", "date", "data expedierii", "colet", "colete", "parcel", "pieces", "nr colete",
        "plicuri", "dimensiuni", "dimensions", "valoare declarata", "declared value", "asigurare",
        "optiuni", "options", "tartalom", "szolgaltatas", "datum", "услуга", "съдържание", "дата",
        "usluga", "zawartosc", "dienst", "inhalt", "plata", "plata expeditie", "depot", "hub",
        "deschidere colet", "print", "tiparit", "cui", "cif", "iban", "locker", "easybox",
        "cod client",
        "client id", "customer id", "cont client", "account", "versiune", "ver",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Captioned:
    """A caption at the head of a line, and what stands behind it (as printed)."""

    caption: Caption
    rest: str


@functools.cache
def _phrases() -> dict[str, Caption]:
    return {fold(one): kind for kind, listed in _WORDS.items() for one in listed}


_LONGEST = 4  # words of a caption
_LONE = frozenset({"TO", "AN", "DE LA", "EXP", "DEST", "LOC", "CP", "KG", "DATA", "FROM", "CONTACT",
                   "CONT", "ORT", "CIM", "MASA", "CLIENT", "NP", "COD", "LIVRARE", "ORDER",
                   "DOCUMENT", "COLET", "PARCEL", "REF", "TEL", "PHONE"})  # fmt: skip


def caption_of(text: str) -> Captioned | None:
    """The longest caption that a line begins with; None where it begins with none.

    A short word that is also a name, or a part of one, counts only before a sign or alone.
    """
    words = text.replace(":", ": ").split()
    for count in range(min(_LONGEST, len(words)), 0, -1):
        head = " ".join(words[:count])
        kind = _phrases().get(fold(head))
        if kind is None or not fold(words[count - 1]):  # a sign alone may be a currency's
            continue
        rest = " ".join(words[count:]).lstrip(" :.-–#=")
        marked = head.rstrip().endswith((":", ".", "#", "-")) or not rest
        if fold(head) in _LONE and not marked and not rest[:1].isdigit():
            following = words[count] if len(words) > count else ""
            if not following.startswith(("#", ":")):
                continue
        return Captioned(kind, rest)
    return None


def by_block(
    boxes: Sequence[Box], captions: Sequence[Caption | None]
) -> list[tuple[Role, list[int]]]:
    """The lines of each block, the caption's own line included; "": of none, which may be anybody.

    A line belongs to the nearest caption above it in its column; captions side by side part the
    label into columns.
    """
    heads = [at for at, one in enumerate(captions) if one in BLOCKS]
    groups: dict[int, list[int]] = {head: [] for head in heads}
    loose: list[int] = []
    for at, box in enumerate(boxes):
        head = at if at in groups else _head_of(box, [h for h in heads if h != at], boxes)
        (loose if head is None else groups[head]).append(at)
    found: list[tuple[Role, list[int]]] = []
    for head, members in groups.items():
        found.append(("sender" if captions[head] is Caption.SENDER else "receiver", members))
    return [*found, ("", loose)] if loose else found


def _head_of(box: Box, heads: Sequence[int], boxes: Sequence[Box]) -> int | None:
    height = max(1.0, box[3] - box[1])
    above = [h for h in heads if boxes[h][1] <= box[1] + 0.3 * height]
    fitting = [h for h in above if not _in_other_column(box, h, heads, boxes)]
    return max(fitting, key=lambda h: (boxes[h][1], boxes[h][0]), default=None)


def _in_other_column(box: Box, head: int, heads: Sequence[int], boxes: Sequence[Box]) -> bool:
    """Whether a caption beside this one is nearer in width, or the line begins left of it."""
    slack = max(6.0, boxes[head][3] - boxes[head][1])
    if box[2] < boxes[head][0] - slack:
        return True
    if box[0] >= boxes[head][0] - 2 * slack:
        beside = [
            h for h in heads
            if abs(boxes[h][1] - boxes[head][1]) < 2 * slack and boxes[h][0] > boxes[head][2]
        ]  # fmt: skip
        return any(box[0] >= boxes[h][0] - slack for h in beside)
    return False
