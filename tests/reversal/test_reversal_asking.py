"""One order is judged as the card asks, and a person goes against what may be gone against."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from effects_model import make_reversal
from sqlalchemy import Engine, update

from core.orders.judge.facts import Choices, Facts
from core.orders.judge.reasons import JudgeCode
from core.orders.judge.rules import reasons
from core.reversal.codes import RunCode
from core.reversal.runs.asking import HeldByJudge, NothingToRun, against, judged, judged_facts
from core.settings import preferences
from core.store import db
from core.store.states import ReversalState
from core.store.tables import orders, reversals

Make = Callable[..., int]


@pytest.fixture
def order(engine: Engine) -> Make:
    """An order whose reversal a person stopped, with these columns of its own; gives its id."""

    def make(**values: Any) -> int:
        subject, _ = make_reversal(engine)
        usual = {"fulfillment_status": "FULFILLED", "financial_status": "PENDING", **values}
        with db.writing(engine) as connection:
            connection.execute(update(orders).values(**usual))
            connection.execute(update(reversals).values(state=ReversalState.STOPPED))
        return subject.order_id

    return make


def facts_of(engine: Engine, order_id: int) -> Facts:
    with db.reading(engine) as connection:
        return judged_facts(connection, order_id, None)


def test_an_order_with_nothing_against_it_will_run_and_no_reason_is_gone_against(
    engine: Engine, order: Make
) -> None:
    made = order()
    assert judged(made, None).group == "will run"
    assert against(facts_of(engine, made), "") == []


def test_an_order_that_is_gone_is_said_to_be(engine: Engine, order: Make) -> None:
    gone = order() + 1
    with pytest.raises(NothingToRun) as said:
        judged(gone, None)
    assert said.value.args[0] == NothingToRun(RunCode.ORDER_GONE).args[0]


@pytest.mark.parametrize("allowed", [True, False])
def test_an_order_in_no_pile_is_judged_by_the_desks_own_choices(
    engine: Engine, order: Make, allowed: bool
) -> None:
    made = order(financial_status="PAID")
    with db.writing(engine) as connection:
        preferences.save(connection, allow_fulfillment_cancel=allowed)
    reason = judged(made, None).reason
    assert reason is not None
    expected = JudgeCode.REFUND_NOT_CHOSEN if allowed else JudgeCode.PAID_AND_SHIPPED
    assert reason.code == expected


def test_a_reason_that_may_be_waived_needs_a_word_why(engine: Engine, order: Make) -> None:
    facts = facts_of(engine, order(fulfillment_status="PARTIALLY_FULFILLED"))
    with pytest.raises(HeldByJudge) as held:
        against(facts, "")
    assert (held.value.reason.code, held.value.may_waive) == (JudgeCode.PARTLY_SHIPPED, True)
    gone_against = against(facts, "The customer called")
    assert [one.code for one in gone_against] == [JudgeCode.PARTLY_SHIPPED]
    waived = Choices(waived=tuple(one.dumps() for one in gone_against))
    assert list(reasons(replace(facts, chosen=waived))) == []


def test_with_a_reason_that_nobody_may_waive_beside_it_no_word_helps(
    engine: Engine, order: Make
) -> None:
    facts = facts_of(engine, order(fulfillment_status="PARTIALLY_FULFILLED", has_returns=True))
    with pytest.raises(HeldByJudge) as held:
        against(facts, "The customer called")
    assert held.value.reason.code == JudgeCode.RETURN_IN_PROGRESS
    assert not held.value.may_waive


def test_what_was_left_out_of_a_pile_is_asked_about_by_that_alone(
    engine: Engine, order: Make
) -> None:
    facts = facts_of(engine, order(fulfillment_status="PARTIALLY_FULFILLED"))
    left_out = replace(facts, chosen=replace(facts.chosen, included=False))
    with pytest.raises(HeldByJudge) as held:
        against(left_out, "")
    assert held.value.reason.code == JudgeCode.LEFT_OUT


@pytest.mark.parametrize("state", ["queued", "needs_person", "done"])
def test_what_is_begun_is_begun_whatever_a_person_says(
    engine: Engine, order: Make, state: str
) -> None:
    made = order()
    with db.writing(engine) as connection:
        connection.execute(update(reversals).values(state=state))
    with pytest.raises(NothingToRun) as said:
        against(facts_of(engine, made), "The customer called")
    assert not isinstance(said.value, HeldByJudge)
