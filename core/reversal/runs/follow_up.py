"""The person's desk: effects that nobody but a person can settle, and the answers to them."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection as DbConnection
from sqlalchemy import select, update

from core.audit import approvals, trail
from core.audit.actions import Action
from core.audit.names import for_reader
from core.clock import now
from core.errors import UserError
from core.orders.judge import facts as judge_facts
from core.orders.judge import proof, rules
from core.orders.judge.reasons import JudgeCode, rule_of
from core.reasons import Reason
from core.reversal.codes import ReversalCode, RunCode
from core.reversal.effects import ledger
from core.reversal.effects.ledger import AuditSubject, Change, Effect
from core.reversal.runs import run_control
from core.reversal.steps.agree import choices_of
from core.reversal.steps.context import Options
from core.reversal.steps.invoices import record_done
from core.rights import Right, actor, door, may
from core.services import links, registry
from core.settings import connections, preferences
from core.settings.connections import Connection
from core.store import db
from core.store.states import EffectKind, EffectOutcome, EffectSlot, EffectState, ReversalState
from core.store.tables import alarms, orders, reversals
from core.store.tables import effects as effects_table


class AnswerError(UserError):
    """An answer that cannot be taken; the message says why."""


@dataclass(frozen=True)
class HeldReversal:
    """One reversal that waits for a person, with the effect that holds it up, if there is one."""

    reversal_id: int
    order_id: int
    order_name: str
    gid: str
    why: Reason | None
    effect_id: int | None
    kind: str
    state: str
    service: str
    target: str
    attempt: int
    sent_at: dt.datetime | None
    evidence: dict[str, object] | None
    customer: str = ""
    total_minor: int = 0
    currency: str = ""
    asked_at: dt.datetime | None = None  # when its reversal was asked for
    askable: bool = False  # whether the service itself can say if it exists
    order_page: str = ""  # web addresses where a person looks; "" where there is none
    service_page: str = ""

    @property
    def can_be_answered(self) -> bool:
        """Whether "it exists" and "it does not" are the question (else: try again, or give up)."""
        return self.state == EffectState.HELD


@dataclass(frozen=True)
class Alarm:
    """Something that must not be: shown on every page until a person clears it."""

    id: int
    kind: str
    subject: str
    reason: Reason
    raised_at: dt.datetime


@door(Right.FOLLOW_UP)
def held(limit: int = 500) -> list[HeldReversal]:
    """Every reversal that needs a person, oldest first."""
    stuck = (EffectState.HELD, EffectState.REFUSED)
    query = (
        select(
            reversals.c.id.label("reversal_id"),
            reversals.c.order_id,
            reversals.c.why,
            reversals.c.created_at,
            orders.c.name.label("order_name"),
            orders.c.gid,
            orders.c.shop_id,
            orders.c.customer_name,
            orders.c.total_minor,
            orders.c.currency,
            effects_table.c.connection_id,
            effects_table.c.id.label("effect_id"),
            effects_table.c.kind,
            effects_table.c.state,
            effects_table.c.target,
            effects_table.c.attempt,
            effects_table.c.sent_at,
            effects_table.c.evidence,
            effects_table.c.why.label("effect_why"),
        )
        .join(orders, orders.c.id == reversals.c.order_id)
        .outerjoin(
            effects_table,
            (effects_table.c.reversal_id == reversals.c.id) & effects_table.c.state.in_(stuck),
        )
        .where(reversals.c.state == ReversalState.NEEDS_PERSON)
        .order_by(reversals.c.id)
        .limit(limit)
    )
    with db.reading() as connection:
        rows = list(connection.execute(query))
        accounts = connections.for_show(connection) if rows else {}
    return [_held(row, accounts[row.shop_id], accounts.get(row.connection_id)) for row in rows]


def _held(row: Any, shop: Connection, account: Connection | None) -> HeldReversal:
    """A reversal that needs a person, with what its effect answered and where to look."""
    return HeldReversal(
        reversal_id=row.reversal_id,
        order_id=row.order_id,
        order_name=row.order_name,
        gid=row.gid,
        why=for_reader(row.effect_why or row.why),
        effect_id=row.effect_id,
        kind=row.kind or "",
        state=row.state or "",
        service=account.name if account else "",
        target=row.target or "",
        attempt=row.attempt or 0,
        sent_at=row.sent_at,
        evidence=row.evidence,
        customer=row.customer_name if may(Right.NAMES) else "",
        total_minor=row.total_minor,
        currency=row.currency,
        asked_at=row.created_at,
        askable=_askable(row.kind, account),
        order_page=links.order_page(shop, row.gid),
        service_page=links.documents_page(account) if account else "",
    )


def _askable(kind: str | None, account: Connection | None) -> bool:
    if kind not in (EffectKind.STORNO, EffectKind.ANNUL):
        return True  # a shop always can
    return account is not None and registry.capabilities(account.service).can_be_asked


@door(Right.FOLLOW_UP)
def ask_again(effect_id: int) -> None:
    """Ask the service once more whether it exists, which sends nothing (rule 4).

    What it says decides as during the run; without an answer it is held again. Raises AnswerError.
    """
    with db.writing() as connection:
        effect, subject = _held_effect(connection, effect_id)
        _settle(connection, effect, subject, Change(EffectState.UNKNOWN, EffectOutcome.ASKED_AGAIN))
        run_control.requeue(connection, effect.reversal_id)


@door(Right.FOLLOW_UP)
def answer_exists(effect_id: int, series: str = "", number: str = "") -> None:
    """A person looked: it exists. The effect is confirmed by that word and the run goes on.

    Raises AnswerError where the number of the storno is missing, or nobody asked.
    """
    with db.writing() as connection:
        effect, subject = _held_effect(connection, effect_id)
        if effect.kind == EffectKind.STORNO and not number.strip():
            raise AnswerError(RunCode.NO_STORNO_NUMBER)
        result = {"series": series.strip(), "number": number.strip(), "by": actor().name}
        if effect.kind == EffectKind.CANCEL:
            result["cancelled_at"] = now().isoformat()
        if ledger.SLOTS[effect.kind] == EffectSlot.DOCUMENT:
            annulled = effect.kind == EffectKind.ANNUL
            zone = preferences.load(connection).zone
            record_done(
                connection, effect.invoice_id, subject.order_id, result, zone, annulled=annulled
            )
        change = Change(EffectState.CONFIRMED, EffectOutcome.SEEN, None, 0, None, result)
        _settle(connection, effect, subject, change)
        run_control.requeue(connection, effect.reversal_id)


@door(Right.FOLLOW_UP)
def answer_absent(effect_id: int) -> None:
    """A person looked: it does not exist. It is sent once more. Raises AnswerError."""
    with db.writing() as connection:
        effect, subject = _held_effect(connection, effect_id)
        what = {"effect": effect_id, "attempt": effect.attempt, "kind": effect.kind}
        detail = {"kind": effect.kind, "effect": effect_id}
        approvals.need(
            connection, approvals.ApprovalKind.SEND_AGAIN, f"effect {effect_id}", what, detail
        )
        change = Change(EffectState.PLANNED, EffectOutcome.SEEN_ABSENT)
        _settle(connection, effect, subject, change)
        run_control.requeue(connection, effect.reversal_id)


def _held_effect(connection: DbConnection, effect_id: int) -> tuple[Effect, AuditSubject]:
    """An effect that waits for a person, and its order. Raises AnswerError if it waits no more."""
    effect = ledger.load(connection, effect_id)
    if effect.state != EffectState.HELD:
        raise AnswerError(RunCode.SETTLED)
    return effect, _subject(connection, effect.reversal_id)


def _settle(
    connection: DbConnection, effect: Effect, subject: AuditSubject, change: Change
) -> None:
    if not ledger.settle(connection, effect, subject, change):
        raise AnswerError(RunCode.SETTLED)


@door(Right.FOLLOW_UP)
def retry_reversal(reversal_id: int, *, all_the_same: str = "") -> None:
    """Try again what was refused; what is held needs an answer instead. Raises AnswerError.

    `all_the_same`: a person's reason to go against what the judge says now, where a rule allows
    it; without one a pass asks the judge again and may be held again.
    """
    with db.writing() as connection:
        subject = _subject(connection, reversal_id)
        own = ledger.of_reversal(connection, reversal_id)
        if any(effect.state == EffectState.HELD for effect in own):
            raise AnswerError(RunCode.SAY_FIRST)
        for effect in own:
            if effect.state == EffectState.REFUSED:
                _settle(
                    connection,
                    effect,
                    subject,
                    Change(EffectState.PLANNED, EffectOutcome.TRIED_AGAIN),
                )
        against = _go_against(connection, reversal_id, subject) if all_the_same.strip() else []
        if against:
            about = f"reversal {reversal_id}"
            detail = {"against": against, "order": subject.order_id}
            approvals.need(connection, approvals.ApprovalKind.ALL_THE_SAME, about, detail, detail)
        _show_again(connection, reversal_id, subject)
        run_control.requeue(connection, reversal_id)
        detail = {"against": against, "why": all_the_same.strip()[:300]} if against else {}
        _record(connection, subject, Action.REVERSAL_RETRIED, detail)


def _go_against(
    connection: DbConnection, reversal_id: int, subject: AuditSubject
) -> list[dict[str, object]]:
    row = connection.execute(select(reversals.c.options).where(reversals.c.id == reversal_id)).one()
    options = Options(**row.options)
    chosen = choices_of(options)
    facts = judge_facts.of_order(connection, subject.order_id, chosen, by_options=True)
    found = [] if facts is None else [*rules.at_shop(facts), *rules.documents(facts)]
    against = [one for one in found if rule_of(one).may_waive and one.dumps() not in options.waived]
    widened = {**row.options, "waived": [*options.waived, *(one.dumps() for one in against)]}
    connection.execute(
        update(reversals).where(reversals.c.id == reversal_id).values(options=widened)
    )
    return [one.as_json() for one in against]


def _show_again(connection: DbConnection, reversal_id: int, subject: AuditSubject) -> None:
    """What changed has been shown with its reason: it runs if it is that now, else it is told."""
    query = select(reversals.c.options, reversals.c.proof, reversals.c.why)
    row = connection.execute(query.where(reversals.c.id == reversal_id)).one()
    if row.why is None or row.why.code != JudgeCode.CHANGED or row.proof is None:
        return
    chosen = choices_of(Options(**row.options))
    facts = judge_facts.of_order(connection, subject.order_id, chosen, by_options=True)
    if facts is None:
        return
    changed = proof.changed(row.proof, facts)
    if changed is None:
        return
    _, after = changed
    if after == row.why.parameters["now"]:
        sheet = proof.sheet(facts)
        connection.execute(
            update(reversals).where(reversals.c.id == reversal_id).values(proof=sheet)
        )


@door(Right.FOLLOW_UP)
def give_up(reversal_id: int, why: str) -> None:
    """Leave the rest to be done by hand, with a reason. Raises AnswerError without one."""
    if not why.strip():
        raise AnswerError(RunCode.WHY_BY_HAND)
    with db.writing() as connection:
        subject = _subject(connection, reversal_id)
        connection.execute(
            update(reversals)
            .where(reversals.c.id == reversal_id, reversals.c.state == ReversalState.NEEDS_PERSON)
            .values(
                state=ReversalState.STOPPED,
                left_to_person=True,
                why=Reason.of(ReversalCode.BY_HAND, note=why.strip()),
                finished_at=now(),
            )
        )
        _record(connection, subject, Action.REVERSAL_GIVEN_UP, {"why": why.strip()})


def _subject(connection: DbConnection, reversal_id: int) -> AuditSubject:
    row = connection.execute(
        select(reversals.c.order_id, orders.c.name)
        .join(orders, orders.c.id == reversals.c.order_id)
        .where(reversals.c.id == reversal_id)
    ).one()
    return AuditSubject(reversal_id, row.order_id, row.name, actor().name)


def _record(
    connection: DbConnection, subject: AuditSubject, action: Action, detail: dict[str, object]
) -> None:
    trail.record(
        connection,
        action,
        f"order {subject.order_name}",
        detail,
        subject.order_id,
        name=subject.actor,
    )


# ---------------------------------------------------------------- alarms


@door(Right.FOLLOW_UP)
def open_alarms() -> list[Alarm]:
    """Alarms that nobody has cleared, newest first; names of customers for who may see them."""
    query = select(alarms).where(alarms.c.cleared_at.is_(None)).order_by(alarms.c.id.desc())
    with db.reading() as connection:
        rows = connection.execute(query)
        found = [
            Alarm(**{name: getattr(row, name) for name in Alarm.__annotations__}) for row in rows
        ]
    return [replace(one, reason=for_reader(one.reason) or one.reason) for one in found]


@door(Right.FOLLOW_UP)
def clear_alarm(alarm_id: int) -> None:
    """A person has seen to it."""
    with db.writing() as connection:
        subject = connection.scalar(
            update(alarms)
            .where(alarms.c.id == alarm_id, alarms.c.cleared_at.is_(None))
            .values(cleared_at=now())
            .returning(alarms.c.subject)
        )
        if subject is not None:
            trail.record(connection, Action.ALARM_CLEARED, subject, {"alarm": alarm_id})
