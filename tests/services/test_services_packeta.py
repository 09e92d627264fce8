"""Packeta's answers, as clients in public repositories show them, and what each means to us."""

from collections.abc import Iterator
from unittest.mock import ANY

import pytest
from services_answering import Answering, answering, connected

from core.services import registry
from core.services.couriers.packeta import Packeta
from core.services.outcome import Confirmed, Refused, Unknown


def packeta_said(body: str) -> str:
    return f'<?xml version="1.0" encoding="utf-8"?><response>{body}</response>'


def packeta_record(code: str, at: str, text: str = "", *, back: str = "false") -> str:
    return (
        f"<record><dateTime>{at}</dateTime><statusCode>{code}</statusCode>"
        f"<statusText>{text}</statusText><isReturning>{back}</isReturning></record>"
    )


@pytest.fixture
def server(quick: None) -> Iterator[Answering]:
    with answering() as running:
        yield running


def packeta(server: Answering) -> Packeta:
    made = registry.adapter(connected("packeta", "courier", server.base_url, api_password="pa<ss"))
    assert isinstance(made, Packeta)
    return made


def test_packetas_records_are_read_by_code_and_prague_clock(server: Answering) -> None:
    rows = packeta_record("1", "2026-07-01T10:00:00") + packeta_record(
        "17", "2026-07-03T10:00:00", "Zásilka odmítnuta"
    )
    server.will_say(
        packeta_said(f"<status>ok</status><result>{rows}</result>"), content_type="text/xml"
    )
    outcome = packeta(server).events(["Z1234567890"])
    assert isinstance(outcome, Confirmed)
    assert [(one.status, one.at.hour) for one in outcome.value] == [("created", 8), ("refused", 8)]
    assert outcome.value[1].text == "Zásilka odmítnuta"
    [asked] = server.asked
    assert "<packetId>1234567890</packetId>" in asked.body
    assert "<apiPassword>pa&lt;ss</apiPassword>" in asked.body


@pytest.mark.parametrize(
    ("code", "back", "status"),
    [
        ("2", "true", "returning"),
        ("999", "true", "returning"),
        ("10", "true", "returned"),
        ("7", "true", "delivered"),
        ("5", "false", "out"),
        ("999", "false", "unknown"),
        ("20", "false", "failed"),
        ("23", "false", "failed"),  # a try at a Z-BOX
        ("25", "true", "failed"),
        ("22", "false", "unknown"),
    ],
)
def test_a_packeta_parcel_on_its_way_back_is_told_before_any_code(
    server: Answering, code: str, back: str, status: str
) -> None:
    row = packeta_record(code, "2026-11-20T10:00:00", back=back)
    server.will_say(
        packeta_said(f"<status>ok</status><result>{row}</result>"), content_type="text/xml"
    )
    outcome = packeta(server).events(["1234567890"])
    assert isinstance(outcome, Confirmed)
    assert [one.status for one in outcome.value] == [status]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html><body>Bad gateway</body></html>",
        "<response><status>ok</status></response>",
        "<response><status>ok</status><result>",
        '<!DOCTYPE r [<!ENTITY a "b">]><response><status>ok</status><result/></response>',
        '{"status": "ok"}',
    ],
)
def test_what_is_not_packetas_answer_is_no_news(server: Answering, body: str) -> None:
    server.will_say(body, content_type="text/xml")
    assert isinstance(packeta(server).events(["1234567890"]), Unknown)


def test_packetas_faults_are_told_apart_by_name(server: Answering) -> None:
    def fault(name: str) -> str:
        return packeta_said(f"<status>fault</status><fault>{name}</fault><string>Said so.</string>")

    for name in ("PacketIdFault", "IncorrectApiPasswordFault", "SomethingElseFault"):
        server.will_say(fault(name), content_type="text/xml")
    courier = packeta(server)
    assert courier.events(["1"]) == Confirmed([], evidence=ANY)
    wrong, other = courier.events(["1"]), courier.events(["1"])
    assert isinstance(wrong, Refused)
    assert isinstance(other, Refused)
    assert (wrong.code, other.code) == ("no_permission", "invalid")
