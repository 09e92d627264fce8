"""Reads many pictures in processes of their own: bounded, streaming, robust to a bad file."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType
from typing import Self

from core.intake import doors
from core.intake.process import SECONDS, ProcessPool
from core.intake.types import PictureError, Reading

ReadResult = list[Reading] | PictureError
Read = Callable[[bytes], list[Reading]]


class ReaderPool:
    """Processes that read pictures, one at a time each. A process that dies or hangs costs its own
    picture only: it is replaced, and the picture's result says what happened."""

    def __init__(
        self, workers: int | None = None, *, read: Read | None = None, slowest: float = SECONDS
    ) -> None:
        """`workers`: processes, by default one a processor; `slowest`: seconds for a picture.
        `read` is what each of them does with a file's bytes (it must be importable)."""
        self._read = read
        self._processes = ProcessPool(workers, seconds=slowest)
        self._threads = ThreadPoolExecutor(self._processes.count, "reader pool")

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
        self._processes.close()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def read_many(self, paths: Iterable[Path]) -> Iterator[tuple[Path, ReadResult]]:
        """Each picture as soon as it is read; only what is being read is held in memory."""
        left = iter(paths)
        asked: dict[Future[ReadResult], Path] = {}
        while True:
            while len(asked) < self._processes.count and (path := next(left, None)) is not None:
                asked[self._threads.submit(self._one, path)] = path
            if not asked:
                return
            for done in wait(asked, return_when=FIRST_COMPLETED).done:
                yield asked.pop(done), done.result()

    def _one(self, path: Path) -> ReadResult:
        try:
            return doors.read_file(path, self._processes, self._read)
        except PictureError as error:
            return error
