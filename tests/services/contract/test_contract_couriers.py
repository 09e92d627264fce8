"""What every courier must do, over real HTTP, whatever its name."""

from typing import cast

import pytest
from contract_sandbox import PARCEL, RETURN, Sandbox

from core.services import registry
from core.services.outcome import Confirmed, Outcome, Refused
from core.services.ports import Courier, CourierEvent, ReturnNumber

pytestmark = pytest.mark.parametrize("service", list(registry.services("courier")))


def adapter(sandbox: Sandbox, service: str, **other: str) -> Courier:
    return cast("Courier", registry.adapter(sandbox.connection(service, **other)))


def events(outcome: Outcome[list[CourierEvent]]) -> list[CourierEvent]:
    assert isinstance(outcome, Confirmed), outcome
    return outcome.value


def test_a_refused_parcel_is_told_as_refused(sandbox: Sandbox, service: str) -> None:
    found = events(adapter(sandbox, service).events([PARCEL]))
    assert [event.tracking for event in found] == [PARCEL]
    assert found[0].status == "refused"
    assert "Refuzat" in found[0].text


def test_a_number_that_nobody_knows_has_no_events(sandbox: Sandbox, service: str) -> None:
    assert events(adapter(sandbox, service).events(["90000000000000"])) == []


def test_nothing_asked_is_nothing_answered(sandbox: Sandbox, service: str) -> None:
    assert events(adapter(sandbox, service).events([])) == []


def test_a_code_that_is_no_return_leads_nowhere(sandbox: Sandbox, service: str) -> None:
    outcome = adapter(sandbox, service).resolve("90000000000000")
    assert isinstance(outcome, Confirmed)
    assert outcome.value is None


def test_a_return_number_leads_to_its_own_parcel_or_nowhere(sandbox: Sandbox, service: str) -> None:
    courier = adapter(sandbox, service)
    resolved = courier.resolve(RETURN)
    assert isinstance(resolved, Confirmed)
    assert resolved.value in (None, ReturnNumber(RETURN, PARCEL))
    named = {event.return_number for event in events(courier.events([PARCEL]))}
    assert named <= {"", RETURN}
    # The two that give returns a new number tell it, each in its way.
    if service in ("dpd", "fan"):
        assert (resolved.value is not None) or named == {RETURN}


def test_wrong_credentials_are_refused_and_said_in_words(sandbox: Sandbox, service: str) -> None:
    wrong = {one.name: "wrong-secret" for one in registry.info(service).fields if one.secret}
    courier = adapter(sandbox, service, **wrong)
    outcome = courier.events([PARCEL])
    assert isinstance(outcome, Refused)
    assert outcome.code == "no_permission"
    assert any(not finding.ok and finding.say for finding in courier.check())


def test_the_connection_test_is_content_with_good_credentials(
    sandbox: Sandbox, service: str
) -> None:
    findings = adapter(sandbox, service).check()
    assert findings
    assert all(finding.ok for finding in findings), findings
