"""Steers runs that are under way: pause, resume, stop, retry; what is being sent is left alone."""

import datetime as dt
from typing import Any

import structlog
from sqlalchemy import Connection, and_, bindparam, not_, or_, select, update

from core.audit import alarms, trail
from core.audit.actions import Action
from core.clock import now
from core.config import Home
from core.reasons import N_, Reason
from core.reversal.codes import ReversalCode
from core.reversal.effects import ledger as life
from core.reversal.effects import marks
from core.rights import Right, actor, door
from core.store import db, disk
from core.store.states import OPEN_REVERSALS, EffectOutcome, EffectState, ReversalState, RunState
from core.store.tables import effects, orders, reversals, runs

log = structlog.get_logger(__name__)

CLOCK_MOVED = 2.0  # seconds; less is the ordinary discipline of a clock
DISK = N_("disk")  # kind and subject of the alarm
# Of these a pass is at work now: it finishes what it sends. Should its worker have died, the
# engine recovers it, or the sweep finds it lost.
_IN_FLIGHT = and_(reversals.c.state == ReversalState.WORKING, reversals.c.dispatched)


@door(Right.RUN)
def pause(run_id: int) -> None:
    """No further order of the run begins; those being sent right now are finished first."""
    with db.writing() as connection:
        if _move(connection, run_id, (RunState.RUNNING,), RunState.PAUSED):
            trail.record(connection, Action.RUN_PAUSED, f"run {run_id}", {})


@door(Right.HOST)
def pause_all(connection: Connection, why: Reason) -> None:
    """Pause whatever runs, and say why where runs are shown."""
    running = (
        update(runs).where(runs.c.state == RunState.RUNNING).values(state=RunState.PAUSED, note=why)
    )
    for run_id in connection.scalars(running.returning(runs.c.id)).all():
        trail.record(connection, Action.RUN_PAUSED, f"run {run_id}", {"why": why}, name="Refuz")


@door(Right.HOST)
def pause_if_disk_is_short(where: Home) -> None:
    """Pause every run when the disk is almost full; the note beside a run says why and what to do.

    An alarm is told besides, once, and ends by itself when there is room again.

    What is being sent is finished first. An order without a run (cancelled by hand at the shop)
    goes on; a disk that fills up all the same loses nothing.
    """
    with db.reading(db.engine(where)) as connection:
        alarmed = alarms.reason_of(connection, DISK, DISK) is not None
    if disk.is_short(where):
        mb = disk.free_at(where) // 2**20
        with db.writing(db.engine(where)) as connection:
            pause_all(connection, Reason(ReversalCode.DISK_FULL))
            if not alarmed:
                alarms.ring(connection, DISK, DISK, disk.DiskCode.SHORT.of(free=mb))
    elif alarmed:
        with db.writing(db.engine(where)) as connection:
            alarms.settle(connection, DISK, DISK)


class TurnedClock:
    """Sees that somebody set the clock back: no order waits longer for that.

    Set forward it does no harm: the effects themselves wait by the seconds since boot.
    """

    def __init__(self, where: Home) -> None:
        """The clock is right as it is now."""
        self._engine = db.engine(where)
        self._ahead = marks.ahead()

    def look(self) -> None:
        """Shift what waits for its time by what the clock was set back since the last look."""
        ahead = marks.ahead()
        back, self._ahead = self._ahead - ahead, ahead
        if back >= CLOCK_MOVED:
            log.warning("the clock was set back", seconds=round(back))
            with db.writing(self._engine) as connection:
                _wake_earlier(connection, dt.timedelta(seconds=back))


def _wake_earlier(connection: Connection, by: dt.timedelta) -> None:
    waiting = select(reversals.c.id, reversals.c.wake_at).where(
        reversals.c.state == ReversalState.WAITING, reversals.c.wake_at.is_not(None)
    )
    moved = [{"of_id": row.id, "wake_at": row.wake_at - by} for row in connection.execute(waiting)]
    if moved:
        connection.execute(_WAKE, moved)


_WAKE = update(reversals).where(reversals.c.id == bindparam("of_id"))


@door(Right.RUN)
def resume(run_id: int) -> None:
    """Go on with a paused run."""
    with db.writing() as connection:
        if _move(connection, run_id, (RunState.PAUSED,), RunState.RUNNING):
            _go_on(connection, run_id)
            trail.record(connection, Action.RUN_RESUMED, f"run {run_id}", {})


@door(Right.RUN)
def stop(run_id: int) -> int:
    """Give up what has not begun; gives how many orders were left alone.

    An order about which something was sent goes on to its end (rule 10).
    """
    with db.writing() as connection:
        # First the rows: while they are held no pass claims, so that `begun` misses none.
        of_run = select(reversals.c.id).where(
            reversals.c.run_id == run_id, reversals.c.state.in_(OPEN_REVERSALS)
        )
        connection.execute(of_run.with_for_update())
        begun = select(effects.c.reversal_id).where(
            or_(effects.c.attempt > 0, effects.c.state == EffectState.CONFIRMED)
        )
        left = connection.execute(
            update(reversals)
            .where(
                reversals.c.run_id == run_id,
                reversals.c.state.in_(OPEN_REVERSALS),
                reversals.c.id.not_in(begun),
            )
            .values(
                state=ReversalState.STOPPED,
                why=Reason(ReversalCode.RUN_STOPPED),
                finished_at=now(),
                generation=reversals.c.generation + 1,  # a pass that has not sent yet ends here
            )
            .returning(reversals.c.id)
        ).all()
        _move(connection, run_id, (RunState.RUNNING, RunState.PAUSED), RunState.STOPPED)
        _go_on(connection, run_id)
        trail.record(connection, Action.RUN_STOPPED, f"run {run_id}", {"left alone": len(left)})
        return len(left)


@door(Right.RUN)
def retry(run_id: int) -> int:
    """Try again what the run could not do, except what a person must answer first, or does."""
    with db.writing() as connection:
        held = select(effects.c.reversal_id).where(effects.c.state == EffectState.HELD)
        failed = and_(
            reversals.c.run_id == run_id,
            reversals.c.state.in_((ReversalState.STOPPED, ReversalState.NEEDS_PERSON)),
            not_(reversals.c.left_to_person),
            not_(reversals.c.id.in_(held)),
        )
        _plan_again(connection, failed)
        again = _dispatch_again(connection, failed)
        if again:
            _move(connection, run_id, (RunState.STOPPED, RunState.FINISHED), RunState.RUNNING)
        trail.record(connection, Action.RUN_RETRIED, f"run {run_id}", {"orders": again})
        return again


def _plan_again(connection: Connection, which: Any) -> None:
    """What was refused may be sent once more; each effect has its row in the trail."""
    refused = (
        select(effects.c.id, effects.c.reversal_id, orders.c.id.label("order_id"), orders.c.name)
        .join(reversals, reversals.c.id == effects.c.reversal_id)
        .join(orders, orders.c.id == reversals.c.order_id)
        .where(effects.c.state == EffectState.REFUSED, which)
    )
    for row in connection.execute(refused).all():
        subject = life.AuditSubject(row.reversal_id, row.order_id, row.name, actor().name)
        effect = life.load(connection, row.id)
        life.settle(
            connection, effect, subject, life.Change(EffectState.PLANNED, EffectOutcome.TRIED_AGAIN)
        )


def _move(
    connection: Connection, run_id: int, before: tuple[RunState, ...], after: RunState
) -> bool:
    moved = connection.scalar(
        update(runs)
        .where(runs.c.id == run_id, runs.c.state.in_(before))
        .values(state=after, note=None, finished_at=now() if after == RunState.STOPPED else None)
        .returning(runs.c.id)
    )
    return moved is not None


def _go_on(connection: Connection, run_id: int) -> None:
    """Hand over at once what waits for its time, or was refused its turn while paused."""
    still_open = reversals.c.state.in_(OPEN_REVERSALS)
    _dispatch_again(connection, reversals.c.run_id == run_id, still_open, not_(_IN_FLIGHT))


def _dispatch_again(connection: Connection, *which: Any) -> int:
    again = connection.execute(
        update(reversals)
        .where(*which)
        .values(
            state=ReversalState.QUEUED,
            left_to_person=False,
            generation=reversals.c.generation + 1,
            dispatched=False,
            wake_at=None,
            failures=0,
            finished_at=None,
        )
        .returning(reversals.c.id)
    ).all()
    return len(again)


def requeue(connection: Connection, reversal_id: int) -> None:
    """Let one reversal go on now, whatever it was waiting for."""
    _dispatch_again(connection, reversals.c.id == reversal_id)
    run_id = connection.scalar(select(reversals.c.run_id).where(reversals.c.id == reversal_id))
    if run_id is not None:
        _move(connection, run_id, (RunState.FINISHED, RunState.STOPPED), RunState.RUNNING)
