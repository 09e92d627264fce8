"""Points that a process has taken from a shared bucket before it needs them.

From a large bucket thousands of turns a minute are taken: a write for each would cost more than
the call. So some are taken at once and spent here; for everybody else they are gone. What is not
spent goes back with the next write.
"""

import threading

from core.clock import uptime


class PrepaidPoints:
    """The points of one process for one bucket; any thread may call."""

    def __init__(self, good_seconds: float) -> None:
        """`good_seconds`: how long points may be spent after they were taken."""
        self._good_seconds = good_seconds
        self._lock = threading.Lock()
        self._ready = 0.0  # may be spent
        self._good_until = 0.0  # by `uptime`
        self._unused = 0.0  # to be given back

    def stock(self, points: float) -> None:
        """Keep points that were just taken; those that another thread left here go back."""
        with self._lock:
            self._unused += self._ready
            self._ready, self._good_until = points, uptime() + self._good_seconds

    def spend(self, cost: float) -> bool:
        """Spend points on a turn; too few or too old ones all go back, and it is False."""
        with self._lock:
            if self._ready >= cost and uptime() < self._good_until:
                self._ready -= cost
                return True
            self._release()
            return False

    def release(self) -> None:
        """Spend none of them any more: they all go back."""
        with self._lock:
            self._release()

    def _release(self) -> None:
        self._unused, self._ready = self._unused + self._ready, 0.0

    def give_back(self, points: float) -> None:
        """Add what was taken for a call that cost less, or that was not made."""
        with self._lock:
            self._unused += points

    def collect(self) -> float:
        """What goes back now; the caller writes it to the bucket, or gives it back here."""
        with self._lock:
            points, self._unused = self._unused, 0.0
        return points

    def forget(self) -> None:
        """Drop all of them: in another bucket they would hide what is reserved of that one."""
        with self._lock:
            self._ready = self._unused = 0.0

    def total(self) -> float:
        """Points that are counted as taken and belong to no call."""
        with self._lock:
            return self._ready + self._unused
