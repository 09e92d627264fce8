"""A row of a list that was not taken holds its order, until a list tells it whole."""

import outside_world as world
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from core.orders.imports import importing
from core.orders.imports.importing import read_table
from core.orders.judge.facts import Choices, of_order
from core.orders.judge.reasons import JudgeCode
from core.orders.judge.rules import judge
from core.reasons import Reason
from core.settings import connections
from core.store import db
from core.store.tables import order_questions, orders, parcels

REFUSED = JudgeCode.IMPORT_ROW_REFUSED
same_desk = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)


@pytest.fixture
def shop(engine: Engine) -> int:
    return world.connect_shop()


def take(shop: int, *rows: str) -> importing.ImportResult:
    table = read_table("\n".join(["Order,AWB,Total", *rows]).encode(), "orders.csv")
    return importing.import_orders(shop, table, importing.guess_columns(table.headers))


def take_invoices(shop: int, *rows: str) -> importing.ImportResult:
    table = read_table("\n".join(["Order,Service,Series,Number", *rows]).encode(), "papers.csv")
    mapping = importing.guess_invoice_columns(table.headers)
    return importing.import_invoices(shop, table, mapping)


def held(name: str, **chosen: str) -> Reason | None:
    with db.reading() as connection:
        order_id = connection.scalar(select(orders.c.id).where(orders.c.name == name))
        facts = of_order(connection, order_id or 0, Choices(**chosen))  # type: ignore[arg-type]
    assert facts is not None
    return judge(facts).reason


def code(name: str, **chosen: str) -> str:
    reason = held(name, **chosen)
    return reason.code if reason else ""


@pytest.mark.parametrize("document", ["storno", "none"])
def test_an_order_is_held_by_its_refused_row_and_let_go_by_a_corrected_list(
    shop: int, document: str
) -> None:
    take(shop, "#70,7000121083646,149.90", "#71,7000121083647,20")
    assert code("#70") == ""
    result = take(
        shop, "#70,7000121083646,149.90", "#70,7.00012E+12,149.90", "#71,7000121083647,20"
    )
    assert result.rows == result.taken + 2
    reason = held("#70", document=document)
    assert reason is not None
    assert reason.code == REFUSED
    assert "3 tracking: 7.00012E+12" in str(reason.parameters)
    assert code("#71", document=document) == ""
    take(shop, "#70,7000121083646,149.90")
    assert code("#70", document=document) == ""


def test_a_list_that_says_nothing_of_a_held_order_lets_nothing_go(shop: int) -> None:
    take(shop, "#70,7000121083646,149.90")
    take(shop, "#70,7000121083646,a lot")
    take(shop, "#71,7000121083647,20")
    assert code("#70") == REFUSED


def test_an_order_that_the_shop_told_is_held_too_with_the_sign_or_without(shop: int) -> None:
    world.add_order(shop, 8031, "7000121083650")
    with db.reading() as connection:
        name = connection.scalar(select(orders.c.name)) or ""
    take(shop, f"{name.removeprefix('#')},7000121083651,cheap")
    assert code(name) == REFUSED


def test_a_refused_row_of_an_invoice_list_holds_until_such_a_list_is_right(shop: int) -> None:
    take(shop, "#70,7000121083646,149.90")
    result = take_invoices(shop, "#70,smartbill,CVZ,")
    assert len(result.bad) == 1
    assert code("#70") == REFUSED
    take(shop, "#70,7000121083646,149.90")  # another kind of file: says nothing of invoices
    assert code("#70") == REFUSED
    take_invoices(shop, "#70,smartbill,CVZ,0042")
    assert code("#70") != REFUSED


def shop_tells(shop: int, *names: str) -> None:
    """The shop tells orders that nobody has heard of before."""
    for number, name in enumerate(names, 500):
        world.add_order(shop, number, f"70001210{number:05}", name=name)


def test_a_refused_row_about_nobody_holds_the_order_once_it_comes(shop: int) -> None:
    take(shop, "5,da,1")
    take_invoices(shop, "#6,smartbill,CVZ,", "#8,smartbill,CVZ,0042")
    with db.reading() as connection:
        assert connection.execute(select(order_questions)).all() == []
    shop_tells(shop, "#5", "#6", "#7", "#8")
    assert [code(f"#{n}") for n in (5, 6, 7, 8)] == [REFUSED, REFUSED, "", REFUSED]
    take(shop, "#5,7000121083646,149.90")
    take_invoices(shop, "#8,smartbill,CVZ,0042")
    assert REFUSED not in (code("#5"), code("#8"))
    assert code("#6") == REFUSED


def test_a_corrected_list_before_the_order_comes_holds_nothing(shop: int) -> None:
    take_invoices(shop, "#6,smartbill,CVZ,")
    take_invoices(shop, "#6,smartbill,CVZ,0042")
    take(shop, "#5,da,1")
    take(shop, "#5,7000121083646,149.90")
    assert code("#5") == ""
    shop_tells(shop, "#6")
    reason = held("#6")
    assert reason is not None
    assert "No order of this name" not in str(reason.parameters)
    assert reason.parameters["text"].endswith("order: #6")  # its invoice is still to be told


def test_a_row_about_another_shops_order_holds_nothing_here(shop: int) -> None:
    take(shop, "#5,da,1")
    with db.writing() as connection:
        other = connections.save(
            connection, kind="shop", service="shopify", name="Another", settings={},
            secrets_={},
        )  # fmt: skip
    shop_tells(other, "#5")
    assert code("#5") == ""


@same_desk
@given(st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=20))
def test_exactly_the_orders_with_a_refused_row_are_held(
    shop: int, rows: list[tuple[int, bool]]
) -> None:
    with db.writing() as connection:
        for table in (order_questions, parcels, orders):
            connection.execute(delete(table))
    take(shop, *(f"#{number},70001210836{number:02},10" for number in range(1, 7)))
    take(shop, *(f"#{n},70001210836{n:02},{'10' if good else '10 or 12'}" for n, good in rows))
    bad = {n for n, good in rows if not good}
    assert {n for n in range(1, 7) if code(f"#{n}") == REFUSED} == bad
