"""Where each order stands among all: fifty thousand are not sorted anew for each page."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Any

Place = tuple[str, str]  # a moment, and the order that has it


class OrderPlaces:
    """Every order's place by one of its times, kept sorted as orders change."""

    def __init__(self, name: str) -> None:
        """Sort by the time of this name."""
        self._name = name
        self._sorted: list[Place] = []
        self._of: dict[str, Place] = {}

    def keep(self, key: str, body: dict[str, Any] | None) -> None:
        """The order is as it is now; None: it is gone."""
        before = self._of.pop(key, None)
        if before is not None:
            del self._sorted[bisect_left(self._sorted, before)]
        if body is not None:
            self._of[key] = place = (body[self._name], key)
            insort(self._sorted, place)

    def behind(self, place: Place | None, *, reverse: bool = False) -> Iterator[Place]:
        """Those that come after this place, in turn; all of them after None."""
        if reverse:
            end = len(self._sorted) if place is None else bisect_left(self._sorted, place)
            turns = range(end - 1, -1, -1)
        else:
            begin = 0 if place is None else bisect_right(self._sorted, place)
            turns = range(begin, len(self._sorted))
        return (self._sorted[turn] for turn in turns)
