"""The life of an effect: one irreversible call, its intent committed before it is sent.

    planned → sent → confirmed
                ├─ not sent, refused for now → planned, after a wait
                ├─ refused → needs a person
                └─ unknown ─settle→ ask ─ found → confirmed · absent → planned · else → held

Every function here is one change of state and its audit row, in the caller's transaction.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select, update

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.errors import RefuzError
from core.reasons import Reason
from core.reversal.effects import marks
from core.services.outcome import Evidence, Refusal
from core.store.statements.rows import insert_if_absent, insert_new
from core.store.states import EffectKind, EffectOutcome, EffectSlot, EffectState, ReversalState
from core.store.tables import effects, reversals
from core.store.types import UtcDateTime

UNWRITTEN = 0  # the id of an effect that has no row yet

SLOTS: dict[EffectKind, EffectSlot] = {
    EffectKind.CANCEL: EffectSlot.CANCEL,
    EffectKind.STORNO: EffectSlot.DOCUMENT,
    EffectKind.ANNUL: EffectSlot.DOCUMENT,
    EffectKind.FULFILLMENT_CANCEL: EffectSlot.FULFILLMENT,
    EffectKind.TAG: EffectSlot.TAG,
    EffectKind.RESTOCK: EffectSlot.STOCK,
}


class OvertakenError(RefuzError):
    """This pass is not the reversal's any more: another one began, or somebody stopped it."""


class DocumentTakenError(RefuzError):
    """Another order's reversal has an effect on this very document (rule 1)."""


@dataclass(frozen=True)
class AuditSubject:
    """Which reversal an effect belongs to, for its rows and the trail.

    `generation` is that of the pass; who only settles need not know it.
    """

    reversal_id: int
    order_id: int
    order_name: str
    actor: str
    generation: int = 0
    customer: tuple[str, ...] | None = None  # what they are known by; None: to be looked up


@dataclass(frozen=True)
class Effect:
    """One row of the effects table."""

    id: int
    reversal_id: int
    connection_id: int
    kind: EffectKind
    target: str
    invoice_id: int | None
    key: str
    state: EffectState
    attempt: int
    questions: int
    marked: str
    wait_seconds: float
    outcome: str
    why: Reason | None
    evidence: dict[str, object] | None
    result: dict[str, object] | None
    document: str = ""  # service, company, series and number in one writing; "": no document

    @property
    def wait(self) -> float:
        """Seconds before anything may be done about it."""
        return marks.remaining(self.marked, self.wait_seconds)


def plan(
    connection: Connection,
    subject: AuditSubject,
    connection_id: int,
    kind: EffectKind,
    target: str,
    invoice_id: int | None = None,
) -> Effect:
    """The effect on this target as it stands, or a new one that is written when it is claimed."""
    there = find(connection, connection_id, SLOTS[kind], target)
    return there or new(subject, connection_id, kind, target, invoice_id)


def new(
    subject: AuditSubject,
    connection_id: int,
    kind: EffectKind,
    target: str,
    invoice_id: int | None = None,
    document: str = "",
) -> Effect:
    """An effect that has no row yet."""
    return Effect(
        id=UNWRITTEN,
        reversal_id=subject.reversal_id,
        connection_id=connection_id,
        kind=kind,
        target=target,
        invoice_id=invoice_id,
        key=_key(connection_id, SLOTS[kind], target),
        state=EffectState.PLANNED,
        attempt=0,
        questions=0,
        marked="",
        wait_seconds=0.0,
        outcome="",
        why=None,
        evidence=None,
        result=None,
        document=document,
    )


def write(connection: Connection, effect: Effect) -> Effect:
    """Write a new effect down as planned; gives the row that stands.

    The unique constraints on (connection, slot, target), on (invoice, slot) and on (document,
    slot) are what keeps it single (rule 1): whoever comes second gets the row of whoever came
    first. Raises DocumentTakenError where that was for another order.
    """
    if effect.id != UNWRITTEN:
        return effect
    slot = SLOTS[effect.kind]
    insert_if_absent(connection, effects, _new_row(effect))
    written = find(connection, effect.connection_id, slot, effect.target)
    if written is None and effect.invoice_id is not None:
        written = _of_invoice(connection, effect.invoice_id, slot)
    if written is None and effect.document:
        asked = {"document": effect.document, "slot": slot}
        if connection.execute(_OF_DOCUMENT, asked).one_or_none() is not None:
            raise DocumentTakenError(effect.document)
    if written is None:
        raise LookupError(f"the effect {effect.kind} {effect.target} vanished from its transaction")
    return written


# Statements are built once: building one costs more than running it, and there are many an order.


_OF_TARGET = select(effects).where(
    effects.c.connection_id == bindparam("connection_id"),
    effects.c.slot == bindparam("slot"),
    effects.c.target == bindparam("target"),
)
_OF_INVOICE = select(effects).where(
    effects.c.invoice_id == bindparam("invoice_id"), effects.c.slot == bindparam("slot")
)
_OF_DOCUMENT = select(effects.c.id).where(
    effects.c.document == bindparam("document"), effects.c.slot == bindparam("slot")
)
_BY_ID = select(effects).where(effects.c.id == bindparam("id"))
_OF_REVERSAL = (
    select(effects).where(effects.c.reversal_id == bindparam("reversal_id")).order_by(effects.c.id)
)
_AT_ATTEMPT = update(effects).where(
    effects.c.id == bindparam("of_id"), effects.c.attempt == bindparam("at_attempt")
)
_CLAIM = _AT_ATTEMPT.where(effects.c.state == EffectState.PLANNED).returning(*effects.c)
_MAY_BE_CONFIRMED = (
    EffectState.SENT,
    EffectState.UNKNOWN,
    EffectState.HELD,
    EffectState.PLANNED,
    EffectState.REFUSED,
)
_SETTLE = _AT_ATTEMPT.where(
    or_(
        effects.c.state == bindparam("from_state"),
        *(effects.c.state == bindparam(f"or_{state}") for state in _MAY_BE_CONFIRMED),
    )
).returning(effects.c.id)
_WORKING = (
    update(reversals)
    .where(
        reversals.c.id == bindparam("of_id"), reversals.c.generation == bindparam("at_generation")
    )
    .values(
        state=ReversalState.WORKING,
        finished_at=None,
        started_at=func.coalesce(reversals.c.started_at, bindparam("at", type_=UtcDateTime)),
    )
    .returning(reversals.c.id)
)


def _new_row(effect: Effect) -> dict[str, object]:
    values = {name: getattr(effect, name) for name in Effect.__dataclass_fields__ if name != "id"}
    return {**values, "slot": SLOTS[effect.kind], "updated_at": now()}


def _key(connection_id: int, slot: str, target: str) -> str:
    # Made of the target alone: whatever is restored or started anew, one invoice has one key.
    text = f"{connection_id}/{slot}/{target}"
    return f"refuz-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def find(connection: Connection, connection_id: int, slot: str, target: str) -> Effect | None:
    """The effect in this slot on this target, if any."""
    asked = {"connection_id": connection_id, "slot": slot, "target": target}
    row = connection.execute(_OF_TARGET, asked).one_or_none()
    return _effect(row) if row is not None else None


def _of_invoice(connection: Connection, invoice_id: int, slot: str) -> Effect | None:
    row = connection.execute(_OF_INVOICE, {"invoice_id": invoice_id, "slot": slot}).one_or_none()
    return _effect(row) if row is not None else None


def load(connection: Connection, effect_id: int) -> Effect:
    """The effect with this id."""
    return _effect(connection.execute(_BY_ID, {"id": effect_id}).one())


def of_reversal(connection: Connection, reversal_id: int) -> list[Effect]:
    """All effects of one reversal, in the order they were planned."""
    return [_effect(row) for row in connection.execute(_OF_REVERSAL, {"reversal_id": reversal_id})]


def claim(
    connection: Connection, effect: Effect, subject: AuditSubject, *, shown_working: bool = False
) -> Effect | None:
    """Write the intent to send (rule 3); None when somebody else was quicker.

    `shown_working`: this pass has claimed before. Raises OvertakenError.
    """
    intent: dict[str, Any] = {
        "state": EffectState.SENT,
        "attempt": effect.attempt + 1,
        "marked": marks.mark(),
        "wait_seconds": 0.0,
        "outcome": "",
        "why": None,
    }
    at = {"sent_at": now(), "updated_at": now()}
    if effect.id == UNWRITTEN:
        row = {**_new_row(effect), **intent, **at}
        written = insert_new(connection, effects, row)
        claimed = replace(effect, id=written, **intent) if written is not None else None
    else:
        fence = {"of_id": effect.id, "at_attempt": effect.attempt}
        moved = connection.execute(_CLAIM, {**fence, **intent, **at}).one_or_none()
        claimed = _effect(moved) if moved is not None else None
    if claimed is None:
        return None
    if not shown_working:
        _show_working(connection, subject)
    _record(
        connection,
        subject,
        effect,
        Action.EFFECT_SENT,
        {"attempt": effect.attempt + 1, "key": effect.key},
    )
    return claimed


def _show_working(connection: Connection, subject: AuditSubject) -> None:
    ours = {"of_id": subject.reversal_id, "at_generation": subject.generation, "at": now()}
    if connection.scalar(_WORKING, ours) is None:
        raise OvertakenError(f"order {subject.order_name}")


@dataclass(frozen=True)
class Change:
    """What an effect becomes, and why."""

    state: EffectState
    outcome: EffectOutcome | Refusal
    why: Reason | None = None
    wait: float = 0.0
    evidence: Evidence | None = None
    result: Mapping[str, object] | None = None


def settle(
    connection: Connection,
    effect: Effect,
    subject: AuditSubject,
    change: Change,
    on_confirmed: Callable[[Connection, dict[str, object]], None] = lambda _db, _result: None,
) -> Effect | None:
    """Move the effect on from where this caller saw it; None when it has moved already.

    `on_confirmed` writes what else is known now.

    The state and the attempt are the fence: an answer that comes late, after somebody asked
    and settled the matter, changes nothing and is only told in the trail. Only the evidence of
    success counts late as well, as long as nothing was sent since: each sending is an attempt.
    """
    # The row's place, and what this caller saw: should another pass have claimed it, nothing moves.
    effect = replace(effect, id=write(connection, effect).id)
    late = change.state == EffectState.CONFIRMED
    fence = {
        "of_id": effect.id,
        "at_attempt": effect.attempt,
        "from_state": effect.state,
        **{f"or_{state}": state if late else effect.state for state in _MAY_BE_CONFIRMED},
    }
    evidence = change.evidence.as_json() if change.evidence else None
    values: dict[str, Any] = {
        "state": change.state,
        "outcome": change.outcome,
        "why": change.why,
        "marked": marks.mark(),
        "wait_seconds": change.wait,
        "questions": effect.questions + (1 if effect.state == EffectState.UNKNOWN else 0),
        "evidence": evidence or effect.evidence,
        "result": dict(change.result) if change.result is not None else effect.result,
    }
    moved = connection.scalar(_SETTLE, {**fence, **values, "updated_at": now()}) is not None
    if moved and change.state == EffectState.CONFIRMED:
        on_confirmed(connection, dict(change.result or {}))
    detail = {
        "attempt": effect.attempt,
        "outcome": change.outcome,
        "why": change.why,
        "evidence": evidence,
        "result": dict(change.result or {}),
    }
    action = Action[f"EFFECT_{change.state.name}"] if moved else Action.EFFECT_LATE
    _record(connection, subject, effect, action, detail)
    return replace(effect, **values) if moved else None


def _record(
    connection: Connection,
    subject: AuditSubject,
    effect: Effect,
    action: Action,
    detail: Mapping[str, object],
) -> None:
    trail.record(
        connection,
        action,
        f"order {subject.order_name}",
        {"kind": effect.kind, "target": effect.target, **detail},
        subject.order_id,
        name=subject.actor,
        customer=subject.customer,
    )


def _effect(row: Row[Any]) -> Effect:
    values = {name: getattr(row, name) for name in Effect.__dataclass_fields__}
    kind, state = EffectKind(row.kind), EffectState(row.state)
    return Effect(**{**values, "kind": kind, "state": state})
