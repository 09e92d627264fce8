"""Whether what was reversed fits its order, by the judge's own rules on what the service says now.

The judge asked before anything was done; this asks whether it was told the truth, and catches what
went past it. What a person went against, with a reason, is no misfit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from core.orders.judge import facts as judge_facts
from core.orders.judge import fit, rules
from core.orders.judge.facts import Choices, Facts, Invoice
from core.orders.judge.names import is_company, names_of
from core.orders.judge.reasons import JudgeCode
from core.orders.shop.claim_imported import IMPORTED
from core.reasons import Reason
from core.services.ports import InvoiceFacts
from core.store.states import EffectOutcome
from core.store.tables import effects

COMPARED = (
    JudgeCode.CURRENCY_DIFFERS, JudgeCode.TOTAL_DIFFERS, JudgeCode.CUSTOMER_DIFFERS,
    JudgeCode.ISSUED_BEFORE, JudgeCode.OTHER_ORDER,
)  # fmt: skip


def misfits(
    connection: Connection, order_id: int, options: Mapping[str, Any],
    by_invoice: Mapping[int, InvoiceFacts],
) -> Iterator[tuple[str, Reason]]:  # fmt: skip
    """Name of the invoice and why it does not fit. `by_invoice`: the service's word, by id."""
    chosen = Choices(waived=tuple(options.get("waived") or ()))
    facts = judge_facts.of_order(connection, order_id, chosen, by_options=True)
    if facts is None:
        return
    before = _reversed_before(connection, [invoice.id for invoice in facts.invoices])
    invoices = [_as_read(invoice, by_invoice.get(invoice.id)) for invoice in facts.invoices]
    if len(before) < len(invoices):  # what somebody else reversed, the others have replaced
        invoices = [replace(one, open=one.id not in before) for one in invoices]
    facts = replace(facts, invoices=invoices)
    for reason in (*fit.misfits(facts), *_named(facts)):
        if reason.code in COMPARED and not rules.waived(reason, chosen):
            yield str(reason.parameters["invoice"]), reason


def _as_read(invoice: Invoice, reading: InvoiceFacts | None) -> Invoice:
    """As it stood before it was reversed, with what its service says of it now."""
    reading = reading or invoice.reading
    if reading is not None:
        reading = replace(reading, reversed=None, annulled=None)
    return replace(invoice, open=True, reading=reading, refused=None)


def _reversed_before(connection: Connection, ids: Sequence[int]) -> frozenset[int]:
    """Of these invoices, those whose storno was there before our reversal began."""
    mine = effects.c.invoice_id.in_(ids) & (effects.c.outcome == EffectOutcome.DONE_BEFORE)
    return frozenset(connection.scalars(select(effects.c.invoice_id).where(mine)))


def _named(facts: Facts) -> Iterator[Reason]:
    """Customer and date of documents that the order, a list or a person named."""
    order = facts.order
    for invoice in facts.invoices:
        reading = invoice.reading
        if reading is None or invoice.source == "service":
            continue  # the judge's rules for what was found have it
        # A company's name says nothing of the person who got the parcel, unless the order tells
        # a company too.
        billed = any(is_company(name) for name in names_of(order.billed_to))
        if billed or not is_company(reading.customer):
            yield from fit.customer_differs(facts, invoice)
        ordered = fit.day_ordered(order)
        if reading.issued_on and reading.issued_on < ordered and not order.gid.startswith(IMPORTED):
            yield Reason.of(
                JudgeCode.ISSUED_BEFORE,
                invoice=invoice.name,
                issued=reading.issued_on,
                ordered=ordered,
            )
