"""Every page draws itself without an exception, whatever the data and the language."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core.config import DATA
from core.desk import connections, preferences
from core.orders import importing, piles, scans
from core.reversal import runs
from core.store import db

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("review.py", "follow_up.py", "history.py", "settings.py")
STATES = ("empty", "scanned", "running")


def _fill(engine: Engine, state: str) -> None:
    if state == "empty":
        return
    shop = _shop(engine)
    table = importing.read_table((DATA / "orders.csv").read_bytes(), "orders.csv")
    mapping = importing.guess_columns(table.headers)
    importing.import_orders(shop, table, mapping, by="Ana", engine=engine)
    pile = piles.create("Monday", "Ana", engine)
    column = table.headers.index(mapping["tracking"])
    for number, (_, cells) in enumerate(table.rows[:6]):
        scans.take_scan(pile, cells[column], by="Ana", source="hand", key=str(number))
    scans.take_scan(pile, "99999999999999", by="Ana", source="hand", key="x")
    if state == "running":
        with db.writing(engine) as connection:
            preferences.save(connection, "Ana", revert_invoice_on_cancel=False)
        runs.start_run(pile, "Ana", engine)


def _shop(engine: Engine) -> int:
    with db.writing(engine) as connection:
        return connections.save(
            connection,
            "Ana",
            kind="shop",
            service="shopify",
            name="Casa Verde",
            settings={"shop": "casa-verde.myshopify.com"},
            secrets_={},
            sandbox=True,
        )


@pytest.mark.parametrize("language", ["en", "ro"])
@pytest.mark.parametrize("state", STATES)
def test_each_page_draws_itself(engine: Engine, state: str, language: str) -> None:
    """Empty, scanned and running, in both languages: no exception, raw or caught."""
    _fill(engine, state)
    with db.writing(engine) as connection:
        preferences.save(connection, "Ana", language=language)
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=30)
    for page in PAGES:
        app.switch_page(str(ROOT / "pages" / page)).run()
        assert not app.exception, (page, app.exception)
        assert not [one.value for one in app.error], (page, [one.value for one in app.error])
        assert app.session_state["_language"] == language
