"""What all invoicing services of the sandbox share: reversing, annulling, the next number."""

from typing import Any

from core.sandbox.state import Document, State, invoice_key


class NotPossible(Exception):
    """A business refusal: `code` is not_found, reversed, annulled or is_storno."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def find(state: State, service: str, series: str, number: str) -> Document | None:
    """The invoice, by its number as written or without its leading zeros."""
    exact = state.get("invoice", f"{service}:{series}:{number}")
    if exact is not None:
        return exact
    for invoice in of(state, service):
        if invoice["series"] == series and same(invoice["number"], number):
            return invoice
    return None


def of(state: State, service: str) -> list[Document]:
    """Every document of one service."""
    return [one for one in state.all("invoice").values() if one["service"] == service]


def same(one: str, other: str) -> bool:
    """Whether two numbers are one: "0055" and "55"."""
    return one.lstrip("0") == other.lstrip("0")


def reverse(state: State, service: str, series: str, number: str) -> Document:
    """Issue the storno. Raises NotPossible."""
    invoice = _open(state, service, series, number)
    key = invoice_key(invoice)
    if invoice["state"] == "reversed" and state.settings["refuse_repeats"]:
        raise NotPossible("reversed")
    storno: Document = {
        "service": service,
        "series": invoice["series"],
        "number": next_number(state, service, invoice["series"]),
        "order_name": invoice["order_name"],
        "total_minor": -invoice["total_minor"],
        "currency": invoice["currency"],
        "issued_on": invoice["issued_on"],
        "state": "open",
        "of": key,
    }
    state.put("invoice", invoice_key(storno), storno)
    state.put("invoice", key, {**invoice, "state": "reversed", "storno": storno["number"]})
    state.count("reversed", key, stornos=f"{storno['series']}-{storno['number']}")
    return storno


def annul(state: State, service: str, series: str, number: str) -> Document:
    """Mark the invoice as void. Raises NotPossible."""
    invoice = _open(state, service, series, number)
    if invoice["state"] == "reversed":
        raise NotPossible("reversed")
    if invoice["state"] == "annulled" and state.settings["refuse_repeats"]:
        raise NotPossible("annulled")
    annulled = {**invoice, "state": "annulled"}
    state.put("invoice", invoice_key(invoice), annulled)
    state.count("annulled", invoice_key(invoice))
    return annulled


def _open(state: State, service: str, series: str, number: str) -> Document:
    invoice = find(state, service, series, number)
    if invoice is None:
        raise NotPossible("not_found")
    if invoice.get("of"):
        raise NotPossible("is_storno")
    if invoice["state"] == "annulled" and state.settings["refuse_repeats"]:
        raise NotPossible("annulled")
    return invoice


def next_number(state: State, service: str, series: str) -> str:
    """The next number of a series, as wide as its numbers are."""
    cursor = state.get("series", f"{service}:{series}")
    if cursor is None:
        numbers = [i["number"] for i in of(state, service) if i["series"] == series]
        highest = max((int(n) for n in numbers if n.isdigit()), default=0)
        width = max((len(n) for n in numbers), default=4)
        cursor = {"next": highest + 1, "width": width}
    number: int = cursor["next"]
    state.put("series", f"{service}:{series}", {**cursor, "next": number + 1})
    return str(number).zfill(cursor["width"])


def money(minor: int) -> str:
    """1050 as "10.50"."""
    return f"{minor / 100:.2f}"


def matches(invoice: Document, **wanted: Any) -> bool:
    """Whether every wanted value that is given fits."""
    for name, value in wanted.items():
        if not value:
            continue
        have = str(invoice.get(name, ""))
        if not (same(have, value) if name == "number" else have == value):
            return False
    return True
