"""Cells and files beside those of the known cases: nothing is lost, glued or read as another."""

import io
import pickle
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from test_orders_import_files import codes, everything, take, xlsx

from core.labels.cells import NotANumber, numbers_in
from core.orders.imports import cell_parsers, importing
from core.orders.imports.cell_parsers import CellNumber
from core.orders.imports.codes import ImportCode, ImportNote
from core.orders.imports.columns import (
    ALIAS_COLUMNS,
    INVOICE_COLUMNS,
    ORDER_COLUMNS,
    REPORT_COLUMNS,
)
from core.orders.imports.courier_report import import_courier_report
from core.orders.imports.importing import FileChoices
from core.orders.imports.invoice_cells import invoices_in, service_of
from core.store import db
from core.store.tables import invoices, order_questions, orders, parcels

A, B = "7000121083207", "7000121083217"
SERVICES = frozenset({"smartbill", "oblio", "fgo", "stripe"})
HEAD = "Order;AWB;Total\n"


def numbers(text: str) -> list[str] | None:
    try:
        return numbers_in(text)
    except NotANumber:
        return None


# ---------------------------------------------------------------- several numbers in one cell

long_numbers = st.integers(10**9, 10**15).map(str)
between = st.sampled_from(
    [", ", ";", "\n", "/", " / ", "\\", " ", "  ", " - ", " – ", "|", " si ", "&", "+", "-", "_",
     ".", ":", " or ", " sau ", " vs ", " 2. ", " ~ ", "→", " retur ", "=", " * "]
)  # fmt: skip


@given(st.lists(long_numbers, min_size=2, max_size=4, unique=True), between)
def test_several_numbers_are_each_a_parcel_or_the_cell_is_told_and_never_one(
    listed: list[str], sign: str
) -> None:
    found = numbers(sign.join(listed))
    assert found is None or found == listed


@pytest.mark.parametrize(
    "text",
    [f"AWB1: {A}; AWB2: {B}", f"AWB 1: {A}, AWB 2: {B}", f"Colet 1: {A}\nColet 2: {B}",
     f"1) {A} 2) {B}", f"{A} - {B}", f"{A}\\{B}"],
)  # fmt: skip
def test_counted_numbers_are_read(text: str) -> None:
    assert numbers(text) in ([A, B], None)
    assert numbers(text.replace(" 2)", ", 2)")) == [A, B]


@pytest.mark.parametrize(
    "text",
    ["2026-11-10", "10.11.2026", "10/11/2026", "10.11.2026 13:45", "+40722000111",
     "+40 722 000 111"],
)  # fmt: skip
def test_a_day_or_a_phone_in_the_wrong_column_is_no_tracking_number(text: str) -> None:
    assert numbers(text) is None


@pytest.mark.parametrize(
    "text",
    [f"Fan Courier SA {A}", f"FanCourier {A}", f"Urgent Cargus: {A}", f"№{A}", f"T/N {A}",
     "7000\u20111210\u201183207", f"{A}.00000", f"{A} - Sameday Courier"],
)  # fmt: skip
def test_what_only_says_whose_number_it_is_is_no_part_of_it(text: str) -> None:
    assert numbers(text) == [A]


@pytest.mark.parametrize("text", ["#DIV/0!", "undefined", "(blank)", "nu are", "žádné", "нет"])
def test_more_ways_of_saying_that_there_is_none(text: str) -> None:
    assert numbers(text) == []


# ---------------------------------------------------------------- money


@given(st.text("0123456789.,'", min_size=1, max_size=12))
def test_an_amount_keeps_its_digits_before_and_behind_the_mark(text: str) -> None:
    """A "." that stood for any sign had read 149'90 as 14,990.00 and 149,900000 as 149,900,000."""
    try:
        read = cell_parsers.minor(text, cell_parsers.UNSURE)
    except ImportNote:
        return
    last = max(text.rfind(mark) for mark in ".,'")
    whole, behind = (text, "") if last < 0 else (text[:last], text[last + 1 :])
    if len(behind) == 3:  # thousands alone
        whole, behind = text, ""
    digits = "".join(filter(str.isdigit, whole))
    assert read == int(digits or 0) * 100 + int((behind + "00")[:2])


@pytest.mark.parametrize("text", ["149'90", "12,34567", "1,5'0", "149,90050"])
def test_marks_that_part_nothing_are_told(text: str) -> None:
    with pytest.raises(ImportNote):
        cell_parsers.minor(text)


@pytest.mark.parametrize(
    ("style", "code"),
    [("#,##0.00 [$€-407]", "EUR"), ('#,##0.00\\ "lei"', "RON"), ('#,##0.00 "Ft"', "HUF"),
     ("$#,##0.00", "USD"), ("General", "RON"), ("[Red]-0.00", "RON")],
)  # fmt: skip
def test_a_number_cell_is_counted_in_the_currency_of_its_format(
    engine: Engine, shop: int, style: str, code: str
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Order", "AWB", "Total"])
    book.active.append(["S1", A, 12.5])
    book.active["C2"].number_format = style
    out = io.BytesIO()
    book.save(out)
    assert take(engine, shop, out.getvalue()).taken == 1
    assert everything(engine, orders.c.currency) == [code]


def test_a_number_cell_keeps_its_currency_through_a_reader_process() -> None:
    again = pickle.loads(pickle.dumps(CellNumber("12.5", "EUR")))
    assert (again, again.currency, type(again)) == ("12.5", "EUR", CellNumber)


@pytest.mark.parametrize(
    ("header", "code"), [("Total (EUR)", "EUR"), ("Total [RON]", "RON"), ("Suma (lei)", "RON")]
)
def test_a_header_says_what_its_amounts_are_counted_in(
    engine: Engine, shop: int, header: str, code: str
) -> None:
    table = importing.read_table(f"Order;AWB;{header}\nS1;{A};10\n".encode())
    mapping = {"order": "Order", "tracking": "AWB", "total": header}
    assert importing.import_orders(shop, table, mapping).taken == 1
    assert everything(engine, orders.c.currency) == [code]


# ---------------------------------------------------------------- whole files


def test_a_cell_behind_the_last_column_is_told(engine: Engine, shop: int) -> None:
    """Separated by commas, 10,50 without quotes had been 10.00."""
    result = take(engine, shop, f"Order,AWB,Total\nS1,{A},10,50\nS2,{B},12\n")
    assert codes(result) == [(2, "beyond_columns", ImportCode.BEYOND_COLUMNS)]
    assert everything(engine, orders.c.name) == ["S2"]
    report = import_courier_report(f"AWB,Status\n{A},Refuzat,x\n".encode())
    assert [one.reason.code for one in report.notes] == [ImportCode.BEYOND_COLUMNS]


@given(st.integers(0, 4), st.sampled_from(["first", "last"]), st.integers(2, 6))
def test_a_quote_that_is_never_closed_swallows_no_row(at: int, cell: str, count: int) -> None:
    rows = [["S" + str(n), f"70001210{n:05}", "10", "nota"] for n in range(count)]
    place = 0 if cell == "first" else 3
    rows[at % count][place] = '"' + rows[at % count][place]
    data = "Order;AWB;Total;Note\n" + "\n".join(";".join(row) for row in rows) + "\n"
    try:
        table = importing.read_table(data.encode())
    except ImportNote as error:
        outcome = error.reason.code
    else:
        outcome = len(table.rows)
    assert outcome in (ImportCode.NO_CSV, count)


def test_loose_quotes_and_lines_within_a_cell_are_read_as_before() -> None:
    data = f'Order;AWB;Total\nS1 "x";{A};10\n"S2";"{B}\n7000121083218";12\n'
    assert len(importing.read_table(data.encode()).rows) == 2


@pytest.mark.parametrize("twice", ["AWB", "Total"])
def test_two_columns_of_one_name_that_differ_are_a_question(
    engine: Engine, shop: int, twice: str
) -> None:
    cells = {"Order": "S1", "AWB": A, "Total": "10"}
    other = {"AWB": B, "Total": "20"}[twice]
    data = f"Order;AWB;Total;{twice}\n{';'.join(cells.values())};{other}\n"
    with pytest.raises(importing.TableError) as refused:
        take(engine, shop, data)
    assert refused.value.reason.code == ImportCode.SAME_COLUMN
    same = f"Order;AWB;Total;{twice}\n{';'.join(cells.values())};{cells[twice]}\n"
    assert take(engine, shop, same).taken == 1


@pytest.mark.parametrize(
    ("encoding", "headers"),
    [("cp1251", "Поръчка;Товарителница;Сума"), ("cp852", "Comandă;AWB;Total"),
     ("cp1250", "Comandă;AWB;Valoare totală"), ("utf-8", "Поръчка;Товарителница;Сума")],
)  # fmt: skip
def test_a_file_is_read_in_the_encoding_in_which_its_headers_are_known(
    engine: Engine, shop: int, encoding: str, headers: str
) -> None:
    assert take(engine, shop, f"{headers}\nS1;{A};10\n".encode(encoding)).taken == 1


def test_a_sheets_cell_beside_the_table_is_no_row_too_long(engine: Engine, shop: int) -> None:
    rows: list[list[Any]] = [["Order", "AWB", "Total"], ["S1", A, 10, None, "nota"]]
    assert take(engine, shop, xlsx(("Foaie", rows))).taken == 1


# ---------------------------------------------------------------- invoices


@pytest.mark.parametrize(
    ("text", "service"),
    [("SmartBill", "smartbill"), ("Smart Bill", "smartbill"), ("smartbill.ro", "smartbill"),
     ("FGO", "fgo"), ("fgo.ro", "fgo"), ("Oblio.eu", "oblio"), ("OBLIO @ RO123", "oblio@RO123")],
)  # fmt: skip
def test_a_service_is_known_by_each_of_its_names(text: str, service: str) -> None:
    assert service_of(text, SERVICES) == service


@pytest.mark.parametrize("text", ["facturis", "smart", "bill", "xsmartbill", "smartbill2", "?"])
def test_a_service_that_does_not_exist_is_told_and_its_order_held(
    engine: Engine, shop: int, text: str
) -> None:
    with pytest.raises(ImportNote):
        service_of(text, SERVICES)
    data = f"Order;AWB;Total;Factura;Serviciu\nS1;{A};10;CVZ 0042;{text}\n"
    table = importing.read_table(data.encode())
    mapping = {**importing.guess_columns(table.headers), "invoice_service": "Serviciu"}
    result = importing.import_orders(shop, table, mapping)
    if text != "?":  # a mark alone says nothing; then the cell itself is told
        assert codes(result) == [(2, "service", ImportCode.NO_INVOICE_SERVICE)]
    with db.reading(engine) as connection:
        assert connection.scalar(select(order_questions.c.text)) is not None
        assert connection.scalar(select(invoices.c.id)) is None


@pytest.mark.parametrize(
    "text",
    ["CUI 12345678", "CIF 123", "Avans 12", "noiembrie 2026", "nov 2026", "pag 2", "OP 117"],
)
def test_what_is_beside_an_invoice_is_no_series_of_one(text: str) -> None:
    found, unclear = invoices_in(text, SERVICES, "smartbill")
    assert (found, len(unclear)) == ([], 1)


@pytest.mark.parametrize(
    "text",
    ["MUR0415-0417", "MUR0415/17", "MUR0415 0416", "mur88-91", "MUR0415.0", "MUR 000", "MUR-0"],
)
def test_two_numbers_or_none_never_become_one_document(text: str) -> None:
    found, unclear = invoices_in(text, SERVICES, "smartbill")
    assert (found, len(unclear)) == ([], 1)


@pytest.mark.parametrize(
    ("text", "series", "number"),
    [("MUR2026-0415", "MUR2026", "0415"), ("MUR26-0415", "MUR26", "0415"),
     ("M1 2", "M1", "2"), ("MUR88-12", "MUR88", "12"), ("MUR0415-0990", "MUR0415", "0990"),
     ("Factura MUR nr. 0415 din data de 03.11.2026", "MUR", "0415"),
     ("MUR 0415 data de 3/11/2026", "MUR", "0415")],
)  # fmt: skip
def test_a_series_that_ends_in_digits_is_one(text: str, series: str, number: str) -> None:
    [found], unclear = invoices_in(text, SERVICES, "smartbill")
    assert (found.series, found.number, unclear) == (series, number, [])


def test_a_series_that_a_column_names_may_look_like_a_number() -> None:
    [found], unclear = invoices_in("MUR88-91", SERVICES, "smartbill", "MUR88")
    assert (found.number, unclear) == ("91", [])


@pytest.mark.parametrize("text", ["'CVZ 0042", "CVZ№0042", "seria CVZ numarul 0042", '"CVZ 0042"'])
def test_quotes_and_the_sign_for_number_are_no_part_of_a_series(text: str) -> None:
    found, unclear = invoices_in(text, SERVICES, "smartbill")
    assert ([str(one) for one in found], unclear) == (["smartbill:CVZ:0042"], [])


def list_of_invoices(engine: Engine, shop: int, text: str) -> importing.ImportResult:
    take(engine, shop, f"{HEAD}S1;{A};10\n")
    table = importing.read_table(text.encode())
    mapping = importing.guess_invoice_columns(table.headers)
    return importing.import_invoices(shop, table, mapping, FileChoices())


@pytest.mark.parametrize("cell", ["da", "x", "NU", "emisa", "-", "?", "42.5", "CH"])
def test_a_word_beside_a_series_is_no_invoices_number(engine: Engine, shop: int, cell: str) -> None:
    result = list_of_invoices(
        engine, shop, f"Comanda;Serviciu;Serie;Numar\nS1;smartbill;CVZ;{cell}\n"
    )
    assert (result.added, len(result.notes)) == (0, 1)
    assert everything(engine, invoices.c.id) == []


def test_a_list_of_invoices_knows_services_and_companies(engine: Engine, shop: int) -> None:
    text = (
        "Comanda;Serviciu;Serie;Numar\nS1;Smart Bill;CVZ;1\nS1;oblio@RO77;OB;2\nS1;facturis;F;3\n"
    )
    result = list_of_invoices(engine, shop, text)
    assert [(one.line, one.reason.code) for one in result.notes] == [
        (4, ImportCode.NO_INVOICE_SERVICE)
    ]
    with db.reading(engine) as connection:
        rows = connection.execute(select(invoices.c.service, invoices.c.account)).all()
    assert sorted(map(tuple, rows)) == [("oblio", "77"), ("smartbill", "")]


@pytest.mark.parametrize(
    ("cells", "value"),
    [("149,90;lei", (14_990, "RON")), ("149,90 lei;", (14_990, "RON")),
     ("12.5;euro", (1250, "EUR")),
     (";", (None, "")), ("149.985;RON", None), ("10 EUR;RON", None), ("abc;RON", None)],
)  # fmt: skip
def test_an_invoices_amount_is_read_like_an_orders(
    engine: Engine, shop: int, cells: str, value: tuple[int | None, str] | None
) -> None:
    text = f"Comanda;Serviciu;Serie;Numar;Total;Moneda\nS1;fgo;F;3;{cells}\n"
    result = list_of_invoices(engine, shop, text)
    with db.reading(engine) as connection:
        rows = connection.execute(select(invoices.c.total_minor, invoices.c.currency)).all()
    assert [tuple(row) for row in rows] == ([value] if value else [])
    assert len(result.notes) == (value is None)


# ---------------------------------------------------------------- a courier's report


def test_delivered_and_yes_it_goes_back_is_a_question(engine: Engine, shop: int) -> None:
    take(engine, shop, f"{HEAD}S1;{A};10\n")
    report = import_courier_report(f"AWB;Status;Retur\n{A};Livrat;DA\n".encode())
    assert [one.reason.code for one in report.notes] == [ImportCode.UNKNOWN_STATUS]
    assert everything(engine, parcels.c.outcome) == [None]


@pytest.mark.parametrize(("cell", "changed"), [("igen", 1), ("да", 1), ("nem", 0), ("не", 0)])
def test_yes_and_no_are_known_in_the_languages_around(
    engine: Engine, shop: int, cell: str, changed: int
) -> None:
    take(engine, shop, f"{HEAD}S1;{A};10\n")
    report = import_courier_report(f"AWB;Retur\n{A};{cell}\n".encode())
    assert (report.changed, report.notes) == (changed, [])


# ---------------------------------------------------------------- headers


@pytest.mark.parametrize(
    "headers",
    [["Comanda nr.", "AWB nr.", "Total lei cu TVA"], ["Order #", "Tracking #", "Order Total"],
     ["Order Number", "Tracking Number", "Order Total Amount"],
     ["Číslo objednávky", "Číslo zásilky", "Celkem"], ["Sipariş No", "Takip No", "Toplam"],
     ["Numer zamówienia", "Numer przesyłki", "Razem"], ["Broj narudžbe", "Broj pošiljke", "Ukupno"],
     ["Αριθμός παραγγελίας", "Αριθμός αποστολής", "Σύνολο"]],
)  # fmt: skip
def test_headers_of_the_countries_around_are_known(headers: list[str]) -> None:
    found = importing.guess_columns(headers)
    assert [found.get(one) for one in ("order", "tracking", "total")] == headers


@pytest.mark.parametrize("table", [ORDER_COLUMNS, ALIAS_COLUMNS, INVOICE_COLUMNS, REPORT_COLUMNS])
def test_every_header_of_our_tables_can_be_found(table: dict[str, tuple[str, ...]]) -> None:
    """A letter that `plain` writes otherwise (ς, ł) had made a title that no header has."""
    for ours, titles in table.items():
        for title in titles:
            assert importing.guess([title.upper()], {ours: titles}) == {ours: title.upper()}


@given(st.permutations(["total", "total ron", "total eur", "suma", "suma lei", "suma eur", "x"]))
def test_of_several_headers_for_a_column_the_one_named_first_is_it_and_a_currency_last(
    headers: list[str],
) -> None:
    """A title alone before any with a currency; of those the currency counts, then the title."""
    order = ["total", "suma", "total ron", "suma lei", "total eur", "suma eur"]
    for names in range(1, len(headers) + 1):
        there = [one for one in order if one in headers[:names]]
        found = importing.guess(headers[:names], {"total": ("total", "suma")})
        assert found == ({"total": there[0]} if there else {})
