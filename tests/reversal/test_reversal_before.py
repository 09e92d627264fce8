""" "Done before" is believed once the service was asked, and not because of its words."""

import datetime as dt

import pytest
from reversal_support import Desk, order
from sqlalchemy import select

from core.reversal.steps import advance
from core.services.invoicing.fgo import Fgo
from core.services.outcome import Confirmed, Evidence, Outcome
from core.services.ports import InvoiceRef, Storno
from core.store import db
from core.store.tables import invoices, reversals


def says_before(_self: Fgo, _invoice: InvoiceRef, _key: str, _on: dt.date) -> Outcome[Storno]:
    """A service whose refusal we read as "had been reversed before"."""
    return Confirmed(Storno(), Evidence("fgo", "POST /", 400, "deja stornata"), before=True)


def work(desk: Desk) -> None:
    for _ in range(30):
        with db.reading(desk.engine) as connection:
            row = connection.execute(select(reversals.c.id, reversals.c.generation)).one()
        if advance.advance(row.id, row.generation) is not None:
            break


def test_words_that_the_services_own_list_denies_are_a_matter_for_a_person(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fgo, "reverse", says_before)
    desk.load([order(1, invoice="fgo")])
    desk.run()
    work(desk)
    with db.reading(desk.engine) as connection:
        assert connection.scalar(select(reversals.c.state)) == "needs_person"
        assert connection.scalar(select(invoices.c.reversed_at)) is None


def test_words_that_the_list_confirms_bring_the_stornos_number_along(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Fgo.reverse

    def done_already(self: Fgo, invoice: InvoiceRef, key: str, on: dt.date) -> Outcome[Storno]:
        real(self, invoice, key, on)
        return says_before(self, invoice, key, on)

    monkeypatch.setattr(Fgo, "reverse", done_already)
    desk.load([order(1, invoice="fgo")])
    desk.run()
    work(desk)
    with db.reading(desk.engine) as connection:
        assert connection.scalar(select(reversals.c.state)) == "done"
        invoice = connection.execute(select(invoices)).one()
    assert invoice.reversed_at is not None
    assert invoice.storno_number
