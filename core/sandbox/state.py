"""What the outside world holds, kept in SQLite so that it survives a restart.

Everything lives in memory and is written through: one process, one writer.
"""

import contextlib
import gzip
import json
import sqlite3
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.sandbox.invoice_index import InvoiceIndex
from core.sandbox.places import OrderPlaces

Document = dict[str, Any]

ROMANIA = ZoneInfo("Europe/Bucharest")  # where its merchant is

SETTINGS: Document = {
    "latency_ms": 0,
    "rate_limits": True,
    "limits_faster": 1,  # 4: as many calls in a quarter of the seconds
    "job_delay": 0.6,
    "refuse_repeats": True,
    "location_active": True,  # an inactive one takes no stock back, and fails a paid cancel
    "scopes": [
        "write_orders", "read_orders", "read_all_orders", "read_inventory", "read_products",
        "read_merchant_managed_fulfillment_orders", "write_merchant_managed_fulfillment_orders",
    ],
    "block_seconds": 600,
    "protected_data": True,  # False: the app was not given customer data at Shopify
    "search_limit": 25_000,  # objects at which Shopify ends the pages of a search
    "points_per_second": 100,  # Shopify's standard plan; its bucket holds twenty times as many
    "webhook": None,
    "filing": {},  # what FGO tells of every document's way to e-Factura; None: nothing yet
    "oblio_filing": {},  # and Oblio, beside "not set up"
    "dies_halfway": 0.0,  # share of WooCommerce's cancels that end between status and stock
}  # fmt: skip
FAULTS: Document = {
    "share": 0.0, "kinds": [], "seed": 1, "services": None, "only_effects": False,
    "late_seconds": 2.0, "slow_seconds": 2.0,
    "words_status": 403,  # with which a block in words comes
}  # fmt: skip

MOMENTS = ("created_at", "updated_at", "cancelled_at", "at")
LASTING = ("control", "token")  # what a new world leaves as it is: how to behave, who signed in


@dataclass
class Window:
    """What one caller has used of one limit, in seconds of the monotonic clock."""

    seen: deque[float] = field(default_factory=deque)
    blocked_until: float = 0.0


class State:
    """Documents by kind and key."""

    def __init__(self, directory: Path) -> None:
        """Open (or make) the state in this directory."""
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory.resolve()
        self._db = sqlite3.connect(directory / "sandbox.db", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS documents "
            "(kind TEXT, key TEXT, body TEXT, PRIMARY KEY (kind, key))"
        )
        self._kinds: dict[str, dict[str, Document]] = defaultdict(dict)
        self.order_places = {name: OrderPlaces(name) for name in ("created_at", "updated_at")}
        self.invoices = InvoiceIndex()
        for kind, key, body in self._db.execute("SELECT kind, key, body FROM documents"):
            self._keep(kind, key, json.loads(body))
        self.calls: dict[str, list[float]] = defaultdict(list)
        self.inside_blocks: dict[str, list[float]] = defaultdict(list)
        self.windows: dict[tuple[object, str], Window] = defaultdict(Window)  # by limit and caller
        self._undo: list[tuple[str, str, Document | None]] | None = None

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """What is written inside is one transaction: a crash or an exception leaves none of it.

        Inside another one it is a part of that. It begins with the first change, since most calls
        only read.
        """
        if self._undo is not None:
            yield
            return
        self._undo = []
        try:
            yield
            if self._undo:
                self._db.execute("COMMIT")
        except BaseException:
            if self._undo:
                self._db.execute("ROLLBACK")
            self._take_back(self._undo)
            raise
        finally:
            self._undo = None

    def _take_back(self, changes: list[tuple[str, str, Document | None]]) -> None:
        for kind, key, before in reversed(changes):
            self._keep(kind, key, before)

    def _keep(self, kind: str, key: str, body: Document | None) -> None:
        if kind == "invoice":
            self.invoices.keep(key, self._kinds[kind].get(key), body)
        if body is None:
            self._kinds[kind].pop(key, None)
        else:
            self._kinds[kind][key] = body
        if kind == "order":
            for places in self.order_places.values():
                places.keep(key, body)

    def _changes(self, kind: str, key: str) -> None:
        if self._undo is not None:
            if not self._undo:
                self._db.execute("BEGIN")
            self._undo.append((kind, key, self._kinds[kind].get(key)))

    # ------------------------------------------------------------ documents

    def all(self, kind: str) -> dict[str, Document]:
        """Every document of a kind, by key; do not change it."""
        return self._kinds[kind]

    @property
    def kinds(self) -> list[str]:
        """Every kind that there are documents of."""
        return [kind for kind, documents in self._kinds.items() if documents]

    def get(self, kind: str, key: str) -> Document | None:
        """One document, or None."""
        return self._kinds[kind].get(key)

    def put(self, kind: str, key: str, body: Document) -> None:
        """Keep a document."""
        self._changes(kind, key)
        self._keep(kind, key, body)
        self._db.execute(
            "INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (kind, key, json.dumps(body))
        )

    def drop(self, kind: str, key: str) -> None:
        """Forget a document."""
        self._changes(kind, key)
        self._keep(kind, key, None)
        self._db.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))

    @property
    def settings(self) -> Document:
        """The control's settings, defaults where nothing was set."""
        return {**SETTINGS, **(self.get("control", "settings") or {})}

    @property
    def faults(self) -> Document:
        """The faults on demand."""
        return {**FAULTS, **(self.get("control", "faults") or {})}

    @property
    def empty(self) -> bool:
        """Whether no world was loaded yet."""
        return not self._kinds["order"]

    def close(self) -> None:
        """Write out and close."""
        self._db.close()

    # ------------------------------------------------------------ the world

    def load_file(self, file: Path) -> None:
        """Load the world of a JSON or gzipped JSON file."""
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt", encoding="utf-8") as text:
            self.load(json.load(text))

    def load(self, world: Document, now: datetime | None = None) -> None:
        """Replace the world, with all its times moved so that its "now" is this moment (or `now`).

        Nothing of the world before is left: no job, no key, no number of a series, no block.
        """
        now = now or datetime.now(UTC)
        shift = now - datetime.fromisoformat(world["now"])
        with self.together():
            for kind in [kind for kind in self._kinds if kind not in LASTING]:
                for key in list(self._kinds[kind]):
                    self.drop(kind, key)
            self._fill(world, shift, now)
        self.windows.clear()

    def _fill(self, world: Document, shift: timedelta, now: datetime) -> None:
        """Write a world's orders, documents and parcels, its moments moved to now."""
        self.put("shop", "shop", world["shop"])
        for order in world["orders"]:
            moved = _moved(order, shift)
            self.put(*order_place(order), moved)
        ordered = {order["name"]: order for order in world["orders"]}
        for invoice in world["invoices"]:
            order = ordered.get(invoice["order_name"])
            document = {"customer": _buyer(order) if order else "", **invoice}
            made = (order or {}).get("created_at") or world["now"]
            self.put(
                "invoice",
                invoice_key(invoice),
                _moved_days(document, made, shift, now),
            )
        for product in world["products"]:
            self.put("product", product["sku"], product)
        for event in world["courier_events"]:
            self.put("parcel", f"{event['courier']}:{event['tracking']}", _moved(event, shift))
        for back in world.get("returns", ()):
            self.put("return", f"{back['courier']}:{back['return_number']}", back)

    # ------------------------------------------------------------ the ledger

    def count(self, what: str, key: str, **more: Any) -> None:
        """Count one applied effect on an order or an invoice."""
        ledger = self.get("ledger", key) or {}
        ledger[what] = ledger.get(what, 0) + 1
        for name, value in more.items():
            ledger.setdefault(name, []).append(value)
        self.put("ledger", key, ledger)

    def called(self, service: str) -> None:
        """Note when a service was called, for the proofs of rate."""
        self.calls[service].append(time.time())

    def count_inside_block(self, caller: str) -> None:
        """Note a call that came while its caller was blocked."""
        self.inside_blocks[caller].append(time.time())


def order_place(order: Document) -> tuple[str, str]:
    """The kind and the key of an order: of Shopify's, or of the shop that its `shop` names."""
    shop = order.get("shop", "shopify")
    if shop == "shopify":
        return "order", f"gid://shopify/Order/{order['id']}"
    return f"{shop} order", f"{shop}:{order['id']}"


def orders(state: State) -> dict[str, Document]:
    """Every order of every shop, by its key."""
    kinds = [kind for kind in state.kinds if kind == "order" or kind.endswith(" order")]
    return {key: one for kind in kinds for key, one in state.all(kind).items()}


def invoice_key(invoice: Document) -> str:
    """How an invoice is named: service:series:number."""
    return f"{invoice['service']}:{invoice['series']}:{invoice['number']}"


def _moved(value: Any, shift: timedelta, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _moved(inner, shift, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, shift, name) for inner in value]
    if name in MOMENTS and isinstance(value, str):
        return (datetime.fromisoformat(value) + shift).isoformat()
    return value


def _buyer(order: Document) -> str:
    customer = order.get("customer") or {}
    return f"{customer.get('first_name', '')} {customer.get('last_name', '')}".strip()


def _day(moment: datetime) -> date:
    return moment.astimezone(ROMANIA).date()


def _moved_days(invoice: Document, made: str, shift: timedelta, now: datetime) -> Document:
    """Issued as many days after its order as in the world's file, and not tomorrow."""
    since = datetime.fromisoformat(made)
    days = datetime.fromisoformat(invoice["issued_on"]).date() - _day(since)
    issued = min(_day(since + shift) + days, _day(now))
    return {**invoice, "issued_on": issued.isoformat()}
