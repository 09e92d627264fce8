"""The proof sheet: which documents will be reversed for an order, and why they are believed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from core.orders.documents.readings import as_json
from core.orders.judge.facts import Facts, Invoice, title_of
from core.orders.judge.rules import to_read
from core.reasons import Amount, Reason, ReasonCode, Value


class Believed(ReasonCode):
    """Why a document is believed to be the order's."""

    ORDER = "believed_order"
    CSV = "believed_list"
    PERSON = "believed_person"
    SERVICE = "believed_service"


class ProofCode(ReasonCode):
    """A line of the sheet."""

    LINE = "proof_line"  # invoice, account, total, believed
    LINE_CHECKING = "proof_line_checking"  # the same; its service is still being asked
    LINE_UNREAD = "proof_line_unread"  # invoice, account, believed; still being asked
    LINE_NO_TOTAL = "proof_line_no_total"  # invoice, account, believed; its total is not known


BELIEVED = {
    "order": Believed.ORDER,
    "csv": Believed.CSV,
    "person": Believed.PERSON,
    "service": Believed.SERVICE,
}


def sheet(facts: Facts) -> list[dict[str, Any]]:
    """What would be reversed now, as kept with the reversal and printed as JSON."""
    if facts.chosen.document == "none" or not facts.revert_invoices:
        return []
    asked = {invoice.id for invoice in to_read(facts)}
    return [
        _entry(facts, invoice, checking=invoice.id in asked)
        for invoice in facts.invoices
        if invoice.open
    ]


def _entry(facts: Facts, invoice: Invoice, *, checking: bool) -> dict[str, object]:
    account = facts.accounts.by_connection(invoice.connection_id)
    read_at: dt.datetime | None = invoice.read_at
    return {
        "service": invoice.service,
        "account": invoice.account,
        "account_name": account.name if account else "",
        "series": invoice.series,
        "number": invoice.number,
        "key": list(invoice.place),
        "total_minor": _total(invoice),
        "currency": (invoice.reading.currency if invoice.reading else "") or invoice.currency,
        "named_by": str(BELIEVED.get(invoice.source, Believed.ORDER)),
        "read_at": read_at.isoformat() if read_at else None,
        "reading": as_json(invoice.reading) if invoice.reading else None,
        "checking": checking,
    }


def _total(invoice: Invoice) -> int | None:
    total = invoice.reading.total_minor if invoice.reading else None
    return invoice.total_minor if total is None else total


def line(entry: Mapping[str, Any], currency: str) -> Reason:
    """One entry for a reader: "CVZ 0042 · SmartBill, Casa Verde SRL · 123.45 lei · …"."""
    invoice = f"{entry['series']} {entry['number']}".strip()
    account = ", ".join(
        dict.fromkeys(part for part in (entry["account_name"], entry["account"]) if part)
    )
    parameters: dict[str, Value] = {
        "invoice": invoice,
        "account": account or title_of(entry["service"]),
        "believed": Reason(entry["named_by"]),
    }
    checking = entry["checking"]
    if entry["total_minor"] is None:
        return Reason.of(
            ProofCode.LINE_UNREAD if checking else ProofCode.LINE_NO_TOTAL, **parameters
        )
    total = Amount(entry["total_minor"], entry["currency"] or currency)
    code = ProofCode.LINE_CHECKING if checking else ProofCode.LINE
    return Reason.of(code, total=total, **parameters)


def lines(facts: Facts) -> tuple[Reason, ...]:
    """The whole sheet of an order, a reason a document."""
    return tuple(line(one, facts.order.currency) for one in sheet(facts))


# What a service says of a document that makes it another one when it changes.
COMPARED = (
    "total_minor", "currency", "issued_on", "customer", "order_text", "is_storno", "paid",
    "partly_reversed", "unclear",
)  # fmt: skip

Told = tuple[Value, ...]
NOTHING: Told = ("–",)


def changed(shown: Sequence[Mapping[str, Any]], facts: Facts) -> tuple[Told, Told] | None:
    """What was shown and what it would be now, a line a document, where that is not the same.

    Other documents would be reversed, or a service says something else of one. Shown nothing, a
    document that was found by the order's name and fits is no change where nobody had looked for
    it yet: the sheet said that it would be looked for.
    """
    done = {invoice.place for invoice in facts.invoices if not invoice.open}
    before = {key: dict(one) for one in shown if (key := tuple(one["key"])) not in done}
    after = {tuple(one["key"]): one for one in sheet(facts)}
    if before.keys() == after.keys():
        other = [key for key in before if _other(before[key], after[key])]
        if not other:
            return None
        before, after = ({key: of[key] for key in other} for of in (before, after))
    elif not shown and is_found(facts):
        return None
    currency = facts.order.currency
    was, now = (
        tuple(line(one, currency) for one in of.values()) or NOTHING for of in (before, after)
    )
    return was, now


def is_found(facts: Facts) -> bool:
    """Whether its documents were found by its name, and not looked for before they were shown."""
    if any(invoice.source != "service" for invoice in facts.invoices if invoice.open):
        return False
    if facts.search is None or facts.shown_at is None:
        return True
    return facts.search.first_at > facts.shown_at


def _other(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a service says now what it did not say of a document when that was shown."""
    was, now = before["reading"], after["reading"]
    return bool(was and now and any(was.get(name) != now.get(name) for name in COMPARED))
