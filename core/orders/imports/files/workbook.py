"""Reads XLSX and ODS: number cells keep that they are numbers, and their written zeros."""

import datetime as dt
import io
import itertools
import math
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from core.orders.imports.codes import ImportCode, TableError, refused
from core.orders.imports.files import markup
from core.orders.imports.files.lines import (
    MOST_COLUMNS,
    SINCE_1904,
    Line,
    Sheet,
    Span,
    number_cell,
)

LAST_LINE = 1_048_576  # of a sheet, in any spreadsheet program; each before it is gone through
LARGEST_UNPACKED = 500 * 2**20
# A cell's formula that nobody has worked out yet: programs that only write a workbook leave that to
# whoever opens it, and the result out or empty. A result that is a text (t="str") may be empty.
_P = rb"(?:\w+:)?"  # some writers put a prefix before each name
_FORMULA = rb"<" + _P + rb"f\b[^<>]*(?:/>|>[^<]*</" + _P + rb"f>)\s*"
_END = rb"</" + _P + rb"c>"
_NO_RESULT = re.compile(
    rb"<" + _P + rb'c\b(?=[^<>]*\br="[A-Z]+(\d+)")(?:[^<>]*>' + _FORMULA + _END +
    rb'|(?![^<>]*\bt="str")[^<>]*>' + _FORMULA +
    rb"<" + _P + rb"v\s*(?:/>|>\s*</" + _P + rb"v>)\s*" + _END + rb")",
    re.ASCII,
)  # fmt: skip
_MERGED = re.compile(
    rb"<" + _P + rb'mergeCell\b[^<>]*\bref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"'
)  # fmt: skip
_ROW = re.compile(rb"<" + _P + rb'row\b[^<>]*?\sr="(\d{1,9})"')
# What Excel calls "Strict Open XML" has other names for the same things.
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/([\w/]+)")
_USUAL = rb"http://schemas.openxmlformats.org/\1/2006/\2"


def sheets(data: bytes) -> Iterator[Sheet]:
    """Every sheet, hidden ones last. Raises TableError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                raise refused(ImportCode.TOO_LARGE_UNPACKED)
            if "content.xml" in packed.namelist():
                yield from markup.sheets(packed.read("content.xml").decode("utf-8", "replace"))
                return
            if b"purl.oclc.org/ooxml" in packed.read("xl/workbook.xml"):
                data = _as_usual(packed)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for one in sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible"):
            one.reset_dimensions()  # what it says of its own size is often "A1", whatever is in it
            raw = _raw(data, one)
            _check_rows(raw)
            yield Sheet(
                one.title,
                list(_lines(one)),
                days_later=SINCE_1904 if book.epoch == CALENDAR_MAC_1904 else 0,
                no_result=_line_without_result(raw),
                spans=list(_spans(raw)),
            )
    except (TableError, MemoryError):
        raise
    except Exception as error:  # openpyxl and zlib raise anything on broken files
        raise refused(ImportCode.DAMAGED_XLSX) from error


def _lines(sheet: Any) -> Iterator[Line]:
    """The rows that hold something, with their numbers; one cell too many shows a row too wide."""
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if number > LAST_LINE:
            raise refused(ImportCode.DAMAGED_XLSX)
        if cells:
            beyond = (cell for cell in cells[MOST_COLUMNS:] if cell.value is not None)
            read = (*cells[:MOST_COLUMNS], *itertools.islice(beyond, 1))
            yield number, [_cell(cell) for cell in read]


def _raw(data: bytes, sheet: Any) -> bytes:
    """The sheet's own XML: what openpyxl does not tell where it reads row by row."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return packed.read(sheet._worksheet_path)  # noqa: SLF001


def _as_usual(packed: zipfile.ZipFile) -> bytes:
    """A strict workbook with the names that every other one has."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for part in packed.infolist():
            read = packed.read(part)
            is_xml = part.filename.endswith((".xml", ".rels"))
            made.writestr(part.filename, _STRICT.sub(_USUAL, read) if is_xml else read)
    return out.getvalue()


def _check_rows(raw: bytes) -> None:
    """Raises TableError where a row is told twice or after a later one: it would not be read."""
    before = 0
    for found in _ROW.finditer(raw):
        if int(found[1]) <= before:
            raise refused(ImportCode.DAMAGED_XLSX)
        before = int(found[1])


def _line_without_result(raw: bytes) -> int:
    """The first line in which a formula has no result; 0 for none."""
    found = _NO_RESULT.search(raw)
    return int(found[1]) if found else 0


def _spans(raw: bytes) -> Iterator[Span]:
    """Cells that are merged downwards."""
    for letters, first, last in _MERGED.findall(raw):
        if int(first) < int(last) and len(letters) < 3:
            column = column_index_from_string(letters.decode()) - 1
            yield int(first), int(last), column


def _cell(cell: Any) -> str:
    """A cell as a person would type it: whole numbers without ".0", days without a clock."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        if not math.isfinite(value):
            return ""
        return number_cell(repr(value), str(getattr(cell, "number_format", "") or ""))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)
