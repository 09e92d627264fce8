"""Reverses the invoices of a cancelled order, each once: by a storno, or by annulling."""

import datetime as dt
from dataclasses import replace

from sqlalchemy import Connection, Row, bindparam, select, update

from core.clock import day, now, today
from core.orders.documents.accounts import company_of
from core.orders.judge.facts import title_of
from core.orders.judge.reasons import JudgeCode
from core.reasons import Reason
from core.reversal.codes import EffectCode, ReversalCode
from core.reversal.effects import ledger
from core.reversal.effects.calls import (
    Absent,
    Answer,
    CannotTell,
    EffectCall,
    Failed,
    Found,
    NotYet,
    Result,
    StepBlocked,
)
from core.reversal.effects.ledger import Effect
from core.reversal.steps.agree import before_documents
from core.reversal.steps.answers import no_answer
from core.reversal.steps.context import ReversalContext
from core.services.outcome import (
    Confirmed,
    Outcome,
    Refusal,
    Refused,
    Unknown,
)
from core.services.ports import InvoiceRef, Invoicing, Storno
from core.store import db
from core.store.states import Document, EffectKind, ReversalState
from core.store.tables import invoices, parcels


def reverse_invoices(context: ReversalContext) -> StepBlocked | None:
    """None once every invoice of the order is reversed; an order without invoices is done."""
    if context.options.document == Document.NONE:
        return None
    stopped = before_documents(context)
    known = _invoices(context)
    if stopped is not None:
        begun = [invoice for invoice in known if context.existing_on(invoice.id) is not None]
        if not begun:
            return stopped
        known = begun  # what was sent is settled all the same
    held: StepBlocked | None = None
    waiting: StepBlocked | None = None
    for invoice in known:
        halt = _reverse(context, invoice, last=invoice is known[-1])
        if halt is not None and halt.state == ReversalState.NEEDS_PERSON:
            held = held or halt
        elif halt is not None:
            waiting = waiting or halt
    # One invoice that waits keeps the reversal alive; one that is held does not stop the others.
    return waiting or stopped or held


_OF_ORDER = (
    select(invoices).where(invoices.c.order_id == bindparam("order_id")).order_by(invoices.c.id)
)


def _invoices(context: ReversalContext) -> list[Row[tuple[object, ...]]]:
    with db.reading(context.engine) as connection:
        return list(connection.execute(_OF_ORDER, {"order_id": context.order_id}))


def _reverse(
    context: ReversalContext, invoice: Row[tuple[object, ...]], *, last: bool
) -> StepBlocked | None:
    """Reverse one invoice, unless it is; None when it is done. `last`: none comes after it."""
    if invoice.reversed_at is not None or invoice.annulled_at is not None:
        return None
    begun = context.existing_on(invoice.id)
    # An account connected anew takes over what the one before it had begun: same effect, same key.
    known = begun.connection_id if begun else invoice.connection_id
    account = context.invoicing_of(invoice.service, known)
    company = company_of(account.settings) if account else ""
    if account is None or (invoice.account and company and company != invoice.account):
        return StepBlocked(
            ReversalState.NEEDS_PERSON,
            Reason.of(
                ReversalCode.SERVICE_NOT_CONNECTED,
                invoice=f"{invoice.series} {invoice.number}",
                service=title_of(invoice.service),
            ),
            code="no_connection",
        )
    annul = context.options.document == Document.ANNUL
    kind = EffectKind.ANNUL if annul else EffectKind.STORNO
    ref = InvoiceRef(invoice.series, invoice.number)
    document = ":".join(
        (invoice.service, company or f"#{account.id}", invoice.series_key, invoice.number_key)
    )
    effect = begun or context.plan(account.id, kind, target_of(ref), invoice.id, document)
    # An earlier attempt may have been of the other kind: the row, not the wish, decides.
    call = _call(context, context.invoicing(account.id), account.id, effect, ref)
    try:
        return context.performer.execute(effect, replace(call, deferred_write=last))
    except ledger.DocumentTakenError:
        reason = Reason.of(
            JudgeCode.CONTESTED,
            invoice=f"{title_of(invoice.service)} {target_of(ref)}",
            orders=(context.order_name, "…"),
        )
        return StepBlocked(ReversalState.NEEDS_PERSON, reason, code=reason.code)


def target_of(ref: InvoiceRef) -> str:
    """How an invoice is named among the effects."""
    return f"{ref.series} {ref.number}"


def _call(
    context: ReversalContext,
    service: Invoicing,
    connection_id: int,
    effect: Effect,
    ref: InvoiceRef,
) -> EffectCall:
    """The storno or the annulment as the executor asks for it, by the effect's own kind."""
    can_ask = service.capabilities.can_be_asked
    annul = effect.kind == EffectKind.ANNUL

    def send(claimed: Effect) -> Outcome[Result]:
        if annul:
            answered = service.annul(ref, claimed.key)
        else:
            answered = service.reverse(ref, claimed.key, today(context.preferences.zone))
        outcome = _as_result(answered)
        if can_ask and isinstance(outcome, Confirmed) and outcome.before:
            return _before_proved(outcome, ask(claimed))
        return outcome

    def ask(_effect: Effect) -> Answer:
        if annul:
            return _annulled(service.find_annulled(ref))
        return _exists(service.find_storno(ref))

    return EffectCall(
        send=send,
        ask=ask if can_ask else None,
        settle_seconds=service.capabilities.settle_seconds,
        ask_first=can_ask,
        blocked=lambda: context.blocked(connection_id),
        on_confirmed=lambda db_, result: record_done(
            db_,
            effect.invoice_id,
            context.order_id,
            result,
            context.preferences.zone,
            annulled=annul,
        ),
    )


def _as_result(outcome: Outcome[Storno]) -> Outcome[Result]:
    match outcome:
        case Confirmed(storno, evidence, before):
            return Confirmed(_result_of(storno), evidence, before)
        case _:
            return outcome


def _before_proved(confirmed: Confirmed[Result], answer: Answer) -> Outcome[Result]:
    """What "it had been done before" is worth once the service was asked (rule 13)."""
    match answer:
        case Found(result, evidence):
            return Confirmed({**confirmed.value, **result}, evidence, before=True)
        case Absent(evidence):
            code = EffectCode.CONTRADICTS_ITSELF
            return Refused(code.of(), Refusal.CONTRADICTS_ITSELF, evidence or confirmed.evidence)
        case Failed(why, evidence) | CannotTell(why, evidence):
            return Refused(
                why or EffectCode.CANNOT_BE_ASKED.of(),
                Refusal.CANNOT_BE_ASKED,
                evidence or confirmed.evidence,
            )
        case NotYet(why):
            return Unknown(why or EffectCode.CANNOT_BE_ASKED.of(), confirmed.evidence)


def _result_of(storno: Storno) -> Result:
    return {"series": storno.series, "number": storno.number, "url": storno.url}


def _exists(outcome: Outcome[Storno | None]) -> Answer:
    match outcome:
        case Confirmed(storno, evidence):
            return Absent(evidence) if storno is None else Found(_result_of(storno), evidence)
        case _:
            return no_answer(outcome)


def _annulled(outcome: Outcome[bool]) -> Answer:
    match outcome:
        case Confirmed(yes, evidence):
            return Found({"annulled": True}, evidence) if yes else Absent(evidence)
        case _:
            return no_answer(outcome)


def record_done(
    connection: Connection,
    invoice_id: int | None,
    order_id: int,
    result: Result,
    zone: dt.tzinfo,
    *,
    annulled: bool,
) -> None:
    """Write the storno beside its invoice, in the transaction that confirms the effect."""
    at = now()
    values: dict[str, object] = {"annulled_at": at} if annulled else {"reversed_at": at}
    if not annulled:
        values["storno_series"] = str(result.get("series", ""))
        values["storno_number"] = str(result.get("number", ""))
    # In the order in which a sync writes them, so that neither waits for the other crosswise.
    connection.execute(_PARCELS_REVERSED, {"of_order": order_id, "reversed_on": day(at, zone)})
    connection.execute(_REVERSED, {"of_id": invoice_id, **values})


_REVERSED = update(invoices).where(invoices.c.id == bindparam("of_id"))
_PARCELS_REVERSED = update(parcels).where(parcels.c.order_id == bindparam("of_order"))
