"""Threads by what they are for, so that strangers' pictures never use up those of all others.

Starlette's own threads (Streamlit has 28) are shared by everything: as many calls that wait for a
reader would keep the health check and the gate waiting as well.
"""

from anyio import CapacityLimiter

GATE = CapacityLimiter(8)  # who calls: a look into the database
HEALTH = CapacityLimiter(2)
READING = CapacityLimiter(6)  # calls that wait for a reader process

MOST_WAITING = 4  # frames in line for a thread; the next one is told to come again


def crowded() -> bool:
    """Whether so many calls wait for a reader already that one more frame only comes late."""
    return READING.statistics().tasks_waiting >= MOST_WAITING


class Room:
    """Bytes that bodies may take together while nobody knows yet whose they are.

    Used by the server's event loop alone.
    """

    def __init__(self, most: int) -> None:
        """So many at once."""
        self.left = most

    def take(self, size: int) -> bool:
        """Whether there is room for so many more; they are taken then."""
        fits = size <= self.left
        self.left -= size if fits else 0
        return fits

    def give_back(self, size: int) -> None:
        """They are held no more."""
        self.left += size


UNSIGNED = Room(32 * 2**20)
