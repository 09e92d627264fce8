"""A row of a list of invoices may be another paper, or an invoice that does not stand."""

import pytest
from sqlalchemy import Engine, select
from test_orders_importing import told_by_the_shop

from core.orders.imports import importing
from core.orders.imports.codes import ImportCode
from core.orders.imports.importing import ImportResult
from core.orders.shop.upsert import upsert_orders
from core.store import db
from core.store.tables import invoices, order_questions


def take(engine: Engine, shop: int, head: str, cell: str) -> ImportResult:
    with db.writing(engine) as connection:
        upsert_orders(connection, shop, [told_by_the_shop("#7301")])
    text = f"Comanda;Serviciu;Serie;Numar;{head}\n#7301;smartbill;KLM;0815;{cell}\n"
    table = importing.read_table(text.encode())
    return importing.import_invoices(shop, table, importing.guess_invoice_columns(table.headers))


def kept(engine: Engine) -> tuple[list[str], list[str]]:
    with db.reading(engine) as connection:
        numbers = connection.scalars(select(invoices.c.number)).all()
        held = connection.scalars(select(order_questions.c.text)).all()
    return list(numbers), list(held)


STANDS = [
    ("Tip document", "Factură"), ("Tip", "Factura fiscala B2C"), ("Type", "Invoice"), ("Tip", "-"),
    ("Tip", ""), ("Tip factura", "380"), ("Status", "Incasata"), ("Stare", "Stornată"),
    ("Status factura", "neanulata"), ("Status", "nu este anulata"), ("Anulata", "Nu"),
    ("Anulat", "0"), ("Cancelled", "false"), ("Anulata", ""), ("Voided", "-"),
]  # fmt: skip
LEFT_OUT = [
    ("Tip document", "Proformă"), ("Tip", "Chitanta"), ("Tip", "Factura proforma"), ("Tip", "AVIZ"),
    ("Type", "Receipt"), ("Status", "Anulată"), ("Stare", "Factura anulata"), ("Status", "Ciornă"),
    ("Document status", "Voided"), ("Anulata", "DA"), ("Anulat", "1"), ("Canceled", "true"),
]  # fmt: skip
HELD = [
    ("Tip document", "Storno"), ("Tip", "Factura storno"), ("Type", "Credit note"), ("Tip", "381"),
    ("Status", "Storno"), ("Tip", "Bordero"), ("Tip", "nu e factura"), ("Anulata", "poate"),
    ("Status", "Partial anulata"), ("Anulata", "KLM 0816"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "cell"), STANDS)
def test_an_invoice_that_stands_is_its_orders(
    engine: Engine, shop: int, head: str, cell: str
) -> None:
    assert take(engine, shop, head, cell).notes == []
    assert kept(engine) == (["0815"], [])


@pytest.mark.parametrize(("head", "cell"), LEFT_OUT)
def test_what_is_no_invoice_that_stands_is_left_out_and_told(
    engine: Engine, shop: int, head: str, cell: str
) -> None:
    [note] = take(engine, shop, head, cell).notes
    assert (note.line, note.value, note.reason.code) == (2, cell, ImportCode.OTHER_PAPER)
    assert kept(engine) == ([], [])


@pytest.mark.parametrize(("head", "cell"), HELD)
def test_a_storno_and_a_word_that_nobody_knows_hold_their_order(
    engine: Engine, shop: int, head: str, cell: str
) -> None:
    [note] = take(engine, shop, head, cell).notes
    assert note.value == cell
    numbers, [question] = kept(engine)
    assert numbers == []
    assert question.endswith(cell)
