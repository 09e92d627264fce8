"""What is asked each second, or at each look, costs the same however long the desk's past is.

Counted in steps of SQLite's machine: without statistics its planner guesses, and an index of the
wrong column leads through every row of the year.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, func, insert, select
from sqlite_steps import steps

from core.audit import trail
from core.clock import now
from core.orders.couriers import returns
from core.orders.piles import checks, piles, questions
from core.orders.shop import webhook_queue
from core.reversal.runs import finance, runs
from core.reversal.worker import outbox
from core.settings import connections
from core.store import db
from core.store import tables as t

PILE = 20  # orders of the pile at hand
YEAR = 1_500  # orders that were dealt with before


@pytest.fixture
def desk(engine: Engine) -> Engine:
    """A planned pile whose orders have invoices, among accounts and a shop."""
    with db.writing(engine) as connection:
        made: dict[str, Any] = {"settings": {}, "secrets_": {"token": "x"}}
        for kind, service in (("shop", "shopify"), ("invoicing", "oblio")):
            connections.save(connection, kind=kind, service=service, name=service, **made)
    pile = piles.create("Today")
    checks.look(pile)
    with db.writing(engine) as connection:
        _fill(connection, pile, PILE)
    return engine


def _fill(connection: Connection, pile: int, count: int, run: int | None = None) -> list[int]:
    """So many orders of the pile with all that they bring; of a `run`, what became of them."""
    [shop], [oblio] = (
        [one.id for one in connections.all_connections(connection, kind)]
        for kind in ("shop", "invoicing")
    )
    moment, first = now(), (connection.scalar(select(func.max(t.orders.c.id))) or 0) + 1
    numbers = range(first, first + count)
    common = {
        "shop_id": shop, "created_at": moment, "updated_at": moment, "synced_at": moment,
        "payment": "cod", "total_minor": 100, "currency": "RON", "tags": [], "attributes": {},
    }  # fmt: skip
    _put(
        connection,
        t.orders,
        ({**common, "id": n, "gid": f"o/{n}", "name": f"#{n}"} for n in numbers),
    )
    document = {"service": "oblio", "account": "RO1", "series": "OB", "source": "order"}
    shared = {**document, "connection_id": oblio, "total_minor": 100, "currency": "RON"}
    done = None if run is None else moment
    _put(
        connection,
        t.invoices,
        ({**shared, "order_id": n, "number": f"{n}", "reversed_at": done} for n in numbers),
    )
    row = {"pile_id": pile, "added_at": moment, "restock": False, "reason": "DECLINED"}
    _put(connection, t.pile_orders, ({**row, "order_id": n} for n in numbers))
    scan = {
        "pile_id": pile, "at": moment, "by": "Ana", "source": "scanner", "outcome": "matched",
        "verdict": "matched",
    }  # fmt: skip
    _put(
        connection,
        t.scans,
        (
            {**scan, "key": f"s{n}", "code": f"{n}", "code_key": f"{n}", "order_id": n}
            for n in numbers
        ),
    )
    return list(numbers)


def _put(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    connection.execute(insert(table), list(rows))


def _a_year(engine: Engine) -> None:
    """One closed pile of many orders, each run by itself and done; messages of the shop."""
    old = piles.create("Old")
    ended = {"created_at": now(), "created_by": "Ana", "finished_at": now(), "total": 1}
    with db.writing(engine) as connection:
        numbers = _fill(connection, old, YEAR, run=1)
        first = (connection.scalar(select(func.max(t.runs.c.id))) or 0) + 1
        _put(
            connection,
            t.runs,
            ({**ended, "id": first + n, "state": "finished"} for n in range(YEAR)),
        )
        done = {"origin": "pile", "requested_by": "Ana", "options": {}, "created_at": now(),
                "finished_at": now()}  # fmt: skip
        _put(
            connection,
            t.reversals,
            (
                # every third was stopped before the engine had it
                {**done, "order_id": order, "run_id": first + place, "dispatched": place % 3 > 0,
                 "state": "done" if place % 3 else "stopped"}
                for place, order in enumerate(numbers)
            ),
        )  # fmt: skip
        shop = connections.all_connections(connection, "shop")[0].id
        lately = now() - dt.timedelta(days=3)
        message = {"topic": "orders/updated", "shop_id": shop, "body": {}, "received_at": lately,
                   "processed_at": lately}  # fmt: skip
        line = {"at": now(), "actor": "Ana", "way": "host", "address": "", "action": "run_started",
                "subject": "", "detail": {}, "previous_hash": "", "hash": ""}  # fmt: skip
        _put(connection, t.audit, (line for _ in range(YEAR)))
        _put(connection, t.webhooks_seen, ({**message, "webhook_id": f"w{n}"} for n in range(YEAR)))
    piles.close(old)


def _reading(ask: Callable[[Connection], object]) -> Callable[[Engine], object]:
    def asked(engine: Engine) -> object:
        with db.reading(engine) as connection:
            return ask(connection)

    return asked


ASKED: dict[str, Callable[[Engine], object]] = {
    "which orders are due": _reading(outbox.due),
    "which the engine has": _reading(lambda connection: connection.execute(outbox.HELD).all()),
    "which runs have ended": lambda _engine: runs.finish(),
    "which invoices are to be read": _reading(checks.wanted),
    "which orders are to be looked for": _reading(checks.nameless),
    "which scans found no order": lambda _engine: returns._unmatched(),
    "which labels ask": lambda _engine: questions.of_pile(1),
    "whom the record names": _reading(trail.actors),
    "which months had stornos": lambda _engine: finance.months(),
    "which messages are old": lambda _engine: webhook_queue.forget(),
}


@pytest.mark.parametrize("asked", ASKED)
def test_a_year_of_work_adds_nothing_to_what_is_asked_often(desk: Engine, asked: str) -> None:
    def ask() -> object:
        return ASKED[asked](desk)

    ask()  # what is made once
    before = steps(desk, ask)
    _a_year(desk)
    assert steps(desk, ask) < 1.2 * before + 100


def test_a_large_run_that_waits_adds_nothing_to_the_look_for_what_somebody_waits_for(
    desk: Engine,
) -> None:
    """The window is full, and the others of the run have not been handed over."""
    with db.writing(desk) as connection:
        many = _fill(connection, 1, YEAR)
        runs._start(connection, 1, many)
        first = outbox.due(connection)
        outbox.handed_over(connection, first)
    alone = steps(desk, lambda: _due(desk))
    with db.writing(desk) as connection:
        for _ in range(outbox.WINDOW // outbox.BATCH - 1):
            outbox.handed_over(connection, outbox.due(connection))
    assert not _due(desk)
    held = 40 * outbox.WINDOW  # counted each time, a join each
    assert steps(desk, lambda: _due(desk)) < alone + held


def _due(engine: Engine) -> list[Any]:
    with db.reading(engine) as connection:
        return list(outbox.due(connection))
