"""A sheet as rows of cells, before anybody knows what its columns mean."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from core.orders.imports.cell_parsers import MOST_DIGITS, CellNumber, currency_in

MOST_COLUMNS = 200
LONGEST_CELL = 5_000
_ZEROS = re.compile(r"0{2,}")  # a number format that keeps the zeros in front
# In a format: a blank as wide as a character, a character that fills the cell. Neither is shown:
# Excel's comma style is `_-* #,##0.00 _€_-` where amounts are counted in euro.
_NOT_SHOWN = re.compile(r"[_*].")
_BLANKS = re.compile(r"(\s{4})\s+")
_GUARDED = re.compile(r'="((?:[^"]|"")*)"')  # ="0042": a text, said so that no program counts it
SINCE_1904 = 1_462  # days by which a workbook of old Macs counts later than every other one

Line = tuple[int, list[str]]  # the line in the file, and its cells
Span = tuple[int, int, int]  # a cell merged downwards: its first line, its last one, its column


@dataclass
class Sheet:
    """One sheet: its name and the rows that hold anything, each with its line in the file."""

    name: str
    rows: list[Line] = field(default_factory=list)
    cut: bool = False  # whether it has more columns than are read
    separator: str = ""  # what parts its cells, and may stand in one; "" where nothing does
    days_later: int = 0  # at which its days begin: SINCE_1904 where a workbook says so
    no_result: int = 0  # the first line in which a formula was never worked out; 0 for none
    spans: list[Span] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Drop rows without anything, and blanks around each cell."""
        bare = [(line, [_bare(cell) for cell in cells]) for line, cells in self.rows]
        self.cut = self.cut or any(any(cells[MOST_COLUMNS:]) for _, cells in bare)
        self.rows = [(line, cells[:MOST_COLUMNS]) for line, cells in bare if any(cells)]

    def fill_down(self, column: int) -> None:
        """Write what a merged cell of this column says into each of its lines that is not empty."""
        rows = dict(self.rows)
        for first, last, place in self.spans:
            top = rows.get(first, [])
            if place != column or len(top) <= column:
                continue
            for line in range(first + 1, min(last, self.rows[-1][0]) + 1):
                cells = rows.get(line)
                if cells is not None and not "".join(cells[column : column + 1]):
                    cells += [""] * (column + 1 - len(cells))
                    cells[column] = top[column]


def _bare(cell: str) -> str:
    if isinstance(cell, CellNumber):
        return cell
    # No cell says anything by many blanks, and what reads it tries each of them again.
    bare = _BLANKS.sub(r"\1", cell.strip()[:LONGEST_CELL])
    guarded = _GUARDED.fullmatch(bare)
    return guarded[1].replace('""', '"').strip() if guarded else bare


def number_cell(digits: str, written: str, shown: str = "") -> str:
    """A number cell by its value ("149.9", "1.5E-7") and its number format, as it is meant.

    `shown`: its text, where that is told as well.
    """
    text = format(Decimal(digits), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    # 0042 is written as 42 with the format 0000: what is seen is what is meant.
    if _ZEROS.fullmatch(written) and text.isdigit() and len(text) <= MOST_DIGITS:
        return text.zfill(len(written))
    return CellNumber(text, _currency(written) or currency_in(shown))


@cache
def _currency(written: str) -> str:
    """The currency that a number format shows: `#,##0.00 [$€-407]`, `0.00 "lei"`."""
    shown = re.sub(r"\[\$([^-\]]*)[^\]]*\]", r" \1 ", _NOT_SHOWN.sub(" ", written))
    return currency_in(re.sub(r"\[[^\]]*\]|[\"\\#0-9.,;@?()-]", " ", shown))
