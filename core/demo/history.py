"""Loads a long history of parcels, the sample's or a merchant's own, in bulk.

The columns are those of `data/history.csv.gz`: one row a parcel, money in minor units.
"""

import csv
import datetime as dt
import gzip
import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from core.clock import now
from core.errors import UserError
from core.labels import normalise
from core.store import db
from core.store.statements.rows import insert_absent
from core.store.tables import orders, parcels

CHUNK = 20_000  # rows in memory at once: a million parcels need no more than that
DATES = ("shipped_on", "outcome_on", "scanned_on", "cancelled_on", "reversed_on")
COLUMNS = (
    "order_name", "created_at", *DATES, "courier", "tracking", "payment", "county", "city",
    "customer_key", "sku", "product", "quantity", "value_minor", "currency", "outcome", "reason",
)  # fmt: skip
STATUS = {"delivered": "delivered", "refused": "refused", "lost": "lost"}

Row = dict[str, Any]


class HistoryError(UserError):
    """The file is no history; the message says what to do."""


@dataclass(frozen=True)
class Loaded:
    """What a history brought; orders that were there already are left as they are."""

    orders: int
    parcels: int


def load_history(file: Path, shop_id: int, *, today: dt.date) -> Loaded:
    """Load a history (CSV, perhaps gzipped) into this shop, all of it or nothing.

    Its dates are relative: they are moved so that the newest one is `today`. Loading the same
    file again adds nothing. Raises HistoryError with a sentence for the page.
    """
    shift = today - _newest(file)
    seen: set[str] = set()
    counted = [0, 0]
    with db.writing() as connection:
        last = connection.scalar(select(func.max(orders.c.id))) or 0
        for rows in _chunks(file):
            ids = _write_orders(connection, shop_id, rows, shift, last)
            fresh = [row for row in rows if row["order_name"] in ids]
            if fresh:
                made = _parcels(fresh, ids, shop_id, shift, seen)
                insert_absent(connection, parcels, made)
            counted = [counted[0] + len(ids), counted[1] + len(fresh)]
            last = max([last, *ids.values()])
    return Loaded(*counted)


def _chunks(file: Path) -> Iterator[list[Row]]:
    """The rows as texts, some thousand at a time. Raises HistoryError."""
    opened = gzip.open if file.suffix == ".gz" else open
    try:
        with opened(file, "rt", encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, restval="")
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise HistoryError(f"This history lacks the column {missing[0]}.")
            while rows := list(itertools.islice(reader, CHUNK)):
                yield rows
    except (csv.Error, OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise HistoryError(f"{file.name} is no history to read: {error}.") from error


def _newest(file: Path) -> dt.date:
    """The newest day that the file speaks of."""
    newest = ""
    for rows in _chunks(file):
        days = (row[name] for row in rows for name in DATES)
        newest = max(
            newest, max(days, default=""), max((row["created_at"][:10] for row in rows), default="")
        )
    if not newest:
        raise HistoryError(f"{file.name} holds no parcels.")
    return _day(newest, dt.timedelta())


# ---------------------------------------------------------------- orders


def _write_orders(
    connection: Connection, shop_id: int, rows: list[Row], shift: dt.timedelta, last: int
) -> dict[str, int]:
    """The ids of the orders that are new, by their name."""
    made: dict[str, Row] = {}
    for row in rows:
        order = made.get(row["order_name"])
        if order is None:
            made[row["order_name"]] = _order(row, shop_id, shift)
        else:
            order["total_minor"] += _minor(row["value_minor"])
    insert_absent(connection, orders, list(made.values()))
    # Ids grow: what this statement wrote lies behind the last one known.
    found = select(orders.c.name, orders.c.id).where(
        orders.c.shop_id == shop_id, orders.c.id > last, orders.c.gid.startswith("history/")
    )
    return {row.name: row.id for row in connection.execute(found) if row.name in made}


def _order(row: Row, shop_id: int, shift: dt.timedelta) -> Row:
    """A line of the file as a row of `orders`, its days shifted."""
    cancelled = _date(row["cancelled_on"], shift)
    created = _moment(row["created_at"], shift)
    return {
        "shop_id": shop_id,
        "gid": f"history/{row['order_name']}"[:120],
        "name": row["order_name"][:60],
        "created_at": created,
        "updated_at": created,
        "cancelled_at": dt.datetime.combine(cancelled, dt.time(12), dt.UTC) if cancelled else None,
        "payment": _payment(row),
        "financial_status": _financial(row),
        "fulfillment_status": "FULFILLED",
        "total_minor": _minor(row["value_minor"]),
        "currency": row["currency"][:3],
        "customer_key": row["customer_key"][:64],
        "county": row["county"][:80],
        "city": row["city"][:120],
        "tags": [],
        "attributes": {},
        "synced_at": now(),
    }


def _payment(row: Row) -> str:
    return "prepaid" if row["payment"] == "prepaid" else "cod"


def _financial(row: Row) -> str:
    prepaid = _payment(row) == "prepaid"
    if row["cancelled_on"]:
        return "REFUNDED" if prepaid else "VOIDED"
    return "PAID" if prepaid or row["outcome"] == "delivered" else "PENDING"


# ---------------------------------------------------------------- parcels


def _parcels(
    rows: list[Row], ids: dict[str, int], shop_id: int, shift: dt.timedelta, seen: set[str]
) -> list[Row]:
    """Rows of the parcels table; `seen` are the customers that bought before, and grows."""
    made = []
    for row in rows:
        customer = row["customer_key"][:64]
        made.append(
            _parcel(row, shift)
            | {
                "order_id": ids[row["order_name"]],
                "shop_id": shop_id,
                "customer_key": customer,
                "repeat_customer": bool(customer) and customer in seen,
            }
        )
        seen.add(customer)
    return made


def _parcel(row: Row, shift: dt.timedelta) -> Row:
    """A line of the file as a row of the table: texts as long as their columns, days shifted."""
    outcome = row["outcome"] if row["outcome"] in STATUS else None
    return {
        "tracking": row["tracking"][:60],
        "tracking_key": normalise(row["tracking"])[:60],
        "courier": row["courier"][:24],
        "payment": _payment(row),
        "county": row["county"][:80],
        "city": row["city"][:120],
        "sku": row["sku"][:80],
        "product": row["product"][:300],
        "value_minor": _minor(row["value_minor"]),
        "currency": row["currency"][:3],
        "status": STATUS.get(row["outcome"], "transit"),
        "outcome": outcome,
        "reason": row["reason"][:120],
        **{name: _date(row[name], shift) for name in DATES},
    }


def _minor(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise HistoryError(f"“{text}” is no amount; a history writes bani: 14990.") from error


def _date(text: str, shift: dt.timedelta) -> dt.date | None:
    return _day(text, shift) if text else None


def _day(text: str, shift: dt.timedelta) -> dt.date:
    try:
        return dt.date.fromisoformat(text[:10]) + shift
    except (ValueError, OverflowError) as error:
        raise HistoryError(f"“{text}” is no date; a history writes 2026-11-20.") from error


def _moment(text: str, shift: dt.timedelta) -> dt.datetime:
    try:
        read = dt.datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=dt.UTC)) + shift
    except (ValueError, OverflowError) as error:
        raise HistoryError(f"“{text}” is no moment; a history writes 2026-11-20T08:00Z.") from error
