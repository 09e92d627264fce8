"""Hands reversals to the durable engine (DBOS), and takes back what it lost.

Our reversals table is the outbox: whoever wants work done writes a row there, and the worker's
dispatcher gives each row that is not `dispatched` to the engine as one durable workflow. The
generation is part of the workflow's name, so handing the same row over twice is one workflow.
"""

import datetime as dt
import threading
from pathlib import Path
from typing import Any

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions
from sqlalchemy import Engine, bindparam, create_engine, event, or_, select, update
from sqlalchemy.exc import DBAPIError

from core.clock import now
from core.config import Home
from core.reversal.effects import marks
from core.reversal.steps import advance
from core.reversal.worker import outbox
from core.reversal.worker.slots import borrowed, held_slots
from core.store import db, engines
from core.store.states import OPEN_REVERSALS, ReversalState
from core.store.tables import reversals, runs

log = structlog.get_logger(__name__)

APPLICATION = "refuz"
# Pinned: by default the version is a hash of the code, and any edit would strand pending work.
# Change it only when what a workflow's recorded steps mean changes.
VERSION = "1"
QUEUE = "reversals"
WORKFLOW = "reverse_order"
# Every queue of DBOS serves the lowest number first.
AT_ONCE, IN_TURN = 1, 10
SWEEP = 1000  # reversals looked at in one sweep for lost ones
# A pass ends within minutes. One that is at work for longer was claimed by a process and never
# begun, or lost its thread; beginning it again is safe, since the generation fences the old one.
STUCK_SECONDS = 900.0
AHEAD = 2  # times the threads are claimed at once, so that none waits for the next look
CLOCK_MOVED = 2.0  # seconds; less is the ordinary discipline of a clock
ALIVE = ("ENQUEUED", "PENDING", "DELAYED")

_WAKE = update(reversals).where(reversals.c.id == bindparam("of_id"))

# Set when a pass ended because the database could not be read or written: the disk is full, the
# server is gone. What the engine holds in memory may then differ from what it wrote, and only a
# start recovers from that.
DATABASE_LOST = threading.Event()

# Set when this process is about to end: what has begun is finished, nothing else begins.
STOPPING = threading.Event()


@DBOS.workflow(name=WORKFLOW)
def reverse_order(reversal_id: int, generation: int) -> str | None:
    """One durable workflow: one pass over one reversal.

    The pass is not split into steps: it may be repeated whole at any point, since effects are
    guarded by their own rows, and a step would cost a commit that protects nothing.
    """
    if STOPPING.is_set():
        threading.Event().wait()  # claimed and not begun: the next start recovers it as it is
    try:
        return advance.advance(reversal_id, generation)
    except DBAPIError:
        DATABASE_LOST.set()
        raise


def engine_database(where: Home) -> Engine:
    """The workflow engine's database; on SQLite with the pragmas that it does not set itself."""
    if not where.on_sqlite:
        made = create_engine(where.engine_database_url, pool_size=4, max_overflow=1)
        event.listen(made, "connect", engines.limit_silence)
        return made
    engines.refuse_network_disk(Path(where.engine_database_url.removeprefix("sqlite:///")))
    # One connection: SQLite has one writer anyway, and waiting for the pool's is fair and quick.
    made = create_engine(where.engine_database_url, pool_size=1, max_overflow=0, pool_timeout=60)
    event.listen(made, "connect", _prepare)
    return made


def _prepare(connection: object, _record: object) -> None:
    connection.isolation_level = "IMMEDIATE"  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]


def launch(where: Home, executor_id: str, threads: int, polling_seconds: float) -> Engine:
    """Start the engine in this process under this name; it recovers its own pending work."""
    system = engine_database(where)
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": where.engine_database_url,
        "system_database_engine": system,
        "application_version": VERSION,
        "executor_id": executor_id,
        "log_level": "WARNING",
        "run_migrations": True,
        "max_executor_threads": threads,
    }
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue(
        QUEUE,
        worker_concurrency=AHEAD * threads,
        polling_interval_sec=polling_seconds,
        on_conflict="always_update",
    )
    return system


class Dispatcher:
    """Moves rows of the outbox into the engine."""

    def __init__(self, where: Home, system: Engine) -> None:
        """Speak to the engine's database through `system`."""
        self._where = where
        self._system = system
        self._client = DBOSClient(
            system_database_engine=system,
            system_database_url=where.engine_database_url,
            application_name=APPLICATION,
        )
        self._suspects: dict[str, int] = {}  # missed once: workflow's name, reversal
        self._swept = 0  # the last reversal that was looked at
        self._ahead = marks.ahead()

    def dispatch(self) -> int:
        """Hand over up to a batch of reversals whose time has come; gives how many."""
        engine = db.engine(self._where)
        self._mind_the_clock(engine)
        with db.reading(engine) as connection:
            given = outbox.due(connection)
        if not given:
            return 0
        # The engine first: a crash in between hands the same names over once more, which is one.
        with self._system.begin() as connection:
            for one in given:
                options = _options(one)
                self._client.enqueue_in_transaction(connection, options, one.id, one.generation)
        with db.writing(engine) as connection:
            outbox.handed_over(connection, given)
        return len(given)

    def _mind_the_clock(self, engine: Engine) -> None:
        """A clock set back by an hour must not make an order wait an hour longer.

        Set forward it does no harm: the effects themselves wait by the seconds since boot.
        """
        ahead = marks.ahead()
        back, self._ahead = self._ahead - ahead, ahead
        if back < CLOCK_MOVED:
            return
        log.warning("the clock was set back", seconds=round(back))
        with db.writing(engine) as connection:
            waiting = select(reversals.c.id, reversals.c.wake_at).where(
                reversals.c.state == ReversalState.WAITING, reversals.c.wake_at.is_not(None)
            )
            moved = [
                {"of_id": row.id, "wake_at": row.wake_at - dt.timedelta(seconds=back)}
                for row in connection.execute(waiting)
            ]
            if moved:
                connection.execute(_WAKE, moved)

    def find_lost(self) -> int:
        """Hand over again what the engine does not know any more; gives how many.

        Looks at a window of the open reversals, the next one at each call. A workflow must be
        missed twice in a row: between its end and the row's change there is a moment in which
        nothing is wrong.
        """
        engine = db.engine(self._where)
        names = {workflow_name(row.id, row.generation): row for row in self._window(engine)}
        missing = set(names) - self._alive(list(names))
        lost = missing & self._suspects.keys()
        self._suspects = {name: names[name].id for name in missing}
        for name in lost:
            self._begin_again(engine, names[name].id, names[name].generation)
        return len(lost)

    def _window(self, engine: Engine) -> list[Any]:
        suspects = list(self._suspects.values())
        with db.reading(engine) as connection:
            rows = list(
                connection.execute(
                    select(reversals.c.id, reversals.c.generation)
                    .outerjoin(runs, runs.c.id == reversals.c.run_id)
                    .where(
                        reversals.c.dispatched,
                        reversals.c.state.in_(OPEN_REVERSALS),
                        or_(reversals.c.id > self._swept, reversals.c.id.in_(suspects)),
                        outbox.NOT_PAUSED,
                    )
                    .order_by(reversals.c.id)
                    .limit(SWEEP)
                )
            )
        self._swept = rows[-1].id if len(rows) == SWEEP else 0
        return rows

    def _begin_again(self, engine: Engine, reversal_id: int, generation: int) -> None:
        log.warning("lost workflow begun again", reversal=reversal_id)
        with db.writing(engine) as connection:
            connection.execute(
                update(reversals)
                .where(reversals.c.id == reversal_id, reversals.c.generation == generation)
                .values(generation=generation + 1, dispatched=False, wake_at=None)
            )

    def _alive(self, names: list[str]) -> set[str]:
        """Those that the engine has, and does not merely believe to be at work since long ago."""
        found = self._client.list_workflows(
            workflow_ids=names, status=list(ALIVE), load_input=False, load_output=False
        )
        long_ago = (now().timestamp() - STUCK_SECONDS) * 1000
        return {
            one.workflow_id
            for one in found
            if one.status != "PENDING" or (one.updated_at or 0) > long_ago
        }

    def take_over(self) -> int:
        """Give the orders of dead workers to the living (PostgreSQL); gives how many."""
        if self._where.on_sqlite:
            return 0
        pending = self._client.list_workflows(
            status="PENDING", queue_name=QUEUE, load_input=False, load_output=False
        )
        engine = db.engine(self._where)
        with db.reading(engine) as connection:
            living = held_slots(connection)
        dead = {one.executor_id for one in pending if one.executor_id} - living
        return sum(self._hand_over(engine, name) for name in dead if name.startswith("slot-"))

    def _hand_over(self, engine: Engine, executor_id: str) -> int:
        with borrowed(engine, executor_id) as ours:
            if not ours:
                return 0
            stranded = self._client.list_workflows(
                status="PENDING", executor_id=executor_id, load_input=False, load_output=False
            )
            ids = [one.workflow_id for one in stranded]
            if ids:
                self._client.resume_workflows(ids, queue_name=QUEUE)
                log.warning("took over a dead worker's orders", worker=executor_id, orders=len(ids))
            return len(ids)

    def close(self) -> None:
        """Let go of the engine's database."""
        self._client.destroy()


def workflow_name(reversal_id: int, generation: int) -> str:
    """The durable name of one pass."""
    return f"reversal-{reversal_id}-{generation}"


def _options(one: outbox.Due) -> EnqueueOptions:
    return {
        "workflow_name": WORKFLOW,
        "queue_name": QUEUE,
        "workflow_id": workflow_name(one.id, one.generation),
        "app_version": VERSION,
        "priority": AT_ONCE if one.at_once else IN_TURN,
    }


def purge(keep: dt.timedelta = dt.timedelta(days=7)) -> int:
    """Forget finished workflows of this engine; gives how many.

    The record of what was done is in our own tables; only the engine's notes go.
    """
    done = DBOS.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED"],
        end_time=(now() - keep).isoformat(),
        limit=10_000,
        load_input=False,
        load_output=False,
    )
    DBOS.delete_workflows([one.workflow_id for one in done])
    return len(done)
