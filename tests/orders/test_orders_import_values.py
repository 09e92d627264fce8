"""What a cell is beside its text: the value, the day, the currency and how often it is there."""

import io
import zipfile
from decimal import Decimal
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from core.orders.imports import cell_parsers
from core.orders.imports.cell_parsers import CellNumber
from core.orders.imports.codes import ImportCode, ImportNote
from core.orders.imports.files import markup, workbook
from core.orders.imports.importing import guess_columns
from core.orders.imports.rows import Drafts, read_rows
from core.orders.imports.spreadsheet import read_table

ZONE = ZoneInfo("Europe/Bucharest")


def ods(*rows: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        table = f'<table:table table:name="Comenzi">{"".join(rows)}</table:table>'
        packed.writestr("content.xml", table)
    return out.getvalue()


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def cell(text: str, more: str = "") -> str:
    return f"<table:table-cell{more}><text:p>{text}</text:p></table:table-cell>"


def of_2003(*rows: str, styles: str = "") -> str:
    return (
        f'<?xml version="1.0"?><Workbook>{styles}<Worksheet ss:Name="A"><Table>'
        f"{''.join(rows)}</Table></Worksheet></Workbook>"
    )


def drafts(data: bytes | str) -> Drafts:
    table = read_table(data.encode() if isinstance(data, str) else data)
    return read_rows(table.named(guess_columns(table.headers)), ZONE)


HEAD = row(*map(cell, ("Comanda", "AWB", "Total", "Data")))


def test_a_day_of_ods_is_the_day_and_not_how_it_is_shown() -> None:
    """As an American spreadsheet shows 3 April, which reads like 4 March."""
    day = cell("04/03/26", ' office:value-type="date" office:date-value="2026-04-03"')
    moment = cell("04/03/26 9:05", ' office:date-value="2026-04-03T09:05:00"')
    read = drafts(ods(
        HEAD,
        row(cell("A-1"), cell("7000451266301"), cell("10,50"), day),
        row(cell("A-2"), cell("7000451266302"), cell("10,50"), moment),
    )).orders  # fmt: skip
    made = [one.created_at.astimezone(ZONE).isoformat()[:16] for one in read.values()]  # type: ignore[union-attr]
    assert made == ["2026-04-03T00:00", "2026-04-03T09:05"]


@pytest.mark.parametrize(
    ("more", "text"),
    [(' office:currency="EUR"', "77,30"), ("", "77,30 €"), (' office:currency="EUR"', "77,30 €")],
)
def test_a_currency_of_ods_is_kept_with_its_number(more: str, text: str) -> None:
    total = cell(text, f' office:value="77.3"{more}')
    [read] = drafts(ods(HEAD, row(cell("A-1"), cell("7000451266301"), total))).orders.values()
    assert (read.total_minor, read.currency) == (7730, "EUR")


def test_a_text_of_ods_that_is_there_several_times_is_in_each_of_its_cells() -> None:
    twice = cell("RON", ' table:number-columns-repeated="2"')
    high = row(cell("a"), twice, cell("z"), more=' table:number-rows-repeated="3"')
    [_, sheet] = workbook.sheets(ods(high))
    assert sheet.rows == [(n, ["a", "RON", "RON", "z"]) for n in (1, 2, 3)]


def test_a_wide_cell_of_html_has_its_text_once() -> None:
    [_, sheet] = markup.sheets("<table><tr><td colspan=2>a</td><td>b</td></tr></table>")
    assert sheet.rows == [(1, ["a", "", "b"])]


def test_lines_of_ods_and_of_excels_xml_are_told_by_their_place_in_the_sheet() -> None:
    gap = row(more=' table:number-rows-repeated="8"')
    assert [n.line for n in drafts(ods(HEAD, gap, row(cell("A-1"), cell("da")))).notes] == [10]
    head = "<Row>" + "".join(f"<Cell><Data>{one}</Data></Cell>" for one in
                             ("Comanda", "AWB", "Total")) + "</Row>"  # fmt: skip
    low = '<Row ss:Index="25"><Cell><Data>A-1</Data></Cell><Cell><Data>da</Data></Cell></Row>'
    assert [n.line for n in drafts(of_2003(head, low)).notes] == [25]


def test_a_sheet_filled_up_with_empty_rows_costs_nothing() -> None:
    end = row('<table:table-cell table:number-columns-repeated="16384"/>',
              more=' table:number-rows-repeated="1048500"')  # fmt: skip
    [_, sheet] = workbook.sheets(ods(HEAD, end))
    assert len(sheet.rows) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.234", 123), ("1234.5", 123450), ("149.98500000000001", 14999), ("2.5E3", 250000)],
)
def test_a_number_of_excels_xml_has_a_dot_for_its_decimals(text: str, value: int) -> None:
    cells = (("Comanda", "AWB", "Total"), ("A-1", "7000451266301", None))
    rows = [
        "<Row>" + "".join(
            f"<Cell><Data ss:Type='String'>{one}</Data></Cell>" if one else
            f"<Cell><Data ss:Type='Number'>{text}</Data></Cell>" for one in line
        ) + "</Row>"
        for line in cells
    ]  # fmt: skip
    [read] = drafts(of_2003(*rows)).orders.values()
    assert read.total_minor == value


def test_a_number_of_excels_xml_is_shown_as_its_style_says() -> None:
    styles = (
        '<Styles><Style ss:ID="s1"><NumberFormat ss:Format="000000"/></Style>'
        '<Style ss:ID="s2"><NumberFormat ss:Format="#,##0.00\\ [$€-1]"/></Style></Styles>'
    )
    cells = (
        '<Row><Cell ss:StyleID="s1"><Data ss:Type="Number">42</Data></Cell>'
        '<Cell ss:StyleID="s2"><Data ss:Type="Number">42</Data></Cell></Row>'
    )
    [*_, sheet] = markup.sheets(of_2003(cells, styles=styles))
    [(_, (filled, euro))] = sheet.rows
    assert filled == "000042"
    assert isinstance(euro, CellNumber)
    assert euro.currency == "EUR"


@pytest.mark.parametrize(
    "shape",
    ["_-* #,##0.00\\ _€_-;\\-* #,##0.00\\ _€_-", "_($* #,##0.00_)", "* #,##0.00_$", "0.00_£"],
)
def test_a_blank_as_wide_as_a_currency_is_no_currency(shape: str) -> None:
    """Excel's comma style keeps room for the sign that its currency style shows."""
    shown = {"_($* #,##0.00_)": "USD"}.get(shape, "")
    book = openpyxl.Workbook()
    book.active["A1"] = 55.5
    book.active["A1"].number_format = shape
    out = io.BytesIO()
    book.save(out)
    [sheet] = workbook.sheets(out.getvalue())
    [(_, [number])] = sheet.rows
    assert isinstance(number, CellNumber)
    assert number.currency == shown


@pytest.mark.parametrize("digits", ["9" * 40, format(Decimal("1E30"), "f"), "-" + "7" * 33])
def test_a_number_cell_of_more_digits_than_any_amount_is_told(digits: str) -> None:
    with pytest.raises(ImportNote) as refused:
        cell_parsers.minor(CellNumber(digits))
    assert refused.value.reason.code == ImportCode.AMOUNT_OUT_OF_RANGE
