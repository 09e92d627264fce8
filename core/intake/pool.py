"""Reads many pictures in processes of their own: bounded, streaming, robust to a bad file."""

import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import TracebackType

from core.intake.ladder import read_pages
from core.intake.types import PictureError, Reading

SLOWEST = 60.0  # seconds without any picture being finished: the processes hang
AHEAD = 2  # pictures in line for each process

GIVEN_UP = "This picture could not be read by the reader. Take it again from another side."


def _read(source: Path | bytes) -> list[Reading]:
    return read_pages(source.read_bytes() if isinstance(source, Path) else source)


class ReaderPool:
    """Processes that read pictures; each is started anew, so that threads of ours do no harm."""

    def __init__(self, workers: int | None = None) -> None:
        """`workers`: processes, by default one a processor."""
        self._workers = workers or os.cpu_count() or 1
        self._pool = self._fresh()

    def _fresh(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._workers, mp_context=context)

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
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, source: Path | bytes) -> Future[list[Reading]]:
        """Read one picture; its future raises PictureError, or BrokenProcessPool after a crash."""
        try:
            return self._pool.submit(_read, source)
        except BrokenProcessPool:
            self._pool = self._fresh()
            return self._pool.submit(_read, source)

    def read_many(
        self, paths: Iterable[Path]
    ) -> Iterator[tuple[Path, list[Reading] | PictureError]]:
        """Each picture as soon as it is read; only a few are in line at a time."""
        waiting: dict[Future[list[Reading]], Path] = {}
        left = iter(paths)
        while True:
            while len(waiting) < self._workers * AHEAD and (path := next(left, None)) is not None:
                waiting[self.submit(path)] = path
            if not waiting:
                return
            done, _ = wait(waiting, SLOWEST, FIRST_COMPLETED)
            if not done:
                self._start_over()
                done = set(waiting)
            for future in done:
                path = waiting.pop(future)
                yield path, self._outcome(future, path)

    def _outcome(self, future: Future[list[Reading]], path: Path) -> list[Reading] | PictureError:
        try:
            return future.result(timeout=0)
        except PictureError as error:
            return error
        except OSError as error:
            return PictureError(f"{path.name} cannot be opened ({error.strerror}).")
        except (BrokenProcessPool, TimeoutError):
            return self._alone(path)

    def _alone(self, path: Path) -> list[Reading] | PictureError:
        """A crash takes every picture in line with it: each is tried once more, by itself."""
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as single:
            try:
                return single.submit(_read, path).result(timeout=SLOWEST)
            except PictureError as error:
                return error
            except (BrokenProcessPool, TimeoutError, OSError):
                return PictureError(GIVEN_UP)

    def _start_over(self) -> None:
        for process in list((self._pool._processes or {}).values()):
            process.kill()
        self._pool = self._fresh()
