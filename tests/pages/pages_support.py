"""What the tests of pages share: the small world of orders, and a page opened."""

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from core.settings import preferences
from core.store import db
from tests.first_look import known_pages

ROOT = Path(__file__).resolve().parents[2]
ORDERS = 6
HELD = "#2"  # its invoice is at SmartBill, whose answer is lost


def order(number: int) -> dict[str, Any]:
    """One shipped, unpaid order; the second has its invoice at SmartBill, the others at Oblio."""
    service = ("smartbill", "SB") if number == 2 else ("oblio", "OB")
    return {
        "id": 1000 + number, "name": f"#{number}", "created_at": "2026-11-10T08:00:00Z",
        "updated_at": "2026-11-12T08:00:00Z", "cancelled_at": None, "cancel_reason": None,
        "payment": "cod", "gateway": "Cash on Delivery (COD)", "financial_status": "PENDING",
        "fulfillment_status": "FULFILLED", "total_minor": 12345, "currency": "RON", "note": "",
        "customer": {"id": 70 + number, "first_name": "Ana", "last_name": "Pop",
                     "email": "ana@example.com", "phone": "0722000000"},
        "address": {"city": "Cluj", "province": "Cluj", "zip": "400001", "address1": "Str. 1"},
        "tags": [], "restockable": True,
        "attributes": [{"key": "invoice", "value": ":".join((*service, f"{number:04}"))}],
        "lines": [{"id": number, "title": "Vas", "sku": "V1", "quantity": 1,
                   "price_minor": 12345, "image": None}],
        "fulfillments": [
            {"id": 5000 + number, "created_at": "2026-11-11T08:00:00Z", "status": "SUCCESS",
             "display_status": "IN_TRANSIT", "line_ids": [number],
             "tracking": [{"company": "FAN Courier", "number": f"70001{number:08}"}]}
        ],
    }  # fmt: skip


def world() -> dict[str, Any]:
    """The shop's orders and the invoices that they name."""
    made = [order(number) for number in range(1, ORDERS + 1)]
    invoices = []
    for one in made:
        service, series, number = one["attributes"][0]["value"].split(":")
        invoices.append(
            {"service": service, "series": series, "number": number, "order_name": one["name"],
             "total_minor": 12345, "currency": "RON", "issued_on": "2026-11-10", "state": "open"}
        )  # fmt: skip
    return {
        "now": "2026-11-20T08:00:00Z", "orders": made, "invoices": invoices,
        "shop": {"name": "Casa Verde", "domain": "casa-verde.myshopify.com", "currency": "RON",
                 "vat_code": "RO12345674"},
        "products": [{"sku": "V1", "title": "Vas", "stock": 100}], "courier_events": [],
        "returns": [],
    }  # fmt: skip


EVERY_TAB = frozenset(range(9))


def every_tab(app: AppTest) -> AppTest:
    """As somebody has it who opened each tab of Settings and History before."""
    for key in ("settings-tab", "history-tab"):
        app.session_state[f"{key}-opened"] = set(EVERY_TAB)
    return app


def open_page(page: str, language: str = "en") -> AppTest:
    """The page as a person sees it who opened each of its tabs, in that language."""
    with db.writing() as connection:
        preferences.save(connection, language=language)
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=30)
    known_pages(every_tab(app))
    app.switch_page(str(ROOT / "pages" / page / "page.py")).run()
    assert not app.exception, app.exception
    return app


def open_dialog(call: str) -> AppTest:
    """A dialog by itself, drawn anew at each click: AppTest knows no rerun of a dialog alone.

    `call` is Python that opens it, for example `run._question(1, seen([7]))`: of these orders of
    pile 1, what was shown when it opened.
    """
    script = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import streamlit as st
from core.orders.piles import review
from core.reversal.runs import follow_up
from pages.common import session
from pages.follow_up import card
from pages.review import run
session.prepare()

def seen(ids):
    now = {{one: what for one, what in review.shown_of(1).items() if one in ids}}
    return st.session_state.setdefault("seen", now)

{call}
"""
    app = AppTest.from_string(script, default_timeout=30).run()
    assert not app.exception, app.exception
    return app


def press(app: AppTest, key: str) -> AppTest:
    """Press this button; the page must be drawn without an error."""
    app.button(key=key).click().run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """Everything that the page says."""
    said: list[Any] = [*app.markdown, *app.error, *app.success, *app.info, *app.warning]
    return "\n".join(str(one.value) for one in said)
