"""Runs: many reversals started, paused, resumed and stopped together."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    and_,
    exists,
    func,
    insert,
    not_,
    select,
    update,
)

from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.orders.judge import proof
from core.orders.judge.facts import Choices, of_order
from core.orders.judge.reasons import rule_of
from core.orders.judge.rules import documents
from core.orders.judge.shown import Shown, is_as_shown
from core.orders.piles import review
from core.reasons import Reason
from core.reversal.codes import RunCode
from core.reversal.runs import second
from core.reversal.runs.asking import HeldByJudge, NothingToRun, against, judged, judged_facts
from core.reversal.steps.context import Options
from core.rights import Right, actor, door
from core.services.limits import rate
from core.settings import preferences
from core.store import db
from core.store.statements.rows import upsert
from core.store.states import OPEN_REVERSALS, ReversalState, RunState
from core.store.tables import orders, pile_orders, reversals, runs

__all__ = [
    "HeldByJudge", "NothingToRun", "Progress", "Run", "finish", "judged", "newest", "progress",
    "reverse_invoices", "reverse_order", "start_run",
]  # fmt: skip

AT_SHOP = "shop"  # where a reversal was begun: there, by cancelling the order by hand


@dataclass(frozen=True)
class Run:
    """One press of the button."""

    id: int
    pile_id: int | None
    state: RunState
    created_at: dt.datetime
    created_by: str
    total: int
    finished_at: dt.datetime | None
    note: Reason | None
    changed: int = 0  # orders left out as it began: no longer what was shown


@dataclass(frozen=True)
class Progress:
    """Where a run stands. Counts are orders; `per_second` is of the last minute."""

    run: Run
    total: int
    queued: int
    working: int
    waiting: int
    needs_person: int
    done: int
    stopped: int
    per_second: float
    seconds_left: float | None
    paused_services: tuple[tuple[str, dt.datetime, Reason], ...]

    @property
    def finished(self) -> int:
        """Orders that need no more work of ours."""
        return self.needs_person + self.done + self.stopped


@door(Right.RUN)
def start_run(
    pile_id: int,
    only: Collection[int] | None = None,
    *,
    shown: Mapping[int, Shown] | None = None,
) -> Run:
    """Start the reversal of all orders of the pile (of `only` these) that can run; one transaction.

    `shown`: what a person saw of these orders and wants to run; one that would do something else
    by now is left out, to be looked at again. Raises NothingToRun. An order that has a reversal
    already (another pile, a second press of the button) is left to that one: the unique
    constraint decides, not a check.
    """
    with db.writing() as connection:
        found = review.runnable(connection, pile_id, only if shown is None else shown)
        ready = [one for one in found if shown is None or is_as_shown(shown[one[0].order_id], *one)]
        if not ready:
            raise NothingToRun(RunCode.CHANGED if found else RunCode.NOTHING)
        proofs = {row.order_id: proof.sheet(facts) for row, facts in ready}
        run = _start(connection, pile_id, list(proofs), proofs=proofs)
        return replace(run, changed=len(found) - len(ready))


@door(Right.RUN)
def reverse_order(
    order_id: int, *, restock: bool, pile_id: int | None = None, all_the_same: str = ""
) -> Run:
    """The one-tap way of the scan card: one order, now, where the judge allows it.

    `all_the_same`: a person's reason to go against what holds the order back, where the rule
    allows that; kept in the record. Raises HeldByJudge with the judge's reason, else NothingToRun.
    """
    with db.writing() as connection:
        facts = judged_facts(connection, order_id, pile_id)
        standing = against(facts, all_the_same.strip())
        if standing:
            detail = {
                "pile": pile_id,
                "against": [one.as_json() for one in standing],
                "why": all_the_same.strip()[:300],
            }
            trail.record(
                connection,
                Action.ALL_THE_SAME,
                f"order {facts.order.name}",
                detail,
                order_id,
            )
        waived = [*facts.chosen.waived, *(one.dumps() for one in standing)]
        choice = {"restock": restock, "waived": waived}
        proofs = {order_id: proof.sheet(facts)}
        return _start(connection, pile_id, [order_id], choice, proofs)


@door(Right.RUN)
def reverse_invoices(order_id: int, *, all_the_same: str = "") -> int | None:
    """Reverse the invoices of an order cancelled by hand; None where it has a reversal already.

    Raises HeldByJudge where the judge does not believe the documents.
    """
    with db.writing() as connection:
        chosen = preferences.load(connection)
        choices = Choices(document=chosen.document)
        facts = of_order(connection, order_id, choices, by_options=True)
        if facts is None:
            return None
        standing = list(documents(facts))
        stuck = next((one for one in standing if not rule_of(one).may_waive), None)
        if standing and (stuck is not None or not all_the_same.strip()):
            raise HeldByJudge(stuck or standing[0], may_waive=stuck is None)
        waived = [one.dumps() for one in standing]
        options = Options(cancel=False, document=chosen.document, waived=waived)
        wanted = {
            "order_id": order_id, "options": options.as_json(), "proof": proof.sheet(facts),
        }  # fmt: skip
        wanted["approved"] = second.by_two(connection, None, [wanted])
        made = _insert_reversals(connection, None, AT_SHOP, [wanted])
        if not made:
            return None
        detail = {
            "origin": AT_SHOP,
            "against": [one.as_json() for one in standing],
            "why": all_the_same.strip()[:300],
        }
        _record(connection, Action.REVERSAL_ASKED_FOR, order_id, detail)
        return made[0]


def _start(
    connection: Connection,
    pile_id: int | None,
    order_ids: list[int],
    choice: dict[str, Any] | None = None,
    proofs: Mapping[int, list[dict[str, object]]] | None = None,
) -> Run:
    """Write a run and its reversals in the caller's transaction. Raises NothingToRun."""
    run_id = connection.scalar(
        insert(runs)
        .values(
            pile_id=pile_id,
            created_at=now(),
            created_by=actor().name,
            state=RunState.RUNNING,
            total=0,
            note=None,
        )
        .returning(runs.c.id)
    )
    wanted = _options(connection, pile_id, order_ids, choice or {})
    for one in wanted:
        one["proof"] = (proofs or {}).get(one["order_id"])
    approved = second.by_two(connection, pile_id, wanted)
    wanted = [{**one, "approved": approved} for one in wanted]
    made = _insert_reversals(connection, run_id, "pile", wanted)
    if not made:
        raise NothingToRun(RunCode.BEGUN)
    counted = update(runs).where(runs.c.id == run_id).values(total=len(made)).returning(runs)
    row = connection.execute(counted).one()
    trail.record(
        connection,
        Action.RUN_STARTED,
        f"run {run_id}",
        {"pile": pile_id, "orders": len(made), "order_ids": [w["order_id"] for w in wanted][:500]},
    )
    return _run(row)


def _options(
    connection: Connection, pile_id: int | None, order_ids: list[int], choice: dict[str, object]
) -> list[dict[str, Any]]:
    chosen = preferences.load(connection)
    rows: dict[int, Row[Any]] = {}
    if pile_id is not None:
        query = select(pile_orders).where(
            pile_orders.c.pile_id == pile_id, pile_orders.c.removed_at.is_(None)
        )
        rows = {row.order_id: row for row in connection.execute(query)}
    wanted = []
    for order_id in order_ids:
        options = _of_row(rows.get(order_id), chosen).as_json()
        wanted.append({"order_id": order_id, "options": {**options, **choice}})
    return wanted


def _of_row(row: Row[Any] | None, chosen: preferences.Preferences) -> Options:
    """What is to be done about an order: as chosen in its pile, else as the preferences say."""
    document = chosen.document if chosen.revert_invoice_on_cancel else "none"
    if row is None:
        return Options(
            restock=chosen.restock_default,
            reason=chosen.reason_default,  # type: ignore[arg-type]  # a word of Shopify's list
            staff_note=preferences.note_of(chosen),
            notify=chosen.notify_default,
            document=document,
        )
    return Options(
        restock=row.restock,
        reason=row.reason,
        staff_note=row.staff_note or preferences.note_of(chosen),
        notify=row.notify,
        refund=row.refund,
        document=row.document if chosen.revert_invoice_on_cancel else "none",
        cancel_fulfillments=row.cancel_fulfillments or chosen.allow_fulfillment_cancel,
        waived=[one["reason"] for one in row.waived or ()],
    )


def _insert_reversals(
    connection: Connection, run_id: int | None, origin: str, wanted: list[dict[str, object]]
) -> list[int]:
    """Insert one reversal per order; those that exist stay, except ones that may start again."""
    common = {
        "run_id": run_id,
        "origin": origin,
        "requested_by": actor().name,
        "state": ReversalState.QUEUED,
        "why": None,
        "generation": 0,
        "dispatched": False,
        "failures": 0,
        "created_at": now(),
    }
    rows = [{**common, **one} for one in wanted]
    may_start_again = and_(
        reversals.c.state == ReversalState.STOPPED, not_(reversals.c.left_to_person)
    )
    written = upsert(
        connection,
        reversals,
        rows,
        ("order_id",),
        _started_again,
        where=lambda _fresh: may_start_again,
        returning=(reversals.c.id,),
    )
    return [row.id for row in written]


def _started_again(fresh: Any) -> dict[str, object]:
    return {
        "run_id": fresh.run_id,
        "requested_by": fresh.requested_by,
        "approved": fresh.approved,
        "options": fresh.options,
        "proof": fresh.proof,
        "state": ReversalState.QUEUED,
        "why": None,
        "generation": reversals.c.generation + 1,
        "dispatched": False,
        "wake_at": None,
        "failures": 0,
        "finished_at": None,
    }


_STILL_OPEN = exists().where(reversals.c.run_id == runs.c.id, reversals.c.state.in_(OPEN_REVERSALS))
_ENDED = and_(runs.c.state == RunState.RUNNING, ~_STILL_OPEN)
_ANY_ENDED = select(runs.c.id).where(_ENDED).limit(1)


def finish() -> None:
    """Note which runs have come to their end; the worker asks it all the time.

    Not left to the last reversal of a run: of two that end at once, neither sees the other.
    """
    with db.reading() as connection:
        if connection.scalar(_ANY_ENDED) is None:
            return
    with db.writing() as connection:
        ended = update(runs).where(_ENDED).values(state=RunState.FINISHED, finished_at=now())
        for run_id in connection.scalars(ended.returning(runs.c.id)).all():
            trail.record(connection, Action.RUN_FINISHED, f"run {run_id}", {}, name="Refuz")


# ---------------------------------------------------------------- looking


@door(Right.PILE)
def newest(limit: int = 20, pile_id: int | None = None) -> list[Run]:
    """The newest runs, newest first."""
    query = select(runs).order_by(runs.c.id.desc()).limit(limit)
    if pile_id is not None:
        query = query.where(runs.c.pile_id == pile_id)
    with db.reading() as connection:
        return [_run(row) for row in connection.execute(query)]


@door(Right.PILE)
def progress(run_id: int) -> Progress:
    """Where the run stands, from our own tables (a GROUP BY, not the engine's list)."""
    with db.reading() as connection:
        run = _run(connection.execute(select(runs).where(runs.c.id == run_id)).one())
        by_state = connection.execute(
            select(reversals.c.state, func.count())
            .where(reversals.c.run_id == run_id)
            .group_by(reversals.c.state)
        )
        counts: dict[str, int] = {row[0]: row[1] for row in by_state}
        since = max(run.created_at, now() - dt.timedelta(seconds=60))
        lately = connection.scalar(
            select(func.count()).where(
                reversals.c.run_id == run_id, reversals.c.finished_at >= since
            )
        )
        blocked = tuple(rate.blocked_services(connection))
    seconds = max(1.0, (now() - since).total_seconds())
    per_second = (lately or 0) / seconds
    left = sum(counts.get(state, 0) for state in OPEN_REVERSALS)
    return Progress(
        run=run,
        total=run.total,
        per_second=per_second,
        seconds_left=left / per_second if per_second and left else None,
        paused_services=blocked,
        **{state: counts.get(state, 0) for state in ReversalState},
    )


def _run(row: Row[Any]) -> Run:
    values = {name: getattr(row, name) for name in Run.__dataclass_fields__ if name != "changed"}
    return Run(**{**values, "state": RunState(row.state)})


def _record(connection: Connection, action: Action, order_id: int, detail: dict[str, Any]) -> None:
    name = connection.scalar(select(orders.c.name).where(orders.c.id == order_id))
    trail.record(connection, action, f"order {name}", detail, order_id)
