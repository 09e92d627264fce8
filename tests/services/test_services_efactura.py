"""Five working days for a storno's way to e-Factura, and what a service tells of it."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services_answering import Answering, answering, connected

from core.services import registry
from core.services.invoicing.efactura import Filing, filing_deadline, is_working_day
from core.services.invoicing.oblio import Oblio
from core.services.outcome import Confirmed, Outcome, Unknown
from core.services.ports import InvoiceRef


@pytest.mark.parametrize(
    ("issued", "by"),
    [
        ("2026-02-02", "2026-02-09"),  # a plain week
        ("2026-02-06", "2026-02-13"),  # on a Friday
        ("2026-02-07", "2026-02-13"),  # on a Saturday
        ("2026-04-08", "2026-04-17"),  # Orthodox Good Friday the 10th, Monday the 13th
        ("2027-04-28", "2027-05-07"),  # Good Friday 30 April, Easter Monday 3 May
        ("2026-05-28", "2026-06-05"),  # Whit Monday is 1 June, and Children's Day
        ("2026-12-23", "2026-12-31"),  # Christmas
        ("2026-12-30", "2027-01-11"),  # New Year, Epiphany, Saint John
        ("2026-11-27", "2026-12-08"),  # Saint Andrew, the national day
    ],
)
def test_the_deadline_is_the_fifth_working_day_after_the_issue(issued: str, by: str) -> None:
    assert filing_deadline(dt.date.fromisoformat(issued)) == dt.date.fromisoformat(by)


@given(st.dates(dt.date(2025, 1, 1), dt.date(2035, 12, 31)))
def test_between_issue_and_deadline_lie_exactly_five_working_days(issued: dt.date) -> None:
    by = filing_deadline(issued)
    days = [issued + dt.timedelta(days=one) for one in range(1, (by - issued).days + 1)]
    assert sum(is_working_day(day) for day in days) == 5
    assert is_working_day(by)


@pytest.mark.parametrize(
    ("einvoice", "state"),
    [
        ({"text": "e-Factura trimisa cu succes in SPV.", "sent": True, "code": 1}, "filed"),
        ({"text": "In prelucrare", "sent": True, "code": 0}, "waiting"),
        ({"text": "Neconfigurat", "sent": False, "code": -1}, "waiting"),
        ({"text": "Are erori", "sent": False, "code": "2"}, "refused"),
    ],
)
def test_oblio_tells_how_far_a_document_is(
    quick: None, einvoice: dict[str, Any], state: str
) -> None:
    """As Oblio's documents count the codes; `text` is what a person reads."""
    with answering() as server:
        outcome = _asked_of_oblio(server, {"einvoiceStatus": einvoice})
        assert isinstance(outcome, Confirmed)
        assert (outcome.value.state, outcome.value.note) == (state, einvoice["text"])
        assert server.asked[1].query["withEinvoiceStatus"] == ["1"]


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"einvoiceStatus": None},
        {"einvoiceStatus": {"code": 7, "text": "?"}},
        {"einvoiceStatus": {"code": 1, "sent": False}},  # it contradicts itself
        {"einvoiceStatus": "trimisa"},
    ],
)
def test_what_oblio_does_not_tell_is_not_taken_as_filed(quick: None, row: dict[str, Any]) -> None:
    with answering() as server:
        assert isinstance(_asked_of_oblio(server, row), Unknown)


def _asked_of_oblio(server: Answering, row: dict[str, Any]) -> Outcome[Filing]:
    login = {"email": "me@example.com", "secret": "s", "vat_code": "RO1"}
    oblio = registry.adapter(connected("oblio", "invoicing", server.base_url, **login))
    assert isinstance(oblio, Oblio)
    server.will_say({"access_token": "tok", "expires_in": "3600"})
    document = {"seriesName": "OB", "number": "0043", "total": "-121.00", **row}
    server.will_say({"status": 200, "statusMessage": "Success", "data": [document]})
    return oblio.read_filing(InvoiceRef("OB", "43"))
