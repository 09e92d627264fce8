""" "Done before" is believed once the service was asked, and not because of its words."""

import datetime as dt
from dataclasses import replace

import pytest
from reversal_support import Desk, order, paper
from sqlalchemy import select

from core.reversal.steps import advance
from core.services.invoicing.codes import InvoicingCode
from core.services.invoicing.fgo import Fgo
from core.services.invoicing.oblio import Oblio
from core.services.outcome import Confirmed, Evidence, Outcome
from core.services.ports import InvoiceFacts, InvoiceRef, Storno
from core.store import db
from core.store.tables import effects, invoices, reversals


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


def test_an_invoice_that_somebody_annulled_since_it_was_read_is_never_reversed_on_top(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was open when the judge read it, whose word counts for an hour."""
    real = Oblio.read_invoice

    def read_before(self: Oblio, invoice: InvoiceRef) -> Outcome[InvoiceFacts]:
        outcome = real(self, invoice)
        assert isinstance(outcome, Confirmed)
        return replace(outcome, value=replace(outcome.value, annulled=False))

    monkeypatch.setattr(Oblio, "read_invoice", read_before)
    desk.load_papers([order(1)], [paper(1, state="annulled")])
    desk.run()
    work(desk)
    with db.reading(desk.engine) as connection:
        assert connection.scalar(select(reversals.c.state)) == "needs_person"
        storno = connection.execute(select(effects).where(effects.c.kind == "storno")).one()
    assert (storno.attempt, storno.why.code) == (0, InvoicingCode.IS_ANNULLED)
