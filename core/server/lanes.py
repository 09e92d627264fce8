"""Threads by what they are for, so that strangers' pictures never use up those of all others; what
strangers may have us hold, and how often they may try.

The three limiters are of the process, whose threads and processors they share out, and not of a
desk; what is counted of strangers is a part of the desk that they come to.

Starlette's own threads (Streamlit has 28) are shared by everything: as many calls that wait for a
reader would keep the health check and the gate waiting as well.
"""

from anyio import CapacityLimiter

from core import clock
from core.people.neighbours import neighbours
from core.store import desk
from core.store.desk import Desk

GATE = CapacityLimiter(8)  # who calls: a look into the database
HEALTH = CapacityLimiter(2)
READING = CapacityLimiter(6)  # calls that wait for a reader process

MOST_WAITING = 4  # frames in line for a thread; the next one is told to come again


def crowded() -> bool:
    """Whether so many calls wait for a reader already that one more frame only comes late."""
    return READING.statistics().tasks_waiting >= MOST_WAITING


class ByteBudget:
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


def unsigned() -> ByteBudget:
    """What this desk holds of bodies that nobody has signed yet."""
    return desk.current().part(_for_unsigned)


def _for_unsigned(_desk: Desk) -> ByteBudget:
    return ByteBudget(32 * 2**20)


class Failures:
    """Wrong tokens by address (`neighbours`): after a few, the address must wait."""

    MOST = 10
    SECONDS = 60.0
    KNOWN = 10_000  # addresses

    def __init__(self) -> None:
        """Nobody has failed yet."""
        self._of: dict[str, list[float]] = {}

    def note(self, client: str) -> None:
        """One more wrong token came from this address."""
        if len(self._of) >= self.KNOWN:  # the one that began first goes: all would begin anew
            self._of.pop(next(iter(self._of)))
        self._of.setdefault(neighbours(client), []).append(clock.uptime())

    def too_many(self, client: str) -> bool:
        """Whether the address has failed so often lately that it must wait."""
        since, near = clock.uptime() - self.SECONDS, neighbours(client)
        lately = [one for one in self._of.get(near, ()) if one > since]
        if lately:
            self._of[near] = lately
        else:
            self._of.pop(near, None)
        return len(lately) >= self.MOST


class Questions(Failures):
    """Calls of strangers that each make a row: what a browser is asked for to sign in."""

    MOST = 60


def questions() -> Questions:
    """Those that strangers have asked this desk lately."""
    return desk.current().part(_none_asked)


def _none_asked(_desk: Desk) -> Questions:
    return Questions()
