"""What every courier must do, over real HTTP, whatever its name."""

from typing import Any, cast

import pytest
from contract_sandbox import PARCEL, RETURN, Sandbox
from sqlalchemy import Connection, Table, insert, select

from core.clock import now
from core.orders.couriers import tracking
from core.services import registry
from core.services.outcome import Confirmed, Outcome, Refused
from core.services.ports import Courier, CourierEvent, ReturnNumber
from core.store import db
from core.store.tables import connections, orders, parcels

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


def test_asked_again_only_what_is_true_is_told(sandbox: Sandbox, service: str) -> None:
    """Whether whole or only what is new: the same parcel, and no other status."""
    courier = adapter(sandbox, service)
    for _ in range(3):
        found = events(courier.events([PARCEL]))
        assert {event.tracking for event in found} <= {PARCEL}
        assert {event.status for event in found} <= {"refused"}


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
    # Who gives returns a new number tells it, each in its way.
    if courier.capabilities.renumbers_returns:
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


def test_polling_writes_what_the_courier_tells_on_the_parcel(
    sandbox: Sandbox, service: str
) -> None:
    """The whole way: the parcel's row, its outcome, and its trail."""
    with db.writing() as connection:
        shop = _row(connection, connections, _connection_row("shop", f"Shop of {service}"))
        order = _row(connection, orders, _order_row(shop, service))
        parcel = _row(connection, parcels, _parcel_row(shop, order, service))
    report = tracking.poll_parcels(sandbox.connection(service))
    assert (report.asked, report.changed, report.failed) == (1, 1, None)
    with db.reading() as connection:
        row = connection.execute(select(parcels).where(parcels.c.id == parcel)).one()
    assert (row.status, row.outcome) == ("refused", "refused")
    assert row.status_text == "Refuzat de destinatar"


def _row(connection: Connection, table: Table, values: dict[str, Any]) -> int:
    return int(
        connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()
    )


def _connection_row(kind: str, name: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "service": "shopify",
        "name": name,
        "settings": {},
        "secrets": "",
        "created_at": now(),
    }


def _order_row(shop: int, name: str) -> dict[str, Any]:
    return {
        "shop_id": shop,
        "gid": f"gid://{name}",
        "name": f"#{name}",
        "created_at": now(),
        "updated_at": now(),
        "payment": "cod",
        "total_minor": 12100,
        "currency": "RON",
        "tags": [],
        "attributes": {},
        "synced_at": now(),
    }


def _parcel_row(shop: int, order: int, courier: str) -> dict[str, Any]:
    return {
        "shop_id": shop,
        "order_id": order,
        "tracking": PARCEL,
        "tracking_key": PARCEL,
        "courier": courier,
        "payment": "cod",
        "shipped_on": now().date(),
    }
