"""Opens a spreadsheet that somebody uploads, CSV or XLSX, as plain rows of text.

A cell that looks like a formula is text like any other; a formula's last result is what counts.
"""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from core.services.http.texts import plain

LARGEST = 50 * 2**20
LARGEST_UNPACKED = 500 * 2**20
MOST_ROWS = 200_000
MOST_COLUMNS = 200
LONGEST_CELL = 5_000
ENCODINGS = ("utf-8-sig", "cp1250")  # Excel in Romania writes either
UTF_16 = (b"\xff\xfe", b"\xfe\xff")

Row = tuple[int, dict[str, str]]


class TableError(ValueError):
    """The file cannot be imported; the message says what to do."""


@dataclass(frozen=True)
class Table:
    """A spreadsheet: its headers, and its rows with their line number in the file."""

    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def named(self, mapping: dict[str, str]) -> Iterator[Row]:
        """Each row by our own names; `mapping` gives the header for each of them."""
        places = {ours: self.headers.index(header) for ours, header in mapping.items()}
        for line, cells in self.rows:
            yield line, {n: cells[at] if at < len(cells) else "" for n, at in places.items()}


def read_table(data: bytes, filename: str) -> Table:
    """Read a spreadsheet. Raises TableError with a sentence for the page."""
    if len(data) > LARGEST:
        raise TableError(f"This file is larger than {LARGEST // 2**20} MB. Split it.")
    if not data.strip():
        raise TableError("This file is empty. Export it again.")
    if data.startswith(b"PK"):
        lines = _xlsx(data)
    elif filename.lower().endswith(".xls") or data.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableError("This is an old Excel file. Save it as XLSX or CSV, and import that.")
    else:
        lines = _csv(_text(data))
    return _table(lines)


def _table(lines: Iterable[tuple[int, list[str]]]) -> Table:
    headers: tuple[str, ...] = ()
    rows: list[tuple[int, tuple[str, ...]]] = []
    for line, cells in lines:
        told = tuple(cell.strip()[:LONGEST_CELL] for cell in cells[:MOST_COLUMNS])
        if not any(told):
            continue
        if not headers:
            headers = told
            continue
        if len(rows) == MOST_ROWS:
            raise TableError(f"This file has more than {MOST_ROWS:,} rows. Split it.")
        rows.append((line, told))
    if not headers or not rows:
        raise TableError("This file has no rows below its first line. Export it again.")
    return Table(headers, tuple(rows))


# ---------------------------------------------------------------- the two kinds of file


def _text(data: bytes) -> str:
    if data.startswith(UTF_16):
        return data.decode("utf-16", errors="replace")
    if b"\x00" in data:
        raise TableError("This file is neither CSV nor XLSX. Export it again as one of them.")
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", errors="replace")


def _csv(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t|", key=first.count))
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise TableError(
            f"Line {reader.line_num} of this file is no CSV. Export it again."
        ) from error


def _xlsx(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > LARGEST_UNPACKED:
            raise TableError("This file is too large once unpacked. Save it as CSV.")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            yield number, [_cell(cell) for cell in cells[:MOST_COLUMNS]]
    # openpyxl hands on whatever a damaged part of the file makes its parsers raise
    except (InvalidFileException, zipfile.BadZipFile, KeyError, IndexError, OSError, SyntaxError,
            TypeError, AttributeError, EOFError) as error:  # fmt: skip
        raise TableError("This XLSX file is damaged. Save it again, or as CSV.") from error


def _cell(value: object) -> str:
    """A cell as a person would type it: whole numbers without ".0", days without a clock."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)


# ---------------------------------------------------------------- which column is what


def guess(headers: Iterable[str], names: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Our name → the header that means it; where two fit, the one named first wins."""
    said: dict[str, str] = {}
    for header in headers:
        said.setdefault(_words(header), header)
    found: dict[str, str] = {}
    for ours, titles in names.items():
        title = next((one for one in titles if one in said), None)
        if title is not None and said[title] not in found.values():
            found[ours] = said[title]
    return found


def _words(header: str) -> str:
    bare = "".join(c if c.isalnum() else " " for c in plain(header))
    return " ".join(bare.split())
