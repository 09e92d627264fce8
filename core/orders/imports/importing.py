"""Imports orders, return numbers and invoices from a merchant's own spreadsheet.

Each row is taken, or told with its line, column and value; an order goes in with all of its rows
or not at all. What goes in does so in one transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from core.audit import trail
from core.audit.actions import Action
from core.labels import normalise
from core.orders.aliases import learn
from core.orders.documents import accounts, awaited
from core.orders.imports import cell_parsers, papers
from core.orders.imports.codes import ImportCode, ImportNote, not_understood, refused
from core.orders.imports.columns import ALIAS_COLUMNS, INVOICE_COLUMNS, ORDER_COLUMNS
from core.orders.imports.days import asks_for_order, is_ahead
from core.orders.imports.drafts import (
    add_invoice,
    add_to_known,
    hold,
    hold_orders,
    known_orders,
    namesakes,
    of_nobody,
    one_order,
    shop_orders_of,
)
from core.orders.imports.invoice_cells import invoices_in, is_number, service_of
from core.orders.imports.rows import NO_CHOICES, Draft, Drafts, FileChoices, day_cells, read_rows
from core.orders.imports.spreadsheet import Table, TableError, guess, read_table, within
from core.orders.shop.claim_imported import IMPORTED
from core.orders.shop.upsert import upsert_orders
from core.rights import Right, door
from core.services import registry
from core.settings import preferences
from core.store import db
from core.store.tables import parcels

__all__ = [
    "Draft", "FileChoices", "ImportNote", "ImportResult", "Preview", "Table", "TableError",
    "asks_for_day_order", "guess_alias_columns", "guess_columns", "guess_invoice_columns",
    "import_aliases", "import_invoices", "import_orders", "preview_orders", "read_table",
    "type_in_invoice",
]  # fmt: skip

IMPORTER = "import"
LIST_OF_ORDERS, LIST_OF_INVOICES = "list of orders", "list of invoices"


@dataclass
class ImportResult:
    """What an import brought. rows = taken + the lines that are told.

    `added` and `updated` count orders, return numbers or invoices. A row that is told with `taken`
    went in but for the cell that is named. `notes` has line 0 for what is not of one row.
    """

    rows: int = 0
    added: int = 0
    updated: int = 0
    notes: list[ImportNote] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Rows that went in without a word."""
        return self.rows - len({one.line for one in self.notes if one.line})

    @property
    def bad(self) -> list[tuple[int, str]]:
        """Line and English sentence of each row that is told, for the command line."""
        return [(one.line, str(one)) for one in self.notes if one.line]


@dataclass(frozen=True)
class Preview:
    """What an import of orders would do: its first orders as understood, and all that is told."""

    rows: int
    orders: int
    first: tuple[Draft, ...]
    notes: tuple[ImportNote, ...]


def guess_columns(headers: Iterable[str]) -> dict[str, str]:
    """Our name → the header, for a list of orders.

    Beside a shipping name, as in Shopify's own export, the shipping company is the customer's.
    """
    titles = list(headers)
    found = guess(titles, ORDER_COLUMNS)
    shipped = guess(titles, {"name": ("shipping name",), "company": ("shipping company",)})
    if len(shipped) == 2 and found.get("courier") == shipped["company"]:
        del found["courier"]
        found.setdefault("billed_to", shipped["company"])
    return found


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
            column = name.replace("_", " ")
            raise refused(ImportCode.NO_COLUMN, column=column, found=seen)
    gone = [header for header in mapping.values() if header not in table.headers]
    if gone:
        raise refused(ImportCode.COLUMN_GONE, column=gone[0])
    twice = table.twice(mapping.values())
    if twice:
        raise refused(ImportCode.SAME_COLUMN, column=twice)


# ---------------------------------------------------------------- orders


def asks_for_day_order(table: Table, mapping: dict[str, str]) -> bool:
    """Whether a person must say if the day or the month comes first in this file's dates."""
    return asks_for_order(day_cells(table.named(mapping)))


@door(Right.IMPORT)
def preview_orders(
    shop_connection_id: int,
    table: Table,
    mapping: dict[str, str],
    choices: FileChoices = NO_CHOICES,
    first: int = 10,
) -> Preview:
    """What `import_orders` would do with the same arguments; nothing is written.

    Raises TableError when the columns do not do.
    """
    _need(table, mapping, "order", "tracking", "total")
    with db.reading() as connection:
        drafts = _drafts(connection, shop_connection_id, table, mapping, choices)
    shown = tuple(drafts.orders.values())[:first]
    everything = (*table.aside, *drafts.notes)
    return Preview(len(table.rows), len(drafts.orders), shown, everything)


@door(Right.IMPORT)
def import_orders(
    shop_connection_id: int,
    table: Table,
    mapping: dict[str, str],
    choices: FileChoices = NO_CHOICES,
) -> ImportResult:
    """Add orders to a shop. Several lines of one order are its lines and parcels.

    An order that the shop itself told keeps its own values and gains parcels and invoices.
    Raises TableError when the columns do not do.
    """
    _need(table, mapping, "order", "tracking", "total")
    result = ImportResult(len(table.rows), notes=list(table.aside))
    with db.writing() as connection:
        wanted = preferences.load(connection)
        drafts = _drafts(connection, shop_connection_id, table, mapping, choices)
        known = known_orders(connection, shop_connection_id, list(drafts.orders))
        ours = [
            name for name in drafts.orders if known.get(name, (IMPORTED,))[0].startswith(IMPORTED)
        ]
        upsert_orders(
            connection,
            shop_connection_id,
            [drafts.orders[name].as_shop_order(wanted.invoice_attribute) for name in ours],
        )
        for name in [name for name in drafts.orders if name not in ours]:
            try:
                order_id, draft = known[name][1], drafts.orders[name]
                args = (connection, shop_connection_id, order_id, draft, wanted.zone)
                if remark := add_to_known(*args):
                    drafts.notes.append(remark)
            except ImportNote as error:
                drafts.refuse(name, error)
        hold_orders(connection, shop_connection_id, drafts, LIST_OF_ORDERS)
        result.notes += sorted(drafts.notes, key=lambda one: one.line)
        result.added = len(drafts.orders.keys() - known.keys())
        result.updated = len(drafts.orders) - result.added
        _record(connection, Action.ORDERS_IMPORTED, result)
    return result


def _drafts(
    connection: Connection,
    shop_id: int,
    table: Table,
    mapping: dict[str, str],
    choices: FileChoices,
) -> Drafts:
    """What the rows come to, without the orders whose parcel is another order's."""
    zone = preferences.load(connection).zone
    drafts = read_rows(table.named(mapping), zone, choices)
    known = known_orders(connection, shop_id, list(drafts.orders))
    for name in namesakes(connection, shop_id, list(drafts.orders)):
        drafts.refuse(name, not_understood(ImportCode.SEVERAL_ORDERS, "order", name))
    everything = list(drafts.orders.values())
    keys = [normalise(one.tracking) for draft in everything for one in draft.parcels]
    owners = shop_orders_of(connection, shop_id, keys)
    for draft in everything:
        mine = known[draft.name][1] if draft.name in known else None
        for one in draft.parcels:
            theirs = owners.get(normalise(one.tracking), [])
            if theirs and mine not in [order_id for order_id, _ in theirs]:
                why = not_understood(
                    ImportCode.TRACKING_OF_ANOTHER, "tracking", one.tracking, other=theirs[0][1]
                )
                drafts.refuse(draft.name, why)
                break
    return drafts


# ---------------------------------------------------------------- return numbers and invoices


@door(Right.IMPORT)
def import_aliases(table: Table, mapping: dict[str, str]) -> ImportResult:
    """Learn numbers that parcels got on their way back: `code` and `tracking`."""
    _need(table, mapping, "code", "tracking")
    result = ImportResult(len(table.rows), notes=list(table.aside))
    with db.writing() as connection:
        for line, row in table.named(mapping):
            try:
                within(row)
                new = learn(
                    connection,
                    _return_number(row["code"]),
                    _parcel(connection, row["tracking"]),
                    source="csv",
                )
            except ImportNote as error:
                result.notes.append(error.at(line))
                continue
            result.added += new
            result.updated += 1 - new
        _record(connection, Action.RETURN_NUMBERS_IMPORTED, result)
    return result


def _return_number(text: str) -> str:
    """The number of a cell; a placeholder, a yes or a no is none. Raises ImportNote."""
    found = cell_parsers.trackings(text, "code")
    if len(found) != 1:
        raise not_understood(ImportCode.NOT_RETURN_NUMBER, "code", text)
    return found[0]


def _parcel(connection: Connection, tracking: str) -> int:
    key = normalise(cell_parsers.tracking(tracking))
    found = connection.scalars(
        select(parcels.c.id).where(parcels.c.tracking_key == key).limit(2)
    ).all()
    if not found:
        raise not_understood(ImportCode.NO_SUCH_PARCEL, "tracking", tracking)
    if len(found) > 1:
        raise not_understood(ImportCode.SEVERAL_PARCELS, "tracking", tracking)
    return int(found[0])


@door(Right.IMPORT)
def import_invoices(
    shop_connection_id: int,
    table: Table,
    mapping: dict[str, str],
    choices: FileChoices = NO_CHOICES,
) -> ImportResult:
    """Say which invoices belong to orders: `order`, `service`, `series`, `number`, `total`."""
    named = {"order", "number"} | ({"service"} if not choices.invoice_service else set())
    _need(table, mapping, *sorted(named))
    result = ImportResult(len(table.rows), notes=list(table.aside))
    with db.writing() as connection:
        services, zone = accounts.load(connection), preferences.load(connection).zone
        rows = [
            (line, row | {"order": cell_parsers.order_as_seen(row["order"])})
            for line, row in table.named(mapping)
        ]
        marks = cell_parsers.marks_of(row["total"] for _, row in rows if row.get("total"))
        listed = [row["order"] for _, row in rows]
        known = known_orders(connection, shop_connection_id, listed)
        several = namesakes(connection, shop_connection_id, listed)
        nobody: dict[str, list[ImportNote]] = {}
        refused_rows: dict[int, list[ImportNote]] = {order_id: [] for _, order_id in known.values()}
        above = ""
        for line, row in rows:
            above = row["order"] or above
            try:
                if note := papers.left_out(row):
                    result.notes.append(note.at(line))
                    continue
                order_id = one_order(known, several, row["order"])
                named_ = _named(within(row), choices)
                if is_ahead(issued := row.get("issued_on", ""), zone):
                    raise not_understood(ImportCode.ISSUED_AHEAD, "issued_on", issued)
                new = add_invoice(connection, order_id, named_, services, marks=marks)
            except ImportNote as error:
                result.notes.append(error.at(line))
                # a number without an order may be one more invoice of the order above
                whose = row["order"] or (above if any(map(str.isdigit, row["number"])) else "")
                if whose not in known:
                    nobody.setdefault(whose, []).append(error.at(line))
                # what another order names too is held as that already
                elif error.reason.code != ImportCode.INVOICE_OF_ANOTHER:
                    refused_rows[known[whose][1]].append(error.at(line))
                continue
            result.added += new
            result.updated += not new
        hold(connection, refused_rows, LIST_OF_INVOICES)
        awaited.keep(connection, shop_connection_id, of_nobody(nobody, known), LIST_OF_INVOICES)
        _record(connection, Action.INVOICES_IMPORTED, result)
    return result


def _named(row: dict[str, str], choices: FileChoices) -> dict[str, str]:
    """A row's invoice, its number parted from series and service where they are in one cell.

    Raises ImportNote.
    """
    service = row.get("service", "").strip() or choices.invoice_service
    series = row.get("series", "").strip() or choices.invoice_series
    known = frozenset(registry.services("invoicing"))
    number = row["number"].strip()
    if (
        isinstance(row["number"], cell_parsers.CellNumber)
        and len(number) > cell_parsers.MOST_DIGITS
    ):
        raise not_understood(ImportCode.LOST_DIGITS, "number", number)
    if series and is_number(number):
        where = service_of(service, known)
    else:
        found, unclear = invoices_in(number, known, service, series)
        if unclear:
            raise unclear[0]
        if len(found) != 1:
            raise not_understood(ImportCode.INVOICE_INCOMPLETE, "number", number)
        where, series, number = found[0].service, found[0].series, found[0].number
    service, _, company = where.partition("@")
    more = {"account": company} if company else {}
    return {**row, "service": service, "series": series, "number": number, **more}


@door(Right.IMPORT, Right.FOLLOW_UP)
def type_in_invoice(shop_connection_id: int, row: dict[str, str]) -> tuple[int, bool]:
    """One invoice that a person types in: `order`, `service`, `series`, `number`.

    Gives the order's id and whether the invoice is new. Audited. Raises ImportNote; its reason
    is for the page.
    """
    with db.writing() as connection:
        name = row["order"].strip()
        known = known_orders(connection, shop_connection_id, [name])
        order_id = one_order(known, namesakes(connection, shop_connection_id, [name]), name)
        new = add_invoice(connection, order_id, row, accounts.load(connection), "person")
        paper = f"{row['service']} {row.get('series', '')} {row['number']}"
        trail.record(
            connection,
            Action.INVOICE_TYPED_IN,
            f"order {name}",
            {"invoice": paper},
            order_id,
            customer=(),
        )
    return order_id, new


def _record(connection: Connection, action: Action, result: ImportResult) -> None:
    detail = {"added": result.added, "updated": result.updated, "notes": len(result.bad)}
    trail.record(connection, action, "import", detail)
