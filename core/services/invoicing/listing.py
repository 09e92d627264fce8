"""A service's list of documents, kept while it is looked through for many orders.

Where a service can be searched by an order only through its whole list, each search would read
all of it again: sixty calls an order, for a run of hundreds. What is kept is brought up to date
before each use by the newest pages, so that a document issued a moment ago is found.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Generic, TypeVar

from core import clock
from core.clock import uptime
from core.services.http.answers import word
from core.services.outcome import Confirmed, Outcome, Refused

Row = dict[str, object]
T = TypeVar("T")
GATHER_SECONDS = 0.05
OLDEST = 300.0  # seconds; flags of older rows change too, so the whole list is read again


_DASH = "-\u2010-\u2015\u2212/\\\\"  # what parts a name from its part: "-A", "/2"


# Behind a whole word a stop or a colon ends it: "Comanda:#1001", "nr.1001"; "x.#1001" and
# "RO:#1001" may be other shops' names.
_BEHIND_A_WORD = r"(?:(?<=[^\W\d_]{3}[.:])|(?<=\b[nN][rRoO][.:])|(?<!\w[.:]))"
# "#1001/10.11.2026" is an order and its day, not the part 10 of it.
_ITS_DAY = (
    rf"(?=\s?[{_DASH}]\s?(?:\d{{1,2}}([./-])\d{{1,2}}\1(?:20)?\d\d|20\d\d-\d\d-\d\d)(?!\w|[./-]\w))"
)


@lru_cache(maxsize=4096)  # not every name of a year
def naming(order_name: str) -> re.Pattern[str]:
    """A pattern that finds an order's name as a whole word in a text.

    "#1001-A", "#1001/2", "#1001.1", "#1001 - 2" and "#1001 bis" are other orders' names.
    It may follow a word at once ("nr.#1001", "Comanda:#1001") and have its day behind it. "1001"
    is "#1001" as well.
    """
    sign = "#?" if order_name.isdecimal() else ""
    return re.compile(
        rf"(?<![\w#])(?<!\w[{_DASH}+]){_BEHIND_A_WORD}{sign}{re.escape(order_name)}(?!\w)"
        rf"(?:{_ITS_DAY}|(?![{_DASH}.:+#_]\w)(?!\s?[{_DASH}+]\s?\w{{1,2}}(?!\w))"
        rf"(?!\s(?:bis|ter|[A-F])(?!\w))(?!\s?\(\d{{1,2}}\)))"
    )


def rows_naming(rows: Iterable[Row], field: str, order_name: str) -> Iterator[Row]:
    """Those whose field names the order as a whole word."""
    named = naming(order_name)
    for row in rows:
        text = re.sub(r"#\s+(?=\w)", "#", word(row, field))  # "# 1001" is "#1001"
        if order_name in text and named.search(text):
            yield row


class SharedReadings(Generic[T]):
    """One reading for all who ask for the same thing at once; used by many threads.

    What somebody is given was begun after they asked, so it shows all that was there by then.
    Where several wait, a reading begins a moment later, so that who comes meanwhile shares it:
    services allow few calls. Nothing is kept once nobody waits for it.
    """

    def __init__(self, shared: Callable[[T], bool] = lambda _: True) -> None:
        """Nothing is being read. What is not `shared` is given to the one who read it alone."""
        self._shared = shared
        self._turns: dict[str, _Turn[T]] = {}
        self._entering = threading.Lock()

    def read(self, about: str, read: Callable[[], T]) -> T:
        """What `read` gives; `about` names all that it depends on. Raises whatever it raises."""
        arrived = uptime()
        with self._entering:
            turn = self._turns.setdefault(about, _Turn())
            turn.waiting += 1
        try:
            with turn.lock:
                if turn.last is not None and turn.last[0] > arrived:
                    return turn.last[1]
                if turn.waiting > 1:
                    clock.sleep(GATHER_SECONDS)
                began, given = uptime(), read()
                if self._shared(given):
                    turn.last = (began, given)
                return given
        finally:
            with self._entering:
                turn.waiting -= 1
                if not turn.waiting:
                    self._turns.pop(about, None)


class _Turn(Generic[T]):
    """Those who wait for one thing; `last`: when the last reading of it began, and what it gave."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting = 0
        self.last: tuple[float, T] | None = None


@dataclass(frozen=True)
class _Kept:
    """The rows of a list by their id, and when it was last read whole."""

    about: str
    rows: dict[str, Row]
    whole_at: float


class Listing:
    """Rows by their id, the newest pages read first; used by many threads.

    They are kept between readings. A reading that fails is nobody else's.
    """

    def __init__(self, page: int, most_pages: int) -> None:
        """Pages have `page` rows; a list of more than `most_pages` is not looked through."""
        self._page, self._most = page, most_pages
        self._kept = _Kept("", {}, float("-inf"))
        self._readings: SharedReadings[Outcome[list[Row]]] = SharedReadings(
            lambda outcome: isinstance(outcome, Confirmed)
        )

    def up_to_date(
        self,
        about: str,
        read: Callable[[int], Outcome[list[Row]]],
        id_of: Callable[[Row], str],
        too_many: Refused,
    ) -> Outcome[list[Row]]:
        """Every row now. `read` gives the page at an offset, the newest first; `about`: of what.

        Rows move while pages are read, which gives some twice and leaves none out.
        """
        outcome = self._readings.read(about, lambda: self._read(about, read, id_of, too_many))
        if isinstance(outcome, Confirmed):
            return Confirmed(list(outcome.value), outcome.evidence)  # each has a list of their own
        return outcome

    def _read(
        self,
        about: str,
        read: Callable[[int], Outcome[list[Row]]],
        id_of: Callable[[Row], str],
        too_many: Refused,
    ) -> Outcome[list[Row]]:
        """Pages as far as the first row that is known."""
        began, kept = uptime(), self._kept
        if kept.about != about or began - kept.whole_at >= OLDEST:
            kept = _Kept(about, {}, began)
        rows = dict(kept.rows)
        for number in range(self._most):
            page = read(number * self._page)
            if not isinstance(page, Confirmed):
                return page
            ids = [id_of(row) for row in page.value]
            rows |= dict(zip(ids, page.value, strict=True))
            whole = len(page.value) < self._page
            if whole or not kept.rows.keys().isdisjoint(ids):
                self._kept = replace(kept, rows=rows)
                return Confirmed(list(rows.values()), page.evidence)
        return too_many
