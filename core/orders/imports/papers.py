"""What a list of invoices says that a row is: an invoice that stands, or some other paper."""

import re
from collections.abc import Mapping

from core.labels.cells import is_placeholder
from core.orders.imports.codes import ImportCode, ImportNote, not_understood
from core.services.http.texts import plain
from core.services.phrases import NEGATIONS


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Whole words, as `plain` writes them. "Stornata" is an invoice that has a storno: its service is
# asked about it before anything is done.
_INVOICE = _set(
    "factura facturi fact fct f ff fv inv invoice invoices fiscala fiscal rechnung szamla "
    "faktura fattura facture fakture racun фактура tax 380"
)
_OTHER = _set(
    "proforma prof pro-forma aviz avizul chitanta chit bon bonul receipt receipts oferta deviz "
    "comanda order estimate quote draft drafts ciorna schita quittung nyugta dijbekero paragon "
    "ricevuta preventivo проформа касова разписка 325"
)
_STORNO = _set(
    "storno stornare credit creditnote creditare gutschrift stornorechnung sztorno helyesbito "
    "korekta korygujaca dobropis avoir retur cn 381 сторно кредитно"
)
_UNDONE = _set(
    "anulat anulata anulate stearsa sters ciorna draft cancelled canceled voided void "
    "annulled deleted storniert geloscht annullata anulowana zrusena stornovana torolt torolve "
    "sztornozott ervenytelen annulee анулирана изтрита"
)
_YES = _set("da yes y true 1 x ja igen tak ano si oui да")
_NO = _set("nu no n false 0 nem nein nie ne non не")
_PARTS = _set("partial partially partiala parte reszben teilweise частично")


def left_out(row: Mapping[str, str]) -> ImportNote | None:
    """Why a row names no invoice of its order: a proforma, a receipt, an annulled one, a draft.

    Raises ImportNote for a storno, and for what is no word we know: a person must look.
    """
    kind, status, undone = (row.get(name, "") for name in ("kind", "status", "cancelled"))
    if note := _of_kind(kind):
        return note
    said = _words(status)
    if said & _UNDONE and not said & NEGATIONS:
        if said & _PARTS:
            raise not_understood(ImportCode.UNKNOWN_PAPER, "status", status)
        return not_understood(ImportCode.OTHER_PAPER, "status", status)
    if "storno" in said and not said & NEGATIONS:
        raise not_understood(ImportCode.OTHER_PAPER, "status", status)
    answer = plain(undone).strip(" .")
    if answer in _YES:
        return not_understood(ImportCode.OTHER_PAPER, "cancelled", undone)
    if answer not in _NO and not is_placeholder(undone):
        raise not_understood(ImportCode.UNKNOWN_PAPER, "cancelled", undone)
    return None


def _of_kind(kind: str) -> ImportNote | None:
    said = _words(kind)
    if not said or is_placeholder(kind):
        return None
    if said & NEGATIONS:
        raise not_understood(ImportCode.UNKNOWN_PAPER, "kind", kind)
    if said & _STORNO:
        raise not_understood(ImportCode.OTHER_PAPER, "kind", kind)
    if said & _OTHER:
        return not_understood(ImportCode.OTHER_PAPER, "kind", kind)
    if said & _INVOICE:
        return None
    raise not_understood(ImportCode.UNKNOWN_PAPER, "kind", kind)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+(?:-[^\W_]+)?", plain(text)))
