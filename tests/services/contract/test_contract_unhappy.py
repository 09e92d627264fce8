"""The unhappy life of every service: limits told in words, pages, half answers, wrong companies.

Whatever its name, an adapter says what it means: later, no, or nobody knows; and never yes.
"""

import re
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from contract_sandbox import PARCEL, SHOPS, Sandbox
from set_clock import SetClock

from core.clock import today
from core.services import registry
from core.services.http.failures import CannotRead
from core.services.outcome import Confirmed, NotSent, Outcome, Refused, RefusedForNow, Unknown
from core.services.ports import CancelRequest, Courier, Invoicing, Shop, ShopOrder

TODAY = today(ZoneInfo("Europe/Bucharest"))
BLOCK = 60  # seconds; nobody waits that long for a list
LATER, NOBODY_KNOWS = (RefusedForNow,), (Unknown,)
# fault → what a call that changes nothing makes of it
READINGS: dict[str, tuple[type, ...]] = {
    "too_many_requests": LATER,
    "block": LATER,
    "turned_away": LATER,
    "maintenance": NOBODY_KNOWS,
    "error_before": NOBODY_KNOWS,
    "error_text": (Refused, Unknown),
    "html_after": NOBODY_KNOWS,
    "error_after": NOBODY_KNOWS,
    "answer_lost": NOBODY_KNOWS,
    "slow": NOBODY_KNOWS,
    "reset": (Unknown, NotSent),
}
NAMES_COMPANY = re.compile(r"\b(?:company|(?:VAT|tax) code)\b")
INVOICING, COURIERS = list(registry.services("invoicing")), list(registry.services("courier"))
STATUSES = (200, 400, 403, 409, 422, 429, 500, 503)  # a limit in words has come with several


def courier(sandbox: Sandbox, service: str, **other: str) -> Courier:
    return cast("Courier", registry.adapter(sandbox.connection(service, **other)))


def invoicing(sandbox: Sandbox, service: str, **other: str) -> Invoicing:
    return cast("Invoicing", registry.adapter(sandbox.connection(service, **other)))


def shop(sandbox: Sandbox, service: str, **other: str) -> Shop:
    return cast("Shop", registry.adapter(sandbox.connection(service, **other)))


def an_order(found: Shop) -> ShopOrder:
    return next(one for one in found.all_orders() if one.cancelled_at is None)


def value_of(outcome: Outcome[Any]) -> Any:
    assert isinstance(outcome, Confirmed), outcome
    return outcome.value


# ---------------------------------------------------------------- a limit in words, any status


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("service", INVOICING)
def test_a_block_in_words_is_a_limit_whatever_its_status(
    sandbox: Sandbox, service: str, status: int
) -> None:
    invoice, adapter = sandbox.fresh_invoice(service), invoicing(sandbox, service)
    adapter.check()
    sandbox.set(block_seconds=1)
    sandbox.fault("block_in_words", service, words=status)
    outcome = adapter.reverse(invoice, f"words-{invoice.number}", TODAY)
    assert isinstance(outcome, RefusedForNow), outcome
    assert sandbox.stornos(service, invoice) == 0


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("service", SHOPS)
def test_a_shops_block_in_words_is_a_limit_whatever_its_status(
    sandbox: Sandbox, service: str, status: int
) -> None:
    adapter = shop(sandbox, service)
    order, before = an_order(adapter), sandbox.cancels()
    sandbox.set(block_seconds=1)
    sandbox.fault("block_in_words", service, words=status)
    assert isinstance(adapter.cancel(CancelRequest(order.gid)), RefusedForNow)
    assert sandbox.cancels() == before


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("service", COURIERS)
def test_a_couriers_block_in_words_is_a_limit_whatever_its_status(
    sandbox: Sandbox, service: str, status: int
) -> None:
    adapter = courier(sandbox, service)
    sandbox.set(block_seconds=1)
    sandbox.fault("block_in_words", service, reads=True, words=status)
    assert isinstance(adapter.events([PARCEL]), RefusedForNow)


# ---------------------------------------------------------------- couriers


@pytest.mark.parametrize("fault", READINGS)
@pytest.mark.parametrize("service", COURIERS)
def test_a_couriers_fault_is_never_taken_for_news_and_passes(
    sandbox: Sandbox, service: str, fault: str
) -> None:
    adapter = courier(sandbox, service)
    sandbox.set(block_seconds=1)
    sandbox.fault(fault, service, reads=True)
    outcome = adapter.events([PARCEL])
    assert isinstance(outcome, READINGS[fault]), outcome
    assert not isinstance(outcome, Refused) or outcome.code != "no_permission"
    sandbox.calm()
    fresh = courier(sandbox, service)  # one whose breaker is closed
    assert [one.status for one in value_of(fresh.events([PARCEL]))] == ["refused"]


@pytest.mark.parametrize("service", COURIERS)
def test_a_courier_whose_token_expired_signs_in_again(sandbox: Sandbox, service: str) -> None:
    adapter = courier(sandbox, service)
    value_of(adapter.events([PARCEL]))
    sandbox.expire_tokens()
    assert [one.tracking for one in value_of(adapter.events([PARCEL]))] == [PARCEL]


# ---------------------------------------------------------------- invoicing


@pytest.mark.parametrize("service", INVOICING)
def test_an_effect_whose_token_expired_is_done_once_all_the_same(
    sandbox: Sandbox, service: str
) -> None:
    adapter = invoicing(sandbox, service)
    adapter.check()
    invoice = sandbox.fresh_invoice(service)
    sandbox.expire_tokens()
    value_of(adapter.reverse(invoice, f"expired-{invoice.number}", TODAY))
    assert sandbox.stornos(service, invoice) == 1


@pytest.mark.parametrize("service", INVOICING)
def test_a_wrong_company_is_refused_and_the_test_names_it(sandbox: Sandbox, service: str) -> None:
    if not any(one.name == "vat_code" for one in registry.info(service).fields):
        pytest.skip("an account of this service has one company")
    adapter = invoicing(sandbox, service, vat_code="RO99999999")
    invoice = sandbox.fresh_invoice(service)
    outcome = adapter.reverse(invoice, f"company-{invoice.number}", TODAY)
    assert isinstance(outcome, Refused), outcome
    assert outcome.code != "not_found"  # the invoice is there: it is the company that is not
    wrong = [one for one in adapter.check() if not one.ok]
    assert any(NAMES_COMPANY.search(f"{one.what} {one.say}") for one in wrong), wrong
    assert sandbox.stornos(service, invoice) == 0


@pytest.mark.parametrize("fault", READINGS)
@pytest.mark.parametrize("service", INVOICING)
def test_a_question_that_meets_a_fault_is_never_answered_yes_or_no(
    sandbox: Sandbox, service: str, fault: str
) -> None:
    adapter, invoice = invoicing(sandbox, service), sandbox.fresh_invoice(service)
    if not adapter.capabilities.can_be_asked:
        assert isinstance(adapter.find_storno(invoice), Refused)
        return
    adapter.check()
    sandbox.set(block_seconds=1)
    sandbox.fault(fault, service, reads=True)
    outcome = adapter.find_storno(invoice)
    assert isinstance(outcome, READINGS[fault]), outcome


# ---------------------------------------------------------------- shops


@pytest.mark.parametrize("fault", READINGS)
@pytest.mark.parametrize("service", SHOPS)
def test_an_order_read_through_a_fault_is_not_made_up(
    sandbox: Sandbox, service: str, fault: str
) -> None:
    adapter = shop(sandbox, service)
    order = an_order(adapter)
    sandbox.set(block_seconds=1)
    sandbox.fault(fault, service, reads=True)
    outcome = adapter.read_order(order.gid)
    assert isinstance(outcome, READINGS[fault]), outcome
    assert not isinstance(outcome, Refused) or outcome.code not in ("not_found", "no_permission")


@pytest.mark.parametrize("fault", ["turned_away", "html_after"])
@pytest.mark.parametrize("service", SHOPS)
def test_a_list_that_meets_a_fault_ends_with_an_error_not_with_fewer_orders(
    sandbox: Sandbox, service: str, fault: str, set_clock: SetClock
) -> None:
    waited: list[float] = []
    set_clock.on_sleep = waited.append
    adapter = shop(sandbox, service)
    sandbox.set(block_seconds=BLOCK)
    sandbox.fault(fault, service, reads=True)
    with pytest.raises(CannotRead):
        list(adapter.all_orders())
    assert sum(waited) < BLOCK


@pytest.mark.parametrize("fault", ["turned_away", "maintenance", "error_before", "reset"])
@pytest.mark.parametrize("service", SHOPS)
def test_a_cancel_that_never_arrived_is_not_taken_for_one(
    sandbox: Sandbox, service: str, fault: str
) -> None:
    adapter = shop(sandbox, service)
    order, before = an_order(adapter), sandbox.cancels()
    sandbox.set(block_seconds=1)
    sandbox.fault(fault, service)
    outcome = adapter.cancel(CancelRequest(order.gid))
    assert isinstance(outcome, READINGS[fault]), outcome
    assert sandbox.cancels() == before


@pytest.mark.parametrize("service", SHOPS)
def test_what_may_not_be_seen_of_a_customer_leaves_the_rest_of_an_order(
    sandbox: Sandbox, service: str
) -> None:
    adapter = shop(sandbox, service)
    order = an_order(adapter)
    sandbox.set(protected_data=False)
    try:
        read = value_of(adapter.read_order(order.gid))
    finally:
        sandbox.set(protected_data=True)
    assert (read.name, read.total_minor, read.parcels) == (
        order.name, order.total_minor, order.parcels,
    )  # fmt: skip
