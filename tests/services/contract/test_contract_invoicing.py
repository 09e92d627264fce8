"""What every invoicing service must do, over real HTTP, whatever its name.

A new file in core/services/invoicing is taken through all of this without a line of test code.
"""

import datetime as dt
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

import pytest
from contract_sandbox import SETTLE, Sandbox

from core.clock import today
from core.services import registry
from core.services.outcome import Confirmed, NotSent, Outcome, Refused, RefusedForNow, Unknown
from core.services.ports import InvoiceRef, Invoicing, Storno

T = TypeVar("T")
SERVICES = list(registry.services("invoicing"))
TODAY = today(ZoneInfo("Europe/Bucharest"))

# fault → the outcomes that tell the truth about it, and how many stornos there may be
FAULTS: dict[str, tuple[tuple[type, ...], tuple[int, ...]]] = {
    "too_many_requests": ((RefusedForNow,), (0,)),
    "block": ((RefusedForNow,), (0,)),
    "turned_away": ((RefusedForNow,), (0,)),
    "maintenance": ((Unknown,), (0,)),
    "error_before": ((Unknown,), (0,)),
    "error_text": ((Refused, Unknown), (0,)),
    "error_after": ((Unknown,), (1,)),
    "html_after": ((Unknown,), (1,)),
    "answer_lost": ((Unknown,), (1,)),
    "applied_late": ((Unknown,), (1,)),
    "slow": ((Unknown,), (0, 1)),
    "reset": ((Unknown, NotSent), (0, 1)),
}

pytestmark = pytest.mark.parametrize("service", SERVICES)


def adapter(sandbox: Sandbox, service: str, **other: str) -> Invoicing:
    return cast("Invoicing", registry.adapter(sandbox.connection(service, **other)))


def reverse(invoicing: Invoicing, invoice: InvoiceRef) -> Outcome[Storno]:
    return invoicing.reverse(invoice, f"contract-{invoice.series}-{invoice.number}", TODAY)


def confirmed(outcome: Outcome[Storno]) -> Confirmed[Storno]:
    assert isinstance(outcome, Confirmed), outcome
    return outcome


def test_storno_once_gives_its_number_and_evidence(sandbox: Sandbox, service: str) -> None:
    invoice = sandbox.fresh_invoice(service)
    made = confirmed(reverse(adapter(sandbox, service), invoice))
    assert made.value.series
    assert made.value.number
    assert made.value.number != invoice.number
    assert not made.before
    assert made.evidence is not None
    assert 200 <= made.evidence.status < 300  # 201 where one is made, 202 where it takes a while
    assert sandbox.stornos(service, invoice) == 1


def test_storno_twice_is_one_storno_and_said_to_be_done_before(
    sandbox: Sandbox, service: str
) -> None:
    invoice = sandbox.fresh_invoice(service)
    first, second = adapter(sandbox, service), adapter(sandbox, service)
    confirmed(reverse(first, invoice))
    again = second.reverse(invoice, "another-key", TODAY)
    assert confirmed(again).before
    assert sandbox.stornos(service, invoice) == 1


def test_the_same_key_again_is_one_storno(sandbox: Sandbox, service: str) -> None:
    invoice = sandbox.fresh_invoice(service)
    invoicing = adapter(sandbox, service)
    for _ in range(3):
        confirmed(reverse(invoicing, invoice))
    assert sandbox.stornos(service, invoice) == 1


def test_an_unknown_invoice_is_refused(sandbox: Sandbox, service: str) -> None:
    known = sandbox.fresh_invoice(service)
    unknown = InvoiceRef(known.series, known.number[:-1] + "X9")
    outcome = reverse(adapter(sandbox, service), unknown)
    assert isinstance(outcome, Refused)
    assert outcome.code == "not_found"
    assert outcome.why


def test_wrong_credentials_are_refused_and_said_in_words(sandbox: Sandbox, service: str) -> None:
    invoice = sandbox.fresh_invoice(service)
    wrong = {one.name: "wrong-secret" for one in registry.info(service).fields if one.secret}
    invoicing = adapter(sandbox, service, **wrong)
    outcome = reverse(invoicing, invoice)
    assert isinstance(outcome, Refused)
    assert outcome.code == "no_permission"
    findings = invoicing.check()
    assert any(not finding.ok and finding.say for finding in findings)
    assert sandbox.stornos(service, invoice) == 0


def test_the_connection_test_is_content_with_good_credentials(
    sandbox: Sandbox, service: str
) -> None:
    findings = adapter(sandbox, service).check()
    assert findings
    assert all(finding.ok for finding in findings), findings


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_never_taken_for_success_and_never_doubles(
    sandbox: Sandbox, service: str, fault: str
) -> None:
    outcomes, counts = FAULTS[fault]
    invoice = sandbox.fresh_invoice(service)
    invoicing = adapter(sandbox, service)
    invoicing.check()  # a token, where one is needed, is fetched before the weather turns
    sandbox.set(block_seconds=1)
    sandbox.fault(fault, service)
    outcome = reverse(invoicing, invoice)
    assert isinstance(outcome, outcomes), outcome
    sandbox.calm()
    if fault in ("applied_late", "slow"):
        time.sleep(SETTLE)  # rule 4: asked only after what was on its way has arrived
    done = sandbox.stornos(service, invoice)
    assert done in counts
    if not invoicing.capabilities.can_be_asked:
        assert isinstance(invoicing.find_storno(invoice), Refused)
        return
    found = _patiently(lambda: invoicing.find_storno(invoice))[-1]
    assert isinstance(found, Confirmed), found
    assert (found.value is not None) == bool(done)
    if found.value is None:
        confirmed(reverse(invoicing, invoice))
    assert sandbox.stornos(service, invoice) == 1


def test_asking_tells_before_and_after(sandbox: Sandbox, service: str) -> None:
    invoice = sandbox.fresh_invoice(service)
    invoicing = adapter(sandbox, service)
    if not invoicing.capabilities.can_be_asked:
        outcome = invoicing.find_storno(invoice)
        assert isinstance(outcome, Refused)
        assert outcome.code == "cannot_be_asked"
        return
    before = invoicing.find_storno(invoice)
    assert isinstance(before, Confirmed)
    assert before.value is None
    made = confirmed(reverse(invoicing, invoice))
    after = invoicing.find_storno(invoice)
    assert isinstance(after, Confirmed)
    assert after.value is not None
    assert after.value.number in ("", made.value.number)


def test_what_somebody_did_by_hand_is_seen_and_not_done_again(
    sandbox: Sandbox, service: str
) -> None:
    invoice = sandbox.fresh_invoice(service)
    sandbox.reverse_by_hand(service, invoice)
    invoicing = adapter(sandbox, service)
    if invoicing.capabilities.can_be_asked:
        found = invoicing.find_storno(invoice)
        assert isinstance(found, Confirmed)
        assert found.value is not None
    assert confirmed(reverse(invoicing, invoice)).before
    assert sandbox.stornos(service, invoice) == 1


def test_asking_about_an_unknown_invoice_is_never_a_no(sandbox: Sandbox, service: str) -> None:
    known = sandbox.fresh_invoice(service)
    outcome = adapter(sandbox, service).find_storno(InvoiceRef(known.series, "77X77"))
    assert not isinstance(outcome, Confirmed)


def test_an_order_leads_to_its_own_invoice_or_the_service_says_that_it_cannot(
    sandbox: Sandbox, service: str
) -> None:
    invoice = sandbox.fresh_invoice(service)
    name = f"#{int(invoice.number[-4:])}"
    found = adapter(sandbox, service).find_invoices(name)
    if isinstance(found, Refused):
        assert found.code == "cannot_be_asked"
        return
    assert isinstance(found, Confirmed), found
    assert [one.number for one in found.value] == [invoice.number]
    nobody = adapter(sandbox, service).find_invoices("#777777")
    assert isinstance(nobody, Confirmed)
    assert nobody.value == []


def test_an_annulled_invoice_is_so_once_and_cannot_be_reversed(
    sandbox: Sandbox, service: str
) -> None:
    invoicing = adapter(sandbox, service)
    if not invoicing.capabilities.can_annul:
        assert isinstance(invoicing.annul(sandbox.fresh_invoice(service), "key"), Refused)
        return
    invoice = sandbox.fresh_invoice(service)
    assert not confirmed(invoicing.annul(invoice, "annul-key")).before
    assert confirmed(invoicing.annul(invoice, "another-annul-key")).before
    if invoicing.capabilities.can_be_asked:
        asked = invoicing.find_annulled(invoice)
        assert isinstance(asked, Confirmed)
        assert asked.value
    refused = reverse(invoicing, invoice)
    assert isinstance(refused, Refused)
    assert refused.code == "annulled"
    assert sandbox.stornos(service, invoice) == 0


def test_sixteen_threads_keep_to_the_declared_rate(sandbox: Sandbox, service: str) -> None:
    sandbox.set(latency_ms=0, rate_limits=True)
    connection = sandbox.connection(service)
    for name in ("rate_per_second", "rate_capacity"):
        del connection.settings[name]
    invoices = [sandbox.fresh_invoice(service) for _ in range(4)]
    invoicing = cast("Invoicing", registry.adapter(connection))
    with ThreadPoolExecutor(16) as pool:
        histories = list(
            pool.map(lambda one: _patiently(lambda: reverse(invoicing, one)), invoices)
        )
    assert all(isinstance(history[-1], Confirmed) for history in histories), histories
    # Waiting in our own queue is well; being told to wait by the service is not.
    assert not [one for history in histories for one in history if "asked us to wait" in str(one)]


def _patiently(call: Callable[[], Outcome[T]]) -> list[Outcome[T]]:
    """Every outcome of a call, waiting as the engine does when it is refused for now."""
    history = [call()]
    while isinstance(last := history[-1], RefusedForNow):
        time.sleep(max(0.1, (last.until - dt.datetime.now(dt.UTC)).total_seconds()))
        history.append(call())
    return history


def test_capabilities_are_declared_honestly(sandbox: Sandbox, service: str) -> None:
    capabilities = adapter(sandbox, service).capabilities
    assert capabilities.rate.per_second > 0
    assert capabilities.settle_seconds == SETTLE  # scaled by the hidden setting
    declared = registry.adapter(
        sandbox.connection(service, settle_seconds="", timeout_seconds="")
    ).capabilities
    assert declared.settle_seconds > registry.TIMEOUT_SECONDS


def test_a_reading_tells_just_what_is_declared(sandbox: Sandbox, service: str) -> None:
    """Nothing that is declared is missing, and nothing is told that was not declared."""
    invoice, invoicing = sandbox.fresh_invoice(service), adapter(sandbox, service)
    tells = invoicing.capabilities.tells
    outcome = invoicing.read_invoice(invoice)
    if not invoicing.capabilities.can_be_read:
        assert isinstance(outcome, Refused)
        return
    assert isinstance(outcome, Confirmed), outcome
    reading = outcome.value
    facts = (
        reading.total_minor,
        reading.paid,
        reading.reversed,
        reading.partly_reversed,
        reading.annulled,
    )
    declared = (tells.amount, tells.paid, tells.reversed, tells.partly, tells.annulled)
    assert tuple(one is not None for one in facts) == declared
    confirmed(reverse(invoicing, invoice))
    again = invoicing.read_invoice(invoice)
    assert isinstance(again, Confirmed)
    assert again.value.reversed is (True if tells.reversed else None)
