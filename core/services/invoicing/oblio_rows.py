"""What a row of Oblio's list of documents says.

The list holds drafts beside what was issued: `draft` "1". They are no documents yet, whatever
number they show, so no question here counts them.
"""

import functools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Literal

from core.services.http.answers import inner, word
from core.services.http.texts import plain
from core.services.invoicing.efactura import Filing
from core.services.invoicing.listing import Row
from core.services.invoicing.reading import day, money, same_number, unclear
from core.services.ports import InvoiceFacts, InvoiceRef, Storno

OTHER_PAPERS = ("proforma", "aviz")  # what Oblio calls its documents that are no invoices
ROUNDING = 100  # minor units by which a whole storno may differ: its lines are rounded anew


def name(row: dict[str, object]) -> str:
    """What tells a document from all others."""
    return word(row, "id") or f"{word(row, 'seriesName')} {word(row, 'number')}"


def flag(row: dict[str, object], name: str) -> str:
    """A flag as the list writes it, "0" or "1", also where it comes as true or false."""
    value = row.get(name)
    if isinstance(value, str):  # as nearly all come, and a reading has a thousand
        return value.strip()
    return str(int(value)) if isinstance(value, int) else ""


def is_storno(row: dict[str, object]) -> bool:
    """Whether a row is a storno: flagged so, or of a negative total."""
    return flag(row, "storno") == "1" or total(row).startswith("-")


def total(row: dict[str, object]) -> str:
    """The total as text; the list gives it as text or as a number."""
    value = row.get("total")
    if isinstance(value, str):
        return value.strip()
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:.2f}" if is_number else ""


def is_issued(row: dict[str, object]) -> bool:
    """Whether a row is a document that stands: no draft, and not annulled."""
    return flag(row, "draft") != "1" and flag(row, "canceled") != "1"


def stands(row: dict[str, object]) -> bool:
    """Whether a row is an invoice that was issued and not annulled, and no storno."""
    return is_issued(row) and _is_invoice(row) and not is_storno(row)


def _is_invoice(row: dict[str, object]) -> bool:
    return plain(word(row, "type")) not in OTHER_PAPERS


def storno(row: dict[str, object]) -> Storno:
    """A row as the storno it is."""
    return Storno(word(row, "seriesName"), word(row, "number"), word(row, "link"))


FLAGS = dict.fromkeys(("stornoed", "canceled", "collected"), ("0", "1"))


def facts(row: dict[str, object], order_field: str) -> InvoiceFacts:
    """What a row tells of its document; `order_field` names the order."""
    return InvoiceFacts(
        series=word(row, "seriesName"),
        number=word(row, "number"),
        total_minor=money(total(row)),
        currency=word(row, "currency"),
        issued_on=day(word(row, "issueDate")),
        order_text=word(row, order_field) if order_field else "",
        customer=word(inner(row, "client"), "name"),
        is_storno=is_storno(row),
        reversed=_flag(row, "stornoed"),
        annulled=_flag(row, "canceled"),
        paid=_flag(row, "collected"),
        unclear=unclear({name: flag(row, name) for name in FLAGS}, FLAGS),
    )


def _flag(row: dict[str, object], name: str) -> bool | None:
    return {"0": False, "1": True}.get(flag(row, name))


# Of `einvoiceStatus`, as Oblio's documents count them; any other is not known.
_FILING: dict[str, Literal["waiting", "refused", "filed"]] = {
    "-1": "waiting",  # not sent
    "0": "waiting",  # arrived, being worked on
    "1": "filed",
    "2": "refused",  # it has errors and was not sent
}


def filing(row: dict[str, object]) -> Filing | None:
    """How far a document is on its way to e-Factura; None where the row does not tell."""
    einvoice = inner(row, "einvoiceStatus")
    state = _FILING.get(word(einvoice, "code"))
    if state == "filed" and einvoice.get("sent") is False:
        return None
    return Filing(state, word(einvoice, "text")) if state else None


Amount = tuple[Decimal | str, str]


@dataclass
class ClientPapers:
    """What was reversed for one client: its stornos by their amount, and how many documents of an
    amount are flagged as reversed. `credited`: minor units of all the stornos together."""

    stornos: dict[Amount, list[Row]] = field(default_factory=lambda: defaultdict(list))
    reversed: Counter[Amount] = field(default_factory=Counter)
    credited: int = 0

    def add(self, row: Row) -> None:
        """Count one more document that is a storno, or flagged as reversed."""
        amount = _amount(row)
        if is_storno(row):
            self.stornos[amount].append(row)
            self.credited += _size(row)
        if flag(row, "stornoed") == "1":
            self.reversed[amount] += 1


@dataclass(frozen=True)
class Issued:
    """What was reversed of the documents that stand, by client; `whole`: of all since some day."""

    by_client: Mapping[tuple[str, ...], ClientPapers]
    whole: bool

    def beside(self, invoice: Row) -> ClientPapers:
        """Those made out to the invoice's client."""
        return self.by_client.get(_client(invoice)) or ClientPapers()


def issued(rows: Iterable[Row], *, whole: bool) -> Issued:
    """What was reversed by the list's rows that stand, each document once, as it came last."""
    once = {(word(row, "seriesName"), word(row, "number")): row for row in rows if is_issued(row)}
    found: dict[tuple[str, ...], ClientPapers] = defaultdict(ClientPapers)
    for row in once.values():
        if flag(row, "stornoed") == "1" or is_storno(row):
            found[_client(row)].add(row)
    return Issued(found, whole)


_OF_CLIENT = ("cif", "name", "email", "phone")


def _client(row: Row) -> tuple[str, ...]:
    client = inner(row, "client")
    return _in_one_writing(*(word(client, name) for name in _OF_CLIENT))


@functools.lru_cache(maxsize=1024)
def _in_one_writing(*words: str) -> tuple[str, ...]:
    """A client's words as they compare; pages of one client say them a hundred times."""
    return tuple(plain(one) for one in words)


def reversal(
    invoice: Row, beside: ClientPapers, *, whole: bool
) -> Storno | Literal["none", "maybe", "partly"]:
    """What stands for an invoice; `beside`: its client's documents since, `whole` where all.

    A Storno: the invoice is flagged as reversed, and it is this one where only one can be, else an
    empty one. "none": not flagged, and no storno is left over. "maybe": a storno more than there
    are reversed invoices of this amount. "partly": the invoice is flagged, and all that was
    reversed of this client since is less than it.
    """
    amount = _amount(invoice)
    stornos, reversed_ = beside.stornos.get(amount, []), beside.reversed[amount]
    if flag(invoice, "stornoed") == "1":
        if whole and not stornos and 0 < beside.credited < _size(invoice) - ROUNDING:
            return "partly"
        return storno(stornos[0]) if len(stornos) == 1 and reversed_ <= 1 else Storno()
    # Where the list was cut, a storno may be there without the invoice that it is of.
    return "maybe" if whole and len(stornos) > reversed_ else "none"


def _amount(row: Row) -> Amount:
    """The total without its sign, however many zeros it has, and its currency."""
    text = total(row).lstrip("-")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text, word(row, "currency")
    return number if number.is_finite() else text, word(row, "currency")


def _size(row: dict[str, object]) -> int:
    """The amount without its sign, in minor units; nothing where it is not told."""
    return abs(money(total(row)) or 0)


def is_row_of(row: dict[str, object], invoice: InvoiceRef) -> bool:
    """Whether a row is of this invoice, leading zeros alike; a draft is of none."""
    same_series = word(row, "seriesName") == invoice.series
    is_this = same_series and same_number(word(row, "number"), invoice.number)
    return is_this and _is_invoice(row) and flag(row, "draft") != "1"
