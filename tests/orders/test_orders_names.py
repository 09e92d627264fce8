"""An order is itself however its name is written: lists, people and services are met alike."""

from pathlib import Path

import outside_world as world
import pytest
from sqlalchemy import Engine, select

from core.orders import names
from core.orders.documents import awaited
from core.orders.imports.cell_parsers import order_name
from core.orders.imports.drafts import known_orders
from core.orders.judge.fit import names_order
from core.orders.judge.reasons import JudgeCode
from core.orders.piles import edits
from core.services.invoicing.listing import rows_naming
from core.store import db
from core.store.tables import order_questions

ALIKE = (
    "#77", "77", " #77 ", "# 77", "#\u00a077", "#  77", "\u200b#77", "#\u200b77", "＃77", "﹟ 77",
    "\t77\n",
)  # fmt: skip
OTHERS = ("#7", "#777", "7 7", "#77-A", "77#", "##77", "# #77", "")


@pytest.mark.parametrize("name", ALIKE)
def test_one_name_has_one_key_however_it_is_written(name: str) -> None:
    assert names.key(name) == "77"
    assert {"#77", "77"} <= set(names.variants(name))
    assert names.written(order_name(name)) == names.written(name)


@pytest.mark.parametrize("name", OTHERS)
def test_another_name_has_another_key(name: str) -> None:
    assert names.key(name) != "77"


def test_letters_are_one_in_any_case_and_a_sign_within_is_a_part() -> None:
    assert names.key("# RO-5b") == names.key("ro-5B")
    assert names.written("RO# 5") == "RO# 5"


@pytest.mark.parametrize("name", ALIKE)
def test_a_list_finds_the_order_and_what_it_told_before_the_order_came(
    engine: Engine, name: str
) -> None:
    shop = world.connect_shop()
    with db.writing() as connection:
        awaited.keep(connection, shop, {name: ["line 3"]}, "list")
    order_id = world.add_order(shop, 77)
    with db.writing() as connection:
        awaited.meet(connection, shop, {"#77": order_id}, JudgeCode.IMPORT_ROW_REFUSED)
        assert list(connection.scalars(select(order_questions.c.text))) == ["line 3"]
        assert known_orders(connection, shop, [name, "# 78"])[name][1] == order_id
    assert [one.order_id for one in edits.search_orders(f"{name}")] in ([order_id], [])


@pytest.mark.parametrize(
    ("text", "name", "own"),
    [
        ("# 77", "#77", True), ("Comanda # 77, ramburs", "#77", True), ("77", "# 77", True),
        ("nr. #\u00a077", "#77", True), ("# 77, # 78", "#77", False), ("# 771", "#77", False),
        ("in loc de # 77", "#77", False), ("# 77 # 79", "#77", False), ("# 77-A", "#77", False),
    ],
)  # fmt: skip
def test_a_document_names_its_order_with_a_blank_behind_the_sign(
    text: str, name: str, own: bool
) -> None:
    assert names_order(text, name) is own


def test_a_list_of_documents_is_searched_with_a_blank_behind_the_sign() -> None:
    texts = ("Comanda # 77", "#\u00a077", "# 771", "# 7 7", "comanda #77")
    rows = [{"mentions": text} for text in texts]
    assert [rows.index(one) for one in rows_naming(rows, "mentions", "#77")] == [0, 1, 4]


def test_nothing_else_takes_the_sign_off_a_name() -> None:
    core = Path(names.__file__).parents[1]
    own = {"names.py", "invoice_cells.py"}  # there it is an invoice's
    takers = [
        file.name
        for file in core.rglob("*.py")
        if "sandbox" not in file.parts
        and any(
            way in file.read_text() for way in ('prefix("#")', 'lstrip("#', 'strip("#', '" #")')
        )
    ]
    assert set(takers) <= own
