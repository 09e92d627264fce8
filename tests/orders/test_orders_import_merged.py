"""A merged cell says of each of its rows whose it is; a row of nobody holds the order above."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine, select
from test_orders_import_files import codes, everything, take
from test_orders_importing import told_by_the_shop

from core.orders.imports import importing
from core.orders.imports.codes import ImportCode
from core.orders.imports.importing import ImportResult
from core.orders.imports.spreadsheet import read_table
from core.orders.shop.upsert import upsert_orders
from core.store import db
from core.store.tables import invoices, order_questions, orders, parcels

BOXES = ["7000121066301", "7000121066302", "7000121066303", "7000121066304"]
ROWS: list[list[Any]] = [
    ["Comanda", "AWB", "Total"],
    ["M-1", BOXES[0], "40.50"],
    [None, BOXES[1], None],
    [None, BOXES[2], None],
    ["M-2", BOXES[3], "9.50"],
]


def xlsx(*merged: str, rows: list[list[Any]] = ROWS) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for one in merged:
        book.active.merge_cells(one)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_span(ref: str, data: bytes) -> bytes:
    """With another place of its one merged cell; openpyxl would make every cell of it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.namelist():
            new.writestr(one, old.read(one).replace(b'ref="B9:B10"', f'ref="{ref}"'.encode()))
    return out.getvalue()


def html(span: int = 3) -> bytes:
    """As portals write them: rows below leave the merged cells out."""
    return (
        "<table><tr><th>Comanda</th><th>AWB</th><th>Total</th></tr>"
        f"<tr><td rowspan={span}>M-1</td><td>{BOXES[0]}</td><td rowspan='{span}'>40,50</td></tr>"
        f"<tr><td>{BOXES[1]}</td></tr><tr><td>{BOXES[2]}</td></tr>"
        f"<tr><td>M-2</td><td>{BOXES[3]}</td><td>9,50</td></tr></table>"
    ).encode()


def ods() -> bytes:
    def row(*cells: str) -> str:
        return f"<table:table-row>{''.join(cells)}</table:table-row>"

    def cell(text: str, more: str = "", name: str = "table-cell") -> str:
        return f"<table:{name}{more}><text:p>{text}</text:p></table:{name}>"

    covered, high = "<table:covered-table-cell/>", ' table:number-rows-spanned="3"'
    content = "".join(
        (
            row(cell("Comanda"), cell("AWB"), cell("Total")),
            row(cell("M-1", high), cell(BOXES[0]), cell("40,50", high)),
            row(covered, cell(BOXES[1]), covered),
            row(covered, cell(BOXES[2]), covered),
            row(cell("M-2"), cell(BOXES[3]), cell("9,50")),
        )
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("content.xml", f"<table:table>{content}</table:table>")
    return out.getvalue()


EXCEL_2003 = f"""<?xml version="1.0"?><Workbook><Worksheet ss:Name="L"><Table>
<Row><Cell><Data>Comanda</Data></Cell><Cell><Data>AWB</Data></Cell><Cell><Data>Total</Data></Cell></Row>
<Row><Cell ss:MergeDown="2"><Data>M-1</Data></Cell><Cell><Data>{BOXES[0]}</Data></Cell>
<Cell ss:MergeDown="2"><Data>40.50</Data></Cell></Row>
<Row><Cell ss:Index="2"><Data>{BOXES[1]}</Data></Cell></Row>
<Row><Cell ss:Index="2"><Data>{BOXES[2]}</Data></Cell></Row>
<Row><Cell><Data>M-2</Data></Cell><Cell><Data>{BOXES[3]}</Data></Cell><Cell><Data>9.50</Data></Cell></Row>
</Table></Worksheet></Workbook>""".encode()  # fmt: skip

FILES = {"xlsx": xlsx("A2:A4", "C2:C4"), "html": html(), "ods": ods(), "xml": EXCEL_2003}


def boxes_of(engine: Engine) -> dict[str, set[str]]:
    query = select(orders.c.name, parcels.c.tracking).join(parcels)
    found: dict[str, set[str]] = {}
    with db.reading(engine) as connection:
        for row in connection.execute(query):
            found.setdefault(row.name, set()).add(row.tracking)
    return found


def comes(engine: Engine, shop: int, name: str = "M-1") -> None:
    """The shop tells the first order itself."""
    with db.writing(engine) as connection:
        upsert_orders(connection, shop, [told_by_the_shop(name)])


def brought(engine: Engine, shop: int, data: bytes) -> ImportResult:
    assert engine
    table = importing.read_table(data, "orders.xls")
    return importing.import_orders(shop, table, importing.guess_columns(table.headers))


@pytest.mark.parametrize("kind", FILES)
def test_an_order_whose_cell_is_merged_over_its_rows_has_all_their_parcels(
    engine: Engine, shop: int, kind: str
) -> None:
    """It had come in with its first parcel only, and would have run with two boxes still out."""
    assert brought(engine, shop, FILES[kind]).notes == []
    assert boxes_of(engine) == {"M-1": set(BOXES[:3]), "M-2": {BOXES[3]}}
    assert everything(engine, orders.c.total_minor) == [950, 4050]


def test_what_is_merged_beside_the_orders_is_not_written_into_another_order(
    engine: Engine, shop: int
) -> None:
    """A sum over two orders is the sum of neither."""
    rows = [ROWS[0], ["M-1", BOXES[0], "50"], ["M-2", BOXES[1], None]]
    result = brought(engine, shop, xlsx("C2:C3", rows=rows))
    assert codes(result) == [(3, "total", ImportCode.NO_TOTAL)]
    assert boxes_of(engine) == {"M-1": {BOXES[0]}}


def test_a_title_merged_over_columns_and_rows_is_no_order() -> None:
    rows = [["Comenzi noiembrie"], [None], *ROWS]
    table = read_table(xlsx("A1:C2", "A4:A6", rows=rows))
    assert [cells[0] for _, cells in table.rows] == ["M-1", "M-1", "M-1", "M-2"]
    assert table.headers == ("Comanda", "AWB", "Total")


@pytest.mark.parametrize("ref", ["A2:A1048576", "A900000:A1048576", "XFD1:XFD9", "A1:A4"])
def test_no_merged_cell_makes_rows_that_are_not_there(ref: str) -> None:
    rows = [ROWS[0], ["M-1", BOXES[0], "1"], ["M-2", BOXES[1], "1"]]
    table = read_table(with_span(ref, xlsx("B9:B10", rows=rows)))
    assert [line for line, _ in table.rows] == [2, 3]


def test_a_row_without_an_order_holds_back_the_order_above_it(engine: Engine, shop: int) -> None:
    """Left empty instead of merged: whose parcel it is nobody can tell, maybe the one's above."""
    text = f"Order,AWB,Total\nM-1,{BOXES[0]},40\n,{BOXES[1]},\nM-2,{BOXES[2]},9\n"
    assert codes(take(engine, shop, text)) == [
        (2, "", ImportCode.ROW_OF_REFUSED_ORDER), (3, "order", ImportCode.NO_ORDER_NAME),
    ]  # fmt: skip
    assert boxes_of(engine) == {"M-2": {BOXES[2]}}
    comes(engine, shop)
    assert [one[:2] for one in everything(engine, order_questions.c.text)] == ["3 "]


@pytest.mark.parametrize("foot", [",,49", ",3 colete,", ",-,49", ",Total AWB: 2,49"])
def test_a_row_of_sums_holds_no_order_back(engine: Engine, shop: int, foot: str) -> None:
    text = f"Order,AWB,Total\nM-1,{BOXES[0]},40\nM-2,{BOXES[2]},9\n{foot}\n"
    assert [line for line, _, _ in codes(take(engine, shop, text))] == [4]
    assert boxes_of(engine) == {"M-1": {BOXES[0]}, "M-2": {BOXES[2]}}


def test_an_invoice_without_an_order_holds_the_order_above_it(engine: Engine, shop: int) -> None:
    """It may be that order's second one, which would have stayed open."""
    comes(engine, shop)
    rows = [["Order", "Service", "Series", "Number"], ["M-1", "oblio", "OX", "21"],
            [None, "oblio", "OX", "22"], [None, "oblio", None, None]]  # fmt: skip
    table = read_table(xlsx(rows=rows))
    result = importing.import_invoices(shop, table, importing.guess_invoice_columns(table.headers))
    assert [line for line, _, _ in codes(result)] == [3, 4]
    assert everything(engine, order_questions.c.text) == ["3 order: "]
    merged = read_table(xlsx("A2:A3", rows=rows[:3]))
    result = importing.import_invoices(
        shop, merged, importing.guess_invoice_columns(merged.headers)
    )
    assert (result.notes, result.updated, result.added) == ([], 1, 1)
    assert everything(engine, order_questions.c.text) == []


@pytest.mark.parametrize("name", ["M-1", " M-1", "\u200bM-1", "M-1\u00a0", "M-1\u200e"])
def test_an_order_in_a_list_of_invoices_is_read_as_in_a_list_of_orders(
    engine: Engine, shop: int, name: str
) -> None:
    comes(engine, shop)
    table = read_table(f"Order;Service;Series;Number\n{name};oblio;OX;23\n".encode())
    mapping = importing.guess_invoice_columns(table.headers)
    assert importing.import_invoices(shop, table, mapping).notes == []
    assert everything(engine, invoices.c.number) == ["23"]


def test_an_order_of_digits_that_a_program_wrote_as_a_number_has_its_invoice(
    engine: Engine, shop: int
) -> None:
    comes(engine, shop, "#4412")
    table = read_table(b"Order;Service;Series;Number\n4412.0;oblio;OX;24\n4.4E+3;oblio;OX;25\n")
    result = importing.import_invoices(shop, table, importing.guess_invoice_columns(table.headers))
    assert codes(result) == [(3, "order", ImportCode.NO_SUCH_ORDER)]
    assert everything(engine, invoices.c.number) == ["24"]


@pytest.mark.parametrize("height", ["99999999999999999999", "3.5", " 3", "+3"])
def test_a_height_is_read_as_a_browser_reads_it(engine: Engine, shop: int, height: str) -> None:
    rows = f"<tr><td rowspan='{height}'>M-1</td><td>{BOXES[0]}</td><td>4</td></tr>"
    rows += f"<tr><td>{BOXES[1]}</td><td></td></tr><tr><td>{BOXES[2]}</td><td></td></tr>"
    head = "<table><tr><th>Comanda</th><th>AWB</th><th>Total</th></tr>"
    assert brought(engine, shop, f"{head}{rows}</table>".encode()).notes == []
    assert boxes_of(engine) == {"M-1": set(BOXES[:3])}
