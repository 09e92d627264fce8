"""What a workbook says of itself is not believed; what its formulas gave is what counts."""

import io
import re
import struct
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from core.orders.imports.codes import ImportCode, TableError
from core.orders.imports.spreadsheet import read_table

HEAD = ["Order", "AWB", "Total"]
SHEET = "xl/worksheets/sheet1.xml"


def workbook(change: Callable[[str], str], rows: int = 3) -> bytes:
    """An XLSX of that many rows, its sheet's XML changed."""
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    for number in range(rows):
        book.active.append([f"#{number}", str(7000123400 + number), "12.50"])
    made, out = io.BytesIO(), io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            data = old.read(one)
            new.writestr(one, change(data.decode()) if one == SHEET else data)
    return out.getvalue()


def added(row: str) -> Callable[[str], str]:
    return lambda sheet: sheet.replace("</sheetData>", f"{row}</sheetData>")


def cell(at: str, formula: str, result: str, kind: str = "str") -> str:
    return f'<c r="{at}" t="{kind}"><f>{formula}</f>{result}</c>'


@pytest.mark.parametrize("size", ["A1", "A1:C2", "B2:B2", "A1:XFD1048576", "A7:C9"])
def test_every_row_is_read_whatever_size_the_sheet_says_it_has(size: str) -> None:
    table = read_table(
        workbook(lambda xml: re.sub(r'<dimension ref="[^"]*"', f'<dimension ref="{size}"', xml))
    )
    assert [cells[0] for _, cells in table.rows] == ["#0", "#1", "#2"]
    assert table.headers == tuple(HEAD)


def test_a_cell_far_below_costs_little_and_keeps_its_line() -> None:
    table = read_table(workbook(added('<row r="1048576"><c r="A1048576"><v>9</v></c></row>')))
    assert [line for line, _ in table.rows] == [2, 3, 4, 1048576]


def test_a_line_that_no_spreadsheet_has_is_damage() -> None:
    """Each before it would be gone through, for minutes."""
    far = '<row r="900000000"><c r="A900000000"><v>9</v></c></row>'
    with pytest.raises(TableError) as refused:
        read_table(workbook(added(far)))
    assert refused.value.reason.code == ImportCode.DAMAGED_XLSX


def test_a_cell_far_to_the_right_is_told_as_one_column_too_many() -> None:
    table = read_table(workbook(added('<row r="5"><c r="XFD5"><v>9</v></c></row>')))
    assert [one.reason.code for one in table.aside] == [ImportCode.TOO_MANY_COLUMNS]


def test_a_formula_counts_as_what_it_gave() -> None:
    row = cell("A5", "CONCAT(1,2)", "<v>#12</v>") + cell("B5", "1", "<v>7000123999</v>")
    empty = cell("C5", "IF(A5=1,A5,&quot;&quot;)", "<v></v>")
    table = read_table(workbook(added(f'<row r="5">{row}{empty}</row>')))
    assert table.rows[-1] == (5, ("#12", "7000123999", ""))


@pytest.mark.parametrize(
    "formula",
    ["<f>B2+1</f>", '<f t="shared" si="0"/>', "<f>A2</f> ", "<f>A2</f><v/>", "<f>A2</f><v></v>",
     '<f t="shared" si="0"/><v />'],
)  # fmt: skip
def test_a_formula_without_a_result_is_told_with_its_line_and_what_to_do(formula: str) -> None:
    """As a program leaves it that writes a workbook and never works it out."""
    row = f'<row r="5"><c r="A5" s="0"><v>7</v></c><c r="B5">{formula}</c></row>'
    with pytest.raises(TableError) as refused:
        read_table(workbook(added(row)))
    assert refused.value.reason.code == ImportCode.NO_RESULT
    assert refused.value.reason.parameters["line"] == 5


def test_a_formula_without_a_result_on_a_sheet_that_is_not_read_stops_nothing() -> None:
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    book.active.append(["#1", "7000123412", "12.50"])
    book.create_sheet("Sums").append(["=SUM(A1:A2)"])
    out = io.BytesIO()
    book.save(out)
    assert len(read_table(out.getvalue()).rows) == 1


def test_a_number_column_of_formulas_that_a_program_wrote_is_not_taken_for_empty() -> None:
    """As openpyxl writes them: the value is there, and empty."""
    book = openpyxl.Workbook()
    for row in (HEAD, ["#1", "=CONCAT(7000,123412)", "12.50"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(TableError) as refused:
        read_table(out.getvalue())
    assert refused.value.reason.code == ImportCode.NO_RESULT
    assert refused.value.reason.parameters["line"] == 2


def test_a_formula_without_a_result_is_told_where_names_have_a_prefix_too() -> None:
    def prefixed(sheet: str) -> str:
        row = '<row r="9"><c r="A9"><f>B2</f><v/></c></row>'
        named = sheet.replace("</sheetData>", f"{row}</sheetData>").replace("xmlns=", "xmlns:x=")
        return re.sub(r"<(/?)(?=[a-z])", r"<\1x:", named)

    with pytest.raises(TableError) as refused:
        read_table(workbook(prefixed))
    assert refused.value.reason.parameters["line"] == 9


def in_64_bits(data: bytes, size: int | None = None) -> bytes:
    """The same workbook as a writer of large files leaves it: sizes and places in 64 bits.

    `size`: what its end says of its directory's size and place instead of the truth.
    APPNOTE.TXT 4.3.14 to 4.3.16.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            with new.open(name, "w", force_zip64=True) as file:
                file.write(old.read(name))
    made = out.getvalue()
    at = made.rindex(b"PK\x05\x06")
    count, length, place = struct.unpack("<HII", made[at + 10 : at + 20])
    sizes = (length, place) if size is None else (size, size)
    end = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, *sizes)
    where = struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)
    return made[:at] + end + where + made[at : at + 8] + b"\xff" * 12 + b"\0\0"


def test_a_workbook_of_64_bit_sizes_is_read() -> None:
    assert len(read_table(in_64_bits(workbook(lambda xml: xml))).rows) == 3


@pytest.mark.parametrize("size", [1, 1 << 40, 1 << 62, (1 << 64) - 1])
def test_64_bit_sizes_that_lie_are_damage(size: int) -> None:
    with pytest.raises(TableError) as refused:
        read_table(in_64_bits(workbook(lambda xml: xml), size))
    assert refused.value.reason.code == ImportCode.DAMAGED_XLSX


def test_a_strict_workbook_is_read_as_any_other() -> None:
    """Excel's own "Strict Open XML": its sheets had seemed to be empty."""
    usual = workbook(str, rows=2)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(usual)) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.namelist():
            text = old.read(one).decode()
            new.writestr(
                one,
                re.sub(
                    r"http://schemas.openxmlformats.org/(\w+)/2006/(?=main|relationships)",
                    r"http://purl.oclc.org/ooxml/\1/",
                    text,
                )
                if not one.startswith(("[", "_rels"))
                else text,
            )
    strict = out.getvalue()
    assert b"purl.oclc.org" in zipfile.ZipFile(io.BytesIO(strict)).read(SHEET)
    assert read_table(strict) == read_table(usual)


@pytest.mark.parametrize("line", [1, 3, 4])
def test_a_row_that_stands_where_another_one_was_is_damage_and_not_left_out(line: int) -> None:
    again = f'<row spans="1:3" r="{line}"><c r="A{line}" t="inlineStr"><is><t>#9</t></is></c></row>'
    with pytest.raises(TableError) as refused:
        read_table(workbook(added(again)))
    assert refused.value.reason.code == ImportCode.DAMAGED_XLSX
