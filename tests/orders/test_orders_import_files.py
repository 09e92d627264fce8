"""What programs, shops and portals write is read; every row is taken, or told with its place."""

import io
import pickle
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from test_orders_importing import told_by_the_shop

from core.clock import now
from core.finding import open_orders
from core.orders.customers import customer_key
from core.orders.imports import importing
from core.orders.imports.codes import ImportCode, ImportNote
from core.orders.imports.courier_report import import_courier_report
from core.orders.imports.importing import FileChoices, ImportResult
from core.orders.imports.rows import NO_CHOICES, read_rows
from core.orders.shop.upsert import upsert_orders
from core.reasons import Reason
from core.services.ports import ShopParcel
from core.store import db
from core.store.tables import aliases, invoices, order_lines, orders, parcels

BOX = "7000121099101"


def take(
    engine: Engine, shop: int, data: str | bytes, choices: FileChoices = NO_CHOICES
) -> ImportResult:
    raw = data.encode() if isinstance(data, str) else data
    table = importing.read_table(raw, "orders.csv")
    mapping = importing.guess_columns(table.headers)
    return importing.import_orders(shop, table, mapping, choices)


def everything(engine: Engine, column: Any) -> Sequence[Any]:
    with db.reading(engine) as connection:
        return connection.scalars(select(column).order_by(column)).all()


def xlsx(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def codes(result: ImportResult) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.reason.code) for one in result.notes]


# ---------------------------------------------------------------- shapes of files

LIST = [["Order", "AWB", "Total"], ["S1", BOX, "10"]]


def written(separator: str, before: str = "") -> str:
    return before + "".join(separator.join(row) + "\r\n" for row in LIST)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("before", ["", "sep={}\r\n", '"sep={}"\r\n', "Comenzi noiembrie\r\n\r\n"])
def test_separated_text_is_read_in_every_shape(encoding: str, separator: str, before: str) -> None:
    text = written(separator, before.format(separator))
    table = importing.read_table(text.encode(encoding), "a.csv")
    assert table.headers == ("Order", "AWB", "Total")
    [(line, cells)] = table.rows
    assert cells == ("S1", BOX, "10")
    assert line == 2 + before.count("\r\n")


def test_the_header_and_the_sheet_are_those_with_the_columns() -> None:
    notes = ("Note", [["Citește-mă"], ["rând"], ["alt rând"]])
    rows = ("Date", [["Raport"], [None, None, None], LIST[0], ["S1", BOX, 10]])
    table = importing.read_table(xlsx(notes, rows), "a.xlsx")
    assert table.headers == ("Order", "AWB", "Total")
    assert table.rows == ((4, ("S1", BOX, "10")),)
    [aside] = table.aside
    assert aside.reason.code == ImportCode.OTHER_SHEET


@pytest.mark.parametrize(
    "text",
    [
        "<html><body><table><tr><th>Order</th><th>AWB</th><th>Total</th></tr>"
        f"<tr><td>S1</td><td>{BOX}</td><td>10</td></tr></table></body></html>",
        '<?xml version="1.0"?><Workbook xmlns:ss="x"><Worksheet ss:Name="A"><Table><Row>'
        "<Cell><Data>Order</Data></Cell><Cell><Data>AWB</Data></Cell><Cell><Data>Total</Data>"
        f"</Cell></Row><Row><Cell><Data>S1</Data></Cell><Cell><Data>{BOX}</Data></Cell>"
        '<Cell ss:Index="3"><Data>10</Data></Cell></Row></Table></Worksheet></Workbook>',
    ],
)
def test_a_table_in_markup_called_xls_is_read(text: str) -> None:
    assert importing.read_table(text.encode(), "raport.xls").rows == ((2, ("S1", BOX, "10")),)


def test_number_cells_keep_the_zeros_that_their_format_shows() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Order", "AWB", "Total"])
    book.active.append(["S1", 42000121099, 10])
    book.active["B2"].number_format = "0000000000000"
    out = io.BytesIO()
    book.save(out)
    assert importing.read_table(out.getvalue(), "a.xlsx").rows[0][1][1] == "0042000121099"


def test_a_report_is_read_in_the_same_shapes_as_a_list(shop: int) -> None:
    rows = [["Raport"], ["AWB", "Status"], [BOX, "Livrat"]]
    assert import_courier_report(xlsx(("A", rows))).unknown == [BOX]
    report = "sep=;\nAWB;Status\n" + f"{BOX};Livrat\n"
    for encoding in ("utf-8", "utf-16-le"):
        assert import_courier_report(report.encode(encoding)).unknown == [BOX]


def test_what_is_told_comes_whole_through_a_reader_process() -> None:
    note = ImportNote(Reason.of(ImportCode.EMPTY), line=3, column="total", value="x", taken=True)
    again = pickle.loads(pickle.dumps(note))
    assert (again.line, again.column, again.value, again.taken) == (3, "total", "x", True)


# ---------------------------------------------------------------- orders by halves


def test_a_shops_own_export_leaves_further_rows_empty(engine: Engine, shop: int) -> None:
    text = (
        "Name,Email,Financial Status,Created at,Currency,Total,Lineitem quantity,Lineitem name,"
        "Lineitem price,Payment Method,Tracking Number\n"
        f"#7,a@example.com,pending,2026-11-10 13:45:00 +0200,EUR,20.00,1,Vază,12.00,"
        f"Cash on Delivery (COD),{BOX}\n"
        "#7,a@example.com,,,,,2,Lumânare,4.00,,\n"
        "#8,b@example.com,paid,2026-11-10 13:45:00 +0200,RON,9.00,1,Lampă,9.00,Shopify Payments,"
        "7000121099102\n"
    )
    result = take(engine, shop, text)
    assert (result.rows, result.taken, result.added, result.bad) == (3, 3, 2, [])
    with db.reading(engine) as connection:
        rows = connection.execute(select(orders).order_by(orders.c.name)).all()
    assert [(row.payment, row.currency, row.financial_status) for row in rows] == [
        ("cod", "EUR", "PENDING"),
        ("prepaid", "RON", "PAID"),
    ]
    assert sorted(everything(engine, order_lines.c.quantity)) == [1, 1, 2]


def test_an_order_with_a_refused_row_is_not_taken_by_halves(engine: Engine, shop: int) -> None:
    text = (
        "Order;AWB;Total;Cantitate;Produs\n"
        f"L1;{BOX};10;1;Vas\nL1;7000121099102;10;multe;Lampa\nL2;7000121099103;5;2 buc;Vas\n"
    )
    result = take(engine, shop, text)
    assert everything(engine, orders.c.name) == ["L2"]
    assert codes(result) == [
        (2, "", ImportCode.ROW_OF_REFUSED_ORDER),
        (3, "quantity", ImportCode.NOT_QUANTITY),
    ]
    assert result.taken == 1


def test_several_numbers_in_a_cell_are_parcels_of_their_own(engine: Engine, shop: int) -> None:
    take(engine, shop, f'Order;AWB;Total\nT1;"{BOX}, 7000121099102";10\nT2;AWB 7000121099103;1\n')
    assert everything(engine, parcels.c.tracking_key) == [BOX, "7000121099102", "7000121099103"]


@pytest.mark.parametrize("text", ["-", "0", "N/A", "#N/A", "nan", "None", "NU"])
def test_an_order_with_a_placeholder_for_its_number_is_told(
    engine: Engine, shop: int, text: str
) -> None:
    result = take(engine, shop, f"Order;AWB;Total\nJ1;{text};10\n")
    assert codes(result) == [(2, "tracking", ImportCode.NO_TRACKING)]
    assert everything(engine, parcels.c.id) == []


def test_numbers_that_excel_has_rounded_are_told(engine: Engine, shop: int) -> None:
    data = xlsx(("O", [LIST[0], ["N1", 9400111202555842332669, 10], ["N2", 700012109910, 149.985]]))
    table = importing.read_table(data, "a.xlsx")
    mapping = importing.guess_columns(table.headers)
    result = importing.import_orders(shop, table, mapping)
    assert codes(result) == [(2, "tracking", ImportCode.LOST_DIGITS)]
    assert everything(engine, orders.c.total_minor) == [14999]


def test_a_day_that_may_be_two_is_told_until_a_person_says(engine: Engine, shop: int) -> None:
    text = f"Order;AWB;Total;Data\nD1;{BOX};10;03/04/2026\n"
    assert codes(take(engine, shop, text)) == [(2, "created_at", ImportCode.DAY_OR_MONTH)]
    take(engine, shop, text, FileChoices(day_first=False))
    [created] = everything(engine, orders.c.created_at)
    assert (created.month, created.day) == (3, 3)  # 4 March in Bucharest


def test_an_unknown_way_of_paying_is_told_and_the_order_kept(engine: Engine, shop: int) -> None:
    result = take(engine, shop, f"Order;AWB;Total;Plata\nP1;{BOX};10;troc\n")
    assert codes(result) == [(2, "payment", ImportCode.UNKNOWN_PAYMENT)]
    assert everything(engine, orders.c.payment) == ["prepaid"]


# ---------------------------------------------------------------- against what is known


def test_a_parcel_of_another_order_of_the_shop_is_told(engine: Engine, shop: int) -> None:
    box = ShopParcel(BOX, "FAN", "gid://f/1", "SUCCESS", "", now())
    with db.writing(engine) as connection:
        upsert_orders(connection, shop, [told_by_the_shop("RO55-B", parcels=(box,))])
    result = take(engine, shop, f"Order;AWB;Total\n55;{BOX};10\n")
    assert everything(engine, orders.c.name) == ["RO55-B"]
    [note] = result.notes
    assert note.reason.code == ImportCode.TRACKING_OF_ANOTHER
    assert "RO55-B" in str(note)


def test_an_invoice_cell_is_understood_by_the_forms_service_or_told(
    engine: Engine, shop: int
) -> None:
    text = (
        f"Order;AWB;Total;Factura\nA1;{BOX};10;AB 0042\nA2;7000121099102;10;smartbill:52\n"
        "A3;7000121099103;10;smartbill:AB:1 smartbill:AB:2\n"
    )
    result = take(engine, shop, text, FileChoices(invoice_service="smartbill"))
    assert everything(engine, orders.c.name) == ["A1", "A2", "A3"]
    assert codes(result) == [(3, "invoice", ImportCode.NOT_INVOICE)]
    assert everything(engine, invoices.c.number) == ["0042", "1", "2"]
    assert result.taken == 2


def test_invoices_without_a_service_column_use_the_forms(engine: Engine, shop: int) -> None:
    take(engine, shop, f"Order;AWB;Total\nA1;{BOX};10\n")
    table = importing.read_table(b"Comanda;Factura\nA1;AB 0042\n", "f.csv")
    mapping = importing.guess_invoice_columns(table.headers)
    choices = FileChoices(invoice_service="oblio")
    result = importing.import_invoices(shop, table, mapping, choices)
    assert (result.added, result.notes) == (1, [])
    with db.reading(engine) as connection:
        row = connection.execute(select(invoices)).one()
    assert (row.service, row.series, row.number) == ("oblio", "AB", "0042")


def test_one_customer_has_one_key_whoever_tells_the_order(engine: Engine, shop: int) -> None:
    take(engine, shop, f"Order;AWB;Total;Telefon;Email\nC1;{BOX};10;0722 000 111;ana@example.com\n")
    with db.writing(engine) as connection:
        theirs = told_by_the_shop("#C2", phone="+40722000111", email="", customer_key="other")
        upsert_orders(connection, shop, [replace(theirs, gid="gid://shopify/Order/2")])
    first, second = everything(engine, orders.c.customer_key)
    assert first == second
    assert "ana" not in first
    assert "722000111" not in first
    assert set(everything(engine, parcels.c.customer_key)) == {first}


@pytest.mark.parametrize(
    "headers",
    [
        "Name,Total,Tracking Number,Shipping Name,Shipping Street,Shipping City,Shipping Zip",
        "Comanda,Suma,AWB,Destinatar,Adresa,Localitate,Cod poștal",
        "Order,Amount,AWB,Recipient,Address,City,Postal code",
    ],
)
def test_a_list_tells_where_a_parcel_went_for_a_label_that_is_read_by_its_print(
    engine: Engine, shop: int, headers: str
) -> None:
    take(engine, shop, f"{headers}\n#7,10,{BOX},Ilinca Boboc,Str. Teilor 44 ap. 3,Huși,'735100\n")
    (known,) = open_orders.load().prepared
    assert (known.order.street, known.postcode) == ("Str. Teilor 44 ap. 3", "735100")


def test_another_desk_gives_the_same_customer_another_key(
    monkeypatch: pytest.MonkeyPatch, home_dir: Any
) -> None:
    home_dir.mkdir(exist_ok=True)
    monkeypatch.setenv("REFUZ_SECRET_KEY", "a" * 43 + "=")
    first = customer_key("0722000111", "")
    monkeypatch.setenv("REFUZ_SECRET_KEY", "b" * 43 + "=")
    assert customer_key("0722000111", "") != first


# ---------------------------------------------------------------- courier reports


def parcel_of(engine: Engine, shop: int, name: str, box: str) -> None:
    take(engine, shop, f"Order;AWB;Total\n{name};{box};10\n")


def statuses(engine: Engine) -> list[tuple[str, str | None]]:
    with db.reading(engine) as connection:
        rows = connection.execute(select(parcels).order_by(parcels.c.tracking_key))
        return [(row.status, row.outcome) for row in rows]


def test_yes_and_no_are_no_return_numbers(engine: Engine, shop: int) -> None:
    parcel_of(engine, shop, "R1", BOX)
    parcel_of(engine, shop, "R2", "7000121099102")
    report = import_courier_report(f"AWB;Retur\n{BOX};NU\n7000121099102;DA\n".encode())
    assert (report.changed, report.learnt, report.notes) == (1, 0, [])
    assert statuses(engine) == [("", None), ("returning", "refused")]


@pytest.mark.parametrize("cell", ["NU", "-", "0", "N/A", "nan", "nu ", "7.00013E+12"])
def test_placeholders_and_cut_numbers_are_not_learnt(engine: Engine, shop: int, cell: str) -> None:
    parcel_of(engine, shop, "R1", BOX)
    report = import_courier_report(f"AWB;Status;AWB retur\n{BOX};Livrat;{cell}\n".encode())
    assert everything(engine, aliases.c.code_key) == []
    assert statuses(engine) == [("delivered", "delivered")]
    assert [one.line for one in report.notes] == ([2] if "E+" in cell else [])


@pytest.mark.parametrize("cell", ["-", "0", "NU", "7.00013E+12"])
def test_a_list_of_return_numbers_learns_numbers_only(engine: Engine, shop: int, cell: str) -> None:
    parcel_of(engine, shop, "R1", BOX)
    table = importing.read_table(f"AWB retur;AWB\n{cell};{BOX}\n".encode(), "a.csv")
    mapping = importing.guess_alias_columns(table.headers)
    result = importing.import_aliases(table, mapping)
    assert (result.added, [one.line for one in result.notes]) == (0, [2])


# ---------------------------------------------------------------- nothing is lost

CELLS = {
    "order": st.sampled_from(["1", "2", "3", "#4", "", "x" * 61]),
    "tracking": st.sampled_from(["7000121099101", "7000121099102;7000121099103", "-", "", "7E+12"]),
    "total": st.sampled_from(["10", "149,90", "0,125", "", "mult"]),
    "payment": st.sampled_from(["cod", "card", "troc", ""]),
    "quantity": st.sampled_from(["1", "2 buc", "x", ""]),
    "created_at": st.sampled_from(["10.11.2026", "03/04/2026", "cândva", ""]),
    "invoice": st.sampled_from(["", "smartbill:AB:1", "AB 2", "vezi mai sus"]),
}


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.fixed_dictionaries(CELLS), max_size=8))
def test_each_row_is_taken_or_told_and_no_order_by_halves(rows: list[dict[str, str]]) -> None:
    numbered = list(enumerate(rows, 2))
    drafts = read_rows(numbered, ZoneInfo("Europe/Bucharest"))
    taken = [row for draft in drafts.orders.values() for row in draft.rows]
    left = {one.line for one in drafts.notes if not one.taken}
    assert sorted([*taken, *left]) == [line for line, _ in numbered]
    for draft in drafts.orders.values():
        assert draft.parcels
        named = [line for line, row in numbered if row["order"] == draft.name]
        assert draft.rows == named
    for one in drafts.notes:
        assert one.line
        assert str(one).endswith(".")


def test_a_preview_writes_nothing_and_shows_what_the_import_does(engine: Engine, shop: int) -> None:
    text = f"Order;AWB;Total;Data\nV1;{BOX};149,90;10.11.2026\nV2;-;10;10.11.2026\n"
    table = importing.read_table(text.encode(), "a.csv")
    mapping = importing.guess_columns(table.headers)
    shown = importing.preview_orders(shop, table, mapping)
    assert everything(engine, orders.c.id) == []
    assert (shown.rows, shown.orders, shown.first[0].total_minor) == (2, 1, 14990)
    result = importing.import_orders(shop, table, mapping)
    assert [(one.line, one.reason) for one in shown.notes] == [
        (one.line, one.reason) for one in result.notes
    ]
