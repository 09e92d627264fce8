"""One pass over a reversal: cancel, stock, then invoices, then the tag; as far as it goes now.

It can be run again at any moment, after a crash as well: all it knows is in our tables.
"""

import datetime as dt
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from core import logs
from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.reasons import Reason
from core.reversal.codes import ReversalCode
from core.reversal.effects import marks
from core.reversal.effects.calls import NO_ANSWER, EffectCall, Result, StepBlocked
from core.reversal.effects.executor import EffectExecutor
from core.reversal.effects.ledger import Effect, OvertakenError
from core.reversal.steps.cancel import cancel_order
from core.reversal.steps.context import ReversalContext, load_context, note_change
from core.reversal.steps.invoices import reverse_invoices
from core.reversal.steps.stock import put_stock_back, restocked
from core.services.outcome import Confirmed, Outcome
from core.settings.secrets import KEY_FILE, SecretsError
from core.store import db
from core.store.states import EffectKind, ReversalState
from core.store.tables import reversals

log = structlog.get_logger(__name__)

_Entry = tuple[Action, dict[str, object]] | None  # an action and its detail, for the trail

OVERTAKEN = "overtaken"  # what a pass gives when another one took the reversal meanwhile
MAX_FAILURES = 5
FAILURE_WAIT = 10.0
NOT_OPENED_WAIT = 60.0
MAX_UNANSWERED = 24  # about an hour
LONGEST_WAIT = 300.0


def advance(
    reversal_id: int, generation: int, performer: type[EffectExecutor] = EffectExecutor
) -> str | None:
    """Take one reversal as far as it goes now; gives its state, None when it was not its turn.

    `performer` moves its effects: the tests hand in one that lacks a guard.

    An error of our own is kept with the reversal and tried again a few times before a person
    is called; only a database that cannot be written lets it out. What was sent before such an
    error has no outcome yet, so the next pass finds it in doubt and asks.
    """
    with structlog.contextvars.bound_contextvars(reversal=reversal_id, run=None):
        return _advance(reversal_id, generation, performer)


def _advance(reversal_id: int, generation: int, performer: type[EffectExecutor]) -> str | None:
    """One pass, and what is made of an error of ours or of the database: its failure is counted."""
    try:
        context = load_context(reversal_id, generation, performer)
    except SecretsError:  # of every order alike: they wait until the key is back
        return _not_opened(reversal_id, generation)
    if context is None:
        return None
    try:
        return _close(context, generation, _pass(context))
    except OvertakenError:
        return OVERTAKEN
    except (DataError, IntegrityError):
        log.exception("the database does not take what came")
        context.performer.drop()
        return _failed(context, generation, Reason(ReversalCode.NOT_WRITABLE))
    except DBAPIError as error:
        if not db.gave_way(error):
            raise  # not the order's fault: the worker begins again when the database is back
        log.warning("gave way to another transaction")
        return _failed(context, generation, Reason(ReversalCode.WRITTEN_AT_ONCE))
    except Exception:
        reference = logs.new_reference()
        log.exception("reversal failed", order=context.order_name, reference=reference)
        context.performer.drop()
        return _failed(context, generation, ReversalCode.OWN_ERROR.of(reference=reference))


def _pass(context: ReversalContext) -> StepBlocked | None:
    return (
        cancel_order(context)
        or put_stock_back(context)
        or reverse_invoices(context)
        or _tag(context)
    )


def _tag(context: ReversalContext) -> StepBlocked | None:
    """Mark the order at the shop. A tag that cannot be set does not hold up a finished storno."""
    tag = context.preferences.tag_after.strip()
    if not tag or not context.options.cancel or not context.shop.capabilities.can_tag:
        return None
    effect = context.plan(context.shop_id, EffectKind.TAG, f"{context.gid} {tag}")

    def send(_effect: Effect) -> Outcome[Result]:
        outcome = context.shop.add_tags(context.gid, [tag])
        if isinstance(outcome, Confirmed):
            at = outcome.value and outcome.value.isoformat()
            return Confirmed({"tag": tag, "updated_at": at}, outcome.evidence)
        return outcome

    # The same tag twice has no extra effect (recorded from live shops), so it may be sent again.
    call = EffectCall(
        send=send,
        ask=None,
        settle_seconds=0.0,
        resend_when_unknown=True,
        deferred_write=True,
        on_confirmed=lambda connection, result: note_change(context, connection, result),
    )
    halt = context.performer.execute(effect, call)
    return halt if halt is not None and halt.state == ReversalState.WAITING else None


def _restocked(context: ReversalContext) -> bool | None:
    """What the shop shows of the stock after a cancel; None: it does not tell."""
    if not context.options.cancel:
        return None
    if context.shop.capabilities.tells_stock:
        return restocked(context)
    if not context.options.restock:
        return None
    context.performer.write_down()
    answer = context.shop.read_order(context.gid)
    return answer.value.restocked if isinstance(answer, Confirmed) else None


def _close(context: ReversalContext, generation: int, halt: StepBlocked | None) -> str:
    values: dict[str, object]
    shown = None if halt is not None else _restocked(context)
    if halt is None:
        values = {
            "state": ReversalState.DONE,
            "why": None,
            "finished_at": now(),
            "restocked": shown,
        }
        entry: _Entry = (Action.REVERSAL_DONE, {"restocked": shown})
    elif halt.state == ReversalState.NEEDS_PERSON:
        values = {"state": ReversalState.NEEDS_PERSON, "why": halt.why, "finished_at": now()}
        entry = (Action.REVERSAL_NEEDS_PERSON, {"why": halt.why})
    else:
        values, entry = _patience(context, halt, generation), None
    with context.performer.writing() as connection:
        return _write(connection, context, generation, values, entry)


def _patience(context: ReversalContext, halt: StepBlocked, generation: int) -> dict[str, object]:
    """Wait, longer each time where nothing readable comes back; after an hour a person is told."""
    if halt.code != NO_ANSWER:
        return {**_waiting(halt, generation), "failures": 0}
    failures = context.failures + 1
    if failures > MAX_UNANSWERED:
        values = {"state": ReversalState.NEEDS_PERSON, "why": halt.why, "finished_at": now()}
    else:
        wait = min(LONGEST_WAIT, halt.wait * 2.0 ** min(context.failures // 2, 10))
        values = _waiting(replace(halt, wait=wait), generation)
    return {**values, "failures": failures}


def _waiting(halt: StepBlocked, generation: int) -> dict[str, Any]:
    """The columns of a reversal that waits: its next pass begins when the wait is over."""
    return {
        "state": ReversalState.WAITING,
        "why": halt.why,
        "wake_at": marks.moment() + dt.timedelta(seconds=halt.wait),
        "generation": generation + 1,  # a new durable workflow, which starts after the wait
        "dispatched": False,
        "finished_at": None,  # a pass that was frozen may find it ended by another
    }


def _failed(context: ReversalContext, generation: int, why: Reason) -> str:
    """The pass failed: it is tried again after a growing wait, a few times, then a person's."""
    with context.performer.writing() as connection:
        failures = 1 + (
            connection.scalar(
                select(reversals.c.failures).where(reversals.c.id == context.reversal_id)
            )
            or 0
        )
        if failures > MAX_FAILURES:
            values: dict[str, Any] = {
                "state": ReversalState.NEEDS_PERSON,
                "why": why,
                "finished_at": now(),
            }
        else:
            values = _waiting(
                StepBlocked(ReversalState.WAITING, why, FAILURE_WAIT * failures), generation
            )
        entry = (Action.REVERSAL_FAILED, {"why": why, "failures": failures})
        return _write(connection, context, generation, {**values, "failures": failures}, entry)


def _not_opened(reversal_id: int, generation: int) -> str:
    why = Reason.of(ReversalCode.KEY_LOST, file=KEY_FILE)
    values = _waiting(StepBlocked(ReversalState.WAITING, why, NOT_OPENED_WAIT), generation)
    with db.writing() as connection:
        fence = {"of_id": reversal_id, "at_generation": generation}
        moved = connection.scalar(_AT_GENERATION, {**fence, **values})
    return OVERTAKEN if moved is None else ReversalState.WAITING


def _write(
    connection: Connection,
    context: ReversalContext,
    generation: int,
    values: dict[str, object],
    entry: _Entry,
) -> str:
    fence = {"of_id": context.reversal_id, "at_generation": generation}
    moved = connection.scalar(_AT_GENERATION, {**fence, **values})
    if moved is None:
        return OVERTAKEN  # another pass has it: nothing changed, so the trail has nothing to tell
    if entry is not None:
        _record(connection, context, *entry)
    return str(values["state"])


_AT_GENERATION = (
    update(reversals)
    .where(
        reversals.c.id == bindparam("of_id"), reversals.c.generation == bindparam("at_generation")
    )
    .returning(reversals.c.id)
)


def _record(
    connection: Connection, context: ReversalContext, action: Action, detail: dict[str, object]
) -> None:
    trail.record(
        connection,
        action,
        f"order {context.order_name}",
        detail,
        context.order_id,
        name=context.subject.actor,
        customer=context.subject.customer,
    )
