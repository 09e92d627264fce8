"""Couriers' answers and what each of them means: statuses, moments, return numbers."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from services_answering import Answering, connected

from core.services import registry
from core.services.outcome import Confirmed, Outcome, Refused, Unknown
from core.services.ports import Courier, CourierEvent, ReturnNumber

LOGIN = {
    "username": "me",
    "password": "a-password",
    "client_id": "7",
    "subscription_key": "sub-key",
}
Make = Callable[[str], Courier]


@pytest.fixture
def make(server: Answering, quick: None) -> Make:
    def made(service: str) -> Courier:
        names = {one.name for one in registry.info(service).fields}
        values = {name: value for name, value in LOGIN.items() if name in names}
        connection = connected(service, "courier", server.base_url, **values)
        return cast("Courier", registry.adapter(connection))

    return made


def events_in(outcome: Outcome[list[CourierEvent]]) -> list[CourierEvent]:
    assert isinstance(outcome, Confirmed), outcome
    return outcome.value


def sameday(*history: dict[str, Any]) -> dict[str, Any]:
    return {
        "expeditionSummary": {"delivered": False, "canceled": False},
        "expeditionHistory": list(history),
        "parcelsStatus": [{"parcelAwbNumber": "1ONB1001"}],
    }


def step(code: int, text: str, at: str = "2026-11-20 10:00:00") -> dict[str, Any]:
    return {"statusId": code, "statusLabel": text, "status": "", "statusDate": at, "reason": ""}


def test_sameday_signs_in_by_headers_and_reads_the_history_in_order(
    make: Make, server: Answering
) -> None:
    server.will_say({"token": "tok", "expire_at": "2026-12-01 10:00"})
    server.will_say(
        sameday(
            step(33, "In livrare", "2026-11-20 10:00:00"),
            step(4, "Preluat", "2026-11-19 10:00:00"),
            step(9, "Coletul a fost livrat", "2026-11-20 15:00:00"),
        )
    )
    events = events_in(make("sameday").events(["1ONB1"]))
    assert [event.status for event in events] == ["transit", "out", "delivered"]
    # 15:00 in Bucharest is 13:00 UTC in winter.
    assert events[-1].at == dt.datetime(2026, 11, 20, 13, tzinfo=dt.UTC)
    assert server.asked[0].headers["x-auth-password"] == "a-password"
    assert server.asked[1].path == "/api/client/awb/1ONB1/status"
    assert server.asked[1].headers["x-auth-token"] == "tok"


@pytest.mark.parametrize(("in_return", "status"), [(True, "returning"), (False, "transit")])
def test_sameday_says_in_the_parcels_own_history_what_its_words_do_not(
    make: Make, server: Answering, in_return: bool, status: str
) -> None:
    server.will_say({"token": "tok"})
    server.will_say(sameday(step(56, "In tranzit")))
    server.will_say({"parcelHistory": [{"statusId": 56}, {"statusId": 56, "inReturn": in_return}]})
    assert [event.status for event in events_in(make("sameday").events(["1ONB1"]))] == [status]
    assert server.asked[-1].path == "/api/client/parcel/1ONB1001/status-history"


@pytest.mark.parametrize(("in_return", "status"), [(True, "returned"), (False, "delivered")])
@pytest.mark.parametrize("before", ["Refuzat de destinatar", "Retur catre expeditor"])
def test_sameday_delivered_behind_a_refusal_is_the_senders_where_it_goes_back(
    make: Make, server: Answering, before: str, in_return: bool, status: str
) -> None:
    server.will_say({"token": "tok"})
    server.will_say(
        sameday(
            step(9, "Colet livrat", "2026-11-24 12:10:00"),
            step(8001, before, "2026-11-21 09:40:00"),
        )
    )
    server.will_say({"parcelHistory": [{"statusId": 9, "inReturn": in_return}]})
    events = events_in(make("sameday").events(["1ONB1"]))
    assert [one.status for one in events][-1] == status


@pytest.mark.parametrize("text", ["Coletul se intoarce la expeditor", "Livrat cu succes"])
def test_sameday_is_not_asked_again_where_its_words_tell(
    make: Make, server: Answering, text: str
) -> None:
    server.will_say({"token": "tok"}).will_say(sameday(step(9999, text)))
    assert events_in(make("sameday").events(["1ONB1"]))[0].status in ("returning", "delivered")
    assert len(server.asked) == 2


def test_a_number_that_sameday_does_not_know_has_no_events(make: Make, server: Answering) -> None:
    server.will_say({"token": "tok"}).will_say({"code": 404, "message": "Not found"}, 404)
    assert events_in(make("sameday").events(["nothing"])) == []


def test_a_web_page_instead_of_an_answer_is_not_an_empty_history(
    make: Make, server: Answering
) -> None:
    server.will_say({"token": "tok"}).will_say("<html>checking your browser</html>")
    assert isinstance(make("sameday").events(["1ONB1"]), Unknown)


def fan(awb: str, *events: tuple[str, str, str], returned: str | None = None) -> dict[str, Any]:
    return {
        "awbNumber": awb,
        "returnAwbNumber": returned,
        "events": [{"id": code, "name": text, "date": at} for code, text, at in events],
    }


def test_fan_answers_for_many_numbers_at_once_and_names_the_return(
    make: Make, server: Answering
) -> None:
    server.will_say({"status": "success", "data": {"token": "tok"}})
    server.will_say(
        {
            "status": "success",
            "data": [
                fan(
                    "7000000000001",
                    ("H4", "Expeditie sortata pe banda", "2026-11-18 08:00"),
                    ("S6", "Refuzat destinatar", "2026-11-19 09:30"),
                    returned="7000000000999",
                ),
                fan("7000000000002", ("S2", "Livrat", "2026-11-19 10:00")),
                fan("7999999999999", ("S2", "Livrat", "2026-11-19 10:00")),  # not asked for
            ],
        }
    )
    events = events_in(make("fan").events(["7000000000001", "7000000000002", "7000000000001"]))
    assert [(event.tracking[-1], event.status) for event in events] == [
        ("1", "transit"),
        ("1", "refused"),
        ("2", "delivered"),
    ]
    assert [event.return_number for event in events] == ["", "7000000000999", ""]
    assert server.asked[1].query["awb[]"] == ["7000000000001", "7000000000002"]
    # A password has no place in an address, where it would end up in logs.
    assert server.asked[0].query == {}
    assert server.asked[0].json == {"username": "me", "password": "a-password"}


def test_fan_refuses_in_words(make: Make, server: Answering) -> None:
    server.will_say({"status": "success", "data": {"token": "tok"}})
    server.will_say({"status": "fail", "message": "clientId gresit"})
    outcome = make("fan").events(["7000000000001"])
    assert isinstance(outcome, Refused)
    assert "clientId gresit" in str(outcome.why)


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ("fan", {"status": "success", "data": {"token": "tok"}}),
        ("dpd", {"parcels": None}),
        ("sameday", {"expeditionHistory": {}, "token": "tok"}),
    ],
)
def test_an_answer_without_a_list_of_events_is_not_taken_for_an_empty_one(
    make: Make, server: Answering, service: str, said: dict[str, Any]
) -> None:
    if service != "dpd":
        server.will_say({"token": "tok", "data": {"token": "tok"}})
    server.will_say(said)
    assert isinstance(make(service).events(["1"]), Refused | Unknown)


def test_gls_gets_the_password_as_hashed_bytes_and_dates_of_its_own(
    make: Make, server: Answering
) -> None:
    milliseconds = int(dt.datetime(2026, 11, 20, 13, tzinfo=dt.UTC).timestamp() * 1000)
    statuses = [
        {
            "StatusCode": "23",
            "StatusDescription": "Returned to sender",
            "StatusDate": f"/Date({milliseconds}+0200)/",
        },
        {
            "StatusCode": "04",
            "StatusDescription": "Out for delivery",
            "StatusDate": f"/Date({milliseconds - 1000})/",
        },
    ]
    server.will_say({"ParcelNumber": 123456789, "ParcelStatusList": statuses})
    events = events_in(make("gls").events(["123456789", "NOT-GLS"]))
    assert [event.status for event in events] == ["out", "returned"]
    assert events[-1].at == dt.datetime(2026, 11, 20, 13, tzinfo=dt.UTC)
    [asked] = server.asked
    assert bytes(asked.json["Password"]) == hashlib.sha512(b"a-password").digest()
    assert asked.json["ParcelNumber"] == 123456789


def dpd(parcel: str, code: int, text: str, **more: Any) -> dict[str, Any]:
    operation = {
        "dateTime": "2026-11-20T10:00:00+0200",
        "operationCode": code,
        "description": text,
        **more,
    }
    return {"parcelId": parcel, "operations": [operation]}


def test_dpd_is_asked_for_ten_parcels_at_a_time(make: Make, server: Answering) -> None:
    numbers = [f"{number:011d}" for number in range(12)]
    for part in (numbers[:10], numbers[10:]):
        server.will_say({"parcels": [dpd(number, -14, "Delivered") for number in part]})
    assert len(events_in(make("dpd").events(numbers))) == 12
    assert [len(asked.json["parcels"]) for asked in server.asked] == [10, 2]


@pytest.mark.parametrize(
    ("code", "text", "more", "status"),
    [
        (-14, "Delivered", {}, "delivered"),
        (-14, "Delivered back to sender", {}, "returned"),  # the words outweigh the code
        (123, "Refused by recipient", {}, "refused"),
        (111, "Return to Sender", {}, "returning"),
        (124, "Delivered Back to Sender", {}, "returned"),
        (44, "Unsuccessful Delivery", {}, "failed"),
        (44, "Unsuccessful Delivery", {"exceptionCodes": ["46"]}, "refused"),
        (44, "Unsuccessful Delivery", {"exceptionCodes": ["3", "15"]}, "refused"),
        (44, "Unsuccessful Delivery", {"exceptionCodes": [14]}, "refused"),
        (44, "Unsuccessful Delivery", {"exceptionCodes": ["3"]}, "failed"),
        (44, "Unsuccessful Delivery", {"exceptionCodes": None}, "failed"),
        (38, "Returned to Office", {}, "transit"),  # the courier's office, not its sender
        (127, "Theft/Burglary", {}, "lost"),
        (148, "Shipment data received", {}, "created"),
        (136, "Clarify shipment delivery", {"exceptionCodes": ["12"]}, "refused"),
        (136, "Clarify shipment delivery", {"exceptionCodes": ["1030"]}, "failed"),
        (190, "Postponed delivery due to inaccurate/incomplete address", {}, "failed"),
        (1134, "Notification sent for parcel in office/locker", {}, "out"),
        (195, "Refuse contents check/test", {}, "out"),  # of the look inside, not of the parcel
        (120, "Refusal to send", {}, "cancelled"),
        (164, "Unsuccessful shipment pickup", {}, "created"),  # at its sender
        (121, "Stopped by Sender", {}, "unknown"),
        (9999, "Something new", {}, "unknown"),
    ],
)
def test_dpd_statuses(
    make: Make, server: Answering, code: int, text: str, more: dict[str, Any], status: str
) -> None:
    server.will_say({"parcels": [dpd("80000000001", code, text, **more)]})
    [event] = events_in(make("dpd").events(["80000000001"]))
    assert event.status == status
    assert event.text == text


def test_dpd_names_the_number_of_the_return_in_the_operation(make: Make, server: Answering) -> None:
    row = dpd("80000000001", 111, "Return to Sender", returnShipmentId=80000000777)
    server.will_say({"parcels": [row]})
    assert events_in(make("dpd").events(["80000000001"]))[0].return_number == "80000000777"


@pytest.mark.parametrize(
    ("code", "sent"),
    [
        ("80000000777", {"id": "80000000777"}),
        ("%0400001" + "1" * 20, {"fullBarcode": "%0400001" + "1" * 20}),
        ("1" * 27, {"fullBarcode": "1" * 27}),
    ],
)
def test_dpd_is_asked_about_a_label_by_its_whole_code(
    make: Make, server: Answering, code: str, sent: dict[str, str]
) -> None:
    server.will_say({"error": {"message": "Not found"}})
    make("dpd").resolve(code)
    assert server.asked[0].json["parcel"] == sent


GLS_ERRORS = {
    **dict.fromkeys((-1, 1, 14, 27), False),
    **dict.fromkeys((4, 5, 9, 10, 15, 26), True),
    777: False,  # not known: not said to be signed in
}


@pytest.mark.parametrize(("code", "signed_in"), GLS_ERRORS.items())
def test_gls_tells_by_the_error_whether_we_are_signed_in(
    make: Make, server: Answering, code: int, signed_in: bool
) -> None:
    errors = [{"ErrorCode": code, "ErrorDescription": "In GLS's words"}]
    server.will_say({"ParcelStatusList": [], "GetParcelStatusErrors": errors})
    [finding] = make("gls").check()
    assert finding.ok is signed_in


def test_gls_hands_back_to_the_sender_with_the_code_of_delivered(
    make: Make, server: Answering
) -> None:
    def status(code: str, minute: int, text: str) -> dict[str, str]:
        at = int(dt.datetime(2026, 11, 20, 10, minute, tzinfo=dt.UTC).timestamp() * 1000)
        return {"StatusCode": code, "StatusDescription": text, "StatusDate": f"/Date({at})/"}

    history = [status("5", 9, "Livrat"), status("90", 5, "Retur initiat"), status("4", 1, "")]
    server.will_say({"ParcelStatusList": history, "GetParcelStatusErrors": []})
    found = events_in(make("gls").events(["123456789"]))
    assert [event.status for event in found] == ["out", "returning", "returned"]
    server.will_say({"ParcelStatusList": history[:1], "GetParcelStatusErrors": []})
    assert events_in(make("gls").events(["123456789"]))[0].status == "delivered"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"initialParcelId": "80000000001"}, ReturnNumber("80000000777", "80000000001")),
        ({"primaryShipment": {"id": "80000000001"}}, ReturnNumber("80000000777", "80000000001")),
        ({"primaryShipment": {"id": "80000000777"}}, None),  # itself
        ({"error": {"message": "Not found"}}, None),
    ],
)
def test_dpd_leads_from_a_return_to_its_parcel(
    make: Make, server: Answering, body: dict[str, Any], found: ReturnNumber | None
) -> None:
    server.will_say(body)
    outcome = make("dpd").resolve("80000000777")
    assert isinstance(outcome, Confirmed)
    assert outcome.value == found
    assert server.asked[0].path == "/shipment/barcode-information"


def test_cargus_is_read_by_its_words_in_bucharest_time(make: Make, server: Answering) -> None:
    server.will_say(json.dumps("a-bare-token"))
    server.will_say(
        [
            {
                "Code": "1100223344",
                "Event": [
                    {"Date": "2026-07-02T10:00:00", "EventId": 40, "Description": "Refuzat"},
                    {"Date": "2026-07-01T10:00:00", "EventId": 5, "Description": "In livrare"},
                    {
                        "Date": "2026-07-04T10:00:00",
                        "EventId": 9,
                        "Description": "Retur catre expeditor",
                    },
                    {
                        "Date": "2026-07-05T10:00:00",
                        "EventId": 21,
                        "Description": "Returnat la expeditor",
                    },
                    {"Date": "not a date", "EventId": 21, "Description": "Confirmat"},
                ],
            }
        ]
    )
    events = events_in(make("cargus").events(["1100223344"]))
    assert [event.status for event in events] == ["out", "refused", "returning", "returned"]
    assert events[0].at == dt.datetime(2026, 7, 1, 7, tzinfo=dt.UTC)  # summer time
    login, asked = server.asked
    assert login.headers["ocp-apim-subscription-key"] == "sub-key"
    assert asked.headers["authorization"] == "Bearer a-bare-token"
    assert json.loads(asked.query["barCode"][0]) == ["1100223344"]


@pytest.mark.parametrize(
    ("service", "answer"),
    [
        ("sameday", {"code": 403, "message": "Forbidden"}),
        ("fan", {"status": "error", "message": "Unauthorized"}),
        ("cargus", {"message": "Access denied"}),
        ("dpd", {"error": {"message": "Invalid user"}}),
        ("gls", {"GetParcelStatusErrors": [{"ErrorCode": -1, "ErrorDescription": "Unauthorized"}]}),
    ],
)
def test_wrong_credentials_are_said_in_words(
    make: Make, server: Answering, service: str, answer: dict[str, Any]
) -> None:
    server.will_say(answer, 401).will_say(answer, 401)
    courier = make(service)
    outcome = courier.events(["123456789"])
    assert isinstance(outcome, Refused)
    assert outcome.code == "no_permission"
    [finding] = courier.check()
    assert not finding.ok
    assert finding.say
