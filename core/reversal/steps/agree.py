"""Asks the judge once more before the first irreversible step: the proof comes before the deed.

Invoices that were not read while the pile was planned, or longer ago than a service's word is
believed, are read here; they are looked for by the order's name where none is known. What ran is
what was shown (rules 10 to 12).
"""

from collections.abc import Iterable, Sequence

from core.orders.documents import asking
from core.orders.judge import facts as judge_facts
from core.orders.judge import proof, rules
from core.orders.judge.facts import Choices, Facts, Invoice
from core.orders.judge.reasons import JudgeCode
from core.reasons import Reason
from core.reversal.codes import ReversalCode
from core.reversal.effects.calls import StepBlocked
from core.reversal.steps.answers import halt_of
from core.reversal.steps.context import Options, ReversalContext
from core.store import db
from core.store.states import ReversalState

DOCUMENTS = "documents"


def choices_of(options: Options) -> Choices:
    """What a reversal's options say, as the judge asks for it."""
    return Choices(
        document=options.document,
        cancel_fulfillments=options.cancel_fulfillments,
        refund=options.refund,
        restock=options.restock,
        waived=tuple(options.waived),
    )


def before_cancel(case: ReversalContext) -> StepBlocked | None:
    """None where the order as it stands now may be cancelled and its documents fit."""
    facts = _facts(case)
    return _first(rules.at_shop(facts), facts) or before_documents(case)


def before_documents(case: ReversalContext) -> StepBlocked | None:
    """None where the documents are known, fit the order, and are those that were shown."""
    if DOCUMENTS in case.agreed or case.options.document == "none":
        return None
    facts = _facts(case)
    if rules.to_search(facts):
        stopped = _search(case)
        if stopped is not None:
            return stopped
        facts = _facts(case)
    stopped = _read(case, list(rules.to_read(facts)))
    if stopped is not None:
        return stopped
    facts = _facts(case)
    held = _first(rules.documents(facts), facts) or _same(case, facts)
    if held is None:
        case.agreed.add(DOCUMENTS)
    return held


def _facts(case: ReversalContext) -> Facts:
    with db.reading(case.engine) as connection:
        chosen = choices_of(case.options)
        facts = judge_facts.of_order(connection, case.order_id, chosen, by_options=True)
    if facts is None:
        raise LookupError(f"order {case.order_name} is gone")
    return facts


def _first(found: Iterable[Reason], facts: Facts) -> StepBlocked | None:
    for reason in found:
        if not rules.waived(reason, facts.chosen):
            return _held(reason)
    return None


def _held(reason: Reason) -> StepBlocked:
    return StepBlocked(ReversalState.NEEDS_PERSON, reason, code=reason.code)


def _same(case: ReversalContext, facts: Facts) -> StepBlocked | None:
    """Whether just the documents that were shown are still those of the order."""
    told = proof.changed(case.proof, facts) if case.proof is not None else None
    if told is None:
        return None
    before, after = told
    return _held(Reason.of(JudgeCode.CHANGED, before=before, now=after))


def _read(case: ReversalContext, invoices: Sequence[Invoice]) -> StepBlocked | None:
    """Ask about those whose services' word is not there, or too old; most were read before."""
    for invoice in invoices:
        if invoice.connection_id is None or case.existing_on(invoice.id) is not None:
            continue
        told, kept = asking.take(case.engine, case.invoicing(invoice.connection_id), invoice)
        if not kept:
            return halt_of(told, ReversalCode.INVOICES_UNREADABLE)
    return None


def _search(case: ReversalContext) -> StepBlocked | None:
    """Ask the services that can be searched by the order's name."""
    unanswered = asking.search(case.engine, case.order_id, case.order_name, case.invoicing)
    if unanswered is None:
        return None
    return halt_of(unanswered[1], ReversalCode.INVOICES_UNREADABLE)
