"""Imports orders, return numbers and invoices from a merchant's own spreadsheet.

Rows that cannot be read are named by their line; the others go in, in one transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, select

from core.audit import trail
from core.labels import normalise
from core.orders.aliases import learn
from core.orders.imports import cell_parsers
from core.orders.imports.columns import ALIAS_COLUMNS, INVOICE_COLUMNS, ORDER_COLUMNS
from core.orders.imports.drafts import (
    Draft,
    accounts,
    add_invoice,
    add_to_known,
    known_orders,
    read_order,
)
from core.orders.imports.spreadsheet import Table, TableError, guess, read_table
from core.orders.shop.claim_imported import IMPORTED
from core.orders.shop.upsert import upsert_orders
from core.settings import preferences
from core.store import db
from core.store.tables import parcels

__all__ = [
    "ImportResult", "Table", "TableError", "guess_alias_columns", "guess_columns",
    "guess_invoice_columns", "import_aliases", "import_invoices", "import_orders", "read_table",
    "type_in_invoice",
]  # fmt: skip

IMPORTER = "import"


@dataclass
class ImportResult:
    """What an import brought. `bad`: the line in the file and a sentence about it."""

    added: int = 0
    updated: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)


def guess_columns(headers: Iterable[str]) -> dict[str, str]:
    """Our name → the header, for a list of orders."""
    return guess(headers, ORDER_COLUMNS)


def guess_alias_columns(headers: Iterable[str]) -> dict[str, str]:
    """Our name → the header, for a list of return numbers."""
    return guess(headers, ALIAS_COLUMNS)


def guess_invoice_columns(headers: Iterable[str]) -> dict[str, str]:
    """Our name → the header, for a list of invoices."""
    return guess(headers, INVOICE_COLUMNS)


def _need(table: Table, mapping: dict[str, str], *wanted: str) -> None:
    """Raises TableError unless each wanted column is named and exists."""
    for name in wanted:
        if name not in mapping:
            seen = ", ".join(header for header in table.headers if header)[:200]
            raise TableError(f"No column holds the {name.replace('_', ' ')}. Found: {seen}.")
    gone = [header for header in mapping.values() if header not in table.headers]
    if gone:
        raise TableError(f"This file has no column named {gone[0]}.")


# ---------------------------------------------------------------- orders


def import_orders(
    shop_connection_id: int,
    table: Table,
    mapping: dict[str, str],
    by: str = IMPORTER,
    engine: Engine | None = None,
) -> ImportResult:
    """Add orders to a shop. Several lines of one order are its lines and parcels.

    An order that the shop itself told keeps its own values and gains parcels and invoices.
    Raises TableError when the columns do not do.
    """
    _need(table, mapping, "order", "tracking", "total")
    result = ImportResult()
    with db.writing(engine) as connection:
        chosen = preferences.load(connection)
        zone = ZoneInfo(chosen.time_zone)
        drafts = _drafts(table, mapping, zone, result)
        known = known_orders(connection, shop_connection_id, list(drafts))
        ours = [name for name in drafts if known.get(name, (IMPORTED,))[0].startswith(IMPORTED)]
        upsert_orders(
            connection,
            shop_connection_id,
            [drafts[name].as_shop_order(chosen.invoice_attribute) for name in ours],
        )
        for name in drafts.keys() - set(ours):
            try:
                add_to_known(connection, shop_connection_id, known[name][1], drafts[name])
            except ValueError as error:
                result.bad.append((drafts[name].line, f"{error}."))
        result.added = len(drafts.keys() - known.keys())
        result.updated = len(drafts) - result.added
        _tell(connection, by, "orders imported", result)
    return result


def _drafts(
    table: Table, mapping: dict[str, str], zone: ZoneInfo, result: ImportResult
) -> dict[str, Draft]:
    drafts: dict[str, Draft] = {}
    for line, row in table.named(mapping):
        try:
            read = read_order(line, row, zone)
            known = drafts.get(read.name)
            if known is None:
                drafts[read.name] = read
            else:
                known.join(read)
        except ValueError as error:
            result.bad.append((line, f"{error}."))
    return drafts


# ---------------------------------------------------------------- return numbers and invoices


def import_aliases(
    table: Table, mapping: dict[str, str], by: str = IMPORTER, engine: Engine | None = None
) -> ImportResult:
    """Learn numbers that parcels got on their way back: `code` and `tracking`."""
    _need(table, mapping, "code", "tracking")
    result = ImportResult()
    with db.writing(engine) as connection:
        for line, row in table.named(mapping):
            try:
                new = learn(
                    connection,
                    cell_parsers.tracking(row["code"]),
                    _parcel(connection, row["tracking"]),
                    by=by,
                    source="csv",
                )
            except ValueError as error:
                result.bad.append((line, f"{error}."))
                continue
            result.added += new
            result.updated += 1 - new
        _tell(connection, by, "return numbers imported", result)
    return result


def _parcel(connection: Connection, tracking: str) -> int:
    key = normalise(cell_parsers.tracking(tracking))
    found = connection.scalars(
        select(parcels.c.id).where(parcels.c.tracking_key == key).limit(2)
    ).all()
    if not found:
        raise ValueError(f"no parcel has the number {tracking or '(empty)'}")
    if len(found) > 1:
        raise ValueError(f"several orders have the number {tracking}; link it by hand")
    return int(found[0])


def import_invoices(
    shop_connection_id: int,
    table: Table,
    mapping: dict[str, str],
    by: str = IMPORTER,
    engine: Engine | None = None,
) -> ImportResult:
    """Say which invoices belong to orders: `order`, `service`, `series`, `number`, `total`."""
    _need(table, mapping, "order", "service", "number")
    result = ImportResult()
    with db.writing(engine) as connection:
        services = accounts(connection)
        rows = list(table.named(mapping))
        known = known_orders(connection, shop_connection_id, [row["order"] for _, row in rows])
        for line, row in rows:
            try:
                if row["order"] not in known:
                    raise ValueError(f"there is no order {row['order'] or '(empty)'}")
                new = add_invoice(connection, known[row["order"]][1], row, services)
            except ValueError as error:
                result.bad.append((line, f"{error}."))
                continue
            result.added += new
            result.updated += not new
        _tell(connection, by, "invoices imported", result)
    return result


def type_in_invoice(
    shop_connection_id: int, row: dict[str, str], by: str, engine: Engine | None = None
) -> tuple[int, bool]:
    """One invoice that a person types in: `order`, `service`, `series`, `number`.

    Gives the order's id and whether the invoice is new. Audited. Raises ValueError with a
    sentence for the page.
    """
    with db.writing(engine) as connection:
        name = row["order"].strip()
        known = known_orders(connection, shop_connection_id, [name])
        if name not in known:
            raise ValueError(f"There is no order {name or '(empty)'}.")
        order_id = known[name][1]
        try:
            new = add_invoice(connection, order_id, row, accounts(connection), "person")
        except ValueError as error:
            raise ValueError(f"{str(error)[0].upper()}{str(error)[1:]}.") from error
        paper = f"{row['service']} {row.get('series', '')} {row['number']}"
        trail.record(
            connection, by, "invoice typed in", f"order {name}", {"invoice": paper}, order_id
        )
    return order_id, new


def _tell(connection: Connection, by: str, action: str, result: ImportResult) -> None:
    detail = {"added": result.added, "updated": result.updated, "bad": len(result.bad)}
    trail.record(connection, by, action, "import", detail)
