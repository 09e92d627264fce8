"""The judge is asked once more before the first irreversible step: what has changed stops it."""

from dataclasses import replace
from typing import Any

import pytest
from effects_model import Bench, make_invoice, needs_person
from one_pass import pass_over
from sqlalchemy import delete, update

from core.orders.judge.facts import Choices, of_order
from core.orders.judge.proof import sheet
from core.orders.judge.reasons import JudgeCode
from core.reasons import Reason
from core.reversal.steps import agree
from core.reversal.steps.context import Options
from core.store import db
from core.store.tables import invoices, orders

PARTLY = Reason.of(JudgeCode.PARTLY_REFUNDED)


def stands(bench: Bench, **values: Any) -> None:
    """The order as the shop has it now."""
    usual = {"fulfillment_status": "FULFILLED", "financial_status": "PENDING", **values}
    with db.writing(bench.engine) as connection:
        connection.execute(update(orders).values(**usual))


def test_the_judge_is_asked_with_what_was_chosen_for_the_reversal() -> None:
    chosen = agree.choices_of(
        Options(restock=True, refund=True, document="annul", cancel_fulfillments=True,
                waived=["a", "b"])
    )  # fmt: skip
    assert chosen == Choices(
        included=True, document="annul", cancel_fulfillments=True, refund=True, restock=True,
        waived=("a", "b"),
    )  # fmt: skip
    assert agree.choices_of(Options()) == Choices()


def test_an_order_that_nothing_speaks_against_is_agreed_to_once_a_pass(bench: Bench) -> None:
    stands(bench)
    begun = pass_over(bench)
    assert agree.before_cancel(begun) is None
    assert begun.agreed == {agree.DOCUMENTS}


@pytest.mark.parametrize(
    ("values", "code"),
    [({"has_returns": True}, JudgeCode.RETURN_IN_PROGRESS),
     ({"financial_status": "PAID"}, JudgeCode.PAID_AND_SHIPPED),
     ({"financial_status": "REFUNDED"}, JudgeCode.REFUNDED),
     ({"gateways": "Gift card"}, JudgeCode.STORE_CREDIT)],
)  # fmt: skip
def test_what_the_shop_tells_now_stops_a_cancel_that_was_right_when_it_was_asked_for(
    bench: Bench, values: dict[str, Any], code: JudgeCode
) -> None:
    stands(bench, **values)
    begun = pass_over(bench)
    why, said = needs_person(agree.before_cancel(begun))
    assert why is not None
    assert (why.code, said) == (code, code)
    assert begun.agreed == set()


def test_a_reason_that_a_person_went_against_stops_nothing_and_another_does(bench: Bench) -> None:
    stands(bench, financial_status="PARTIALLY_REFUNDED")
    with_word = pass_over(bench, waived=[PARTLY.dumps()])
    assert agree.before_cancel(with_word) is None
    assert needs_person(agree.before_cancel(pass_over(bench)))[1] == JudgeCode.PARTLY_REFUNDED
    stands(bench, financial_status="PARTIALLY_REFUNDED", has_returns=True)
    assert needs_person(agree.before_cancel(with_word))[1] == JudgeCode.RETURN_IN_PROGRESS


def test_documents_of_a_service_that_is_not_connected_stop_the_cancel_itself(
    bench: Bench,
) -> None:
    """Rule 6: an order whose invoice could not be reversed afterwards is not cancelled."""
    stands(bench)
    make_invoice(bench.engine, bench.subject, "0001")
    with db.writing(bench.engine) as connection:
        connection.execute(update(invoices).values(service="oblio", total_minor=1))
    code = needs_person(agree.before_cancel(pass_over(bench)))[1]
    assert code == JudgeCode.SERVICE_NOT_CONNECTED
    assert agree.before_cancel(pass_over(bench, document="none")) is None


def test_documents_that_were_agreed_to_are_not_looked_at_twice_in_a_pass(bench: Bench) -> None:
    stands(bench)
    begun = pass_over(bench)
    assert agree.before_documents(begun) is None
    make_invoice(bench.engine, bench.subject, "0001")
    assert agree.before_documents(begun) is None
    assert agree.before_documents(pass_over(bench)) is not None


def test_a_document_that_was_shown_and_is_gone_is_asked_about(bench: Bench) -> None:
    """Rule 12: what runs is what was shown."""
    stands(bench)
    made = make_invoice(bench.engine, bench.subject, "0001")
    with db.reading(bench.engine) as connection:
        facts = of_order(connection, bench.subject.order_id, Choices())
    assert facts is not None
    shown = list(sheet(facts))
    assert len(shown) == 1
    with db.writing(bench.engine) as connection:
        connection.execute(delete(invoices).where(invoices.c.id == made))
    why, code = needs_person(agree.before_documents(replace(pass_over(bench), proof=shown)))
    assert code == JudgeCode.CHANGED
    assert why is not None
    assert "0001" in str(why.parameters["before"])
    assert agree.before_documents(replace(pass_over(bench), proof=[])) is None
