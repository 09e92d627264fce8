"""Review shows what couriers report as returned, and takes a person's word for it."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from streamlit.testing.v1 import AppTest

from core.clock import now
from core.config import DATA
from core.orders.couriers import proposals
from core.orders.imports import importing
from core.orders.piles import piles, review
from core.settings import connections, preferences
from core.store import db
from core.store.tables import parcels
from tests.first_look import known_pages

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def proposed(engine: Engine) -> int:
    """A pile of Ana's, and three parcels that came back by the couriers' word."""
    with db.writing() as connection:
        preferences.save(connection, propose_returned=True, revert_invoice_on_cancel=False)
        shop = connections.save(
            connection, kind="shop", service="shopify", name="Casa Verde",
            settings={"base_url": "https://casa.example"}, secrets_={},
        )  # fmt: skip
    table = importing.read_table((DATA / "orders.csv").read_bytes(), "orders.csv")
    importing.import_orders(shop, table, importing.guess_columns(table.headers))
    with db.writing() as connection:
        back = connection.scalars(select(parcels.c.id).order_by(parcels.c.id).limit(3)).all()
        connection.execute(
            update(parcels)
            .where(parcels.c.id.in_(back))
            .values(
                status="returned",
                status_text="Livrat la expeditor",
                status_at=now() - dt.timedelta(days=1),
            )
        )
    piles.create("Monday")
    proposals.propose_returned()
    return proposals.waiting()[0]


def page(pile: int | None = None) -> AppTest:
    """The Review page, opened at a pile."""
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=30)
    if pile is not None:
        app.query_params["pile"] = str(pile)
    known_pages(app)
    app.switch_page(str(ROOT / "pages" / "review" / "page.py")).run()
    assert not app.exception
    return app


def test_on_another_pile_it_says_how_many_wait_and_leads_there(proposed: int) -> None:
    app = page()
    assert app.subheader[0].value == "Monday"
    assert any("3 parcels as returned" in one.value for one in app.markdown)
    app.button(key="see-returned").click().run()
    assert not app.exception
    assert app.subheader[0].value == proposals.NAME


def test_the_proposed_pile_lists_them_and_lets_none_run_unseen(proposed: int) -> None:
    app = page(proposed)
    assert any("Nothing here is cancelled before" in one.value for one in app.caption)
    listed = app.dataframe[0].value
    assert list(listed["The courier says"]) == ["Livrat la expeditor"] * 3
    assert app.button(key="confirm-returned").disabled
    assert review.runnable_orders(proposed) == []


def test_once_all_are_confirmed_the_page_says_so(proposed: int) -> None:
    waiting = proposals.unconfirmed(proposed)
    proposals.confirm(proposed, [one.parcel_id for one in waiting])
    app = page(proposed)
    assert any("scanned or confirmed" in one.value for one in app.success)
    assert len(review.runnable_orders(proposed)) == 3
