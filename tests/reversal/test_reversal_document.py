"""The right document, or a person: what does not fit is held before the order is cancelled."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from reversal_support import Desk, order, scan_each
from sqlalchemy import select, update

from core import rights
from core.audit import trail
from core.audit.actions import Action
from core.cli import plan
from core.clock import now
from core.errors import UserError
from core.i18n.reasons import sentence
from core.orders.documents import accounts, claims
from core.orders.documents.references import Reference
from core.orders.judge import proof
from core.orders.judge.reasons import JudgeCode
from core.orders.piles import edits, review
from core.reversal.runs import follow_up, runs
from core.store import db
from core.store.tables import effects, invoice_readings, orders, reversals


def invoice(service: str, series: str, number: str, name: str, **changes: Any) -> dict[str, Any]:
    return {
        "service": service, "series": series, "number": number, "order_name": name,
        "total_minor": 12345, "currency": "RON", "issued_on": "2026-11-13", "state": "open",
        **changes,
    }  # fmt: skip


def load(desk: Desk, made: list[dict[str, Any]], papers: list[dict[str, Any]]) -> None:
    desk.let_oblio_be_searched()
    desk.load_papers(made, papers)


def ids(desk: Desk) -> dict[str, int]:
    with db.reading(desk.engine) as connection:
        return {row.name: row.id for row in connection.execute(select(orders))}


def process(desk: Desk, pile: int) -> None:
    runs.start_run(pile)
    desk.start_worker()
    desk.wait()


def outcome(desk: Desk, name: str) -> tuple[str, int]:
    """The reversal's state, and how often the order was cancelled out there."""
    with db.reading(desk.engine) as connection:
        state = connection.scalar(
            select(reversals.c.state)
            .join(orders, orders.c.id == reversals.c.order_id)
            .where(orders.c.name == name)
        )
    known = desk.ledger()["orders"].items()
    return state or "", sum(one["cancelled"] for key, one in known if name.strip("#") in key)


def stornos(desk: Desk) -> dict[str, int]:
    return {key: one["reversed"] for key, one in desk.ledger()["invoices"].items()}


def test_an_invoice_found_by_the_orders_name_must_fit_before_anything_is_done(
    desk: Desk,
) -> None:
    made = [order(number, invoice=None) for number in range(1, 6)]
    papers = [
        invoice("oblio", "OB", "0901", "#100001", total_minor=99900),
        invoice("oblio", "OB", "0902", "#100002", issued_on="2026-10-05"),
        invoice("oblio", "OB", "0903", "#100003-A"),
        invoice("oblio", "OB", "0904", "#100004"),
        invoice("oblio", "OB", "0905", "#100005"),
        invoice("oblio", "OB", "0906", "#100005"),
    ]
    load(desk, made, papers)
    process(desk, scan_each(1, 2, 3, 4, 5))
    reasons = {one.order_name: one.why and one.why.code for one in follow_up.held()}
    assert reasons == {
        "#100001": JudgeCode.TOTAL_DIFFERS,
        "#100002": JudgeCode.ISSUED_BEFORE,
        "#100005": JudgeCode.SEVERAL_FOUND,
    }
    assert outcome(desk, "#100001") == ("needs_person", 0)
    assert outcome(desk, "#100002") == ("needs_person", 0)
    assert outcome(desk, "#100003") == ("done", 1)  # it has none: "-A" is another order's name
    assert outcome(desk, "#100004") == ("done", 1)
    assert outcome(desk, "#100005") == ("needs_person", 0)  # two candidates are a question
    assert {key: n for key, n in stornos(desk).items() if n} == {"oblio:OB:0904": 1}


@pytest.mark.parametrize("service", ["oblio", "smartbill", "fgo"])
def test_a_named_invoice_over_another_sum_is_a_question_until_a_person_says_why(
    desk: Desk, service: str
) -> None:
    series = {"oblio": "OB", "smartbill": "CVZ", "fgo": "FGO"}[service]
    load(
        desk,
        [order(1, invoice=service)],
        [invoice(service, series, "0001", "#100001", total_minor=55500)],
    )
    pile = scan_each(1)
    process(desk, pile)
    assert outcome(desk, "#100001") == ("needs_person", 0)
    assert sum(stornos(desk).values()) == 0
    [held] = follow_up.held()
    assert held.why is not None
    assert held.why.code == JudgeCode.TOTAL_DIFFERS
    assert "555.00" in sentence(held.why)
    assert "123.45" in sentence(held.why)

    follow_up.retry_reversal(held.reversal_id)
    desk.wait()
    assert outcome(desk, "#100001") == ("needs_person", 0)  # trying again asks the judge again

    follow_up.retry_reversal(held.reversal_id, all_the_same="half of it was refunded by hand")
    desk.wait()
    assert outcome(desk, "#100001") == ("done", 1)
    assert sum(stornos(desk).values()) == 1
    with db.reading(desk.engine) as connection:
        details = [
            one.detail for one in trail.search(connection, actions=[Action.REVERSAL_RETRIED])
        ]
    assert any(one.get("why") == "half of it was refunded by hand" for one in details)


def test_zeros_lost_in_a_list_do_not_make_a_second_storno(desk: Desk) -> None:
    desk.settings(refuse_repeats=False)
    made = [order(n, invoice=service) for n, service in enumerate(("oblio", "smartbill", "fgo"), 1)]
    desk.load(made)
    with db.writing(desk.engine) as connection:
        known = accounts.load(connection)
        for number, (service, series) in enumerate(
            (("oblio", "ob"), ("smartbill", "CVZ"), ("fgo", "FGO")), 1
        ):
            again = claims.Claim(
                ids(desk)[f"#{100000 + number}"], Reference(service, series, str(number)), "csv"
            )
            assert claims.write(connection, [again], known) == ["known"]
    process(desk, scan_each(1, 2, 3))
    assert sorted(stornos(desk).values()) == [1, 1, 1]


def test_a_reading_is_believed_for_an_hour_and_then_made_again(desk: Desk) -> None:
    load(desk, [order(1)], [invoice("oblio", "OB", "0001", "#100001", total_minor=55500)])
    pile = scan_each(1)
    process(desk, pile)
    [held] = follow_up.held()
    load(desk, [order(1)], [invoice("oblio", "OB", "0001", "#100001")])
    follow_up.retry_reversal(held.reversal_id)
    desk.wait()
    assert outcome(desk, "#100001")[0] == "needs_person"
    with db.writing(desk.engine) as connection:
        long_ago = now().replace(year=2020)
        connection.execute(update(invoice_readings).values(read_at=long_ago))
    follow_up.retry_reversal(held.reversal_id)
    desk.wait()
    assert outcome(desk, "#100001")[0] == "done"


def test_an_order_whose_documents_changed_since_they_were_shown_is_held(desk: Desk) -> None:
    desk.load([order(1), order(2)])
    pile = scan_each(1)
    runs.start_run(pile)
    with db.writing(desk.engine) as connection:
        late = claims.Claim(ids(desk)["#100001"], Reference("fgo", "FGO", "77"), "csv")
        claims.write(connection, [late], accounts.load(connection))
    desk.start_worker()
    desk.wait()
    assert outcome(desk, "#100001") == ("needs_person", 0)
    assert sum(stornos(desk).values()) == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"gateway": "gift_card", "financial_status": "PARTIALLY_PAID"}, JudgeCode.STORE_CREDIT),
        ({"financial_status": "PARTIALLY_PAID"}, JudgeCode.PARTLY_PAID),
        ({"financial_status": "REFUNDED"}, JudgeCode.REFUNDED),
        ({"financial_status": "PARTIALLY_REFUNDED"}, JudgeCode.PARTLY_REFUNDED),
        ({"return_status": "IN_PROGRESS"}, JudgeCode.RETURN_IN_PROGRESS),
    ],
)
def test_money_taken_and_returns_in_progress_are_held_in_the_pile_and_on_the_card(
    desk: Desk, changes: dict[str, Any], code: JudgeCode
) -> None:
    desk.load([order(1, invoice=None, **changes)])
    pile = scan_each(1)
    [row] = review.review(pile).to_dict("records")
    assert (row["group"], row["held_by"].code) == ("held", code)
    with pytest.raises(runs.NothingToRun):
        runs.start_run(pile)
    with pytest.raises(runs.HeldByJudge) as held:
        runs.reverse_order(ids(desk)["#100001"], restock=False, pile_id=pile)  # fmt: skip
    assert held.value.reason == row["held_by"]


def two_boxes(number: int) -> dict[str, Any]:
    made = order(number, invoice=None)
    made["fulfillments"][0]["tracking"].append(
        {"company": "FAN Courier", "number": "7000199999999"}
    )
    return made


def test_the_card_does_not_cancel_what_the_pile_holds_unless_a_person_says_why(
    desk: Desk,
) -> None:
    desk.load([two_boxes(1)])
    pile, order_id = scan_each(1), ids(desk)["#100001"]
    with pytest.raises(runs.HeldByJudge) as held:
        runs.reverse_order(order_id, restock=True, pile_id=pile)
    assert (held.value.reason.code, held.value.may_waive) == (JudgeCode.PARCELS_OUT, True)
    with rights.named("ana"):
        runs.reverse_order(order_id, restock=True, pile_id=pile, all_the_same="the other is lost")
    with db.reading(desk.engine) as connection:
        [entry] = trail.search(connection, actions=[Action.ALL_THE_SAME])
    assert (entry.actor, entry.detail["why"]) == ("ana", "the other is lost")


def test_a_waiver_holds_for_what_it_was_given_for_and_for_nothing_else(desk: Desk) -> None:
    desk.load([two_boxes(1)])
    pile, order_id = scan_each(1), ids(desk)["#100001"]
    with pytest.raises(UserError, match="few words"):
        edits.all_the_same(pile, order_id, " ")
    assert edits.all_the_same(pile, order_id, "the other is lost")
    assert review.runnable_orders(pile) == [order_id]
    with db.writing(desk.engine) as connection:
        connection.execute(update(orders).values(financial_status="PARTIALLY_PAID"))
    assert review.runnable_orders(pile) == []


def test_no_document_has_two_effects_whatever_order_and_account_it_is_asked_for(
    desk: Desk,
) -> None:
    desk.load([order(1)])
    process(desk, scan_each(1))
    with db.reading(desk.engine) as connection:
        [reference] = connection.scalars(
            select(effects.c.document).where(effects.c.invoice_id.is_not(None))
        )
    assert reference == "oblio:12345674:OB:1"


def test_the_plan_tells_each_document_with_its_proof_and_each_hold_with_its_remedy(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.load([order(1), order(2, financial_status="PARTIALLY_PAID"), order(3, invoice=None)])
    pile = scan_each(1, 2, 3)
    assert plan.plan(str(pile), as_json=True) == 1
    lines = [line for line in capsys.readouterr().out.split("\n") if line]
    printed = {(one := json.loads(line))["order"]: one for line in lines}
    assert {name: one["group"] for name, one in printed.items()} == {
        "#100001": "will run", "#100002": "held", "#100003": "will run",
    }  # fmt: skip
    [paper] = printed["#100001"]["documents"]
    assert (paper["series"], paper["number"], paper["account"]) == ("OB", "0001", "12345674")
    assert paper["say"].startswith("OB 0001 · Oblio, 12345674")
    assert printed["#100002"]["reason"]["code"] == JudgeCode.PARTLY_PAID
    assert printed["#100002"]["remedy"]
    with db.reading(desk.engine) as connection:
        shown = {row.name: proof.sheet(facts) for row, facts in review.runnable(connection, pile)}
    run = runs.start_run(pile)
    with db.reading(desk.engine) as connection:
        kept = dict(
            connection.execute(
                select(orders.c.name, reversals.c.proof)
                .join(orders, orders.c.id == reversals.c.order_id)
                .where(reversals.c.run_id == run.id)
            ).all()
        )
    assert kept == shown  # the record keeps what was shown


@pytest.fixture(autouse=True)
def _ended(desk: Desk) -> Iterator[None]:
    yield
    desk.kill_workers()
