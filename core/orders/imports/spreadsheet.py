"""Opens a spreadsheet that somebody uploads as plain rows of text.

CSV in whatever encoding and with whatever separator a program wrote it, XLSX, and the HTML or XML
tables that portals call ".xls". The header is the first row that holds the columns an import
needs, on the first sheet that has such a row. A cell that looks like a formula is text like any
other; a formula's last result is what counts.
"""

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from core.orders.imports.cell_parsers import CellNumber, currency_in
from core.orders.imports.codes import ImportCode, ImportNote, TableError, not_understood, refused
from core.orders.imports.columns import (
    ALIAS_COLUMNS,
    INVOICE_COLUMNS,
    ORDER_COLUMNS,
    REPORT_COLUMNS,
)
from core.orders.imports.files import markup, workbook
from core.orders.imports.files.delimited import csv_lines, separator_of, text_of
from core.orders.imports.files.lines import LONGEST_CELL, MOST_COLUMNS, Line, Sheet
from core.reasons import Reason
from core.services.http.texts import plain

__all__ = ["Row", "Table", "TableError", "guess", "read_table", "within"]

LARGEST = 50 * 2**20
MOST_ROWS = 200_000
# Behind a header: lei first, which amounts without a currency are counted in anyway.
COUNTED_IN = (
    "ron", "lei", "eur", "euro", "huf", "ft", "forint", "bgn", "лв", "лева", "pln", "zl", "czk",
    "kc", "usd", "gbp", "mdl", "chf", "rsd", "uah", "грн",
)  # fmt: skip
HEAD_ROWS = 40  # how far down a header is looked for

# In a row: what stands behind the last column, as the 50 of "10,50" parted by its comma.
BEYOND = "beyond_columns"
# In a row: an amount whose decimals stand in the next column, in a list parted by commas.
PARTED = "parted_amount"
AMOUNTS = ("total", "price")
COUNTS = frozenset({*AMOUNTS, "quantity", "postcode"})  # where two digits say what they should
DAYS = frozenset({"created_at", "shipped_on", "at", "issued_on"})

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

    `aside`: what of the file is in neither, a sheet or columns. `commas`: whether its cells are
    parted by commas. `days_later`: by how much its day numbers begin later than 1900's.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    aside: tuple[ImportNote, ...] = field(default=(), compare=False)
    commas: bool = False
    days_later: int = 0

    def named(self, mapping: dict[str, str]) -> Iterator[Row]:
        """Each row by our own names; `mapping` gives the header for each of them.

        Where the line has more cells than there are columns, they are under BEYOND; where an
        amount may have lost its decimals to the next column, both are under PARTED.
        """
        places = {ours: self.headers.index(header) for ours, header in mapping.items()}
        # "Total (EUR)" says of each of its cells what it is counted in.
        whole = {}
        if "total" in mapping and "currency" not in mapping:
            whole = {"currency": currency_in(mapping["total"])}
        amounts = [at for at in self._amounts(places) if self._may_be_parted(at, places)]
        for line, cells in self.rows:
            named = {n: cells[at] if at < len(cells) else "" for n, at in places.items()}
            named |= {n: self._day(named[n]) for n in DAYS & named.keys()}
            beyond = " ".join(cell for cell in cells[len(self.headers) :] if cell)
            parted = next((one for at in amounts if (one := _parted(cells, at))), "")
            more = {BEYOND: beyond, PARTED: parted}
            yield line, named | whole | {name: text for name, text in more.items() if text}

    def _amounts(self, places: dict[str, int]) -> list[int]:
        return [places[name] for name in AMOUNTS if name in places] if self.commas else []

    def _may_be_parted(self, at: int, places: dict[str, int]) -> bool:
        """Whether two digits beside this column's amounts may be their decimals.

        Not where an amount has its decimals with it, nor beside a column of counts.
        """
        beside = {place: name for name, place in places.items()}.get(at + 1, "")
        if beside in COUNTS or at + 1 >= len(self.headers):
            return False
        written = [cells[at] for _, cells in self.rows if at < len(cells) and cells[at]]
        if any(re.search(r"\.\d{1,2}(?!\d)|,", cell) for cell in written):
            return False
        others = [cells[at + 1] for _, cells in self.rows if at + 1 < len(cells)]
        numbers = [cell for cell in others if cell.replace(".", "").replace(",", "").isdigit()]
        return bool(beside) or all(_DECIMALS.fullmatch(cell) for cell in numbers)

    def _day(self, cell: str) -> str:
        """A day number as every other workbook has it."""
        if not self.days_later or not isinstance(cell, CellNumber):
            return cell
        return CellNumber(str(Decimal(cell) + self.days_later))

    def twice(self, headers: Iterable[str]) -> str:
        """The first of these headers that several columns have which differ; "" for none."""
        for header in headers:
            places = [at for at, one in enumerate(self.headers) if one == header]
            if len(places) > 1 and any(_differ(cells, places) for _, cells in self.rows):
                return header
        return ""


_WHOLE = re.compile(r"\D{0,4}(?:\d{1,3}(?:\.\d{3})+|\d+)")  # "45", "RON 1.249"
_DECIMALS = re.compile(r"\d{2}(?:\s*[^\W\d]{1,6}\.?|\s*€)?")  # "90", "90 lei"


def _parted(cells: tuple[str, ...], at: int) -> str:
    """ "45,90" of the cells "45" and "90"; "" where they cannot have been one."""
    amount, beside = (cells[one] if one < len(cells) else "" for one in (at, at + 1))
    if not (_WHOLE.fullmatch(amount) and _DECIMALS.fullmatch(beside)):
        return ""
    return f"{amount},{beside}" if beside.isdigit() or currency_in(beside) else ""


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
        yield Sheet("", lines, separator=separator_of(text, _is_head))


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
    if not chosen.separator:  # of a sheet, a cell outside of the table is a column without a name
        headers += ("",) * (max((len(cells) for _, cells in rows), default=0) - len(headers))
    if not rows:
        raise refused(ImportCode.NO_ROWS)
    if len(rows) > MOST_ROWS:
        raise refused(ImportCode.TOO_MANY_ROWS, limit=MOST_ROWS)
    aside = tuple(_aside(filled, chosen))
    return Table(headers, rows, aside, chosen.separator == ",", chosen.days_later)


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
    """The row, where it has no more cells than there are columns, and none of them was parted.

    Raises ImportNote.
    """
    if row.get(BEYOND):
        raise not_understood(ImportCode.BEYOND_COLUMNS, BEYOND, row[BEYOND])
    if row.get(PARTED):
        raise not_understood(ImportCode.PARTED_AMOUNT, PARTED, row[PARTED])
    return row


def guess(headers: Iterable[str], names: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Our name → the header that means it; where two fit, the one named first wins."""
    said: dict[str, str] = {}
    for header in headers:
        said.setdefault(_words(header), header)
    found: dict[str, str] = {}
    for ours, titles in names.items():
        places = _places(titles)
        title = min(said.keys() & places.keys(), key=places.__getitem__, default=None)
        if title is not None and said[title] not in found.values():
            found[ours] = said[title]
    return found


@functools.cache
def _places(titles: tuple[str, ...]) -> dict[str, int]:
    """What may stand over a column, and its place among the others: what it is counted in last.

    Kept: there are thousands, and each row that may be a header is looked at for them again in
    each way to decode a file and to part its cells. A damaged file of 2 kB had taken 7 seconds.
    """
    counted = (f"{title} {way}" for way in COUNTED_IN for title in titles)
    places: dict[str, int] = {}
    for place, title in enumerate((*titles, *counted)):
        places.setdefault(title, place)
    return places


def _words(header: str) -> str:
    bare = "".join(c if c.isalnum() else " " for c in plain(header))
    return " ".join(bare.split())
