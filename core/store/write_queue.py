"""Who writes when on a SQLite file: one at a time, in order; small changes share a commit."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from core.store.raw import raw

MOST = 16  # changes in one commit; whoever waits in another process is not kept longer
RESCUE_SECONDS = 1.0
MEMORY = "refuz: what is known in this transaction"


class SqliteWriteQueue:
    """The queue of the writers on one SQLite file, in this process and in the others.

    SQLite lets a second writer sleep and look again, up to 0.1 s at a time, and whoever looks
    first has it: sixteen threads would spend their time asleep beside a free database, and a
    page would wait half a second for a busy worker. A file lock wakes who waits, in order.
    """

    def __init__(self, file: Path) -> None:
        """`file` is the database; the lock lies beside it."""
        self._threads = threading.Lock()
        self._file = file.with_name(f"{file.name}-turn").open("a")
        self._counting = threading.Lock()
        self._waiting = 0  # threads that will come into `_commit` as soon as they may
        self._commit: _GroupCommit | None = None

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Be the only writer, in a transaction of one's own."""
        with self._threads:
            self._end()
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    @contextmanager
    def group_commit(self, engine: Engine) -> Iterator[Connection]:
        """Be the only writer, and share the commit with the threads that wait meanwhile.

        Each is undone alone when it fails; all of them stand, or fall by the error that ends
        every block, when the commit is done. So a block must be short and speak to nobody.
        """
        commit = self._join(engine)
        try:
            with commit.part():
                yield commit.connection
        finally:
            self._leave(commit)
        self._await(commit)

    def _join(self, engine: Engine) -> "_GroupCommit":
        with self._counting:
            self._waiting += 1
        try:
            self._threads.acquire()
        finally:
            with self._counting:
                self._waiting -= 1
        try:
            if self._commit is None:
                fcntl.flock(self._file, fcntl.LOCK_EX)
                self._commit = _GroupCommit()
                self._commit.begin(engine)
            return self._commit
        except BaseException:
            self._end()
            self._threads.release()
            raise

    def _leave(self, commit: "_GroupCommit") -> None:
        """Let the next thread in; whoever has nobody waiting behind it ends the commit for all."""
        try:
            if not self._waiting or commit.full:
                self._end()
        finally:
            self._threads.release()

    def _await(self, commit: "_GroupCommit") -> None:
        """Wait until the commit has ended. Raises what it raised."""
        # Whoever waited is bound to come and end it; should its thread be gone, somebody must.
        while not commit.ended.wait(RESCUE_SECONDS):
            with self._threads:
                if self._commit is commit:
                    self._end()
        if commit.error is not None:
            raise commit.error

    def _end(self) -> None:
        """Commit, and let other processes write."""
        commit, self._commit = self._commit, None
        if commit is not None:
            try:
                commit.end()
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


class _GroupCommit:
    """One transaction of several threads, one after the other."""

    def __init__(self) -> None:
        self._transaction = ExitStack()
        self.error: BaseException | None = None
        self.ended = threading.Event()
        self._parts = 0

    @property
    def full(self) -> bool:
        return self.error is not None or self._parts >= MOST

    def begin(self, engine: Engine) -> None:
        self.connection: Connection = self._transaction.enter_context(engine.begin())
        info = self.connection.info
        info[MEMORY] = {}
        self._transaction.callback(info.pop, MEMORY)

    @contextmanager
    def part(self) -> Iterator[None]:
        """One block of the shared transaction: an error undoes it alone, where it can be."""
        first = self._parts == 0
        if not first:
            raw(self.connection, "SAVEPOINT part")
        try:
            yield
        except BaseException as error:
            if first or not self._undone():
                self.error = error  # of the first there is nothing else to keep
            raise
        self._parts += 1

    def _undone(self) -> bool:
        """Whether the part alone could be undone: a full disk takes the whole transaction."""
        try:
            raw(self.connection, "ROLLBACK TO part")
        except DBAPIError:
            return False
        self.connection.info[MEMORY] = {}
        return True

    def end(self) -> None:
        """Commit, or roll back for an error; `error` ends each part's block."""
        try:
            with self._transaction:
                if self.error is not None:
                    raise self.error
        except BaseException as error:  # noqa: BLE001 (raised again in every block)
            self.error = error
        finally:
            self.ended.set()
