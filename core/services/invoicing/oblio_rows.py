"""What a row of Oblio's list of documents says."""

from typing import Literal

from core.services.http.answers import inner, word
from core.services.http.texts import plain
from core.services.invoicing.efactura import Filing
from core.services.invoicing.reading import day, money, same_number
from core.services.ports import InvoiceFacts, InvoiceRef, Storno


def name(row: dict[str, object]) -> str:
    """What tells a document from all others."""
    return word(row, "id") or f"{word(row, 'seriesName')} {word(row, 'number')}"


def is_storno(row: dict[str, object]) -> bool:
    """Whether a row is a storno: flagged so, or of a negative total."""
    return word(row, "storno") == "1" or total(row).startswith("-")


def total(row: dict[str, object]) -> str:
    """The total as text; the list gives it as text or as a number."""
    value = row.get("total")
    return f"{value:.2f}" if isinstance(value, int | float) else word(row, "total")


def stands(row: dict[str, object]) -> bool:
    """Whether a row is an invoice that was not annulled, and no storno."""
    return word(row, "canceled") != "1" and not is_storno(row)


def storno(row: dict[str, object]) -> Storno:
    """A row as the storno it is."""
    return Storno(word(row, "seriesName"), word(row, "number"), word(row, "link"))


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
    )


def _flag(row: dict[str, object], name: str) -> bool | None:
    return {"0": False, "1": True}.get(word(row, name))


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


def is_alike(row: dict[str, object], invoice: dict[str, object]) -> bool:
    """Whether a row is of the same client and amount, whatever the sign."""
    same_amount = total(row).lstrip("-") == total(invoice).lstrip("-")
    return same_amount and _client(row) == _client(invoice)


def _client(row: dict[str, object]) -> tuple[str, ...]:
    client = inner(row, "client")
    return tuple(plain(word(client, name)) for name in ("cif", "name", "email", "phone"))


def is_row_of(row: dict[str, object], invoice: InvoiceRef) -> bool:
    """Whether a row is of this invoice, leading zeros alike."""
    same_series = word(row, "seriesName") == invoice.series
    return same_series and same_number(word(row, "number"), invoice.number)
