"""Reads invoices of planned piles at their services, so that a run need not wait for it.

One question at a time to each account: a run's own calls are many at a time and so come first.
Of several workers one does it.
"""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from core.clock import uptime
from core.config import Home
from core.orders.documents import asking
from core.orders.judge.facts import Invoice
from core.orders.piles import checks
from core.reversal.steps.context import adapter
from core.services import registry
from core.services.outcome import Confirmed, NotSent, Outcome, RefusedForNow, Unknown
from core.services.ports import Invoicing
from core.settings import connections
from core.settings.secrets import SecretsError
from core.store import db
from core.store.statements import process_locks
from core.store.statements.process_locks import HeldLock, Lock

log = structlog.get_logger(__name__)

ACCOUNTS = 8  # asked at once
PAUSE, IDLE_PAUSE, FAILED_PAUSE = 0.3, 1.0, 10.0  # seconds between two looks for work
NOT_LET_IN = 60.0  # seconds until a service is asked again that refuses us
UNREACHED, NO_ANSWER = 5.0, 3.0  # the first time; twice as long each time after it
LONGEST = 300.0
SEARCH = 0  # in place of a connection: orders that name no invoice are looked for in turn


Waiting = dict[int, tuple[int, float]]  # how often it was not answered, and not before


class Role:
    """Something that one worker of all does."""

    def __init__(self, home: Home) -> None:
        """Nothing is taken yet."""
        self._home = home
        self._held: HeldLock | None = None

    def mine(self) -> bool:
        """Whether this worker does it: held until released, or lost with the connection."""
        try:
            if self._held is not None:
                self._held.check()
        except DBAPIError:
            self.release()
        self._held = self._held or process_locks.hold(
            self._home, db.engine(self._home), Lock.PLANNING
        )
        return self._held is not None

    def release(self) -> None:
        """Leave it to another worker."""
        if self._held is not None:
            self._held.release()
            self._held = None


class Planner:
    """Finds what is to be read and hands it to one thread an account."""

    def __init__(self, where: Home, stop: threading.Event) -> None:
        """Read until `stop` is set."""
        self._engine = db.engine(where)
        self._stop = stop
        self._role = Role(where)
        self._pool = ThreadPoolExecutor(ACCOUNTS, thread_name_prefix="reading")
        self._at_work: dict[int, Future[None]] = {}
        self._not_before: dict[int, float] = {}  # by connection, in seconds of uptime
        self._failures: dict[int, int] = {}  # of a connection in a row
        self._unanswered: Waiting = {}  # by invoice
        self._unfound: Waiting = {}  # by order that is looked for
        self._behind = 0
        self._searched = 0  # behind which place orders are looked for next
        self._unsearched = SEARCH  # the connection that stopped the last search
        self._thread = threading.Thread(target=self._run, name="planning", daemon=True)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread.start()

    def close(self, patience: float = 5.0) -> None:
        """Wait until nobody is being asked any more, at most so many seconds."""
        self._thread.join(patience)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._role.release()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                pause = self._look()
            except (SQLAlchemyError, SecretsError) as error:  # the worker itself sees to those
                log.warning("invoices were not read", error=type(error).__name__)
                pause = FAILED_PAUSE
            except Exception:
                log.exception("invoices were not read")
                pause = FAILED_PAUSE
            self._stop.wait(pause)

    def _look(self) -> float:
        """Hand out the next window; gives the seconds until the next look."""
        if not self._role.mine():
            return FAILED_PAUSE
        busy = [id_ for id_ in {*self._at_work, *self._not_before} if not self._is_free(id_)]
        with db.reading(self._engine) as connection:
            wanted = checks.wanted(connection, self._behind, busy)
            nameless = self._nameless(connection)
        self._behind = wanted.behind or 0
        shares: dict[int, list[Invoice]] = {}
        for invoice in wanted.invoices:
            if invoice.connection_id is not None and _is_due(self._unanswered, invoice.id):
                shares.setdefault(invoice.connection_id, []).append(invoice)
        free = {id_: invoices for id_, invoices in shares.items() if self._is_free(id_)}
        if free or nameless:
            with db.reading(self._engine) as connection:
                known = {one.id: one for one in connections.all_connections(connection)}
            for id_, invoices in free.items():
                if id_ in known:
                    self._at_work[id_] = self._pool.submit(self._read, known[id_], invoices)
            if nameless:
                self._at_work[SEARCH] = self._pool.submit(self._search, known, nameless)
        more = wanted.behind or self._searched
        return PAUSE if free or nameless or more else IDLE_PAUSE

    def _nameless(self, connection: Connection) -> list[checks.Nameless]:
        """The next orders to be looked for; those whose name was refused wait by themselves."""
        if not self._is_free(SEARCH):
            return []
        window = checks.nameless(connection, self._searched)
        self._searched = window[-1].place if len(window) == checks.WINDOW else 0
        return [one for one in window if _is_due(self._unfound, one.order_id)]

    def _is_free(self, connection_id: int) -> bool:
        under_way = self._at_work.get(connection_id)
        waits = uptime() < self._not_before.get(connection_id, 0.0)
        return not waits and (under_way is None or under_way.done())

    def _search(
        self, accounts: dict[int, connections.Connection], nameless: list[checks.Nameless]
    ) -> None:
        """Look for the invoices of orders that name none, until an account gives no answer."""

        def service_of(connection_id: int) -> Invoicing:
            return registry.invoicing(accounts[connection_id], adapter)

        try:
            for order in nameless:
                if self._stop.is_set():
                    return
                unanswered = asking.search(self._engine, order.order_id, order.name, service_of)
                if unanswered is None:
                    self._unfound.pop(order.order_id, None)
                    self._answers_again(self._unsearched)
                    continue
                connection_id, outcome = unanswered
                if asking.is_about_one(outcome):
                    _later(self._unfound, order.order_id, NOT_LET_IN)
                    continue
                if isinstance(outcome, Unknown):
                    _later(self._unfound, order.order_id, 2 * NO_ANSWER)
                self._wait(connection_id, outcome)
                self._not_before[SEARCH] = self._not_before[connection_id]
                self._unsearched, self._searched = connection_id, 0
                return
        except Exception:
            log.exception("invoices were not looked for")
            self._not_before[SEARCH] = uptime() + NOT_LET_IN

    def _read(self, account: connections.Connection, invoices: list[Invoice]) -> None:
        try:
            service = registry.invoicing(account, adapter)
            for invoice in invoices:
                if self._stop.is_set():
                    return
                outcome, kept = asking.take(self._engine, service, invoice)
                if not kept:
                    self._wait(account.id, outcome, invoice)
                    return
                self._answered(account.id, invoice)
        except Exception:  # of one account alone: the others go on
            log.exception("invoices were not read", connection=account.id)
            self._not_before[account.id] = uptime() + NOT_LET_IN

    def _answered(self, connection_id: int, invoice: Invoice) -> None:
        self._unanswered.pop(invoice.id, None)
        self._answers_again(connection_id)

    def _answers_again(self, connection_id: int) -> None:
        if self._failures.pop(connection_id, 0):
            with db.writing(self._engine) as connection:
                checks.answered(connection, connection_id)

    def _wait(
        self, connection_id: int, outcome: Outcome[Any], invoice: Invoice | None = None
    ) -> None:
        """Leave the account alone for a while; what has no answer alone comes later again."""
        failures = self._failures[connection_id] = self._failures.get(connection_id, 0) + 1
        growing = 2.0 ** min(failures - 1, 6)
        match outcome:
            case RefusedForNow():
                seconds = outcome.seconds()
            case NotSent():
                seconds = min(LONGEST, UNREACHED * growing)
            case Unknown():
                seconds = min(LONGEST, NO_ANSWER * growing)
                if invoice is not None:
                    _later(self._unanswered, invoice.id, 2 * NO_ANSWER)
            case _:
                seconds = NOT_LET_IN
        self._not_before[connection_id] = uptime() + seconds
        why = None if isinstance(outcome, Confirmed) else outcome.why
        with db.writing(self._engine) as connection:
            checks.paused(connection, connection_id, seconds, why)


def _is_due(waiting: Waiting, id_: int) -> bool:
    return uptime() >= waiting.get(id_, (0, 0.0))[1]


def _later(waiting: Waiting, id_: int, seconds: float) -> None:
    """Ask again after so long, twice as long each time."""
    times, _ = waiting.get(id_, (0, 0.0))
    waiting[id_] = (times + 1, uptime() + min(LONGEST, seconds * 2.0 ** min(times, 6)))
