"""A merchant's spreadsheet becomes orders; what cannot be read is named by its line."""

import datetime as dt
import io
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select

from core.clock import now
from core.orders.imports import cell_parsers, importing
from core.orders.imports.importing import TableError, guess_columns, import_orders, read_table
from core.orders.shop.upsert import upsert_orders
from core.services.ports import ShopLine, ShopOrder, ShopParcel
from core.store import db
from core.store.tables import aliases, invoices, order_lines, orders, parcels

ENGLISH = (
    "Order,Created at,Customer,Phone,County,City,Payment,Total,Currency,Courier,AWB,SKU,Product,"
    "Quantity,Invoice\n"
    "#1,2026-11-01,Ana Pop,0722000111,Cluj,Cluj-Napoca,cod,149.90,RON,FAN,7000121083646,S1,Vază,2,"
    "smartbill:CVZ:0042\n"
)
ROMANIAN = (
    "Număr comandă;Nr. AWB;Valoare;Nume client;Județ;Metodă de plată\n"
    "1001;7000121083646;1.234,50 lei;Ștefan Țăran;Iași;Ramburs\n"
)


def take(engine: Engine, shop: int, text: str) -> importing.ImportResult:
    table = read_table(text.encode(), "orders.csv")
    return import_orders(shop, table, guess_columns(table.headers))


def test_an_english_list_becomes_orders_with_parcels_lines_and_invoices(
    engine: Engine, shop: int
) -> None:
    result = take(engine, shop, ENGLISH)
    assert (result.added, result.updated, result.bad) == (1, 0, [])
    with db.reading(engine) as connection:
        order = connection.execute(select(orders)).one()
        parcel = connection.execute(select(parcels)).one()
        line = connection.execute(select(order_lines)).one()
        invoice = connection.execute(select(invoices)).one()
    assert (order.name, order.total_minor, order.payment) == ("#1", 14990, "cod")
    assert (parcel.tracking_key, parcel.courier) == ("7000121083646", "fan")
    assert (line.title, line.quantity) == ("Vază", 2)
    assert (invoice.service, invoice.series, invoice.number) == ("smartbill", "CVZ", "0042")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250", "utf-16"])
def test_romanian_headers_are_understood_in_every_encoding_of_excel(
    engine: Engine, shop: int, encoding: str
) -> None:
    # cp1250 has no comma-below letters: Excel writes the cedilla ones
    text = ROMANIAN.translate(str.maketrans("ȘșȚț", "ŞşŢţ"))
    table = read_table(text.encode(encoding), "comenzi.csv")
    result = import_orders(shop, table, guess_columns(table.headers))
    assert result.bad == []
    with db.reading(engine) as connection:
        order = connection.execute(select(orders)).one()
    assert (order.name, order.total_minor, order.county) == ("1001", 123450, "Iaşi")


def test_an_xlsx_file_reads_as_the_csv_of_the_same_cells(engine: Engine, shop: int) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Order", "AWB", "Total"])
    book.active.append([1001, 7000121083646, 149.9])
    out = io.BytesIO()
    book.save(out)
    table = read_table(out.getvalue(), "orders.xlsx")
    assert table.rows == ((2, ("1001", "7000121083646", "149.9")),)


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (",7000121083646,10", "order number"),
        ("1,,10", "tracking number"),
        ("1,7.00012E+12,10", "lost its digits"),
        ("1,7000121083646,many", "amount"),
        ("1,7000121083646,", "total"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_the_others_go_in(
    engine: Engine, shop: int, row: str, word: str
) -> None:
    result = take(engine, shop, f"Order,AWB,Total\n{row}\n2,7000121083647,20\n")
    assert result.added == 1
    [(line, why)] = result.bad
    assert line == 2
    assert word in why


def test_the_same_file_again_updates_and_adds_nothing(engine: Engine, shop: int) -> None:
    take(engine, shop, ENGLISH)
    again = take(engine, shop, ENGLISH)
    assert (again.added, again.updated) == (0, 1)
    with db.reading(engine) as connection:
        assert len(connection.execute(select(parcels)).all()) == 1
        assert len(connection.execute(select(invoices)).all()) == 1


def test_an_order_of_the_shop_keeps_its_values_and_gains_the_parcel(
    engine: Engine, shop: int
) -> None:
    with db.writing(engine) as connection:
        connection.execute(
            insert(orders).values(
                shop_id=shop, gid="gid://shopify/Order/1", name="#1", created_at=now(),
                updated_at=now(), payment="prepaid", total_minor=500, currency="RON", tags=[],
                attributes={}, synced_at=now(),
            )
        )  # fmt: skip
    assert take(engine, shop, ENGLISH).updated == 1
    with db.reading(engine) as connection:
        order = connection.execute(select(orders)).one()
        assert (order.payment, order.total_minor) == ("prepaid", 500)
        assert connection.scalars(select(parcels.c.order_id)).all() == [order.id]
        assert connection.scalars(select(invoices.c.order_id)).all() == [order.id]


def test_two_rows_of_one_order_are_its_two_parcels(engine: Engine, shop: int) -> None:
    result = take(engine, shop, "Order,AWB,Total\n1,7000121083646,10\n1,7000121083647,10\n")
    assert result.added == 1
    with db.reading(engine) as connection:
        assert len(connection.execute(select(parcels)).all()) == 2


def test_cells_that_look_like_formulas_are_only_text(engine: Engine, shop: int) -> None:
    take(engine, shop, 'Order,AWB,Total,Customer\n1,7000121083646,10,"=HYPERLINK(""x"")"\n')
    with db.reading(engine) as connection:
        assert connection.scalar(select(orders.c.customer_name)) == '=HYPERLINK("x")'


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.csv"),
        (b"Order,AWB\n", "a.csv"),
        (b"PK\x03\x04 broken", "a.xlsx"),
        (b"\xd0\xcf\x11\xe0old", "a.xls"),
        (b"\x00\x01\x02", "a.csv"),
    ],
)
def test_a_file_that_cannot_be_read_gets_a_sentence(data: bytes, name: str) -> None:
    with pytest.raises(TableError, match=r"\.$"):
        read_table(data, name)


def test_a_list_without_the_needed_columns_says_which_are_there(engine: Engine, shop: int) -> None:
    with pytest.raises(TableError, match="colour"):
        take(engine, shop, "colour,size\nred,9\n")


def test_return_numbers_are_learnt_and_unknown_parcels_named(engine: Engine, shop: int) -> None:
    take(engine, shop, ENGLISH)
    table = read_table(b"AWB retur,AWB\n2000000000001,7000121083646\n2,999\n", "retur.csv")
    mapping = importing.guess_alias_columns(table.headers)
    result = importing.import_aliases(table, mapping)
    assert (result.added, [line for line, _ in result.bad]) == (1, [3])
    with db.reading(engine) as connection:
        assert connection.scalars(select(aliases.c.code_key)).all() == ["2000000000001"]


def test_an_invoice_stays_with_the_order_that_had_it_first(engine: Engine, shop: int) -> None:
    take(engine, shop, ENGLISH + "#2,,,,,,cod,5,RON,FAN,7000121083647,,,,\n")
    rows = "Comanda;Serviciu;Serie;Numar\n#2;smartbill;CVZ;0042\n#2;oblio;OB;7\n#9;fgo;F;1\n"
    table = read_table(rows.encode(), "facturi.csv")
    mapping = importing.guess_invoice_columns(table.headers)
    result = importing.import_invoices(shop, table, mapping)
    assert (result.added, [line for line, _ in result.bad]) == (1, [2, 4])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,50", 123450),
        ("1,234.50", 123450),
        ("149,9 lei", 14990),
        ("1.234", 123400),
        ("7", 700),
    ],
)
def test_amounts_are_read_in_both_ways_of_writing(text: str, value: int) -> None:
    assert cell_parsers.minor(text) == value


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.xlsx", "a.xls"]))
def test_any_bytes_are_a_table_or_a_sentence(data: bytes, name: str) -> None:
    sentence = ""
    try:
        table = read_table(data, name)
    except TableError as refused:
        sentence = str(refused)
    assert sentence.endswith(".") if sentence else table.rows


# ---------------------------------------------------------------- the same order from both sides


def told_by_the_shop(name: str, **changes: object) -> ShopOrder:
    """The order as the shop tells it, last changed long before the import."""
    long_ago = dt.datetime(2026, 11, 1, 10, tzinfo=dt.UTC)
    box = ShopParcel("7000121083646", "FAN", "gid://f/1", "SUCCESS", "IN_TRANSIT", long_ago)
    plain = ShopOrder(
        gid="gid://shopify/Order/1", name=name, created_at=long_ago, updated_at=long_ago,
        cancelled_at=None, cancel_reason="", payment="cod", financial_status="PENDING",
        fulfillment_status="FULFILLED", total_minor=14990, currency="RON",
        customer_name="Ana Maria Pop", customer_key="key", phone="", email="", county="Cluj",
        city="Cluj", note="", tags=(), attributes={}, can_notify=False,
        lines=(ShopLine("gid://l/1", "Vază", "S1", 2, 7495),), parcels=(box,),
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["#1", "1"])
def test_an_imported_order_is_adopted_when_the_shop_tells_it(
    engine: Engine, shop: int, name: str
) -> None:
    """One order, one parcel, the same id; the shop's word counts, the file's invoice stays."""
    take(engine, shop, ENGLISH.replace("#1,", f"{name},"))
    with db.writing(engine) as connection:
        before = connection.scalar(select(orders.c.id))
        ids = upsert_orders(connection, shop, [told_by_the_shop("#1")])
    with db.reading(engine) as connection:
        order = connection.execute(select(orders)).one()
        parcel = connection.execute(select(parcels)).one()
        line = connection.execute(select(order_lines)).one()
        invoice = connection.execute(select(invoices)).one()
    assert (order.id, order.gid, order.name) == (before, "gid://shopify/Order/1", "#1")
    assert ids == {order.gid: order.id}
    assert order.customer_name == "Ana Maria Pop"
    assert (parcel.order_id, parcel.fulfillment_gid) == (before, "gid://f/1")
    assert line.gid == "gid://l/1"
    assert (invoice.order_id, invoice.number) == (before, "0042")


def test_another_order_of_the_shop_adopts_nothing(engine: Engine, shop: int) -> None:
    take(engine, shop, ENGLISH)
    with db.writing(engine) as connection:
        upsert_orders(connection, shop, [told_by_the_shop("#11")])
    with db.reading(engine) as connection:
        assert set(connection.scalars(select(orders.c.name))) == {"#1", "#11"}


def test_a_list_without_the_number_sign_fits_orders_that_have_it(engine: Engine, shop: int) -> None:
    with db.writing(engine) as connection:
        upsert_orders(connection, shop, [told_by_the_shop("#1", parcels=())])
    result = take(engine, shop, ENGLISH.replace("#1,", "1,"))
    assert (result.added, result.updated, result.bad) == (0, 1, [])
    with db.reading(engine) as connection:
        assert connection.execute(select(orders)).one().customer_name == "Ana Maria Pop"
        assert connection.execute(select(parcels)).one().tracking_key == "7000121083646"
