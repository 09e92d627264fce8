"""What a list says that a row is: an invoice that stands or another paper, an order and its state,
or no row of the list at all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.labels.cells import is_placeholder
from core.orders.imports.codes import ImportCode, ImportNote, not_understood
from core.services.couriers.statuses import status_of_text
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
# Of orders; what a courier's report says of a parcel is read as its words are.
_PENDING = _set(
    "draft drafts ciorna schita entwurf piszkozat koncept szkic чернова abandoned abandonata"
)
_GIVEN_BACK = _set(
    "refunded rambursat rambursata erstattet visszateritve visszaterites vracena zwrocono "
    "възстановена remboursee rimborsato"
)
_OPEN = _set(
    "noua nou new neanulata neanulat open deschisa deschis confirmat confirmata confirmed "
    "procesare procesata procesat processing processed pending asteptare hold curs progress lucru "
    "pregatire pregatita ambalare impachetata packed facturata invoiced platita achitata paid "
    "neplatita unpaid expediat expediata shipped sent trimisa predata fulfilled unfulfilled "
    "finalizata finalizat completed complete finished incheiata inchisa closed uj feldolgozas "
    "feldolgozva fuggoben teljesitve lezarva szallitas kiszallitas neu bearbeitung offen "
    "versendet versandt abgeschlossen erledigt nova prijata zpracovava odeslana vyrizena "
    "spracovava odoslana vybavena nowe przyjete realizacji wyslane zrealizowane zakonczone нова "
    "обработва обработена изпратена завършена приключена"
)
# How a cancel begins that is wanted, or of a part: "anulare solicitata", "pending cancellation".
_CANCEL = re.compile(r"(?<!\w)(?:ann?ul|cancel|storn|sztorn|zrus|torl|torol|отмен|анулир)")
_SUM = re.compile(
    r"(?:(?:grand|sub|general) ?)?(?:total(?:e|uri|ul|s)?|suma|sum|summe|gesamt(?:summe)?|"
    r"insgesamt|(?:mind)?osszesen|razem|ogolem|celkem|spolu|общо|всичко|сума|итого|всего|разом|συνολο|"
    r"ukupno|skupaj|toplam|somme)(?: general)?(?=[\s:.]|$)"
)
BESIDE_A_SUM = ("tracking", "created_at", "customer", "courier", "payment")  # where its word stands


@dataclass(frozen=True)
class ListedState:
    """What a list says of an order, in the shop's own words where it has one.

    `asked`: the cell, where a person must look before the order is reversed: the list says that it
    is cancelled already, that its parcel was delivered, or that it is no order yet.
    """

    display_status: str = ""
    financial_status: str = ""
    asked: str = ""


def order_state(row: Mapping[str, str], remarks: list[ImportNote]) -> ListedState:
    """The state of an order by its columns; what was not understood, or holds it, is a remark.

    The list is no shop: what it says cancels nothing and proves no cancel (rule 6).
    """
    status, undone = row.get("status", ""), row.get("cancelled", "")
    answer = plain(undone).strip(" .")
    if answer in _YES or (answer not in _NO and not is_placeholder(undone)):
        return _to_be_looked_at("cancelled", undone, remarks)
    said = frozenset(re.findall(r"[^\W_]+", plain(status)))
    if not said or is_placeholder(status):
        return ListedState()
    meant = status_of_text(status)
    if meant == "delivered":
        return _to_be_looked_at("status", status, remarks, "DELIVERED")
    if meant in ("refused", "failed", "returning", "returned"):
        return ListedState(display_status="NOT_DELIVERED")
    is_denied = bool(said & NEGATIONS)
    if meant == "cancelled" or (_CANCEL.search(plain(status)) and not is_denied):
        return _to_be_looked_at("status", status, remarks)
    if said & _PENDING and not is_denied:
        return _to_be_looked_at("status", status, remarks)
    if said & _GIVEN_BACK and not is_denied:
        return ListedState(financial_status="REFUNDED")
    if meant == "unknown" and not said & (_OPEN | _UNDONE):
        remarks.append(_taken(ImportCode.UNKNOWN_STATE, "status", status))
    return ListedState()


def _to_be_looked_at(
    column: str, text: str, remarks: list[ImportNote], display_status: str = ""
) -> ListedState:
    remarks.append(_taken(ImportCode.LISTED_STATE, column, text))
    return ListedState(display_status, asked=f"{column}: {text}")


def _taken(code: ImportCode, column: str, text: str) -> ImportNote:
    remark = not_understood(code, column, text)
    remark.taken = True
    return remark


def is_sum(row: Mapping[str, str]) -> bool:
    """Whether a row is the sum below a list: what it says of totals and counts is of no order."""
    if name := plain(row["order"]).strip():
        return _SUM.match(name) is not None
    return any(_SUM.fullmatch(plain(row.get(one, "")).strip(" :.")) for one in BESIDE_A_SUM)


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
