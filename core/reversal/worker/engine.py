"""Hands reversals to the durable engine (DBOS), and takes back what it lost.

Our reversals table is the outbox: whoever wants work done writes a row there, and the worker's
dispatcher gives each row that is not `dispatched` to the engine as one durable workflow. The
generation is part of the workflow's name, so handing the same row over twice is one workflow.
"""

import threading

import structlog
from dbos import DBOS, DBOSClient
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from core.clock import now
from core.config import Home
from core.reversal.steps import advance
from core.reversal.worker import outbox, slots
from core.store import db, desk, engines

log = structlog.get_logger(__name__)

APPLICATION = "refuz"
# Pinned: by default the version is a hash of the code, and any edit would strand pending work.
# Change it only when what a workflow's recorded steps mean changes.
VERSION = "1"
QUEUE = "reversals"
WORKFLOW = "reverse_order"
# A pass ends within minutes. One that is at work for longer was claimed by a process and never
# begun, or lost its thread; beginning it again is safe, since the generation fences the old one.
STUCK_SECONDS = 900.0
AHEAD = 2  # times the threads are claimed at once, so that none waits for the next look


class Signals:
    """What the passes and the worker of one home tell each other: a part of its desk."""

    def __init__(self, _desk: desk.Desk) -> None:
        """`database_lost`: why a pass could not read or write the database (the disk is full, the
        server is gone). What the engine holds in memory may then differ from what it wrote, and
        only a start recovers from that. `stopping`: the process is about to end; what has begun
        is finished, nothing else begins.
        """
        self.database_lost: DBAPIError | None = None
        self.stopping = threading.Event()


@DBOS.workflow(name=WORKFLOW)
def reverse_order(reversal_id: int, generation: int) -> str | None:
    """One durable workflow: one pass over one reversal.

    The pass is not split into steps: it may be repeated whole at any point, since effects are
    guarded by their own rows, and a step would cost a commit that protects nothing.
    """
    signals = desk.current().part(Signals)
    if signals.stopping.is_set():
        threading.Event().wait()  # claimed and not begun: the next start recovers it as it is
    try:
        return advance.advance(reversal_id, generation)
    except DBAPIError as error:
        signals.database_lost = error
        raise


def launch(where: Home, executor_id: str, threads: int, polling_seconds: float) -> Engine:
    """Start the engine in this process under this name; it recovers its own pending work."""
    system = engines.for_workflows(where)
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": where.engine_database_url,
            "system_database_engine": system,
            "application_version": VERSION,
            "executor_id": executor_id,
            "log_level": "WARNING",
            "max_executor_threads": threads,
        }
    )
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
        self._where, self._ours, self._system = where, db.engine(where), system
        self._client = DBOSClient(
            system_database_engine=system,
            system_database_url=where.engine_database_url,
            application_name=APPLICATION,
        )

    def dispatch(self) -> int:
        """Hand over up to a batch of reversals whose time has come; gives how many."""
        with db.reading(self._ours) as connection:
            given = outbox.due(connection)
        if not given:
            return 0
        # The engine first: a crash in between hands the same names over once more, which is one.
        with self._system.begin() as connection:
            for one in given:
                self._client.enqueue_in_transaction(
                    connection,
                    {
                        "workflow_name": WORKFLOW,
                        "queue_name": QUEUE,
                        "workflow_id": workflow_name(one.id, one.generation),
                        "app_version": VERSION,
                        "priority": one.priority,
                    },
                    one.id,
                    one.generation,
                )
        with db.writing(self._ours) as connection:
            outbox.handed_over(connection, given)
        return len(given)

    def find_lost(self) -> int:
        """Hand over again what the engine does not know any more; gives how many.

        Ours are read before the engine is asked: one that has ended meanwhile is not at its
        generation any more.
        """
        with db.reading(self._ours) as connection:
            held = connection.execute(outbox.HELD).all()
        names = {workflow_name(row.id, row.generation): row for row in held}
        lost = [names[name] for name in names.keys() - self._alive(list(names))]
        if lost:
            with db.writing(self._ours) as connection:
                lost = [row for row in lost if outbox.take_back(connection, row)]
            log.warning("lost orders begun again", reversals=[row.id for row in lost])
        return len(lost)

    def _alive(self, names: list[str]) -> set[str]:
        """Those that wait in the engine, or are at work in a process that is there.

        Of a dead worker the engine believes for ever that it is at work, until the same name
        begins again; a living one may have claimed an order and lost the thread that had it.
        """
        found = self._client.list_workflows(
            workflow_ids=names,
            status=["ENQUEUED", "PENDING", "DELAYED"],
            load_input=False,
            load_output=False,
        )
        living = slots.living(self._where)
        long_ago = (now().timestamp() - STUCK_SECONDS) * 1000
        return {
            one.workflow_id
            for one in found
            if one.status != "PENDING"
            or (one.executor_id in living and (one.updated_at or 0) > long_ago)
        }

    def close(self) -> None:
        """Let go of the engine's database."""
        self._client.destroy()


def workflow_name(reversal_id: int, generation: int) -> str:
    """The durable name of one pass."""
    return f"reversal-{reversal_id}-{generation}"
