"""Holds what a cancel did to the stock against what was wished, and puts right what was left.

Only at shops that tell (`tells_stock`): one of them may die between the cancel and the stock, and
the same cancel again would not help. The correction is an effect of its own in the record.
"""

from core.reversal.codes import ReversalCode
from core.reversal.effects import ledger
from core.reversal.effects.calls import (
    Absent,
    Answer,
    EffectCall,
    Found,
    StepBlocked,
)
from core.reversal.effects.calls import Result as Kept
from core.reversal.steps.answers import no_answer
from core.reversal.steps.context import ReversalContext, note_change
from core.services.outcome import Confirmed, Outcome, Unknown
from core.services.ports import CancelState
from core.store import db
from core.store.states import EffectKind, EffectSlot, EffectState


def put_stock_back(context: ReversalContext) -> StepBlocked | None:
    """None once a cancel of ours has left no stock behind that was to be put back."""
    if not (
        context.options.cancel and context.options.restock and context.shop.capabilities.tells_stock
    ):
        return None
    cancel_result = _confirmed_result(context, EffectSlot.CANCEL)
    if (
        cancel_result is None
        or cancel_result.get("stock_left") is not True
        or cancel_result.get("ours") is not True
    ):
        return None
    call = EffectCall(
        send=lambda _effect: _send(context),
        ask=lambda _effect: _ask(context),
        settle_seconds=context.shop.capabilities.settle_seconds,
        blocked=lambda: context.blocked(context.shop_id),
        on_confirmed=lambda connection, result: note_change(context, connection, result),
    )
    effect = context.plan(context.shop_id, EffectKind.RESTOCK, context.gid)
    return context.performer.execute(effect, call)


def restocked(context: ReversalContext) -> bool | None:
    """Whether the stock was put back, as the shop shows it; None where none had been taken."""
    cancel_result = _confirmed_result(context, EffectSlot.CANCEL)
    if cancel_result is None or cancel_result.get("stock_taken") is False:
        return None
    left = (_confirmed_result(context, EffectSlot.STOCK) or cancel_result).get("stock_left")
    return None if left is None else not left


def _confirmed_result(context: ReversalContext, slot: EffectSlot) -> Kept | None:
    """What a confirmed effect of this order has kept."""
    context.performer.write_down()
    with db.reading(context.engine) as connection:
        effect = ledger.find(connection, context.shop_id, slot, context.gid)
    if effect is None or effect.state != EffectState.CONFIRMED:
        return None
    return effect.result or {}


def _send(context: ReversalContext) -> Outcome[Kept]:
    outcome = context.shop.put_stock_back(context.gid)
    match outcome:
        case Confirmed(state, evidence) if state.stock_left is False:
            return Confirmed(_kept(state), evidence)
        case Confirmed(_, evidence):
            return Unknown(ReversalCode.STOCK_NOT_SHOWN.of(), evidence)
        case _:
            return outcome


def _ask(context: ReversalContext) -> Answer:
    answer = context.shop.cancel_state(context.gid)
    match answer:
        case Confirmed(state, evidence):
            done = state.cancelled_at is not None and state.stock_left is False
            return Found(_kept(state), evidence) if done else Absent(evidence)
        case _:
            return no_answer(answer)


def _kept(state: CancelState) -> Kept:
    changed = state.updated_at.isoformat() if state.updated_at else ""
    return {"stock_left": state.stock_left, "updated_at": changed}
