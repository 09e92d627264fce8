"""What runs is what was shown: an order that changed between Review and the press is left out."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import outside_world as world
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select, update

from core.clock import now
from core.orders.documents import accounts, claims, readings
from core.orders.documents.references import Reference
from core.orders.judge.shown import Shown, of_text
from core.orders.piles import edits, review
from core.reversal.codes import RunCode
from core.reversal.runs import runs
from core.server.machines.description import SHOWN
from core.services.outcome import Confirmed
from core.services.ports import InvoiceFacts
from core.settings import connections, preferences
from core.store import db
from core.store.tables import invoice_readings, invoices, orders, pile_orders, reversals

FIRST, SECOND = "81234567001", "81234567002"
TOLD = InvoiceFacts("MUR", "0077", 12100, "RON", dt.date(2026, 11, 20), customer="Ana Pop")
Change = Callable[[int], None]


def ids() -> dict[str, int]:
    with db.reading() as connection:
        rows = connection.execute(select(orders.c.name, orders.c.id))
        return {row.name: row.id for row in rows}


def name(source: str, named: Reference, of: str = "#1") -> None:
    with db.writing() as connection:
        known = accounts.load(connection)
        claims.write(connection, [claims.Claim(ids()[of], named, source)], known)


def read(**facts: Any) -> None:
    with db.writing() as connection:
        [paper] = connection.scalars(select(invoices.c.id)).all()
        readings.keep(connection, paper, Confirmed(replace(TOLD, **facts)))


def write(*statements: Any) -> None:
    with db.writing() as connection:
        for one in statements:
            connection.execute(one)


def choose(**values: Any) -> Change:
    return lambda pile: edits.set_options(pile, [ids()["#1"]], **values)


def of_order(**values: Any) -> Change:
    return lambda _pile: write(update(orders).where(orders.c.name == "#1").values(values))


def prefer(**values: Any) -> Change:
    def change(_pile: int) -> None:
        with db.writing() as connection:
            preferences.save(connection, **values)

    return change


@pytest.fixture
def pile(engine: Engine) -> int:
    """Two orders that would run; the first has an invoice, read at its service."""
    shop = world.connect_shop()
    for number, tracking in ((1, FIRST), (2, SECOND)):
        world.add_order(shop, number, tracking)
    with db.writing() as connection:
        connections.save(
            connection, kind="invoicing", service="smartbill", name="SmartBill",
            settings={"vat_code": "RO77"}, secrets_={},
        )  # fmt: skip
    name("order", Reference("smartbill", "MUR", "0077"))
    read()
    made = world.pile()
    for tracking in (FIRST, SECOND):
        world.scan(made, tracking)
    return made


def seen(pile: int) -> dict[int, Shown]:
    """As Review has it: of what it showed."""
    frame = review.groups(pile)
    ready = frame.loc[frame["group"] == "will run"]
    return dict(zip(ready["order_id"], ready["shown"], strict=True))


def begun() -> list[str]:
    query = select(orders.c.name).join(reversals, reversals.c.order_id == orders.c.id)
    with db.reading() as connection:
        return sorted(connection.scalars(query))


CHANGED: dict[str, Change] = {
    "a second document": lambda _p: name("csv", Reference("smartbill", "MUR", "0078")),
    "another document": lambda _p: write(
        update(invoices).values(number="0079", number_key="79"), delete(invoice_readings)
    ),
    "no document": lambda _p: write(delete(invoice_readings), delete(invoices)),
    "the document is another company's": lambda _p: write(update(invoices).values(account="RO99")),
    "its customer": lambda _p: read(customer="Ilinca Dobre"),
    "its day": lambda _p: read(issued_on=dt.date(2026, 11, 19)),
    "its order": lambda _p: read(order_text="comanda 55"),
    "the sum of both": lambda _p: (of_order(total_minor=9900)(_p), read(total_minor=9900)),
    "the order's sum": of_order(total_minor=12099),
    "restock": choose(restock=True),
    "an e-mail": choose(notify=True),
    "money back": choose(refund=True),
    "annulled": choose(document="annul"),
    "invoice left alone": choose(document="none"),
    "shipment cancelled": choose(cancel_fulfillments=True),
    "reason": choose(reason="FRAUD"),
    "note": choose(staff_note="call first"),
    "left out": choose(included=False),
    "of the whole pile": lambda p: edits.set_options_of_pile(p, restock=True),
    "invoices are left alone": prefer(revert_invoice_on_cancel=False),
    "partly paid": of_order(financial_status="PARTIALLY_PAID"),
    "out of the pile": lambda p: edits.remove_order(p, ids()["#1"]),
}
SAME: dict[str, Change] = {
    "nothing": lambda _p: None,
    "read again, the same": lambda _p: read(),
    "too old to be believed": lambda _p: write(
        update(invoice_readings).values(read_at=now() - dt.timedelta(hours=2))
    ),
    "scanned again": lambda p: world.scan(p, FIRST, "again") and None,
    "a note for the box": choose(condition="damaged", remark="wet"),
    "reversed by hand": lambda _p: write(update(invoices).values(reversed_at=now())),
}  # fmt: skip


@pytest.mark.parametrize("what", list(CHANGED))
def test_an_order_that_changed_since_it_was_shown_is_left_out(pile: int, what: str) -> None:
    before = seen(pile)
    assert len(before) == 2
    CHANGED[what](pile)
    whole = what in ("of the whole pile", "invoices are left alone")
    if whole:
        with pytest.raises(runs.NothingToRun) as caught:
            runs.start_run(pile, shown=before)
        assert caught.value.reason.code == RunCode.CHANGED
        assert begun() == []
        return
    run = runs.start_run(pile, shown=before)
    assert begun() == ["#2"]
    is_held = ids()["#1"] not in seen(pile)
    assert (run.total, run.changed) == (1, 0 if is_held else 1)
    if not is_held:  # looked at again, it runs
        assert runs.start_run(pile, shown=seen(pile)).total == 1


@pytest.mark.parametrize("what", list(SAME))
def test_what_changes_nothing_of_what_will_be_done_runs(pile: int, what: str) -> None:
    before = seen(pile)
    SAME[what](pile)
    assert (run := runs.start_run(pile, shown=before)).total == 2
    assert run.changed == 0


def test_a_document_that_was_being_checked_may_be_read_since(pile: int) -> None:
    write(delete(invoice_readings))
    before = seen(pile)
    read()
    assert runs.start_run(pile, shown=before).total == 2


def test_a_document_found_by_name_since_runs_only_where_nobody_had_looked(pile: int) -> None:
    write(delete(invoice_readings), delete(invoices))
    before = seen(pile)
    name("service", Reference("smartbill", "MUR", "0077"))
    with db.writing() as connection:
        readings.note_search(connection, ids()["#1"])
    assert runs.start_run(pile, shown=before).changed == 0
    write(delete(reversals), delete(invoices))
    again = seen(pile)  # it has been looked for, and nothing was there
    name("service", Reference("smartbill", "MUR", "0078"))
    run = runs.start_run(pile, shown=again)
    assert (run.total, run.changed) == (1, 1)


def test_what_came_in_after_it_was_shown_waits_for_the_next_look(pile: int) -> None:
    before = seen(pile)
    shop = world.connect_shop()
    world.add_order(shop, 3, "81234567003")
    world.scan(pile, "81234567003")
    assert runs.start_run(pile, shown=before).total == 2
    assert begun() == ["#1", "#2"]


def test_an_edit_of_a_pile_that_a_person_saw_is_kept_for_each_order(pile: int) -> None:
    edits.set_options_of_pile(pile, restock=True)
    assert runs.start_run(pile, shown=seen(pile)).total == 2
    with db.reading() as connection:
        assert connection.scalars(select(pile_orders.c.restock)).all() == [True, True]


HASHED = st.text("0123456789abcdef", min_size=20, max_size=20)


@given(
    order_id=st.integers(1, 2**31 - 1),
    seen=st.builds(
        Shown,
        st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2120, 1, 1), timezones=st.just(dt.UTC)),
        HASHED,
        st.lists(st.tuples(HASHED, HASHED | st.just(""))).map(tuple),
    ),
)
def test_a_program_gives_back_just_what_it_was_shown(order_id: int, seen: Shown) -> None:
    text = seen.as_text(order_id)
    assert re.fullmatch(SHOWN, text)
    assert of_text(text) == (order_id, seen)
