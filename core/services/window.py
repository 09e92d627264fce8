"""Keeps to a service's window: so many calls in so many seconds, whenever they arrive there.

The bucket spaces the calls as we send them; a call that is late on its way may still arrive
together with the next ones, and some services then block for ten minutes. A call has arrived at
the latest when it is answered, so its place is free again that many seconds after its answer.
Each process keeps its own window; the bucket is shared by all of them.
"""

import functools
import threading
import time
from collections import deque


class Window:
    """At most `calls` under way or answered within the last `seconds`."""

    def __init__(self, calls: int, seconds: float) -> None:
        """Begin with every place free."""
        self._seconds = seconds
        self._free = calls
        self._answered: deque[float] = deque()
        self._changed = threading.Condition()

    def enter(self, patience: float) -> bool:
        """Take a place, waiting at most `patience` seconds for one; False: none came free."""
        give_up = time.monotonic() + patience
        with self._changed:
            while not self._take(time.monotonic()):
                wait = min(self._next(), give_up) - time.monotonic()
                if time.monotonic() >= give_up:
                    return False
                self._changed.wait(max(0.0, wait))
        return True

    def leave(self, *, called: bool) -> None:
        """Give the place back: after its time when a call was made, else at once."""
        with self._changed:
            if called:
                self._answered.append(time.monotonic())
            else:
                self._free += 1
            self._changed.notify_all()

    def _take(self, at: float) -> bool:
        while self._answered and at - self._answered[0] >= self._seconds:
            self._answered.popleft()
            self._free += 1
        if not self._free:
            return False
        self._free -= 1
        return True

    def _next(self) -> float:
        return self._answered[0] + self._seconds if self._answered else float("inf")


@functools.cache
def window_of(_key: str, calls: int, seconds: float) -> Window:
    """The one window of this process for the throttle of that key."""
    return Window(calls, seconds)
