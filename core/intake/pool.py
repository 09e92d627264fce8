"""Reads many pictures in processes of their own: bounded, streaming, robust to a bad file."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType

from core.intake.decode.pipeline import read_pages
from core.intake.types import PictureError, Reading

SLOWEST = 20.0  # seconds for one picture; a large PDF takes five
MOST_MEMORY = 3 * 1024**3  # bytes of address space of one process
STARTING = 60.0  # seconds for a process to load what it needs
READY = "ready"

CRASHED = "The reader stopped at this picture. Save or take it again; the others were read."
TOO_SLOW = "This picture took longer than {:.0f} seconds to read. Take it again from another side."
TOO_LARGE = "This picture needs too much memory. Send a smaller one."

Result = list[Reading] | PictureError
Read = Callable[[bytes], list[Reading]]


@dataclass
class _Worker:
    """One process, the pipe to it, and what it is at (with the time by which it must be done)."""

    process: BaseProcess
    pipe: Connection
    path: Path | None = None
    until: float = 0.0
    ready: bool = False


class ReaderPool:
    """Processes that read pictures, one at a time each. A process that dies or hangs costs its own
    picture only: it is replaced, and the picture's result says what happened."""

    def __init__(
        self, workers: int | None = None, *, read: Read = read_pages, slowest: float = SLOWEST
    ) -> None:
        """`workers`: processes, by default one a processor; `slowest`: seconds for a picture.
        `read` is what each of them does with a file's bytes (it must be importable)."""
        self._count = workers or os.cpu_count() or 1
        self._read, self._slowest = read, slowest
        self._context = multiprocessing.get_context("spawn")  # threads of ours do no harm
        self._workers: list[_Worker] = []

    def __enter__(self) -> "ReaderPool":
        """Use as a context manager: the processes end with it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes."""
        for worker in list(self._workers):
            self._end(worker)

    def read_many(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Result]]:
        """Each picture as soon as it is read; only what is being read is held in memory."""
        left = iter(paths)
        while True:
            unsent = self._hand_out(left)
            yield from unsent
            busy = [worker for worker in self._workers if worker.path is not None]
            if not busy and not unsent:
                return
            for worker in self._answered(busy):
                path, result = worker.path, self._result(worker)
                if path is not None and result is not None:
                    yield path, result

    def _hand_out(self, left: Iterator[Path]) -> list[tuple[Path, Result]]:
        """A picture for each idle process. Gives what could not be sent, and why."""
        failed: list[tuple[Path, Result]] = []
        busy = sum(worker.path is not None for worker in self._workers)
        while busy < self._count and (path := next(left, None)) is not None:
            worker = self._idle()
            worker.path = path
            worker.until = time.monotonic() + (self._slowest if worker.ready else STARTING)
            try:
                worker.pipe.send(path)
                busy += 1
            except OSError:  # it died while it had nothing to do
                self._end(worker)
                failed.append((path, PictureError(CRASHED)))
        return failed

    def _idle(self) -> _Worker:
        for worker in list(self._workers):
            if worker.path is None:
                if worker.process.is_alive():
                    return worker
                self._end(worker)
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, self._read), daemon=True)
        process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _answered(self, busy: list[_Worker]) -> list[_Worker]:
        """Those that have an answer, died, or are out of time."""
        if not busy:
            return []
        patience = max(0.0, min(worker.until for worker in busy) - time.monotonic())
        ready = set(wait([worker.pipe for worker in busy], patience))
        now = time.monotonic()
        return [worker for worker in busy if worker.pipe in ready or now >= worker.until]

    def _result(self, worker: _Worker) -> Result | None:
        """What became of its picture; None when the process has only just begun with it."""
        if not worker.pipe.poll():
            self._end(worker)
            return PictureError(TOO_SLOW.format(self._slowest))
        try:
            result: Result | str = worker.pipe.recv()
        except (EOFError, OSError):
            self._end(worker)
            return PictureError(CRASHED)
        if isinstance(result, str):
            worker.ready, worker.until = True, time.monotonic() + self._slowest
            return None
        worker.path = None
        return result

    def _end(self, worker: _Worker) -> None:
        worker.pipe.close()
        worker.process.kill()
        worker.process.join()
        self._workers.remove(worker)


# ---------------------------------------------------------------- in the other process


def _work(pipe: Connection, read: Read) -> None:
    """Read what comes through the pipe until it closes. A surprise ends this process, with its
    traceback in the log; the pool names the picture."""
    _limit_memory()
    pipe.send(READY)
    while True:
        try:
            path = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(_outcome(path, read))


def _outcome(path: Path, read: Read) -> Result:
    try:
        return read(path.read_bytes())
    except PictureError as error:
        return error
    except MemoryError:
        return PictureError(TOO_LARGE)
    except OSError as error:
        return PictureError(f"{path.name} cannot be opened ({error.strerror}).")


def _limit_memory() -> None:
    """A file that asks for more gets a MemoryError instead of taking the machine with it."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
