"""Reads what people write into an invoice cell: "smartbill:CVZ:0042", "CVZ 0042", "CVZ-47 / 10.11".

A piece that is not wholly understood is told; it never becomes another number.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from core.orders.documents.references import MOST_IN_RANGE, NUMBER, visible
from core.orders.imports.codes import ImportCode, ImportNote, not_understood
from core.orders.imports.days import MONTHS
from core.services.http.texts import plain

_PIECES = re.compile(r"[,;|\r\n\t]+")
_STRICT = re.compile(
    r"(?P<service>[A-Za-z][\w-]{0,31}(?:@[^:@]{1,60})?)\s*:"
    rf"\s*(?P<series>[^:\s?!*]{{0,40}})\s*:\s*(?P<number>{NUMBER})"
)
_WORDS = re.compile(
    r"^(?:factur[aă]?|fact|fiscal[aă]?|invoice|inv|rechnung|faktura|fakt[uú]ra|sz[aá]mla|sz[aá]m|"
    r"фактура|серия|seria|serie|series|nr|num[aă]r(?:ul)?|no|number|№)"
    r"(?=[\s.:#-]|$)[\s.:#]*",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\s*(?:/|-|–|,|\(|\bdin\b(?:\s+data(?:\s+de)?\b)?|\bdata\b(?:\s+de\b)?|\bdated\b|\bof\b|\s)\s*"
    r"(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2})\)?$",
    re.IGNORECASE,
)
_APART = re.compile(
    r"(?P<series>[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*)[\s:.#/_–-]+"
    r"(?:(?:numarul|numărul|număr|numar|number|num|nr|no)[\s.:#]*)?"
    r"(?P<number>\d{1,20})",
    re.IGNORECASE,
)
_JOINED = re.compile(r"(?P<series>[A-Za-z]+)(?P<number>\d{1,20})")
_NUMBER = re.compile(r"\d{1,20}")
# Papers that are no invoices, and orders: never the series of one.
OTHER_PAPERS = frozenset((
    "aviz", "avizul", "chitanta", "chit", "bon", "bonul", "proforma", "prof", "storno", "comanda",
    "comenzi", "cmd", "order", "ord", "contract", "nota", "nir", "receipt", "receipts", "credit",
    "cui", "cif", "iban", "reg", "avans", "op", "dispozitie", "pag", "pagina", "poz", "pozitia",
    "rand", "linia", "lot", "rata", "transport", "cantitate", "buc", "lei", "ron", "eur",
    "oferta", "deviz", "awb", "fan", "colet", "client", "cod", "id", "ref", "tel", "total",
))  # fmt: skip
# What became of a paper, or what is counted beside it, in front of a number: "anulata 42".
_NO_SERIES = re.compile(
    r"(?:anul(?!\d)|storn|(?:ne)?achit|(?:ne)?plati|(?:ne)?incas|refuz|return?|(?:ne)?livrat|"
    r"(?:ne)?emis|duplic|corect|inlocu|schimb|cancel|revers|refund|(?:un)?paid|void|"
    r"(?:da|nu|an|not|suma|valoare|valoarea|tva|vat|cnp|sku|ean|luna|ziua|year|telefon|mobil|"
    r"ramburs|amount|sum|date|data|yes|no)$)"
)
_VAT_CODE = re.compile(r"ro\d{6,10}")
# What says that there is none; "da", "?", "#REF!" do not.
_NONE = frozenset((
    "", "NA", "NAN", "NONE", "NULL", "NIL", "NU", "NO", "N", "FALSE", "FARA", "FARAFACTURA",
    "LIPSA", "GOL", "EMPTY", "MISSING", "NECOMPLETAT", "NEM", "NINCS", "NEIN", "KEINE", "НЕ",
    "НЯМА",
))  # fmt: skip
_NO_MARKS = frozenset("-–—./ 0'\"")
_BEHIND_A_NAME = frozenset(("", "ro", "eu", "com", "srl", "cloud", "online", "invoicing", "app"))
_STRIPE = re.compile(r"in_[A-Za-z0-9]{5,}")


@dataclass(frozen=True)
class CellInvoice:
    """An invoice as a cell names it, in the form that an order's own attribute has."""

    service: str
    series: str
    number: str

    def __str__(self) -> str:
        """`service:series:number`."""
        return f"{self.service}:{self.series}:{self.number}"


def invoices_in(
    text: str, services: frozenset[str], service: str = "", series: str = ""
) -> tuple[list[CellInvoice], list[ImportNote]]:
    """The invoices that a cell names, and what in it was not understood.

    `services` are those that exist; `service` and `series` are what the form or another column
    says where the cell does not.
    """
    found: dict[CellInvoice, None] = {}
    unclear: list[ImportNote] = []
    if service.strip() and text.strip():
        try:
            service = service_of(service, services)
        except ImportNote as error:
            error.taken = True
            return [], [] if _says_none(visible(text)) else [error]
    text = visible(text.replace("№", " nr ")).strip(" '\"’‘“”„")
    if _says_none(text):
        return [], []
    for piece in (piece.strip() for piece in _PIECES.split(text)):
        if not piece:
            continue
        try:
            found |= dict.fromkeys(_read(piece, services, service.lower().strip(), series.strip()))
        except ImportNote as error:
            error.taken = True
            unclear.append(error)
    return list(found), unclear


def service_of(text: str, services: frozenset[str]) -> str:
    """The service that a cell names, with its company behind "@": "Smart Bill", "FGO.ro".

    Raises ImportNote for one that does not exist.
    """
    name, at, company = text.strip().partition("@")
    bare = re.sub(r"[^a-z0-9]", "", plain(name))
    for one in services:
        if bare.startswith(one) and bare.removeprefix(one) in _BEHIND_A_NAME:
            return f"{one}{at}{company.strip()}"
    raise not_understood(ImportCode.NO_INVOICE_SERVICE, "service", text)


def is_number(text: str) -> bool:
    """Whether a cell beside a series' own is a number: "0042", "42A"; no "da", no "x"."""
    return text.isascii() and text.isalnum() and text[:1].isdigit()


def _says_none(text: str) -> bool:
    """Whether a cell says that there is no invoice: "-", "0", "N/A", "nu"."""
    folded = unicodedata.normalize("NFKD", text).upper()
    bare = "".join(one for one in folded if one.isalnum())
    return bare in _NONE if bare.strip("0") else set(text) <= _NO_MARKS


def _read(piece: str, services: frozenset[str], service: str, series: str) -> Iterator[CellInvoice]:
    parts = piece.split()
    strict = [_STRICT.fullmatch(part) for part in parts]
    whole = _STRICT.fullmatch(piece)
    if whole or all(strict):
        for one in [whole] if whole else strict:
            known = one is not None and one["service"].lower().partition("@")[0] in services
            if one is None or not known or not one["number"].strip("0"):
                raise not_understood(ImportCode.NOT_INVOICE, "invoice", piece)
            yield CellInvoice(one["service"].lower(), one["series"], one["number"])
        return
    yield _loose(piece, services, service, series)


def _are_two(series: str, number: str) -> bool:
    """Whether it may be two numbers of one series: "CVZ0042-0043", "CVZ0042/43", no "CV2026-0042".

    The other number is not much higher, and written as long or shortened.
    """
    first = re.search(r"[A-Za-z](\d{2,})$", series)
    if first is None or len(number) > len(first[1]):
        return False
    last = first[1][: len(first[1]) - len(number)] + number
    is_year = re.fullmatch(r"(?:19|20)\d\d", first[1])
    return not is_year and 0 < int(last) - int(first[1]) <= MOST_IN_RANGE


def _loose(piece: str, services: frozenset[str], service: str, series: str) -> CellInvoice:
    """One invoice written as people do ("Factura FCT 0042"). Raises ImportNote where it is none."""
    if ".." in piece:  # "…" as well: cut off
        raise not_understood(ImportCode.NOT_INVOICE, "invoice", piece)
    bare = piece.strip(" #")
    named = re.match(r"(?i)([a-z]+)(?:\s*:\s*|\s+)(?=\S)", bare)
    if named and named[1].lower() in services:
        service, bare = named[1].lower(), bare[named.end() :]
    bare = _DATE.sub("", bare)
    while (shorter := _WORDS.sub("", bare)) != bare:
        bare = shorter
    bare = bare.strip(" .:#")
    if _STRIPE.fullmatch(bare):
        return CellInvoice("stripe", "", bare)
    read = _APART.fullmatch(bare) or _JOINED.fullmatch(bare)
    if read is None and _NUMBER.fullmatch(bare) and series:
        read_series, number = series, bare
    elif read is not None and series in ("", read["series"]):
        read_series, number = read["series"], read["number"]
    else:
        raise not_understood(ImportCode.NOT_INVOICE, "invoice", piece)
    is_month = plain(read_series) in MONTHS and re.fullmatch(r"(?:19|20)\d\d", number)
    is_other = plain(read_series) in OTHER_PAPERS or _NO_SERIES.match(plain(read_series))
    if not number.strip("0") or (read_series != series and _are_two(read_series, number)):
        raise not_understood(ImportCode.NOT_INVOICE, "invoice", piece)
    is_code = _VAT_CODE.fullmatch(plain(f"{read_series}{number}"))
    if (is_other or is_month or is_code) and read_series != series:
        raise not_understood(ImportCode.NOT_INVOICE, "invoice", piece)
    if not service:
        raise not_understood(ImportCode.NO_INVOICE_SERVICE, "invoice", piece)
    return CellInvoice(service, read_series, number)
