"""Opens a spreadsheet that somebody uploads as plain rows of text.

CSV in whatever encoding and with whatever separator a program wrote it, XLSX, and the HTML or XML
tables that portals call ".xls". The header is the first row that holds the columns an import
needs, on the first sheet that has such a row. A cell that looks like a formula is text like any
other; a formula's last result is what counts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from core.orders.imports.cell_parsers import currency_in
from core.orders.imports.codes import ImportCode, ImportNote, TableError, not_understood, refused
from core.orders.imports.columns import (
    ALIAS_COLUMNS,
    INVOICE_COLUMNS,
    ORDER_COLUMNS,
    REPORT_COLUMNS,
)
from core.orders.imports.files import markup, workbook
from core.orders.imports.files.delimited import csv_lines, text_of
from core.orders.imports.files.lines import LONGEST_CELL, MOST_COLUMNS, Line, Sheet
from core.reasons import Reason
from core.services.http.texts import plain

__all__ = ["Row", "Table", "TableError", "guess", "read_table", "within"]

LARGEST = 50 * 2**20
MOST_ROWS = 200_000
LEI = ("ron", "lei")  # behind a header: what amounts without a currency are counted in anyway
HEAD_ROWS = 40  # how far down a header is looked for

# In a row: what stands behind the last column, as the 50 of "10,50" parted by its comma.
BEYOND = "beyond_columns"

Row = tuple[int, dict[str, str]]

# What a row must hold to be a header: any of these, with our names of the columns.
HEADERS: tuple[tuple[dict[str, tuple[str, ...]], frozenset[str]], ...] = (
    (ORDER_COLUMNS, frozenset({"order", "tracking", "total"})),
    (ALIAS_COLUMNS, frozenset({"code", "tracking"})),
    (INVOICE_COLUMNS, frozenset({"order", "number"})),
    (REPORT_COLUMNS, frozenset({"tracking", "status"})),
    (REPORT_COLUMNS, frozenset({"tracking", "return_number"})),
)


@dataclass(frozen=True)
class Table:
    """A spreadsheet: its headers, and its rows with their line number in the file.

    `aside`: what of the file is in neither, a sheet or columns.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    aside: tuple[ImportNote, ...] = field(default=(), compare=False)

    def named(self, mapping: dict[str, str]) -> Iterator[Row]:
        """Each row by our own names; `mapping` gives the header for each of them.

        Where the line has more cells than there are columns, they are under BEYOND.
        """
        places = {ours: self.headers.index(header) for ours, header in mapping.items()}
        # "Total (EUR)" says of each of its cells what it is counted in.
        whole = {}
        if "total" in mapping and "currency" not in mapping:
            whole = {"currency": currency_in(mapping["total"])}
        for line, cells in self.rows:
            named = {n: cells[at] if at < len(cells) else "" for n, at in places.items()}
            beyond = " ".join(cell for cell in cells[len(self.headers) :] if cell)
            yield line, named | whole | ({BEYOND: beyond} if beyond else {})

    def twice(self, headers: Iterable[str]) -> str:
        """The first of these headers that several columns have which differ; "" for none."""
        for header in headers:
            places = [at for at, one in enumerate(self.headers) if one == header]
            if len(places) > 1 and any(_differ(cells, places) for _, cells in self.rows):
                return header
        return ""


def read_table(data: bytes, filename: str = "") -> Table:
    """Read a spreadsheet. Raises TableError with a sentence for the page."""
    if len(data) > LARGEST:
        raise refused(ImportCode.TOO_LARGE, limit=LARGEST // 2**20)
    if not data.strip():
        raise refused(ImportCode.EMPTY)
    return _table(list(_sheets(data, filename)))


def _sheets(data: bytes, filename: str) -> Iterator[Sheet]:
    if data.startswith(b"PK"):
        yield from workbook.sheets(data)
        return
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise refused(ImportCode.OLD_EXCEL)
    text = text_of(data, _has_columns)
    if markup.is_markup(text):
        yield from markup.sheets(text)
        return
    if filename.lower().endswith(".xls") and not any(mark in text for mark in ";,\t"):
        raise refused(ImportCode.OLD_EXCEL)
    for lines in csv_lines(text, _is_head):
        yield Sheet("", lines, separated=True)


def _has_columns(text: str) -> bool:
    """Whether a text, decoded in one way of several, has columns that an import needs."""
    try:
        return any(header_at(lines[:60]) is not None for lines in csv_lines(text, _is_head))
    except TableError:
        return False


def _is_head(rows: list[Line]) -> bool:
    return header_at(rows) is not None


def header_at(rows: Iterable[Line]) -> int | None:
    """The place of the first row, of the first few, that holds the columns an import needs."""
    seen = 0
    for place, (_, cells) in enumerate(rows):
        if not any(cell.strip() for cell in cells):
            continue
        if seen == HEAD_ROWS:
            break
        seen += 1
        if any(needed <= guess(cells, names).keys() for names, needed in HEADERS):
            return place
    return None


def _table(sheets: list[Sheet]) -> Table:
    """The table of the sheet with the columns; of the first one with rows where none has them."""
    filled = [one for one in sheets if one.rows]
    if not filled:
        raise refused(ImportCode.NO_ROWS)
    chosen = next((one for one in filled if header_at(one.rows) is not None), filled[0])
    if chosen.no_result:
        raise refused(ImportCode.NO_RESULT, line=chosen.no_result)
    place = header_at(chosen.rows)
    if place is None:
        # Nothing we know: a row with one cell is a title, the next one holds the headers.
        wide = (n for n, (_, cells) in enumerate(chosen.rows[:HEAD_ROWS]) if _width(cells) > 1)
        place = next(wide, 0)
    headers = tuple(cell.strip()[:LONGEST_CELL] for cell in chosen.rows[place][1])
    named = {**guess(headers, REPORT_COLUMNS), **guess(headers, ORDER_COLUMNS)}
    whose = named.get("order") or named.get("tracking")
    if whose:  # a cell merged over several rows says for each whose it is
        chosen.fill_down(headers.index(whose))
    rows = tuple((line, tuple(cells)) for line, cells in chosen.rows[place + 1 :])
    if not chosen.separated:  # of a sheet, a cell outside of the table is a column without a name
        headers += ("",) * (max((len(cells) for _, cells in rows), default=0) - len(headers))
    if not rows:
        raise refused(ImportCode.NO_ROWS)
    if len(rows) > MOST_ROWS:
        raise refused(ImportCode.TOO_MANY_ROWS, limit=MOST_ROWS)
    return Table(headers, rows, tuple(_aside(filled, chosen)))


def _differ(cells: tuple[str, ...], places: list[int]) -> bool:
    return len({cells[at] for at in places if at < len(cells) and cells[at]}) > 1


def _width(cells: Iterable[str]) -> int:
    return sum(1 for cell in cells if cell)


def _aside(sheets: list[Sheet], chosen: Sheet) -> Iterator[ImportNote]:
    if chosen.cut:
        yield ImportNote(Reason.of(ImportCode.TOO_MANY_COLUMNS, limit=MOST_COLUMNS))
    for one in sheets:
        if one is not chosen and len(one.rows) > 1:
            yield ImportNote(Reason.of(ImportCode.OTHER_SHEET, sheet=one.name, count=len(one.rows)))


# ---------------------------------------------------------------- which column is what


def within(row: dict[str, str]) -> dict[str, str]:
    """The row, where it has no more cells than there are columns. Raises ImportNote."""
    if row.get(BEYOND):
        raise not_understood(ImportCode.BEYOND_COLUMNS, BEYOND, row[BEYOND])
    return row


def guess(headers: Iterable[str], names: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Our name → the header that means it; where two fit, the one named first wins."""
    said: dict[str, str] = {}
    for header in headers:
        said.setdefault(_words(header), header)
    found: dict[str, str] = {}
    for ours, titles in names.items():
        title = next((one for one in titles if one in said), None) or next(
            (one for way in LEI for one in (f"{title} {way}" for title in titles) if one in said),
            None,
        )
        if title is not None and said[title] not in found.values():
            found[ours] = said[title]
    return found


def _words(header: str) -> str:
    bare = "".join(c if c.isalnum() else " " for c in plain(header))
    return " ".join(bare.split())
