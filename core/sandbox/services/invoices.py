"""What all invoicing services of the sandbox share: reversing, annulling, numbers, dates."""

from datetime import date, datetime
from typing import Any

from core.sandbox.state import ROMANIA, Document, State, invoice_key


class NotPossible(Exception):
    """A business refusal: `code` is not_found, reversed, annulled, is_storno, no_series,
    wrong_date or no_pair."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def find(state: State, service: str, series: str, number: str) -> Document | None:
    """The invoice, by its number as written or without its leading zeros."""
    exact = state.get("invoice", f"{service}:{series}:{number}")
    if exact is not None:
        return exact
    alike = state.invoices.numbered(service, number)
    return next((one for one in alike if one["series"] == series), None)


def of(state: State, service: str) -> list[Document]:
    """Every document of one service."""
    return state.invoices.of(service)


def same(one: str, other: str) -> bool:
    """Whether two numbers are one: "0055" and "55"."""
    return one.lstrip("0") == other.lstrip("0")


def reverse(
    state: State,
    service: str,
    series: str,
    number: str,
    *,
    storno_series: str = "",
    issued_on: str = "",
) -> Document:
    """Issue the storno, in its invoice's series and of today where not told. Raises NotPossible."""
    invoice = _open(state, service, series, number)
    key = invoice_key(invoice)
    if invoice["state"] == "reversed" and state.settings["refuse_repeats"]:
        raise NotPossible("reversed")
    chosen = storno_series or invoice["series"]
    if chosen != invoice["series"] and chosen not in all_series(state, service):
        raise NotPossible("no_series")
    day = issued_on or today()
    if not _is_day(day) or day < invoice["issued_on"]:
        raise NotPossible("wrong_date")
    storno: Document = {
        "service": service,
        "series": chosen,
        "number": _take_number(state, service, chosen),
        "order_name": invoice["order_name"],
        "customer": invoice.get("customer", ""),
        "total_minor": -invoice["total_minor"],
        "currency": invoice["currency"],
        "issued_on": day,
        "state": "open",
        "of": key,
    }
    state.put("invoice", invoice_key(storno), storno)
    state.put("invoice", key, {**invoice, "state": "reversed", "storno": invoice_key(storno)})
    state.count("reversed", key, stornos=f"{storno['series']}-{storno['number']}", dates=day)
    return storno


def restore(state: State, service: str, series: str, number: str) -> Document:
    """Undo a storno: the invoice stands again, its storno is void. Raises NotPossible."""
    invoice = find(state, service, series, number)
    if invoice is None:
        raise NotPossible("not_found")
    storno = state.get("invoice", str(invoice.get("storno", "")))
    if invoice["state"] != "reversed" or storno is None:
        raise NotPossible("no_pair")
    state.put("invoice", invoice_key(storno), {**storno, "state": "annulled"})
    again = {name: value for name, value in invoice.items() if name != "storno"}
    state.put("invoice", invoice_key(invoice), {**again, "state": "open"})
    state.count("restored", invoice_key(invoice))
    return {**again, "state": "open"}


def today() -> str:
    """The seller's day."""
    return datetime.now(ROMANIA).date().isoformat()


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


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


def all_series(state: State, service: str) -> list[str]:
    """The series that a service knows: those of its documents, and those of the shop's list."""
    listed = (state.get("shop", "shop") or {}).get("series", {})
    return sorted({one["series"] for one in of(state, service)} | set(listed.get(service, ())))


def next_number(state: State, service: str, series: str) -> int:
    """The number that the next document of a series will have."""
    return int(_cursor(state, service, series)["next"])


def _cursor(state: State, service: str, series: str) -> Document:
    """The next number of a series and how many digits it is written with."""
    kept = state.get("series", f"{service}:{series}")
    if kept is not None:
        return kept
    numbers = [one["number"] for one in of(state, service) if one["series"] == series]
    highest = max((int(n) for n in numbers if n.isdigit()), default=0)
    return {"next": highest + 1, "width": max((len(n) for n in numbers), default=4)}


def _take_number(state: State, service: str, series: str) -> str:
    cursor = _cursor(state, service, series)
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


def tax_within(total_minor: int) -> int:
    """The VAT within a price that includes it, at the usual rate of Romania since August 2025."""
    return round(total_minor * 21 / 121)
