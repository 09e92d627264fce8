"""Reads the tables of HTML and XML files that portals and programs hand out as spreadsheets.

HTML tables, Excel's XML of 2003 and the content of ODS have rows and cells under other names only.
"""

import html
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

from core.orders.imports.files.lines import (
    MOST_COLUMNS,
    SINCE_1904,
    Line,
    Sheet,
    Span,
    number_cell,
)

TABLES = {"table", "worksheet", "table:table"}
ROWS = {"tr", "row", "table:table-row"}
HTML_CELLS = {"td", "th"}
CELLS = {"td", "th", "cell", "table:table-cell", "table:covered-table-cell"}
BREAKS = {"br", "text:line-break", "p", "text:p"}
HIDDEN = {"script", "style", "head", "office:annotation"}
NAMES = ("ss:name", "table:name", "title")
REPEATED = "table:number-columns-repeated"  # as many cells that say the same
WIDTHS = ("colspan", REPEATED)
HEIGHTS = (
    "rowspan",
    "table:number-rows-spanned",
    "ss:mergedown",
)  # the last one counts those below
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:E[+-]?\d{1,3})?", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+)?")
_STYLE = re.compile(
    r'<(?:\w+:)?(?:Style\b[^<>]*\bss:ID="([^"<>]*)"|NumberFormat\b[^<>]*\bss:Format="([^"<>]*)")'
)
MOST_READ = 250_000  # rows: one may say that it is there a million times
# Day 0 of old Macs, as Excel's XML and ODS say it.
_SINCE_1904 = re.compile(
    r"<(?:\w+:)?Date1904\s*/?>|<table:null-date\b[^<>]*table:date-value=\"1904-", re.IGNORECASE
)
_BEGIN = re.compile(
    r"\s*(?:<\?xml|<!doctype|<html|<table|<meta|<head|<body|<workbook)", re.IGNORECASE
)


def is_markup(text: str) -> bool:
    """Whether a text is HTML or XML with a table in it."""
    return (
        bool(_BEGIN.match(text))
        and re.search(r"<(?:\w+:)?(?:tr|row)\b", text, re.IGNORECASE) is not None
    )


def sheets(text: str) -> Iterator[Sheet]:
    """Every table of the text, one after the other."""
    reader = _Reader(_formats(text))
    reader.feed(text)
    reader.close()
    later = SINCE_1904 if _SINCE_1904.search(text) else 0
    for name, rows, spans in reader.tables:
        yield Sheet(name, rows, spans=spans, days_later=later)


def _formats(text: str) -> dict[str, str]:
    """The number formats of Excel's XML by the style's name; in HTML a style is no element."""
    found: dict[str, str] = {}
    name = ""
    for style, shape in _STYLE.findall(text):
        name = style or name
        if shape:
            found[name] = html.unescape(shape)
    return found


class _Reader(HTMLParser):
    def __init__(self, formats: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[str, list[Line], list[Span]]] = [("", [], [])]
        self._row: list[str] | None = None
        self._line = self._times = 1  # of the row that is being read, and how often it is there
        self._cell: list[str] | None = None
        self._width = self._height = 1
        self._taken: dict[int, int] = {}  # of HTML: column → the last line that a cell reaches into
        self._value = ""  # of a number cell or a day, beside its text
        self._is_number = self._is_repeated = False
        self._format = ""  # in which a number is shown, as far as it is told
        self._formats = formats
        self._hidden = 0
        self._html = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell (of HTML, ODS or the XML of Excel 2003)."""
        said = {name: value or "" for name, value in attrs}
        if tag in HIDDEN:
            self._hidden += 1
        elif tag in TABLES:
            self.tables.append((next((said[n] for n in NAMES if n in said), ""), [], []))
            self._taken = {}
            self._line = 1
        elif tag in ROWS:
            self._end_row()
            self._row = []
            self._times = _count(said, ("table:number-rows-repeated",))
            self._line = max(self._line, _count(said, ("ss:index",)))
        elif tag in CELLS and self._row is not None:
            self._end_cell()
            place = said.get("ss:index", "")
            if place.isdecimal() and int(place) <= MOST_COLUMNS:
                self._row += [""] * (int(place) - 1 - len(self._row))
            while tag in HTML_CELLS and self._taken.get(len(self._row), 0) >= self._line:
                self._row.append("")  # the row does not name a cell that reaches into it
            self._width = _count(said, WIDTHS)
            self._is_repeated = REPEATED in said
            self._height = _count(said, HEIGHTS) + ("ss:mergedown" in said)
            self._html = tag in HTML_CELLS
            self._value = said.get("office:date-value") or said.get("office:value", "")
            self._format = said.get("office:currency") or self._formats.get(
                said.get("ss:styleid", ""), ""
            )
            self._cell = []
        elif tag == "data" and said.get("ss:type", "").lower() == "number":
            self._is_number = True
        elif tag in BREAKS and self._cell:
            self._cell.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in CELLS | ROWS | HIDDEN:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in CELLS:
            self._end_cell()
        elif tag in ROWS or tag in TABLES:
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._hidden:
            self._cell.append(re.sub(r"\s+", " ", data))

    def close(self) -> None:
        super().close()
        self._end_row()

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        value = self._meant("".join(self._cell).strip())
        room = MOST_COLUMNS + 1 - len(self._row)
        # A wide cell has its text once; a repeated one may fill the sheet up to its end.
        repeated = [value] + [value if self._is_repeated else ""] * (self._width - 1)
        place, last = len(self._row), self._line + self._height - 1
        self._row += repeated[: max(0, room)]
        if self._height > 1:
            self.tables[-1][2].append((self._line, last, place))
            if self._html:
                self._taken |= dict.fromkeys(range(place, len(self._row)), last)
        self._cell, self._value, self._width, self._height = None, "", 1, 1
        self._is_number = self._is_repeated = False

    def _meant(self, text: str) -> str:
        """A cell's number or day where it tells them beside its text, else the text."""
        value = text if self._is_number else self._value
        if _NUMBER.fullmatch(value):
            is_filled = text.isdigit() and text[0] == "0" and text.lstrip("0") == value
            return text if is_filled else number_cell(value, self._format, text)
        return value if _DAY.fullmatch(value) else text

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is not None:
            rows = self.tables[-1][1]
            times = min(self._times, MOST_READ - len(rows)) if any(self._row) else 0
            rows += [(self._line + n, list(self._row)) for n in range(times)]
            self._line += self._times
        self._row, self._times = None, 1


def _count(said: dict[str, str], names: tuple[str, ...]) -> int:
    """How many columns or lines a cell takes, at least one: as a browser reads it, "2.5" is two."""
    written = next((said[name] for name in names if name in said), "1")
    found = re.match(r"\s*\+?(\d+)", written, re.ASCII)
    return max(1, int(found[1][:7])) if found else 1
