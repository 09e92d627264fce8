"""A list names an order; where the shop has several of that name it names none (rule 7)."""

import pytest
from sqlalchemy import Engine, select
from test_orders_importing import told_by_the_shop

from core.orders.imports import importing
from core.orders.imports.codes import ImportCode, ImportNote
from core.orders.imports.importing import ImportResult
from core.orders.judge.rules import HISTORY
from core.orders.shop.upsert import upsert_orders
from core.store import db
from core.store.tables import invoices, orders, parcels

BOX = "7000555066301"


@pytest.fixture
def twice(engine: Engine, shop: int) -> int:
    """A shop that began to count anew: two orders are its #501."""
    both = [
        told_by_the_shop("#501", gid=f"gid://shopify/Order/{number}", parcels=())
        for number in (61, 62)
    ]
    with db.writing(engine) as connection:
        upsert_orders(connection, shop, both)
    return shop


def codes(result: ImportResult) -> list[tuple[int, str]]:
    return [(one.line, one.reason.code) for one in result.notes]


@pytest.mark.parametrize("name", ["#501", "501", "# 501"])
def test_a_list_of_orders_gives_neither_its_parcel(engine: Engine, twice: int, name: str) -> None:
    table = importing.read_table(f"Comanda;AWB;Total\n{name};{BOX};149,90\n".encode())
    mapping = importing.guess_columns(table.headers)
    assert importing.preview_orders(twice, table, mapping).orders == 0
    result = importing.import_orders(twice, table, mapping)
    assert codes(result) == [(2, ImportCode.SEVERAL_ORDERS)]
    with db.reading(engine) as connection:
        assert connection.scalars(select(parcels.c.id)).all() == []
        assert len(connection.scalars(select(orders.c.id)).all()) == 2


def test_a_list_of_invoices_and_a_person_give_neither_its_invoice(
    engine: Engine, twice: int
) -> None:
    table = importing.read_table(b"Comanda;Serviciu;Serie;Numar\n501;smartbill;KLM;42\n")
    mapping = importing.guess_invoice_columns(table.headers)
    assert codes(importing.import_invoices(twice, table, mapping)) == [
        (2, ImportCode.SEVERAL_ORDERS)
    ]
    row = {"order": "#501", "service": "smartbill", "series": "KLM", "number": "42"}
    with pytest.raises(ImportNote) as caught:
        importing.type_in_invoice(twice, row)
    assert caught.value.reason.code == ImportCode.SEVERAL_ORDERS
    with db.reading(engine) as connection:
        assert connection.scalars(select(invoices.c.id)).all() == []


def test_an_order_that_was_loaded_for_its_figures_is_no_namesake(engine: Engine, shop: int) -> None:
    old = told_by_the_shop("#501", gid=f"{HISTORY}501", parcels=())
    with db.writing(engine) as connection:
        upsert_orders(connection, shop, [old, told_by_the_shop("#501", parcels=())])
    row = {"order": "#501", "service": "smartbill", "series": "KLM", "number": "42"}
    assert importing.type_in_invoice(shop, row)[1]
