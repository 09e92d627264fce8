"""The thread of a server that makes boxes of what no code led to, and reads their print."""

import threading

import structlog

from core import rights
from core.config import Home, at, home
from core.finding import boxes, making

log = structlog.get_logger(__name__)

LOOK_EVERY = 2.0  # seconds
AFTER_A_FAULT = 60.0


class BoxReader:
    """Looks for pictures that were read, and for boxes that wait."""

    def __init__(self, where: Home | None = None) -> None:
        """Look at the pictures of this home."""
        self._home = where or home()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="box reader", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the label at hand."""
        self._stop.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        with at(self._home), rights.acting(rights.WORKER):
            self._look()

    def _look(self) -> None:
        pause = LOOK_EVERY
        while not self._stop.wait(pause):
            try:
                making.make()
                busy = boxes.read_next()
                pause = 0.0 if busy else LOOK_EVERY
            except Exception:
                # A fault here must not take the desk's other work with it; the boxes wait.
                log.exception("boxes could not be looked at")
                pause = AFTER_A_FAULT
