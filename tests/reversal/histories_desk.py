"""The desk of test_reversal_histories: its database, made anew for each history, and its rows."""

import datetime as dt
import functools
import tempfile
from pathlib import Path
from typing import Any

import migrated
from sqlalchemy import Engine, event, insert, select

from core.config import Home, at
from core.orders.piles import piles
from core.orders.shop.upsert import upsert_orders
from core.services.ports import InvoiceRef, ShopOrder, ShopParcel, Storno
from core.store import db, desk
from core.store.states import OPEN_REVERSALS
from core.store.tables import (
    audit,
    connections,
    effects,
    invoices,
    orders,
    pile_orders,
    reversals,
    runs,
)

START = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)

# Each order with its tracking numbers and its invoices; the last invoice is unknown to the desk.
ORDERS: dict[str, tuple[list[str], list[str]]] = {
    "#1001": (["4200000000011"], ["asked AS 0001"]),
    "#1002": (["4200000000022"], ["silent SI 0001"]),
    "#1003": (["4300000000011", "4300000000022"], ["asked AS 0002", "silent SI 0002"]),
    "#1004": (["4400000000011"], ["asked AS 0003"]),
    "#1005": (["4400000000011"], ["silent SI 0003"]),
    "#1006": (["4500000000011"], ["silent SI 0004"]),
    "#1007": (["4600000000011"], ["silent SI 0005", "asked AS 0005"]),
    "#1008": (["4700000000011"], ["asked AS 0006"]),
    "#1009": (["4800000000011"], ["asked AS 0007"]),
}
HIDDEN = "asked AS 0007"

# What each code must be found to be: one order, or a question.
CODES = {
    "4200000000011": "#1001",
    "4200000000022": "#1002",
    "4200000000022001": "#1002",  # with the number of the parcel behind it
    "4300000000011": "#1003",
    "4300000000022": "#1003",
    "4500000000011": "#1006",
    "4600000000011": "#1007",
    "4700000000011": "#1008",
    "4800000000011": "#1009",
    "4800000000": "#1009",  # shortened, and one order fits
    "4400000000011": "ambiguous",
    "4200000000": "ambiguous",  # shortened, and two orders fit
    "9990001112223": "unmatched",
    "LOST-AND-FOUND": "unmatched",
}


def ref_of(name: str) -> InvoiceRef:
    return InvoiceRef(*name.split(" "))


def storno_of(invoice: InvoiceRef) -> Storno:
    return Storno(invoice.series, f"9{invoice.number}")


def moment(up: float) -> dt.datetime:
    return START + dt.timedelta(seconds=up)


def first_told(gid: str) -> ShopOrder:
    """An order as the shop told it first; its gid is its name."""
    boxes = tuple(
        ShopParcel(one, "FAN Courier", f"fulfillment {gid}", "SUCCESS", "IN_TRANSIT", START)
        for one in ORDERS[gid][0]
    )
    return ShopOrder(
        gid=gid, name=gid, created_at=START, updated_at=START, cancelled_at=None,
        cancel_reason="", payment="cod", financial_status="PENDING",
        fulfillment_status="FULFILLED", total_minor=100, currency="RON", customer_name="Ana",
        customer_key="", phone="", email="", county="", city="", note="", tags=(), attributes={},
        can_notify=False, lines=(), parcels=boxes,
    )  # fmt: skip


class Database:
    """One migrated SQLite file with the orders and two piles in it, made anew for each history."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self._folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
        self._file = Path(self._folder.name) / "histories.db"
        self.home = Home(self._file.parent, f"sqlite:///{self._file}")
        self.engine = migrated.sqlite(self.home)
        event.listen(self.engine, "connect", _without_waiting_for_the_disk)
        with at(self.home):
            _fill(self.engine)
        self.engine.dispose()
        self._filled = self._file.read_bytes()

    def begin_anew(self) -> Engine:
        """The database as it was at first; the engine keeps its compiled statements."""
        self.engine.dispose()
        desk.of(self.home).forget()
        for ending in ("-wal", "-shm"):
            self._file.with_name(self._file.name + ending).unlink(missing_ok=True)
        self._file.write_bytes(self._filled)
        return self.engine


@functools.cache
def database() -> Database:
    """The one database of this process."""
    return Database()


def _without_waiting_for_the_disk(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _fill(engine: Engine) -> None:
    with db.writing(engine) as connection:
        accounts = {}
        for service in ("shop", "asked", "silent"):
            row = {
                "kind": "shop" if service == "shop" else "invoicing", "service": service,
                "name": service, "settings": {}, "secrets": "", "sandbox": True, "enabled": True,
                "created_at": START,
            }  # fmt: skip
            made = insert(connections).values(row).returning(connections.c.id)
            accounts[service] = connection.scalar(made)
        ids = upsert_orders(connection, accounts["shop"] or 0, map(first_told, ORDERS))
        for name, (_, papers) in ORDERS.items():
            for service, series, number in (one.split(" ") for one in papers if one != HIDDEN):
                row = {
                    "order_id": ids[name], "connection_id": accounts[service], "service": service,
                    "series": series, "number": number, "source": "person",
                }  # fmt: skip
                connection.execute(insert(invoices).values(row))
    for name in ("first", "second"):
        piles.create(name)


class Rows:
    """What the tables hold at one moment."""

    _ORDERS = select(orders.c.id, orders.c.name, orders.c.cancelled_at)
    _INVOICES = select(invoices)
    _CHOSEN = select(pile_orders.c.pile_id, pile_orders.c.order_id)
    _RUNS = select(runs.c.id, runs.c.pile_id, runs.c.state).order_by(runs.c.id)
    _REVERSALS = select(
        reversals.c.id, reversals.c.order_id, reversals.c.run_id, reversals.c.state,
        reversals.c.generation, reversals.c.failures, reversals.c.why,
    ).order_by(reversals.c.id)  # fmt: skip
    _EFFECTS = (
        select(
            effects.c.id, effects.c.reversal_id, effects.c.invoice_id, effects.c.kind,
            effects.c.slot, effects.c.target, effects.c.state, effects.c.attempt,
            effects.c.outcome, effects.c.evidence,
            connections.c.service, reversals.c.order_id,
        )
        .join(connections, connections.c.id == effects.c.connection_id)
        .join(reversals, reversals.c.id == effects.c.reversal_id)
        .order_by(effects.c.id)
    )  # fmt: skip
    _TRAIL = select(audit.c.id, audit.c.hash, audit.c.action, audit.c.order_id).order_by(audit.c.id)

    def __init__(self, engine: Engine) -> None:
        with db.reading(engine) as connection:
            self.orders = connection.execute(self._ORDERS).all()
            self.invoices = connection.execute(self._INVOICES).all()
            self.chosen = connection.execute(self._CHOSEN).all()
            self.runs = connection.execute(self._RUNS).all()
            self.reversals = connection.execute(self._REVERSALS).all()
            self.effects = connection.execute(self._EFFECTS).all()
            self.trail = connection.execute(self._TRAIL).all()
        self.names = {row.id: row.name for row in self.orders}
        self.open = [row for row in self.reversals if row.state in OPEN_REVERSALS]
        self.held = [row for row in self.effects if row.state == "held"]
        self.run_by_run = [row for row in self.reversals if row.run_id]
        self.needing = [row for row in self.reversals if row.state == "needs_person"]
