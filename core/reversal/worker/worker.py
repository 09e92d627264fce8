"""The worker: a process of its own that does the reversals, and the scheduled jobs."""

import os
import threading

import structlog
from dbos import DBOS
from sqlalchemy.exc import TimeoutError as NoConnectionFreeError

from core.clock import uptime
from core.config import Home, home
from core.reversal.effects import marks
from core.reversal.runs import run_control, runs
from core.reversal.worker import engine, heartbeat, scheduled_jobs, slots
from core.reversal.worker.planning import Planner
from core.rights import Right, door
from core.store import db, desk
from core.store.statements.process_locks import HeldLock

log = structlog.get_logger(__name__)

THREADS = 16  # of a worker, unless REFUZ_WORKER_THREADS says another number
TICK_SECONDS = 0.2
NICE = 5  # whoever looks at a page, or holds a label before the camera, comes first
FINISH_SECONDS = 5  # for what has begun, once the worker is told to stop
SWEEP_SECONDS = 15.0  # likewise REFUZ_SWEEP_SECONDS


@door(Right.HOST)
def run_worker(stop: threading.Event, where: Home | None = None) -> None:
    """Work until `stop` is set; the process must end right afterwards (`os._exit`).

    Raises SlotTakenError when another worker has the place, DBAPIError when the database went
    away or could not be written.
    """
    chosen = where or home()
    # Not os.nice, which adds: a worker that begins again would sink lower each time.
    os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))
    db.migrate(chosen)
    slot = slots.take(chosen)
    name = slots.executor(slot.number)
    heartbeat.beat(chosen, name)
    marks.follow(db.engine(chosen))
    threads = int(os.environ.get("REFUZ_WORKER_THREADS", THREADS))
    system = engine.launch(chosen, name, threads, TICK_SECONDS)
    dispatcher = engine.Dispatcher(chosen, system)
    signals = desk.of(chosen).part(engine.Signals)
    planner = Planner(chosen, signals.stopping)
    planner.start()
    log.info("worker ready", slot=name)
    try:
        _loop(chosen, stop, slot, dispatcher)
    finally:
        signals.stopping.set()
        planner.close()
        DBOS.destroy(workflow_completion_timeout_sec=FINISH_SECONDS)
        dispatcher.close()
        slot.release()


def _loop(
    chosen: Home, stop: threading.Event, slot: HeldLock, dispatcher: engine.Dispatcher
) -> None:
    """Hand orders out until `stop` is set; every sweep, the heartbeat and what was lost."""
    sweep_seconds = float(os.environ.get("REFUZ_SWEEP_SECONDS", SWEEP_SECONDS))
    signals = desk.of(chosen).part(engine.Signals)
    clock, swept, zone = run_control.TurnedClock(chosen), 0.0, scheduled_jobs.keep_hours()
    while not stop.is_set():
        if uptime() - swept > sweep_seconds:
            slot.check()
            heartbeat.beat(chosen, slots.executor(slot.number))
            marks.follow(db.engine(chosen))
            run_control.pause_if_disk_is_short(chosen)
            dispatcher.find_lost()
            zone = scheduled_jobs.keep_hours(zone)
            swept = uptime()
        if signals.database_lost is not None:
            raise signals.database_lost
        clock.look()
        runs.finish()
        if _hand_over(dispatcher) == 0:
            stop.wait(TICK_SECONDS)


def _hand_over(dispatcher: engine.Dispatcher) -> int:
    try:
        return dispatcher.dispatch()
    except NoConnectionFreeError:  # busy for a minute, on a machine that does much else
        log.warning("no connection to the engine's database was free; trying again")
        return 0
