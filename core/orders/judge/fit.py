"""Whether a document fits its order: named ones by what is told, found ones by everything."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from core.clock import day, now
from core.money import one_code
from core.orders.documents.references import visible
from core.orders.judge.facts import Facts, Invoice
from core.orders.judge.mentions import is_mentioned_only
from core.orders.judge.names import names_of, same_customer
from core.orders.judge.reasons import JudgeCode
from core.orders.names import bare, written
from core.reasons import Amount, Reason
from core.services.invoicing.listing import naming
from core.services.outcome import Refusal

# The services that we know date their documents by the day in Romania, wherever the merchant's
# desk stands (`time_zone`): SmartBill, Oblio and FGO write no other, Stripe's moments are read so.
_BLANK_BEHIND_SIGN = re.compile(r"#\s+(?=\w)")  # "# 1001" is "#1001"
DOCUMENTS = ZoneInfo("Europe/Bucharest")


def misfits(facts: Facts) -> Iterator[Reason]:
    """What does not fit, of the open invoices of an order; both sides in each reason."""
    everything = [invoice for invoice in facts.invoices if not invoice.rivals]
    invoices = [invoice for invoice in everything if invoice.open]
    for invoice in invoices:
        yield from _itself(facts, invoice)
    taken = _currencies(facts, everything)
    for invoice in invoices:
        yield from _currency(facts, invoice, taken)
    yield from _totals(facts, everything, invoices)
    for invoice in invoices:
        if invoice.source == "service":
            yield from _found(facts, invoice)


def _itself(facts: Facts, invoice: Invoice) -> Iterator[Reason]:
    """What speaks against reversing a document in what its service says of it alone."""
    reading, name = invoice.reading, invoice.name
    if invoice.refused is not None:
        if invoice.refused.code == Refusal.NOT_FOUND:
            yield Reason.of(JudgeCode.NOT_FOUND, invoice=name, service=invoice.title)
        else:
            why = invoice.refused.parameters.get("why")
            yield Reason.of(JudgeCode.UNREADABLE, invoice=name, service=invoice.title, text=why)
    if reading is None:
        return
    if reading.is_storno:
        yield Reason.of(JudgeCode.IS_STORNO, invoice=name)
    # A wrong year, or a day and a month exchanged: no document that stands has it.
    if reading.issued_on is not None and reading.issued_on > day(now(), DOCUMENTS):
        yield Reason.of(JudgeCode.ISSUED_AHEAD, invoice=name, issued=reading.issued_on)
    # The same kind once more is met where it is sent; the other kind would come on top of it.
    if reading.annulled and facts.chosen.document == "storno":
        yield Reason.of(JudgeCode.ALREADY_ANNULLED, invoice=name)
    if reading.reversed and facts.chosen.document == "annul":
        yield Reason.of(JudgeCode.ALREADY_REVERSED, invoice=name)
    if reading.partly_reversed:
        yield Reason.of(JudgeCode.PARTLY_REVERSED, invoice=name)
    if reading.unclear:
        yield Reason.of(
            JudgeCode.STATUS_UNCLEAR, invoice=name, service=invoice.title, text=reading.unclear
        )
    if reading.paid:
        yield Reason.of(JudgeCode.INVOICE_PAID, invoice=name)


def _currencies(facts: Facts, everything: Sequence[Invoice]) -> set[str]:
    """What its invoices may be in: the order's currency, or all of them in its second one."""
    there = {one_code(one) for invoice in everything if (one := _told_currency(invoice))}
    theirs = one_code(facts.order.second_currency)
    return {theirs} if there == {theirs} else {one_code(facts.order.currency)}


def _currency(facts: Facts, invoice: Invoice, taken: set[str]) -> Iterator[Reason]:
    ours = facts.order.currency
    for theirs in (invoice.reading.currency if invoice.reading else "", invoice.currency):
        if theirs and one_code(theirs) not in taken:
            yield Reason.of(
                JudgeCode.CURRENCY_DIFFERS, invoice=invoice.name, theirs=theirs, ours=ours
            )
            return


def _total(invoice: Invoice) -> int | None:
    if invoice.reading is not None and invoice.reading.total_minor is not None:
        return invoice.reading.total_minor
    return invoice.total_minor


def _totals(
    facts: Facts, everything: Sequence[Invoice], invoices: Sequence[Invoice]
) -> Iterator[Reason]:
    """One invoice is over the order's total; several are so together, where all are told.

    What is reversed already may be a part of it (the run began), or what the others replaced.
    A shop that sells in several currencies has the total in a second one as well; what half a cent
    of the order comes to there is lost where either was made of the other.
    """
    ours, currency = _ours(facts, everything)
    totals = [(invoice, _total(invoice)) for invoice in everything]
    sums = (_sum(everything), _sum([one for one in invoices if _stands(one)]))
    second, order = _second_total(facts), facts.order
    is_second = second is not None and currency == order.second_currency
    if ours in sums and not is_second:
        return
    may_be_second = is_second or _tell_no_currency(everything)
    if second is not None and may_be_second and _are_alike(second, sums, order.total_minor):
        return
    is_whole = all(total is not None for _, total in totals)
    for invoice, theirs in totals:
        if theirs is None or invoice not in invoices:
            continue
        if is_whole or theirs > ours:
            yield Reason.of(
                JudgeCode.TOTAL_DIFFERS,
                invoice=invoice.name,
                theirs=Amount(theirs, _told_currency(invoice) or currency),
                ours=Amount(ours, currency),
            )


def _told_currency(invoice: Invoice) -> str:
    return (invoice.reading.currency if invoice.reading else "") or invoice.currency


def _tell_no_currency(invoices: Sequence[Invoice]) -> bool:
    """As SmartBill, which tells the total alone."""
    return not any(map(_told_currency, invoices))


def _are_alike(second: int, sums: Sequence[int | None], total: int) -> bool:
    """Whether one of these is the second total, but for one rounding to the order's cents."""
    lost = second // (2 * total) if total else 0
    return any(one is not None and abs(one - second) <= lost for one in sums)


def _second_total(facts: Facts) -> int | None:
    """In the order's other currency; None where it has one alone."""
    total: int | None = facts.order.second_total_minor if facts.order.second_currency else None
    return total


def _ours(facts: Facts, invoices: Sequence[Invoice]) -> tuple[int, str]:
    """The order's total in the currency that its invoices have."""
    total, theirs = _second_total(facts), facts.order.second_currency
    if total is not None and _currencies(facts, invoices) == {one_code(theirs)}:
        return total, theirs
    return facts.order.total_minor, facts.order.currency


def _sum(invoices: Sequence[Invoice]) -> int | None:
    """What these are over together; None where one does not tell, and of none."""
    found = [total for one in invoices if (total := _total(one)) is not None]
    return sum(found) if found and len(found) == len(invoices) else None


def _stands(invoice: Invoice) -> bool:
    """Whether an open invoice was not reversed or annulled by somebody else, as far as is told."""
    reading = invoice.reading
    return reading is None or not (reading.reversed or reading.annulled)


def _found(facts: Facts, invoice: Invoice) -> Iterator[Reason]:
    """Found by the order's name alone: total, date, customer and name must agree (rule 11)."""
    reading = invoice.reading
    if reading is None:
        if invoice.refused is not None or not invoice.readable:
            yield Reason.of(JudgeCode.FOUND_UNPROVED, invoice=invoice.name)
        return  # else it is read before anything is done
    ordered = day_ordered(facts.order)
    if reading.issued_on is not None and reading.issued_on < ordered:
        yield Reason.of(
            JudgeCode.ISSUED_BEFORE, invoice=invoice.name, issued=reading.issued_on, ordered=ordered
        )
    yield from customer_differs(facts, invoice)
    if reading.order_text and not names_order(reading.order_text, facts.order.name):
        yield Reason.of(JudgeCode.OTHER_ORDER, invoice=invoice.name, text=reading.order_text[:200])
    proof = (_total(invoice), _told_currency(invoice), reading.issued_on, reading.order_text)
    if None in proof or "" in proof:
        yield Reason.of(JudgeCode.FOUND_UNPROVED, invoice=invoice.name)


def names_order(text: str, name: str) -> bool:
    """Whether a text names this order as its own, and no other: "#1001-A" and "#1001/2" are others.

    "1001" is "#1001" only where the text is nothing but that. A list of orders, and a clause that
    denies or tells of something beside the order ("instead of #1001", "storno #1001"), do not.
    """
    shown = _BLANK_BEHIND_SIGN.sub("#", visible(text))
    if written(shown) in (name, written(name), bare(name)):
        return True
    return naming(name).search(shown) is not None and not is_mentioned_only(shown, name)


def customer_differs(facts: Facts, invoice: Invoice) -> Iterator[Reason]:
    """A document is made out to who got the parcel, or to whom the order says is billed."""
    ours = [facts.order.customer_name, *names_of(facts.order.billed_to)]
    ours = list(dict.fromkeys(name for name in ours if name))
    theirs = invoice.reading.customer if invoice.reading else ""
    if theirs and ours and not any(same_customer(theirs, name) for name in ours):
        yield Reason.of(
            JudgeCode.CUSTOMER_DIFFERS, invoice=invoice.name, theirs=theirs, ours=" / ".join(ours)
        )


def day_ordered(order: Any) -> dt.date:
    """The day of an order (a row of `orders`) by which its document is dated."""
    return day(order.created_at, DOCUMENTS)
