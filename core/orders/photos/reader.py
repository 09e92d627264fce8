"""The thread of a server that reads the pictures which wait."""

import threading

from core import rights
from core.config import Home, at, home
from core.intake import ReaderPool
from core.orders.photos import intake_queue, reading

BATCH = 8  # pictures claimed at once
LOOK_EVERY = 1.0  # seconds between looks for pictures that another process took in


class PhotoReader:
    """A thread that claims waiting pictures and hands them to the reading processes."""

    def __init__(self, where: Home | None = None) -> None:
        """Read the pictures of this home."""
        self._home = where or home()
        self._stop = threading.Event()
        self._came = intake_queue.picture_came(self._home)
        self._thread = threading.Thread(target=self._run, name="photo reader", daemon=True)

    def start(self) -> None:
        """Begin, with what an earlier process left half read."""
        with at(self._home):
            reading.release()
        self._thread.start()

    def stop(self) -> None:
        """End after the pictures at hand."""
        self._stop.set()
        self._came.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        with at(self._home), rights.acting(rights.WORKER), ReaderPool() as pool:
            while not self._stop.is_set():
                self._came.clear()
                claimed = reading.claim(BATCH)
                for _ in reading.read(pool, claimed):
                    pass
                if not claimed:
                    self._came.wait(LOOK_EVERY)
