"""Reads text with separators as spreadsheet programs, shops and portals write it."""

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterator

from core.orders.imports.codes import ImportCode, refused
from core.orders.imports.files.lines import Line

ENCODINGS = ("cp1250", "cp1251", "cp1253", "cp1254", "cp852")  # Excel's, by country; DOS's last
MARKED = (
    (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
SEPARATORS = ";,\t|"
SAMPLE = 64 * 1024
_SEPARATOR_LINE = re.compile(r'\ufeff?"?sep=(.)"?[;,\t]*\s*?(?:\r\n|\r|\n|$)', re.IGNORECASE)


def text_of(data: bytes, is_known: Callable[[str], bool]) -> str:
    """The text of a file, by its mark, by the blanks of a wide encoding, else by trial.

    Of the encodings of one byte a letter, it is the first whose header `is_known`. Raises
    TableError for what is no text.
    """
    encoding = next((name for mark, name in MARKED if data.startswith(mark)), "") or _wide(data)
    if encoding:
        return data.decode(encoding, errors="replace").lstrip("\ufeff")
    if b"\x00" in data:
        raise refused(ImportCode.NO_TABLE)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    nearly = data.decode("utf-8-sig", errors="replace")
    if 10 * nearly.count("\ufffd") <= sum(one > "\x7f" for one in nearly):
        return nearly  # a file that was cut, or one cell of it; its other letters are right
    ways = [data.decode(name, errors="replace") for name in ENCODINGS]
    head = (way for way in ways if is_known(way[:SAMPLE]))
    return next(head, ways[0])


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: of plain letters, every second byte is zero."""
    sample = data[: SAMPLE // 16 * 2]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    if len(data) % 2 or len(sample) < 4:
        return ""
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * half and odd < 0.1 * half else ""


def csv_lines(text: str, is_known: Callable[[list[Line]], bool]) -> Iterator[list[Line]]:
    """The lines of a text, by the separator that it names, that gives columns we know, or that is
    seen most. Raises TableError."""
    separator = separator_of(text, is_known)
    if directive := _SEPARATOR_LINE.match(text):
        skipped = directive[0].count("\n") or 1
        yield list(_lines(text[directive.end() :], separator, skipped))
        return
    yield list(_lines(text, separator, 0))


def separator_of(text: str, is_known: Callable[[list[Line]], bool]) -> str:
    """What parts the cells of a text, as `csv_lines` reads it."""
    directive = _SEPARATOR_LINE.match(text)
    return directive[1] if directive else _separator(text, is_known)


def _separator(text: str, is_known: Callable[[list[Line]], bool]) -> str:
    sample = text[:SAMPLE]
    first = next((line for line in sample.splitlines() if line.strip()), "")
    by_count = sorted(SEPARATORS, key=lambda one: -first.count(one))
    for separator in by_count:
        try:
            if is_known(list(itertools.islice(_lines(sample, separator, 0), 60))):
                return separator
        except ValueError:
            continue
    if any(first.count(one) for one in SEPARATORS):
        return by_count[0]
    return max(SEPARATORS, key=sample.count)


def _lines(text: str, separator: str, before: int) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    strict = _is_strict(text, separator)
    try:
        for cells in reader:
            if not strict and any(_ran_on(cell, separator, len(cells)) for cell in cells):
                raise refused(ImportCode.NO_CSV, line=reader.line_num + before)
            yield reader.line_num + before, cells
    except csv.Error as error:
        raise refused(ImportCode.NO_CSV, line=reader.line_num + before) from error


def _is_strict(text: str, separator: str) -> bool:
    """Whether each quote that is opened is closed where a cell ends."""
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error:
        return False
    return True


def _ran_on(cell: str, separator: str, columns: int) -> bool:
    """Whether a cell of a text with loose quotes holds whole rows, which an open quote took in."""
    return any(line.count(separator) >= max(1, columns - 2) for line in cell.split("\n")[1:])
