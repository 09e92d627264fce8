"""Faults, late calls, crashes and new worlds: the sandbox's own books must be beyond doubt."""

import time
from pathlib import Path

import pytest
import requests
from sandbox_world import GID, Sandbox, invoice, order, running, world

from core.sandbox.server import Services
from core.sandbox.state import State


def lost(sandbox: Sandbox, number: str) -> None:
    """Ask for a storno whose answer never comes."""
    with pytest.raises(requests.ConnectionError):
        sandbox.storno(number)


def wait_for(sandbox: Sandbox, reversed_: int) -> None:
    for _ in range(100):
        if sandbox.ledger()["totals"]["reversed"] == reversed_:
            return
        time.sleep(0.05)
    raise AssertionError(sandbox.ledger()["totals"])


def test_a_call_that_is_applied_late_was_let_in_when_it_came(sandbox: Sandbox) -> None:
    """It counts against the limit on arrival, and is not stopped by it when it is done."""
    sandbox.load(invoices=[invoice("smartbill", f"{n:04}") for n in range(1, 42)])
    sandbox.settings(rate_limits=True, block_seconds=0.5)
    sandbox.faults("applied_late", services=["smartbill"], late_seconds=0.3)
    for number in range(1, 31):
        lost(sandbox, f"{number:04}")
    sandbox.faults()
    refused = sandbox.storno("0031")  # the thirty-first in ten seconds
    assert (refused.status_code, "depasit limita" in refused.text) == (403, True)
    assert "retry-after" not in refused.headers
    wait_for(sandbox, 30)


@pytest.mark.parametrize(
    ("fault", "done"),
    [("error_text", 0), ("error_before", 0), ("html_after", 1), ("error_after", 1)],
)
def test_a_wrong_answer_tells_nothing_of_what_was_done(
    sandbox: Sandbox, fault: str, done: int
) -> None:
    sandbox.load(invoices=[invoice("smartbill", "0001")])
    sandbox.faults(fault)
    answer = sandbox.storno("0001")
    assert answer.status_code == (500 if fault.startswith("error_") and fault != "error_text"
                                  else 200)  # fmt: skip
    assert ("<html>" in answer.text) == (fault == "html_after")
    sandbox.faults()
    assert sandbox.ledger()["totals"]["reversed"] == done


@pytest.mark.parametrize(("fault", "done"), [("answer_lost", 1), ("applied_late", 1), ("reset", 0)])
def test_a_connection_that_breaks_gives_no_answer_at_all(
    sandbox: Sandbox, fault: str, done: int
) -> None:
    """No status, no body: the other side sees the connection end, or be reset."""
    sandbox.load(invoices=[invoice("smartbill", "0001")])
    sandbox.faults(fault, late_seconds=0.1)
    with pytest.raises(requests.ConnectionError) as seen:
        sandbox.storno("0001")
    assert ("reset" in str(seen.value)) == (fault == "reset")
    sandbox.faults()
    wait_for(sandbox, done)


def test_a_new_world_keeps_nothing_of_the_one_before(sandbox: Sandbox) -> None:
    """Jobs, numbers of series, remembered keys, bulk results and subscriptions are gone."""
    parts = {"orders": [order(1)], "invoices": [invoice("smartbill", "0001")]}
    sandbox.load(**parts)
    sandbox.storno("0001")
    sandbox.settings(job_delay=0.1)
    sandbox.cancel(1)
    sandbox.load(**parts)
    time.sleep(0.2)
    assert sandbox.read(1)["cancelledAt"] is None  # the job of the old world is no more
    assert sandbox.cancel(1)["orderCancelUserErrors"] == []
    assert sandbox.storno("0001").json()["number"] == "0002"
    assert sandbox.ledger()["totals"]["reversed"] == 1


def test_the_same_key_is_not_remembered_in_a_new_world(sandbox: Sandbox) -> None:
    headers = {"Authorization": "Bearer sk_test_sandbox", "Idempotency-Key": "one"}
    parts = {"invoices": [invoice("stripe", "in_1")]}
    url = f"{sandbox.base_url}/stripe/v1/credit_notes"
    for _ in range(2):
        sandbox.load(**parts)
        form = {"invoice": "in_1", "amount": "12100"}
        assert requests.post(url, data=form, headers=headers, timeout=30).status_code == 200
        assert sandbox.ledger()["totals"]["reversed"] == 1


def test_what_was_done_and_what_is_counted_survive_a_kill_together(tmp_path: Path) -> None:
    with running(tmp_path) as (sandbox, started):
        sandbox.load(orders=[order(1)], invoices=[invoice("smartbill", "0001")])
        sandbox.settings(job_delay=0.0)
        sandbox.cancel(1, restock=True)
        sandbox.storno("0001")
        started.process.kill()
        started.process.wait()
    with running(tmp_path) as (sandbox, _):
        ledger = sandbox.ledger()
        assert (ledger["totals"]["cancelled"], ledger["totals"]["reversed"]) == (1, 1)
        assert ledger["stock"] == {"V1": 7}
        assert sandbox.storno("0001").status_code == 400


def test_an_effect_that_breaks_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    """Neither in memory nor on disk: the effect and its count are one transaction."""
    state = State(tmp_path)
    state.load(world(invoices=[invoice("smartbill", "0001")]))

    def half_done() -> None:
        with state.together():
            state.count("reversed", "smartbill:CVZ:0001", stornos="CVZ-0002")
            state.drop("invoice", "smartbill:CVZ:0001")
            raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError):
        half_done()
    assert state.get("ledger", "smartbill:CVZ:0001") is None
    assert state.get("invoice", "smartbill:CVZ:0001") is not None
    state.close()
    again = State(tmp_path)
    assert again.get("ledger", "smartbill:CVZ:0001") is None
    assert again.get("invoice", "smartbill:CVZ:0001") is not None
    again.close()


def test_a_late_call_that_cannot_be_applied_stops_neither_time_nor_the_others(
    tmp_path: Path,
) -> None:
    state = State(tmp_path)
    state.load(world(orders=[order(1)]))
    services = Services(state, "http://127.0.0.1")
    with state.together():
        state.put("due", "1", {"at": 0, "call": {"service": "nobody", "method": "POST",
                  "path": "/", "query_string": "", "headers": {}, "body": ""}})  # fmt: skip
        state.put("open_job", "job", {"order": GID.format(1), "due": 0})
        state.put("job", "job", {"order": GID.format(1), "restock": False, "reason": "OTHER",
                                 "note": None, "refund": False, "done": False})  # fmt: skip
    services.run_due()
    assert state.all("due") == {}
    assert list(state.all("late_failed")) == ["1"]
    order_now = state.get("order", GID.format(1))
    assert order_now is not None
    assert order_now["cancelled_at"] is not None
    state.close()
