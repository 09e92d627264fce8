"""Finance: the month for the accountant, found by what it shows, with VAT and the tax office."""

import datetime as dt
import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from pages_support import ORDERS, open_page
from sqlalchemy import Engine, select, update
from streamlit.testing.v1 import AppTest

from core import rights
from core.clock import now
from core.insight.reports import export
from core.reversal.runs import finance
from core.reversal.runs.finance import FilingProgress
from core.rights import Actor, Right
from core.settings import connections, preferences
from core.store import db
from core.store.states import FilingState
from core.store.tables import invoices, orders
from core.store.tables.invoices import filings
from pages.history import finance as page

pytestmark = pytest.mark.parametrize("desk", ["finished"], indirect=True)
BUCHAREST = ZoneInfo("Europe/Bucharest")
DONE = ORDERS - 1  # the other one waits for a person


def found(app: AppTest) -> Any:
    (table,) = [one.value for one in app.dataframe if "Storno number" in one.value]
    return table


def test_each_storno_stands_with_its_net_vat_total_and_state_at_the_tax_office(
    desk: Engine,
) -> None:
    with db.writing(desk) as connection:
        first = connection.scalar(
            select(invoices.c.id).where(invoices.c.reversed_at.is_not(None)).limit(1)
        )
        row = {"invoice_id": first, "state": FilingState.FILED, "note": "", "reported_at": now()}
        connection.execute(filings.insert().values(**row))
    app = open_page("history")
    table = found(app)
    assert list(table.columns) == [
        "When", "Order", "Customer", "Company", "Invoice", "Storno number", "Net", "VAT", "Total",
        "e-Factura",
    ]  # fmt: skip
    assert len(table) == DONE
    # 123.45 lei with 21 % in it.
    assert set(zip(table["Net"], table["VAT"], table["Total"], strict=True)) == {
        ("102.02 lei", "21.43 lei", "123.45 lei")
    }
    assert sorted(table["e-Factura"]) == ["filed", *["not known"] * (DONE - 1)]
    assert f"{DONE} reversed, 0 twice" in app.success[0].value


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        ("123.45", DONE), ("123,45", DONE), ("21.43", DONE), ("102,02", DONE), ("RON", DONE),
        ("pop #3", 1), ("not known", DONE), ("1999", 0), ("31.02.2026", 0), ("1.1.2020", 0),
    ],
)  # fmt: skip
def test_what_a_row_shows_is_found(desk: Engine, words: str, rows: int) -> None:
    frame = finance.stornos(words=words, filing_words={FilingProgress.NOT_KNOWN: "not known"})
    assert len(frame) == rows


def test_a_day_is_found_as_the_page_writes_it(desk: Engine) -> None:
    days = {f"{at:%d.%m.%Y}" for at in page.zoned(finance.stornos()["reversed_at"])}
    assert sum(len(finance.stornos(words=day)) for day in days) == DONE


@pytest.mark.parametrize(
    ("moments", "months"),
    [
        (["2026-11-30T22:30", "2026-11-30T22:40"], ["2026-12"]),  # the first, half past midnight
        (["2026-10-31T21:59", "2027-01-31T22:00"], ["2027-02", "2027-01", "2026-12", "2026-11",
                                                    "2026-10"]),
        (["2026-07-31T21:00", "2026-07-31T20:59"], ["2026-08", "2026-07"]),  # summer time
    ],
)  # fmt: skip
def test_months_begin_when_they_begin_where_the_seller_is(
    desk: Engine, moments: list[str], months: list[str]
) -> None:
    ended = [dt.datetime.fromisoformat(one).replace(tzinfo=dt.UTC) for one in moments]
    with db.writing(desk) as connection:
        preferences.save(connection, time_zone="Europe/Bucharest")
        known = connection.scalars(
            select(invoices.c.id).where(invoices.c.reversed_at.is_not(None))
        ).all()
        connection.execute(update(invoices).values(reversed_at=ended[0], annulled_at=None))
        connection.execute(
            update(invoices).where(invoices.c.id == known[0]).values(reversed_at=ended[1])
        )
    assert [f"{one:%Y-%m}" for one in finance.months()] == months
    begun = [dt.datetime(one.year, one.month, 1, tzinfo=BUCHAREST) for one in finance.months()]
    newest, oldest = finance.stornos(since=begun[0]), finance.stornos(since=begun[-1])
    assert len(newest) > 0
    assert len(oldest) == len(finance.stornos())


def test_vat_is_told_only_where_the_invoice_has_the_order_s_total(desk: Engine) -> None:
    with db.writing(desk) as connection:
        other = invoices.c.order_id.in_(select(orders.c.id).where(orders.c.name == "#3"))
        connection.execute(update(invoices).where(other).values(total_minor=20_000))
        connection.execute(update(orders).where(orders.c.name == "#4").values(tax_minor=None))
    vat = finance.stornos().set_index("order")["tax_minor"]
    assert vat.isna().to_dict() == {name: name in ("#3", "#4") for name in vat.index}


def test_an_account_that_files_by_itself_is_not_a_gap(desk: Engine) -> None:
    with db.writing(desk) as connection:
        (oblio,) = [
            one for one in connections.all_connections(connection) if one.service == "oblio"
        ]
        connections.save(
            connection, kind="invoicing", service="oblio", name=oblio.name,
            settings={**oblio.settings, "files_itself": "yes"}, secrets_=oblio.secrets,
            sandbox=True,
        )  # fmt: skip
    assert set(finance.stornos()["filing"]) == {FilingProgress.BY_ITSELF}


def test_the_file_has_numbers_and_a_sum_only_of_what_is_whole(desk: Engine) -> None:
    with db.writing(desk) as connection:
        connection.execute(update(orders).where(orders.c.name == "#4").values(tax_minor=None))
    open_page("history")  # the language of the columns
    sums = dict.fromkeys(("Net", "VAT", "Total"), "Currency")
    frame = page._file_rows(finance.stornos())
    sheet = load_workbook(io.BytesIO(export.to_xlsx(frame, sums=sums))).active
    head, *rows = list(sheet.values)
    first, last = dict(zip(head, rows[0], strict=True)), dict(zip(head, rows[-1], strict=True))
    assert isinstance(first["Total"], float)
    assert last["Total"] == pytest.approx(123.45 * DONE)
    assert (last["Currency"], last["Net"], last["VAT"]) == ("RON", None, None)
    assert sheet.auto_filter.ref is not None


def test_who_may_see_no_names_sees_none_in_finance_and_finds_none(desk: Engine) -> None:
    """A merchant's own role of sums and the record, without customers."""
    named = finance.stornos()
    assert named["customer"].str.contains("Pop").all()
    with rights.acting(Actor("Kim", frozenset({Right.MONEY, Right.RECORD}), person_id=7)):
        assert set(finance.stornos()["customer"]) == {""}
        assert finance.stornos(words="Pop").empty
        assert len(finance.stornos(words="#3")) == 1
