"""The worker: a process of its own that does the reversals, and the chores by schedule."""

import datetime as dt
import os
import threading
import time
from typing import Any

import structlog
from dbos import DBOS
from sqlalchemy.exc import DBAPIError

from core.config import Home, home
from core.errors import RefuzError
from core.reasons import Reason
from core.reversal.codes import ReversalCode
from core.reversal.effects import marks
from core.reversal.runs import run_control, runs
from core.reversal.worker import engine, scheduled_jobs, slots
from core.reversal.worker.planning import Planner
from core.rights import Right, door
from core.store import db, room

log = structlog.get_logger(__name__)

THREADS = int(os.environ.get("REFUZ_WORKER_THREADS", "16"))
TICK_SECONDS = 0.2
NICE = 5  # whoever looks at a page, or holds a label before the camera, comes first
FINISH_SECONDS = 5  # for what has begun, once the worker is told to stop
SWEEP_SECONDS = float(os.environ.get("REFUZ_SWEEP_SECONDS", "15"))

SCHEDULES = {
    "follow the shops": ("*/30 * * * * *", "sync"),
    "ask the couriers": ("0 */15 * * * *", "couriers"),
    "look again at unmatched scans": ("15 * * * * *", "returns"),
    "reconcile": ("0 15 3 * * *", "reconcile"),
    "tidy up": ("0 45 3 * * *", "tidy"),
    "sign the record's head": ("45 * * * * *", "anchor"),
}


@DBOS.workflow(name="chore")
def chore(_planned: dt.datetime, name: Any) -> None:
    """One scheduled chore; its errors are kept in the log, the next turn tries again."""
    try:
        scheduled_jobs.CHORES[name]()
    except Exception:
        log.exception("chore failed", chore=name)


class DatabaseLostError(RefuzError):
    """The database cannot be used now; begin again, in a new process, when it is back."""


def worker_alive(where: Home | None = None) -> bool:
    """Whether a worker is running for this home."""
    return slots.worker_alive(where or home())


@door(Right.HOST)
def run_worker(stop: threading.Event, where: Home | None = None) -> None:
    """Work until `stop` is set; the process must end right afterwards (`os._exit`).

    Raises SlotTakenError when another worker has the place, DatabaseLostError when the database
    went away or could not be written.
    """
    chosen = where or home()
    # Not os.nice, which adds: a worker that begins again would sink lower each time.
    os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))
    try:
        _work(chosen, stop)
    except DBAPIError as error:
        raise DatabaseLostError(f"The database cannot be used: {error.orig}") from error


def _work(chosen: Home, stop: threading.Event) -> None:
    db.migrate(chosen)
    slot = slots.take(chosen)
    marks.follow(db.engine(chosen))
    system = engine.launch(chosen, slot.executor_id, THREADS, TICK_SECONDS)
    dispatcher = engine.Dispatcher(chosen, system)
    _register_schedules()
    planner = Planner(chosen, engine.STOPPING)
    planner.start()
    log.info("worker ready", slot=slot.executor_id)
    try:
        _loop(chosen, stop, slot, dispatcher)
    finally:
        engine.STOPPING.set()
        planner.close()
        DBOS.destroy(workflow_completion_timeout_sec=FINISH_SECONDS)
        dispatcher.close()
        slot.release()


def _register_schedules() -> None:
    DBOS.apply_schedules(
        [
            {
                "schedule_name": title,
                "workflow_fn": chore,
                "schedule": cron,
                "context": name,
                "automatic_backfill": False,
                "cron_timezone": "Europe/Bucharest",
                "queue_name": None,
            }
            for title, (cron, name) in SCHEDULES.items()
        ]
    )


def _loop(
    chosen: Home, stop: threading.Event, slot: slots.Slot, dispatcher: engine.Dispatcher
) -> None:
    swept = 0.0
    while not stop.is_set():
        if time.monotonic() - swept > SWEEP_SECONDS:
            slot.check()
            marks.follow(db.engine(chosen))
            _mind_the_disk(chosen)
            dispatcher.take_over()
            dispatcher.find_lost()
            swept = time.monotonic()
        if engine.DATABASE_LOST.is_set():
            raise DatabaseLostError("The database could not be written.")
        runs.finish()
        if dispatcher.dispatch() == 0:
            stop.wait(TICK_SECONDS)


def _mind_the_disk(chosen: Home) -> None:
    """Pause every run when the disk is almost full; the note beside a run says why and what to do.

    What is being sent is finished first. An order without a run (cancelled by hand at the shop)
    goes on; a disk that fills up all the same loses nothing.
    """
    if not room.is_short(chosen):
        return
    with db.writing(db.engine(chosen)) as connection:
        run_control.pause_all(connection, Reason(ReversalCode.DISK_FULL))
