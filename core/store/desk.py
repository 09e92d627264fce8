"""What a process works with, made once: its home, its database, and what lives as long as they.

A process serves one home, the one that its environment names. Tests, and threads that serve
another one, enter it by `core.config.at`; each home has a desk of its own, so nothing that was
kept for one is ever seen by another.
"""

import functools
import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from core.config import Home, home
from core.store.engines import make_engine

Part = TypeVar("Part")


class Desk:
    """One home's database and all that is kept in memory beside it."""

    def __init__(self, where: Home) -> None:
        """Nothing is connected yet."""
        self.home = where
        self.engine = make_engine(where.database_url)
        self._parts: dict[Callable[[Desk], Any], Any] = {}
        self._making = threading.RLock()  # a part may be made of other parts

    def part(self, make: Callable[["Desk"], Part]) -> Part:
        """What `make` gives for this desk; it is called once, by one thread."""
        if make not in self._parts:
            with self._making:
                if make not in self._parts:
                    self._parts[make] = make(self)
        made: Part = self._parts[make]
        return made

    def forget(self) -> None:
        """Let go of every part, as a new process would begin."""
        with self._making:
            self._parts.clear()


def current() -> Desk:
    """The desk of the home that is served here."""
    return of(home())


def of(where: Home) -> Desk:
    """The desk of this home."""
    return _of(where, os.getpid())


@functools.lru_cache(maxsize=8)
def _of(where: Home, _process: int) -> Desk:
    return Desk(where)
