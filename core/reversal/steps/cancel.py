"""Cancels the order at the shop, and believes it only when the shop shows it (rule 6)."""

import datetime as dt
from dataclasses import replace

from sqlalchemy import Connection, bindparam, update

from core.clock import day, now
from core.orders.holds import HELD
from core.orders.shop.upsert import upsert_order
from core.reasons import Reason
from core.reversal.codes import EffectCode, ReversalCode
from core.reversal.effects import ledger, marks
from core.reversal.effects.calls import (
    Absent,
    Answer,
    EffectCall,
    Failed,
    Found,
    NotYet,
    Result,
    StepBlocked,
)
from core.reversal.effects.ledger import Effect
from core.reversal.steps.agree import before_cancel
from core.reversal.steps.answers import halt_of, no_answer
from core.reversal.steps.context import ReversalContext
from core.services.outcome import (
    Confirmed,
    Outcome,
    Refusal,
    Refused,
    Unknown,
)
from core.services.ports import CancelRequest, CancelState, ShopOrder
from core.store import db
from core.store.states import EffectKind, EffectOutcome, EffectState, ReversalState
from core.store.tables import orders, parcels

# The shop's way of saying that it has been done, or is being done: look again, do not fail.
ALREADY = (Refusal.ALREADY_CANCELLED, Refusal.IN_PROGRESS)


def cancel_order(context: ReversalContext) -> StepBlocked | None:
    """None once the order is seen cancelled at the shop."""
    effect = context.plan(context.shop_id, EffectKind.CANCEL, context.gid)
    if effect.state == EffectState.CONFIRMED:
        return None
    seen = _look(context)
    if isinstance(seen, StepBlocked):
        return seen
    if not context.options.cancel and seen.cancelled_at is None:
        return StepBlocked(ReversalState.NEEDS_PERSON, Reason(ReversalCode.NOT_CANCELLED_ANY_MORE))
    if seen.hold and seen.cancelled_at is None and effect.state == EffectState.PLANNED:
        return StepBlocked(ReversalState.NEEDS_PERSON, Reason(HELD[seen.hold]), code=seen.hold)
    if seen.cancelled_at is None and effect.state == EffectState.PLANNED:
        held = before_cancel(context)  # each time: a repeat may come days later (rule 12)
        if held is not None:
            return held
    call = _call(context, seen)
    halt = context.performer.execute(effect, call)
    if halt is not None and halt.code == Refusal.OUTSTANDING_FULFILLMENTS:
        return _with_fulfillments(context, call, halt)
    return halt


def _look(context: ReversalContext) -> CancelState | StepBlocked:
    """How the order stands at the shop now; the proof that comes before the deed (rule 10).

    The whole order costs many times the points, so it is read when it has changed only.
    """
    answer = context.shop.cancel_state(context.gid)
    match answer:
        case Confirmed(state):
            if state.updated_at == context.order_updated_at:
                return state
            fresh = _read(context)
            if isinstance(fresh, StepBlocked):
                return fresh
            return replace(state, cancelled_at=fresh.cancelled_at, hold=fresh.hold)
        case _:
            return halt_of(answer, ReversalCode.ORDER_UNREADABLE)


def _read(context: ReversalContext) -> ShopOrder | StepBlocked:
    """The order as the shop tells it now, taken in."""
    answer = context.shop.read_order(context.gid)
    match answer:
        case Confirmed(order):
            with db.writing(context.engine) as connection:
                upsert_order(connection, context.shop_id, order)
            return order
        case _:
            return halt_of(answer, ReversalCode.ORDER_UNREADABLE)


def _call(context: ReversalContext, seen: CancelState) -> EffectCall:
    """The cancel of this order as the executor asks for it: how to send it, how to ask."""
    return EffectCall(
        send=lambda effect: _send(context, seen, effect),
        ask=lambda effect: _ask(context, effect),
        settle_seconds=context.shop.capabilities.settle_seconds,
        ask_first=seen.cancelled_at is not None,
        proved_by_asking=not context.shop.capabilities.confirms_at_once,
        blocked=lambda: context.blocked(context.shop_id),
        on_confirmed=lambda connection, result: _seen_cancelled(context, connection, result),
    )


def mark_of(effect: Effect) -> str:
    """What a shop that can keeps on the order, so that it tells whose call cancelled it."""
    return f"{effect.key}-{effect.attempt}"


def _send(context: ReversalContext, seen: CancelState, effect: Effect) -> Outcome[Result]:
    """Ask the shop to cancel; what it shows at once, or the job to ask about, is kept."""
    options, able = context.options, context.shop.capabilities
    request = CancelRequest(
        gid=context.gid,
        reason=options.reason,
        restock=options.restock,
        notify=options.notify and able.can_notify,
        staff_note=options.staff_note[: able.note_length],
        refund=bool(options.refund) and able.can_refund,
        mark=mark_of(effect),
    )
    outcome = context.shop.cancel(request)
    match outcome:
        case Confirmed(str(job), evidence):
            return Confirmed({"job": job}, evidence)
        case Confirmed(CancelState() as state, evidence):
            at = state.cancelled_at or now()
            return Confirmed(_shown(state, at, effect, seen), evidence)
        case Confirmed():
            return Unknown(ReversalCode.ANSWER_UNREADABLE.of(), outcome.evidence)
        case Refused(_, code, evidence) if code in ALREADY:
            return Confirmed({"job": ""}, evidence)
        case _:
            return outcome


def _ask(context: ReversalContext, effect: Effect) -> Answer:
    """Whether the order is cancelled, by its state at the shop and by the job of our call."""
    result = effect.result or {}
    answer = context.shop.cancel_state(context.gid, str(result.get("job", "")))
    match answer:
        case Confirmed(state, evidence):
            if state.cancelled_at is not None:
                return Found(_shown(state, state.cancelled_at, effect), evidence)
            if state.mark and state.mark == mark_of(effect):
                return Failed(Reason(EffectCode.SET_BACK), evidence)
            if state.failed:
                return Failed(state.failed, evidence)
            if state.running:
                return NotYet(Reason(EffectCode.SHOP_CANCELLING))
            return _not_cancelled(context, result)
        case _:
            return no_answer(answer)


def _shown(
    state: CancelState,
    cancelled_at: dt.datetime,
    effect: Effect,
    before: CancelState | None = None,
) -> Result:
    """What is kept of it: `ours` and `stock_left` where the shop tells, `stock_taken` before."""
    shown: Result = {
        "cancelled_at": cancelled_at.isoformat(),
        "financial_status": state.financial_status,
    }
    if state.updated_at is not None:
        shown["updated_at"] = state.updated_at.isoformat()
    if state.stock_left is not None:
        shown["stock_left"] = state.stock_left
        shown["ours"] = state.mark.startswith(f"{effect.key}-")
    if before is not None and before.stock_left is not None:
        shown["stock_taken"] = before.stock_left
    return shown


def _not_cancelled(context: ReversalContext, result: Result) -> Answer:
    accepted = result.get("accepted")
    if accepted and marks.since(accepted) < context.shop.capabilities.settle_seconds:
        return NotYet(Reason(EffectCode.SHOP_ACCEPTED))
    return Absent()


def _seen_cancelled(context: ReversalContext, connection: Connection, result: Result) -> None:
    """The order as the shop shows it now, so that following the shop need not read it again."""
    at = dt.datetime.fromisoformat(str(result["cancelled_at"]))
    seen: dict[str, object] = {"cancelled_at": at}
    if result.get("updated_at") and result.get("financial_status"):
        updated_at = dt.datetime.fromisoformat(str(result["updated_at"]))
        paid = str(result["financial_status"])
        seen |= {"updated_at": updated_at, "synced_at": now(), "financial_status": paid}
    connection.execute(_CANCELLED, {"of_order": context.order_id, **seen})
    on = day(at, context.preferences.zone)
    connection.execute(_PARCELS_CANCELLED, {"of_order": context.order_id, "cancelled_on": on})


_CANCELLED = update(orders).where(orders.c.id == bindparam("of_order"))
_PARCELS_CANCELLED = update(parcels).where(parcels.c.order_id == bindparam("of_order"))


# ---------------------------------------------------------------- outstanding fulfillments


def _with_fulfillments(
    context: ReversalContext, call: EffectCall, halt: StepBlocked
) -> StepBlocked | None:
    """Cancel the fulfillments, then the order, where the merchant allows it (a preference)."""
    if not context.options.cancel_fulfillments:
        return halt
    fresh = _read(context)
    if isinstance(fresh, StepBlocked):
        return fresh
    gids = {
        parcel.fulfillment_gid
        for parcel in fresh.parcels or ()
        if parcel.fulfillment_status == "SUCCESS"
    }
    for gid in sorted(gids):
        stopped = _cancel_fulfillment(context, gid)
        if stopped is not None:
            return stopped
    with db.writing(context.engine) as connection:
        effect = ledger.plan(
            connection, context.subject, context.shop_id, EffectKind.CANCEL, context.gid
        )
        if effect.state == EffectState.REFUSED:
            again = ledger.Change(EffectState.PLANNED, EffectOutcome.FULFILLMENTS_CANCELLED)
            ledger.settle(connection, effect, context.subject, again)
            effect = ledger.load(connection, effect.id)
    return context.performer.execute(effect, call)


def _cancel_fulfillment(context: ReversalContext, gid: str) -> StepBlocked | None:
    def send(_effect: Effect) -> Outcome[Result]:
        outcome = context.shop.cancel_fulfillment(gid)
        if isinstance(outcome, Confirmed):
            return Confirmed({"fulfillment": gid}, outcome.evidence, outcome.before)
        return outcome

    effect = context.plan(context.shop_id, EffectKind.FULFILLMENT_CANCEL, gid)
    # Cancelling a cancelled fulfillment succeeds without a further effect (live shops).
    call = EffectCall(
        send=send,
        ask=None,
        settle_seconds=context.shop.capabilities.settle_seconds,
        resend_when_unknown=True,
    )
    return context.performer.execute(effect, call)
