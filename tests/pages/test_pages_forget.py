"""Forgetting a customer says what will go before it is pressed."""

import pytest
from pages_support import open_dialog
from sqlalchemy import Engine, select, update

from core.settings import preferences
from core.store import db
from core.store.tables import orders, reversals, scans

ASK = """
from pages.settings import customers
customers._forget({order_id}, "Ana Pop")
"""


def words(language: str, order_id: int) -> tuple[str, list[str]]:
    with db.writing() as connection:
        preferences.save(connection, language=language)
    app = open_dialog(ASK.format(order_id=order_id))
    said = [*app.markdown, *app.caption, *app.warning, *app.error]
    text = "\n".join(str(one.value) for one in said)
    return text.replace("\\", ""), [one.label for one in app.button]


@pytest.fixture(autouse=True)
def _one_customer(desk: Engine) -> None:
    """#1 and #3 are one customer's, and lie on one photo with a parcel of #2."""
    with db.writing(desk) as connection:
        ids = {row.name: row.id for row in connection.execute(select(orders.c.name, orders.c.id))}
        connection.execute(update(orders).values(email="", phone=""))
        for name, key in (("#1", "a"), ("#3", "a"), ("#2", "b")):
            connection.execute(
                update(orders).where(orders.c.id == ids[name]).values(customer_key=key * 64)
            )
            connection.execute(
                update(scans).where(scans.c.order_id == ids[name]).values(sha256="f" * 64)
            )


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("en", ("Orders: 2 (#3, #1)", "Pictures: 1", "parcels of other customers too: 1")),
        ("ro", ("Comenzi: 2 (#3, #1)", "Fotografii: 1", "și ale altor clienți: 1")),
    ],
)
def test_the_question_says_which_orders_and_how_many_pictures_go(
    desk: Engine, language: str, parts: tuple[str, ...]
) -> None:
    said, buttons = words(language, 1)
    for one in parts:
        assert one in said
    assert len(buttons) == 1


@pytest.mark.parametrize("desk", ["finished"], indirect=True)
def test_while_an_order_is_under_way_nothing_is_offered(desk: Engine) -> None:
    with db.writing(desk) as connection:
        connection.execute(update(reversals).values(state="working", finished_at=None))
    said, buttons = words("en", 1)
    assert "Orders:" not in said
    assert buttons == []
