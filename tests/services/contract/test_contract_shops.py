"""What every shop must do, over real HTTP, whatever its name.

A new module in core/services/shops with a counterpart in the sandbox is taken through all of this.
"""

import time
from typing import cast

import pytest
from contract_sandbox import ORDERS_EACH, SHOPS, Sandbox

from core.services import registry
from core.services.http.failures import CannotRead
from core.services.outcome import Confirmed, Refused, Unknown
from core.services.ports import CancelRequest, CancelState, Shop, ShopOrder

pytestmark = pytest.mark.parametrize("service", SHOPS)
PATIENCE = 8.0  # seconds until a cancel that was accepted shows


def adapter(sandbox: Sandbox, service: str, **other: str) -> Shop:
    return cast("Shop", registry.adapter(sandbox.connection(service, **other)))


def an_order(shop: Shop) -> ShopOrder:
    """One that no test has cancelled."""
    return next(one for one in shop.all_orders() if one.cancelled_at is None)


def begun(shop: Shop, gid: str) -> str:
    """Cancel the order; gives the job, "" where the answer was the proof already."""
    accepted = shop.cancel(CancelRequest(gid))
    assert isinstance(accepted, Confirmed), accepted
    answer = accepted.value
    if isinstance(answer, str):
        assert not shop.capabilities.confirms_at_once
        return answer
    assert shop.capabilities.confirms_at_once
    assert answer.cancelled_at is not None
    return ""


def seen_cancelled(shop: Shop, gid: str, job: str) -> CancelState:
    """The state of the order once it shows `cancelled_at`."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        outcome = shop.cancel_state(gid, job)
        assert isinstance(outcome, Confirmed), outcome
        if outcome.value.cancelled_at is not None:
            return outcome.value
        time.sleep(0.1)
    raise AssertionError("the cancel was accepted and never showed")


def test_every_order_is_listed_once(sandbox: Sandbox, service: str) -> None:
    listed = list(adapter(sandbox, service).all_orders())
    assert len({one.gid for one in listed}) == len(listed) == ORDERS_EACH
    assert {(one.total_minor, one.currency, one.payment) for one in listed} == {
        (25980, "RON", "cod")
    }


def test_an_order_is_read_as_it_is_listed(sandbox: Sandbox, service: str) -> None:
    shop = adapter(sandbox, service)
    listed = an_order(shop)
    read = shop.read_order(listed.gid)
    assert isinstance(read, Confirmed)
    assert (read.value.gid, read.value.name) == (listed.gid, listed.name)
    assert read.value.total_minor == listed.total_minor


def test_an_order_that_is_not_there_is_refused(sandbox: Sandbox, service: str) -> None:
    shop = adapter(sandbox, service)
    gone = an_order(shop).gid[:-1] + "987654"
    outcome = shop.read_order(gone)
    assert isinstance(outcome, Refused), outcome
    assert outcome.code == "not_found"


def test_a_cancel_shows_and_a_second_one_does_nothing(sandbox: Sandbox, service: str) -> None:
    shop = adapter(sandbox, service)
    order = an_order(shop)
    before = sandbox.cancels()
    seen_cancelled(shop, order.gid, begun(shop, order.gid))
    again = shop.cancel(CancelRequest(order.gid))
    if shop.capabilities.confirms_at_once:
        assert isinstance(again, Confirmed), again
    else:
        assert isinstance(again, Refused), again
        assert again.code == "already_cancelled"
    assert sandbox.cancels() == before + 1


@pytest.mark.parametrize("fault", ["error_after", "html_after", "answer_lost", "applied_late"])
def test_a_cancel_without_a_true_answer_is_in_doubt_and_shows_when_asked(
    sandbox: Sandbox, service: str, fault: str
) -> None:
    shop = adapter(sandbox, service)
    order = an_order(shop)
    before = sandbox.cancels()
    sandbox.fault(fault, service)
    outcome = shop.cancel(CancelRequest(order.gid, mark="contract-1"))
    sandbox.calm()
    assert isinstance(outcome, Unknown), outcome
    seen = seen_cancelled(shop, order.gid, "")
    assert seen.mark in ("", "contract-1")
    assert sandbox.cancels() == before + 1


def test_what_changed_is_told_after_a_cancel(sandbox: Sandbox, service: str) -> None:
    shop = adapter(sandbox, service)
    order = an_order(shop)
    seen_cancelled(shop, order.gid, begun(shop, order.gid))
    parts = list(shop.changed_orders(order.updated_at, lambda _stamps: ()))
    changed = {one.gid: one for part in parts for one in part.orders}
    assert changed[order.gid].cancelled_at is not None


def test_a_tag_is_on_the_order_afterwards(sandbox: Sandbox, service: str) -> None:
    shop = adapter(sandbox, service)
    order = an_order(shop)
    if not shop.capabilities.can_tag:
        assert isinstance(shop.add_tags(order.gid, ["refuz"]), Refused)
        return
    assert isinstance(shop.add_tags(order.gid, ["refuz"]), Confirmed)
    read = shop.read_order(order.gid)
    assert isinstance(read, Confirmed)
    assert "refuz" in read.value.tags


def test_wrong_credentials_are_refused_and_said_in_words(sandbox: Sandbox, service: str) -> None:
    info = registry.info(service)
    accepted = sandbox.connection(service).secrets
    wrong = {one.name: "wrong" for one in info.fields if one.secret and one.name in accepted}
    gid = an_order(adapter(sandbox, service)).gid
    shop = adapter(sandbox, service, **wrong)
    outcome = shop.read_order(gid)
    assert isinstance(outcome, Refused), outcome
    assert outcome.code == "no_permission"
    assert any(not finding.ok and finding.say for finding in shop.check())
    with pytest.raises(CannotRead):
        list(shop.all_orders())


def test_the_connection_test_is_content_with_good_credentials(
    sandbox: Sandbox, service: str
) -> None:
    findings = adapter(sandbox, service).check()
    assert findings
    assert all(finding.ok for finding in findings), findings
