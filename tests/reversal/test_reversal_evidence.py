"""Rule 3 holds for any adapter: a success that shows nothing is none, whoever wrote the adapter."""

import datetime as dt

import pytest
from effects_model import DONE, SAID, Bench, Model, asked_after, needs_person
from reversal_support import Desk, order
from set_clock import SetClock
from sqlalchemy import select

from core.reasons import Reason
from core.reversal.codes import EffectCode
from core.reversal.effects import executor
from core.reversal.effects.calls import Absent, Answer, Found
from core.reversal.steps import advance, invoices
from core.services.invoicing.fgo import Fgo
from core.services.outcome import Confirmed, Evidence, Outcome
from core.services.ports import Capabilities, InvoiceRef, Rate, Storno
from core.store import db
from core.store.tables import effects, reversals
from core.store.tables import invoices as papers

BARE = [None, Evidence("hasty", "PUT /credit", 200), Evidence("hasty", "PUT /credit", 204, " \n ")]
NOTHING_SHOWN = Reason(EffectCode.NO_EVIDENCE)


class Hasty:
    """An invoicing service's adapter that takes any answer for a success, as a stranger's might."""

    capabilities = Capabilities(Rate(5), can_be_asked=True)

    def __init__(self, evidence: Evidence | None, *, before: bool = False) -> None:
        self.evidence, self.before = evidence, before

    def reverse(self, _invoice: InvoiceRef, _key: str, _on: dt.date) -> Outcome[Storno]:
        return Confirmed(Storno("CR", "2044"), self.evidence, self.before)

    def find_storno(self, _invoice: InvoiceRef) -> Outcome[Storno | None]:
        return Confirmed(Storno("CR", "2044"), self.evidence)


def sent_by(adapter: Hasty) -> Outcome[dict[str, object]]:
    return invoices._as_result(adapter.reverse(InvoiceRef("CR", "17"), "key", dt.date(2026, 3, 4)))


def told_by(adapter: Hasty) -> Answer:
    return invoices._exists(adapter.find_storno(InvoiceRef("CR", "17")))


@pytest.mark.parametrize("evidence", BARE)
@pytest.mark.parametrize("before", [False, True])
def test_a_success_without_evidence_is_in_doubt_and_is_asked_about(
    bench: Bench, set_clock: SetClock, evidence: Evidence | None, before: bool
) -> None:
    model = Model([sent_by(Hasty(evidence, before=before))], [Found({"number": "2044"}, SAID)])
    halt = bench.execute(model)
    assert (halt and halt.why, bench.stands().state) == (NOTHING_SHOWN, "unknown")
    assert model.confirmed == []
    set_clock.passed += 91
    assert bench.execute(model, bench.stands()) is None
    assert (bench.stands().outcome, model.attempts) == ("found_by_asking", [1])


def test_what_cannot_be_asked_about_goes_to_a_person_where_its_success_shows_nothing(
    bench: Bench,
) -> None:
    why, _ = needs_person(bench.execute(Model([sent_by(Hasty(None))]), ask=None))
    assert why == Reason.of(EffectCode.IN_DOUBT, why=NOTHING_SHOWN)
    assert bench.stands().state == "held"


@pytest.mark.parametrize("evidence", BARE)
def test_a_yes_that_shows_nothing_confirms_no_effect_in_doubt(
    bench: Bench, set_clock: SetClock, evidence: Evidence | None
) -> None:
    halt = asked_after(bench, set_clock, Model([], [told_by(Hasty(evidence))]))
    assert needs_person(halt)[0] == Reason.of(EffectCode.CANNOT_TELL, why=NOTHING_SHOWN)
    assert bench.stands().state == "held"


def test_a_yes_that_shows_nothing_before_the_first_sending_is_no_storno_done_before(
    bench: Bench,
) -> None:
    model = Model([DONE], [told_by(Hasty(None))])
    assert needs_person(bench.execute(model, ask_first=True)) == (NOTHING_SHOWN, "failed")
    assert model.attempts == []


def test_the_proof_after_a_shop_has_begun_must_show_the_order_cancelled(
    bench: Bench, set_clock: SetClock
) -> None:
    looks = len(executor.PROOF_PAUSES) + 1
    slept: list[float] = []
    set_clock.on_sleep = slept.append
    model = Model([Confirmed({"job": "j"}, SAID)], [Found({"cancelled": True})] * looks)
    assert bench.execute(model, proved_by_asking=True) is not None
    assert (bench.stands().state, model.confirmed) == ("held", [])
    # Looked at soon, and within the second that a shop's job takes.
    first, *_ = pauses = slept[: looks - 1]
    assert (first < 0.1, round(sum(pauses), 2)) == (True, 1.0)


def test_a_success_with_evidence_and_an_absence_without_go_on_as_before(bench: Bench) -> None:
    model = Model([sent_by(Hasty(SAID))], [Absent()])
    assert bench.execute(model, ask_first=True) is None
    assert bench.stands().evidence == SAID.as_json()


def test_an_adapter_that_shows_nothing_reverses_no_invoice_by_its_word_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way: nothing was done, and the adapter said that it was."""
    monkeypatch.setattr(Fgo, "reverse", Hasty(None).reverse)
    desk.load([order(1, invoice="fgo")])
    desk.run()
    with db.reading(desk.engine) as connection:
        row = connection.execute(select(reversals.c.id, reversals.c.generation)).one()
    advance.advance(row.id, row.generation)
    with db.reading(desk.engine) as connection:
        kept = connection.execute(select(effects).where(effects.c.kind == "storno")).one()
        assert connection.scalar(select(papers.c.reversed_at)) is None
    assert (kept.state, kept.why) == ("unknown", NOTHING_SHOWN)
