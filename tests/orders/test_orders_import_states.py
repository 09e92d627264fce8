"""A list of orders says what became of each; what stands against a reversal is asked about."""

import pytest
from sqlalchemy import Engine, select
from test_orders_import_files import BOX, codes, everything, take
from test_orders_importing import told_by_the_shop

from core.orders.documents import claims
from core.orders.imports.codes import ImportCode
from core.orders.judge import rules
from core.orders.judge.facts import Choices, of_order
from core.orders.judge.reasons import JudgeCode
from core.orders.shop.upsert import upsert_orders
from core.store import db
from core.store.tables import order_questions, orders, parcels

TAKEN = (ImportCode.LISTED_STATE, ImportCode.UNKNOWN_STATE)


def listed(head: str, cell: str) -> str:
    return f"Comanda;AWB;Total;{head}\nT-81;{BOX};64,20;{cell}\n"


def asked(engine: Engine) -> list[str]:
    with db.reading(engine) as connection:
        query = select(order_questions.c.text).where(
            order_questions.c.code == JudgeCode.LISTED_STATE
        )
        return list(connection.scalars(query))


ASKED = [
    ("Status", "Anulată"), ("Stare comandă", "Comanda anulata de client"), ("Status", "Livrata"),
    ("Order status", "Cancelled"), ("Stare", "Anulare solicitată"), ("Status", "Ciornă"),
    ("Status", "Partially cancelled"), ("Állapot", "Törölve"), ("Status", "Zugestellt"),
    ("Статус", "Анулирана"), ("Stav", "Zrušená"), ("Anulată", "da"), ("Cancelled", "x"),
    ("Cancelled at", "2026-11-08 10:00:00 +0200"), ("Data anulării", "08.11.2026"),
    ("Status", "Delivered"), ("Status", "Abandoned"), ("Statut", "Annulation demandée"),
    ("Stato", "Annullato"),
]  # fmt: skip
OPEN = [
    ("Status", "Expediată"), ("Status", "In curs de procesare"), ("Stare", "Neanulată"),
    ("Status", "Nu este anulată"), ("Order status", "processing"), ("Status", "wc-completed"),
    ("Anulată", "Nu"), ("Cancelled", "false"), ("Cancelled at", ""), ("Status", "-"),
    ("Status", ""), ("Status", "Refuzată"), ("Status", "Retur la expeditor"),
    ("Status", "Nelivrată"), ("Status", "Feldolgozás alatt"), ("Status", "In Bearbeitung"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "cell"), ASKED)
def test_what_a_list_says_against_a_reversal_holds_the_order_and_is_told(
    engine: Engine, shop: int, head: str, cell: str
) -> None:
    result = take(engine, shop, listed(head, cell))
    [(line, column, code)] = codes(result)
    assert (line, code, result.added) == (2, ImportCode.LISTED_STATE, 1)
    assert asked(engine) == [f"{column}: {cell}"]
    with db.reading(engine) as connection:
        order_id = connection.scalar(select(orders.c.id)) or 0
        for document in ("storno", "none"):
            facts = of_order(connection, order_id, Choices(document=document))
            assert facts is not None
            assert JudgeCode.LISTED_STATE in {one.code for one in rules.reasons(facts)}
        # The list is no shop: it proves no cancel.
        assert connection.scalar(select(orders.c.cancelled_at)) is None


@pytest.mark.parametrize(("head", "cell"), OPEN)
def test_an_order_that_is_open_or_refused_is_taken_without_a_word(
    engine: Engine, shop: int, head: str, cell: str
) -> None:
    assert codes(take(engine, shop, listed(head, cell))) == []
    assert asked(engine) == []


def test_a_state_that_nobody_knows_is_told_and_holds_nothing(engine: Engine, shop: int) -> None:
    notes = codes(take(engine, shop, listed("Status", "Etapa 7")))
    assert notes == [(2, "status", ImportCode.UNKNOWN_STATE)]
    assert asked(engine) == []


def test_the_shops_words_for_a_parcel_and_for_money_are_kept(engine: Engine, shop: int) -> None:
    take(engine, shop, listed("Status", "Refuzat la livrare"))
    assert everything(engine, parcels.c.status) == ["failed"]
    take(engine, shop, listed("Status", "Rambursată"))
    assert everything(engine, orders.c.financial_status) == ["REFUNDED"]


def test_a_later_list_that_has_the_order_open_lets_it_go(engine: Engine, shop: int) -> None:
    take(engine, shop, listed("Status", "Anulată"))
    assert len(asked(engine)) == 1
    take(engine, shop, listed("Status", "Expediată"))
    assert asked(engine) == []


def test_an_order_that_the_shop_shows_open_is_asked_about_too(engine: Engine, shop: int) -> None:
    with db.writing(engine) as connection:
        upsert_orders(connection, shop, [told_by_the_shop("#T-81")])
    take(engine, shop, listed("Status", "Anulată"))
    assert asked(engine) == ["status: Anulată"]
    with db.writing(engine) as connection:
        order_id = connection.scalar(select(orders.c.id)) or 0
        assert claims.answer(connection, order_id, "seen at the shop") == 1


def test_each_row_of_an_order_may_tell_a_state(engine: Engine, shop: int) -> None:
    text = f"Comanda;AWB;Total;Status\nT-82;{BOX};10;Expediata\nT-82;7000121088899;;Anulat\n"
    assert codes(take(engine, shop, text)) == [(3, "status", ImportCode.LISTED_STATE)]
    assert asked(engine) == ["status: Anulat"]
