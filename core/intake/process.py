"""Reader processes: the only place where strangers' bytes are opened (rule 16).

A job is a function by its name, `"package.module:function"`, so that the process that asks for it
never loads the decoders. A process that dies, hangs or hoards costs its own job only.
"""

import builtins
import importlib
import io
import multiprocessing
import os
import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing import spawn
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Self

from core import logs
from core.errors import RefuzError

SECONDS = 20.0  # for one job
MOST_MEMORY = 3 * 1024**3  # bytes of address space of one process
STARTING = 180.0  # seconds for a process to load what it needs: it stands back for all others
BEGUN = "begun"
NICE = 5  # whoever opens a page, and the health check, come first

_starting = threading.Lock()

# What answers are made of beside our own types.
OURS = ("core",)
PLAIN = {
    ("builtins", "set"), ("builtins", "frozenset"), ("builtins", "bytearray"),
    ("builtins", "complex"), ("builtins", "range"), ("builtins", "slice"),
    ("datetime", "date"), ("datetime", "datetime"), ("datetime", "time"),
    ("datetime", "timedelta"), ("datetime", "timezone"), ("decimal", "Decimal"),
    ("collections", "OrderedDict"), ("collections", "Counter"),
}  # fmt: skip

Job = str | Callable[..., Any]


class Failure(StrEnum):
    """Why a job has no result."""

    CRASHED = "crashed"
    TOO_SLOW = "too slow"
    TOO_LARGE = "too large"


class JobFailed(RefuzError):
    """The reader process gave no result; `failure` says why."""

    def __init__(self, failure: Failure, seconds: float) -> None:
        """Keep why, and how many seconds the job was allowed."""
        super().__init__(failure.value)
        self.failure, self.seconds = failure, seconds


class Busy(RefuzError):
    """Every process of the pool is at work, and the caller would not wait longer."""


@dataclass
class _Reader:
    process: BaseProcess
    pipe: Connection
    ending: bool = False


class ProcessPool:
    """Up to `count` processes, begun when they are needed, one job at a time each."""

    def __init__(
        self, count: int | None = None, *, seconds: float = SECONDS, memory: int = MOST_MEMORY
    ) -> None:
        """`seconds` a job may take; `memory`: bytes of address space of each process."""
        self.count = count or os.cpu_count() or 1
        self._seconds, self._memory = seconds, memory
        self._context = multiprocessing.get_context("spawn")  # threads of ours do no harm
        self._slots = threading.BoundedSemaphore(self.count)
        self._lock = threading.Lock()
        self._gone = threading.Condition(self._lock)  # told when a process has ended
        self._beginning = 0  # processes that are started and not in `_all` yet
        self._idle: list[_Reader] = []
        self._all: list[_Reader] = []
        self._closed = False

    def __enter__(self) -> Self:
        """Use as a context manager: the processes end with it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes."""
        self.close()

    def close(self) -> None:
        """End every process, those at work too; none is left when this returns."""
        with self._lock:
            self._closed, ending = True, list(self._all)
        for reader in ending:
            self._end(reader)
        with self._gone:
            self._gone.wait_for(lambda: not self._all and not self._beginning)

    def call(
        self, job: Job, *args: Any, patience: float | None = None, seconds: float | None = None
    ) -> Any:
        """What `job(*args)` gives in another process.

        `patience`: seconds to wait for an idle process, without end by default. Raises Busy,
        JobFailed, and whatever exception of ours the job raises.
        """
        if not self._slots.acquire(timeout=patience):
            raise Busy
        try:
            return self._ask(self._take(), job, args, seconds or self._seconds)
        finally:
            self._slots.release()

    def _take(self) -> _Reader:
        """An idle reader that lives, or a new one."""
        while True:
            with self._lock:
                reader = self._idle.pop() if self._idle else None
            if reader is None:
                return self._begin()
            if reader.process.is_alive():
                return reader
            self._end(reader)

    def _begin(self) -> _Reader:
        """Begin a reader process; ended at once where all were closed while it began."""
        with self._lock:
            self._beginning += 1
        reader = None
        try:
            ours, theirs = self._context.Pipe()
            process = self._context.Process(target=_work, args=(theirs, self._memory), daemon=True)
            with _without_main_script():
                process.start()
            theirs.close()
            reader = _Reader(process, ours)
        finally:
            with self._gone:
                self._beginning -= 1
                if reader is not None:
                    self._all.append(reader)
                closed = self._closed
                self._gone.notify_all()
        if closed:
            self._end(reader)
        return reader

    def _keep(self, reader: _Reader) -> None:
        with self._lock:
            self._idle.append(reader)

    def _ask(self, reader: _Reader, job: Job, args: tuple[Any, ...], seconds: float) -> Any:
        try:
            reader.pipe.send((job, args))
            self._hear(reader, STARTING)  # it has loaded what the job needs
            kind, value = self._hear(reader, seconds)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self._end(reader)
            raise JobFailed(Failure.CRASHED, seconds) from error
        self._keep(reader)
        if kind == "error":
            raise value
        if kind == "memory":
            raise JobFailed(Failure.TOO_LARGE, seconds)
        return value

    def _hear(self, reader: _Reader, seconds: float) -> Any:
        if not reader.pipe.poll(seconds):
            self._end(reader)
            raise JobFailed(Failure.TOO_SLOW, seconds)
        return _unpickled(reader.pipe.recv_bytes())

    def _end(self, reader: _Reader) -> None:
        with self._lock:
            if reader.ending:
                return
            reader.ending = True
        try:
            reader.process.kill()
            reader.process.join()
            reader.pipe.close()
        finally:
            with self._gone:
                self._all.remove(reader)
                self._gone.notify_all()


class _AnswerUnpickler(pickle.Unpickler):
    """What a reader answers. One whose decoder was taken over may write anything into the pipe: of
    a pickle only values are made here, and objects of our own types and errors; nothing is called.
    """

    def find_class(self, module_name: str, global_name: str) -> Any:
        allowed = (module_name, global_name) in PLAIN or module_name.split(".", maxsplit=1)[
            0
        ] in OURS
        found = super().find_class(module_name, global_name) if allowed else None
        builtin = module_name == "builtins" and getattr(builtins, global_name, None)
        if isinstance(builtin, type) and issubclass(builtin, Exception):
            return builtin
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is no answer")
        return found


def _unpickled(data: bytes) -> Any:
    return _AnswerUnpickler(io.BytesIO(data)).load()


@contextmanager
def _without_main_script() -> Iterator[None]:
    """A process begun meanwhile does not run the main script again.

    While a page is drawn, Streamlit's script stands as `__main__`: multiprocessing would have each
    reader draw the page first. A main module that was named (`python -m`) is still loaded.
    """
    with _starting:
        original = spawn.get_preparation_data

        def without(name: str) -> dict[str, object]:
            data: dict[str, object] = original(name)
            data.pop("init_main_from_path", None)
            return data

        spawn.get_preparation_data = without
        try:
            yield
        finally:
            spawn.get_preparation_data = original


# ---------------------------------------------------------------- in the other process


def _work(pipe: Connection, memory: int) -> None:
    """Do jobs until the pipe closes. A surprise ends this process, its traceback in the log."""
    logs.configure()
    _stand_back()
    _limit_memory(memory)
    while True:
        try:
            job, args = pipe.recv()
        except (EOFError, OSError):
            return
        function = _function(job)
        if not (_is_sent(pipe, BEGUN) and _is_sent(pipe, _outcome(function, args))):
            return


def _is_sent(pipe: Connection, what: object) -> bool:
    """False where whoever asked has gone: nobody waits for the answer any more."""
    try:
        pipe.send(what)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _outcome(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[str, Any]:
    """What goes back through the pipe: "value" and the answer, "error" and one of core's own
    errors, or "memory" and None. Raises whatever else the function raised."""
    try:
        return "value", function(*args)
    except MemoryError:
        return "memory", None
    except Exception as error:
        if not type(error).__module__.startswith("core."):
            raise
        return "error", error


def _function(job: Job) -> Callable[..., Any]:
    if not isinstance(job, str):
        return job
    module, _, name = job.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def _stand_back() -> None:
    """Readers take every processor there is: the process that serves pages is asked first."""
    if hasattr(os, "setpriority"):  # Windows has none
        os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))


def _limit_memory(most: int) -> None:
    """A file that asks for more gets a MemoryError instead of taking the machine with it."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


# ---------------------------------------------------------------- the pools of one program


# Of the program and not of a desk: a reader process knows no home, and the machine's memory is
# shared by all. Below `core.store`, besides.
_pools: dict[str, ProcessPool] = {}
_making = threading.Lock()


def shared(name: str, count: int = 1, seconds: float = SECONDS) -> ProcessPool:
    """The program's pool of this name, made at its first use with so many processes."""
    with _making:
        if name not in _pools:
            _pools[name] = ProcessPool(count, seconds=seconds)
        return _pools[name]


def close_shared() -> None:
    """End the processes of every shared pool; the next call makes new ones."""
    with _making:
        ending = list(_pools.values())
        _pools.clear()
    for pool in ending:
        pool.close()
