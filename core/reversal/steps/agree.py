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


def before_cancel(context: ReversalContext) -> StepBlocked | None:
    """None where the order as it stands now may be cancelled and its documents fit."""
    facts = _facts(context)
    return _first(rules.at_shop(facts), facts) or before_documents(context, facts)


def before_documents(context: ReversalContext, known: Facts | None = None) -> StepBlocked | None:
    """None where the documents are known, fit the order, and are those that were shown.

    `known`: the order's facts where they were read just now.
    """
    if DOCUMENTS in context.agreed or context.options.document == "none":
        return None
    facts = known or _facts(context)
    if rules.to_search(facts):
        stopped = _search(context)
        if stopped is not None:
            return stopped
        facts = _facts(context)
    if unread := list(rules.to_read(facts)):
        stopped = _read(context, unread)
        if stopped is not None:
            return stopped
        facts = _facts(context)
    held = _first(rules.documents(facts), facts) or _same(context, facts)
    if held is None:
        context.agreed.add(DOCUMENTS)
    return held


def _facts(context: ReversalContext) -> Facts:
    """What the judge looks at of this order, by the options of its reversal."""
    with db.reading(context.engine) as connection:
        chosen = choices_of(context.options)
        facts = judge_facts.of_order(
            connection, context.order_id, chosen, by_options=True, accounts=context.accounts
        )
    if facts is None:
        raise LookupError(f"order {context.order_name} is gone")
    return facts


def _first(found: Iterable[Reason], facts: Facts) -> StepBlocked | None:
    for reason in found:
        if not rules.waived(reason, facts.chosen):
            return _held(reason)
    return None


def _held(reason: Reason) -> StepBlocked:
    return StepBlocked(ReversalState.NEEDS_PERSON, reason, code=reason.code)


def _same(context: ReversalContext, facts: Facts) -> StepBlocked | None:
    """Whether just the documents that were shown are still those of the order."""
    changed = proof.changed(context.proof, facts) if context.proof is not None else None
    if changed is None:
        return None
    before, after = changed
    return _held(Reason.of(JudgeCode.CHANGED, before=before, now=after))


def _read(context: ReversalContext, invoices: Sequence[Invoice]) -> StepBlocked | None:
    """Ask about those whose services' word is not there, or too old; most were read before."""
    for invoice in invoices:
        if invoice.connection_id is None or context.existing_on(invoice.id) is not None:
            continue
        outcome, kept = asking.take(
            context.engine, context.invoicing(invoice.connection_id), invoice
        )
        if not kept:
            return halt_of(outcome, ReversalCode.INVOICES_UNREADABLE)
    return None


def _search(context: ReversalContext) -> StepBlocked | None:
    """Ask the services that can be searched by the order's name."""
    unanswered = asking.search(
        context.engine, context.order_id, context.order_name, context.invoicing
    )
    if unanswered is None:
        return None
    return halt_of(unanswered[1], ReversalCode.INVOICES_UNREADABLE)
