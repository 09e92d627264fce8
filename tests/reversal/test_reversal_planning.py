"""What services say of invoices is read while a pile is planned, and a run does not wait for it."""

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from reversal_support import SERIES, Desk, order, paper, scan_each
from sqlalchemy import Engine, select, update

from core.cli import plan
from core.clock import now
from core.config import home
from core.i18n.reasons import sentence
from core.orders.documents import claims
from core.orders.judge.reasons import JudgeCode
from core.orders.piles import checks, piles, review
from core.reversal.runs import follow_up, runs
from core.reversal.worker import planning
from core.server import scan_response
from core.store import db
from core.store.tables import invoice_readings, invoice_searches, invoices, orders, reversals
from core.store.tables import piles as piles_table

PATIENCE = 40.0


def load(desk: Desk, papers: list[dict[str, Any]]) -> None:
    """As many orders as papers, the first of the first one and so on."""
    desk.load_papers([order(n, invoice=one["service"]) for n, one in enumerate(papers, 1)], papers)


def rows(desk: Desk, pile: int) -> dict[str, Any]:
    table = review.review(pile).to_dict("records")
    return {one["order"]: one for one in table}


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def states(desk: Desk) -> dict[str, str]:
    query = select(orders.c.name, reversals.c.state).join(
        orders, orders.c.id == reversals.c.order_id
    )
    with db.reading(desk.engine) as connection:
        return {row.name: row.state for row in connection.execute(query)}


def cancelled(desk: Desk) -> int:
    return sum(one["cancelled"] for one in desk.ledger()["orders"].values())


def stornos(desk: Desk) -> int:
    return sum(one["reversed"] for one in desk.ledger()["invoices"].values())


def test_a_planned_pile_is_read_and_what_differs_is_a_question_before_any_run(desk: Desk) -> None:
    load(
        desk,
        [paper(1, "oblio"), paper(2, "smartbill", total_minor=55500), paper(3, "fgo")],
    )
    pile = scan_each(1, 2, 3)
    before = rows(desk, pile)
    assert {name: one["checking"] for name, one in before.items()} == dict.fromkeys(before, True)
    assert all("being checked" in sentence(one["proof"][0]) for one in before.values())
    desk.start_worker()
    until(lambda: not any(one["checking"] for one in rows(desk, pile).values()))
    after = rows(desk, pile)
    assert {name: one["group"] for name, one in after.items()} == {
        "#100001": "will run", "#100002": "held", "#100003": "will run",
    }  # fmt: skip
    assert after["#100002"]["held_by"].code == JudgeCode.TOTAL_DIFFERS
    assert "555.00" in after["#100002"]["why"]
    assert "123.45" in after["#100002"]["why"]
    assert "123.45" in sentence(after["#100001"]["proof"][0])
    assert "being checked" not in sentence(after["#100001"]["proof"][0])

    # What was read is believed: nobody is asked again, so that a run cannot wait for it.
    desk.faults(share=1.0, kinds=["error_before"], services=list(SERIES), only_effects=False)
    runs.start_run(pile)
    until(lambda: cancelled(desk) == 2)
    desk.faults()
    desk.wait()
    assert states(desk) == {"#100001": "done", "#100003": "done"}


def test_orders_that_are_still_being_checked_wait_and_the_rest_runs(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    load(desk, [paper(1, "oblio"), paper(2, "smartbill"), paper(3, "oblio")])
    # A block in SmartBill's own words, as long as ten minutes are here.
    desk.settings(block_seconds=600)
    desk.faults(share=1.0, kinds=["block"], services=["smartbill"], only_effects=False)
    pile = scan_each(1, 2, 3)
    desk.start_worker()
    until(lambda: bool(checks.pauses()))
    until(lambda: sum(one["checking"] for one in rows(desk, pile).values()) == 1)
    [pause] = checks.pauses()
    assert pause.service == "SmartBill"
    assert pause.until > now()
    assert sentence(pause.why)
    assert plan.plan(str(pile), as_json=True) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]
    assert [one["order"] for one in lines if one["checking"]] == ["#100002"]
    assert plan.plan(str(pile), as_json=False) == 0
    printed = capsys.readouterr().err
    assert "#100002 · will run · being checked" in printed
    assert "SmartBill: " in printed
    assert review.totals(pile).checking == 1

    runs.start_run(pile)
    until(lambda: list(states(desk).values()).count("done") == 2)
    assert states(desk)["#100002"] in ("queued", "working", "waiting")
    assert (cancelled(desk), stornos(desk)) == (2, 2)  # of the blocked one nothing is guessed


def test_a_reading_that_is_too_old_is_made_again_and_a_change_holds_the_order(desk: Desk) -> None:
    load(desk, [paper(1, "oblio"), paper(2, "oblio"), paper(3, "fgo")])
    pile = scan_each(1, 2, 3)
    desk.start_worker()
    until(lambda: not any(one["checking"] for one in rows(desk, pile).values()))
    desk.kill_workers()
    runs.start_run(pile)
    # Over the same sum still, so that nothing but the comparison with what was shown can tell.
    load(
        desk,
        [paper(1, "oblio"), paper(2, "oblio", customer="Maria Ionescu"),
         paper(3, "fgo", issued_on="2026-11-14")],
    )  # fmt: skip
    with db.writing(desk.engine) as connection:
        connection.execute(
            update(invoice_readings).values(read_at=now() - dt.timedelta(hours=1, seconds=1))
        )
    desk.start_worker()
    desk.wait()
    assert states(desk) == {"#100001": "done", "#100002": "needs_person", "#100003": "needs_person"}
    assert (cancelled(desk), stornos(desk)) == (1, 1)
    held = {one.order_name: one for one in follow_up.held()}
    reason = held["#100002"].why
    assert reason is not None
    assert reason.code == JudgeCode.CHANGED
    # A person has seen both sides and lets it go on.
    follow_up.retry_reversal(held["#100002"].reversal_id)
    desk.wait()
    assert states(desk)["#100002"] == "done"
    assert (cancelled(desk), stornos(desk)) == (2, 2)


def test_what_changed_once_more_after_it_was_told_is_told_again(desk: Desk) -> None:
    load(desk, [paper(1, "oblio")])
    pile = scan_each(1)
    desk.start_worker()
    until(lambda: not any(one["checking"] for one in rows(desk, pile).values()))
    desk.kill_workers()
    runs.start_run(pile)

    def changes(**what: Any) -> None:
        load(desk, [paper(1, "oblio", **what)])
        with db.writing(desk.engine) as connection:
            connection.execute(update(invoice_readings).values(read_at=now() - dt.timedelta(1)))

    changes(customer="Maria Ionescu")
    desk.start_worker()
    desk.wait()
    [held] = follow_up.held()
    changes(total_minor=12000)  # between what the person saw and the second press
    follow_up.retry_reversal(held.reversal_id)
    desk.wait()
    assert states(desk) == {"#100001": "needs_person"}
    assert cancelled(desk) == 0


def test_a_document_that_went_to_another_order_is_told_and_the_rest_goes_on(desk: Desk) -> None:
    load(desk, [paper(1, "oblio"), paper(2, "oblio")])
    pile = scan_each(1)
    desk.start_worker()
    until(lambda: not any(one["checking"] for one in rows(desk, pile).values()))
    desk.kill_workers()
    runs.start_run(pile)
    with db.writing(desk.engine) as connection:
        ids = {row.name: row.id for row in connection.execute(select(orders.c.name, orders.c.id))}
        mine = select(invoices.c.id).where(invoices.c.order_id == ids["#100001"])
        claims.belongs_to(connection, connection.scalars(mine).one(), ids["#100002"])
    desk.start_worker()
    desk.wait()
    [held] = follow_up.held()
    assert held.why is not None
    assert (held.why.code, held.why.parameters["now"]) == (JudgeCode.CHANGED, ("–",))
    assert cancelled(desk) == 0
    follow_up.retry_reversal(held.reversal_id)  # a person has seen that it has none now
    desk.wait()
    assert states(desk) == {"#100001": "done"}
    assert (cancelled(desk), stornos(desk)) == (1, 0)


def load_nameless(desk: Desk, count: int, papers: list[dict[str, Any]]) -> None:
    made = [order(number, invoice=None) for number in range(1, count + 1)]
    desk.load_papers(made, papers)


def test_what_an_order_does_not_name_is_looked_for_while_the_pile_is_planned(desk: Desk) -> None:
    desk.let_oblio_be_searched()
    load_nameless(
        desk,
        4,
        [
            paper(1, "oblio"),
            paper(2, "oblio", total_minor=77700),
            paper(3, "oblio", customer="Maria Ionescu"),
        ],
    )
    pile = scan_each(1, 2, 3, 4)
    assert all(one["checking"] for one in rows(desk, pile).values())
    desk.start_worker()
    until(lambda: not any(one["checking"] for one in rows(desk, pile).values()))
    found = rows(desk, pile)
    assert {name: one["group"] for name, one in found.items()} == {
        "#100001": "will run", "#100002": "held", "#100003": "held", "#100004": "will run",
    }  # fmt: skip
    assert found["#100002"]["held_by"].code == JudgeCode.TOTAL_DIFFERS
    assert found["#100003"]["held_by"].code == JudgeCode.CUSTOMER_DIFFERS
    assert sentence(found["#100001"]["proof"][0]).endswith("found by the order's name")
    assert found["#100004"]["proof"] == ()
    runs.start_run(pile)
    desk.wait()
    assert states(desk) == {"#100001": "done", "#100004": "done"}
    assert (cancelled(desk), stornos(desk)) == (2, 1)


def test_what_is_found_only_after_the_plan_was_shown_without_it_is_a_question(desk: Desk) -> None:
    desk.let_oblio_be_searched()
    load_nameless(desk, 1, [])
    pile = scan_each(1)
    desk.start_worker()
    until(lambda: not any(one["checking"] for one in rows(desk, pile).values()))
    desk.kill_workers()
    runs.start_run(pile)
    load_nameless(desk, 1, [paper(1, "oblio")])
    with db.writing(desk.engine) as connection:
        connection.execute(
            update(invoice_searches).values(searched_at=now() - dt.timedelta(hours=2))
        )
    desk.start_worker()
    desk.wait()
    [held] = follow_up.held()
    assert held.why is not None
    assert held.why.code == JudgeCode.CHANGED
    assert cancelled(desk) == 0
    follow_up.retry_reversal(held.reversal_id)
    desk.wait()
    assert states(desk) == {"#100001": "done"}
    assert (cancelled(desk), stornos(desk)) == (1, 1)


def test_a_pile_that_nobody_plans_any_more_is_not_asked_about(desk: Desk) -> None:
    load(desk, [paper(1, "oblio")])
    pile = scan_each(1)

    def wanted() -> int:
        with db.reading(desk.engine) as connection:
            return len(checks.wanted(connection).invoices)

    assert wanted() == 1
    with db.writing(desk.engine) as connection:
        connection.execute(update(piles_table).values(looked_at=now() - 2 * checks.PLANNED))
    assert wanted() == 0
    checks.look(pile)
    assert wanted() == 1
    piles.close(pile)
    assert wanted() == 0


def test_each_window_of_a_large_pile_goes_on_behind_the_one_before(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "WINDOW", 2)
    load(desk, [paper(n, "oblio") for n in range(1, 6)])
    scan_each(1, 2, 3, 4, 5)
    seen: list[str] = []
    behind: int | None = 0
    with db.reading(desk.engine) as connection:
        while behind is not None:
            wanted = checks.wanted(connection, behind)
            seen += [one.name for one in wanted.invoices]
            behind = wanted.behind
    assert sorted(seen) == [f"OB {n:04}" for n in range(1, 6)]


@pytest.mark.parametrize(
    ("changes", "word", "sound"),
    [
        ({}, "Good", "good"),
        ({"financial_status": "PARTIALLY_PAID"}, "Held", "seen"),
        ({"return_status": "IN_PROGRESS"}, "Held", "seen"),
    ],
)
def test_the_answer_to_a_scan_asks_the_judge(
    desk: Desk, changes: dict[str, Any], word: str, sound: str
) -> None:
    desk.load([order(1, **changes)])
    pile = piles.create("Monday")
    response = scan_response.scan_code(pile, "7000100000001", key="a", source="scanner")
    answer = response.as_json()
    assert (answer["word"], answer["sound"], answer["verdict"]) == (word, sound, "matched")
    assert answer["checking"] == (word == "Good")
    assert (answer["held"] is not None) == (word == "Held")
    romanian = response.as_json("ro")
    assert romanian["word"] != answer["word"]
    if answer["held"]:
        assert sentence(runs.judged(answer["order_id"], pile).reason) in answer["why"]


@pytest.mark.postgres
@pytest.mark.heavy
def test_of_several_workers_one_reads_and_another_takes_its_place(postgres_desk: Desk) -> None:
    first, second = planning.Role(home()), planning.Role(home())
    assert (first.mine(), second.mine(), first.mine()) == (True, False, True)
    first.release()
    assert (second.mine(), first.mine()) == (True, False)
    second.release()


@pytest.fixture(autouse=True)
def _ended(desk: Desk) -> Iterator[Engine]:
    yield desk.engine
    desk.kill_workers()
