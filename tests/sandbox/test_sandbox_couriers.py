"""The sandbox's couriers: who is let in, and how each writes one event of one parcel."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sandbox_calling import body_of, call, load

from core.sandbox.services.couriers import cargus, dpd, fan, gls, packeta, sameday
from core.sandbox.state import State

USER = {"username": "sandbox", "password": "sandbox"}
LATE = "2026-11-18T22:30:00+00:00"  # in Bucharest it is half past midnight, in Prague before it


def parcel(courier: str, tracking: str, *events: dict[str, Any]) -> dict[str, Any]:
    return {"courier": courier, "tracking": tracking, "events": list(events)}


def event(code: str, text: str, at: str = LATE, **more: Any) -> dict[str, Any]:
    return {"at": at, "code": code, "text": text, **more}


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State(tmp_path / "state")
    load(
        made,
        courier_events=[
            parcel("cargus", "804419419", event("21", "Livrat")),
            parcel("cargus", "804419420", event("x", "Refuzat", "2026-11-17T09:00:00+00:00")),
            parcel("dpd", "81234567001", event("-14", "Delivered", exceptions=["A1"])),
            parcel("dpd", "81234567002", event("n/a", "Unknown")),
            parcel("fan", "7000121083646", event("S2", "Livrat")),
            parcel("gls", "51234567890", event("05", "Delivered")),
            parcel("packeta", "Z1234567890", event("", "Refused <by> & customer", in_return=1)),
            parcel("sameday", "1ONB24222308781", event("4", "In livrare", "2026-11-17T09:00:00Z"),
                   event("9", "Retur la expeditor")),
        ],
        returns=[
            {"courier": "dpd", "tracking": "81234567001", "return_number": "99887766554"},
            {"courier": "fan", "tracking": "7000121083646", "return_number": "7000121089999"},
            {"courier": "cargus", "tracking": "804419419", "return_number": "900",
             "on": "2026-11-19"},
            {"courier": "cargus", "tracking": "804419420", "return_number": "901",
             "on": "2026-11-18"},
        ],
    )  # fmt: skip
    yield made
    made.close()


def token(state: State, courier: ModuleType, **asked: Any) -> str:
    body = body_of(courier.answer(state, call("POST", **asked)))
    return str(body if isinstance(body, str) else body.get("token") or body["data"]["token"])


# ---------------------------------------------------------------- Cargus

CARGUS_KEY = {"ocp-apim-subscription-key": "any"}


@pytest.fixture
def cargus_in(state: State) -> dict[str, str]:
    login = {"UserName": "sandbox", "Password": "sandbox"}
    shown = token(state, cargus, path="/api/LoginUser", headers=CARGUS_KEY, body=login)
    return {**CARGUS_KEY, "authorization": f"Bearer {shown}"}


def test_cargus_asks_for_a_key_then_for_the_password_then_for_its_token(state: State) -> None:
    path = "/api/AwbTrace/WithRedirect"
    assert cargus.answer(state, call("GET", path)).status_code == 401
    wrong = call("POST", "/api/LoginUser", headers=CARGUS_KEY,
                 body={"UserName": "sandbox", "Password": "no"})  # fmt: skip
    assert cargus.answer(state, wrong).status_code == 401
    guessed = {**CARGUS_KEY, "authorization": "Bearer 00"}
    assert cargus.answer(state, call("GET", path, headers=guessed)).status_code == 401


def test_cargus_tells_the_parcels_it_knows_on_bucharests_clock(
    state: State, cargus_in: dict[str, str]
) -> None:
    query = {"barCode": '["804419419", "804419420", "1"]'}
    asked = call("GET", "/api/AwbTrace/WithRedirect", query=query, headers=cargus_in)
    first, second = body_of(cargus.answer(state, asked))
    assert first["Code"] == "804419419"
    assert first["Event"][0]["Date"] == "2026-11-19T00:30:00"
    assert (first["Event"][0]["EventId"], second["Event"][0]["EventId"]) == (21, 0)


@pytest.mark.parametrize(("day", "found"), [("11-18-2026", []), ("11-19-2026", ["804419419"])])
def test_cargus_tells_the_changes_of_a_day_of_its_own(
    state: State, cargus_in: dict[str, str], day: str, found: list[str]
) -> None:
    query = {"FromDate": day, "ToDate": day}
    asked = call("GET", "/api/AwbTrace/GetDeltaEvents", query=query, headers=cargus_in)
    assert [one["Code"] for one in body_of(cargus.answer(state, asked))] == found


def test_cargus_tells_the_returns_of_the_day_asked_for(
    state: State, cargus_in: dict[str, str]
) -> None:
    asked = call("GET", "/api/AwbRetur", query={"data": "2026-11-18"}, headers=cargus_in)
    assert body_of(cargus.answer(state, asked)) == [
        {"Code": "804419420", "ReturnCode": "901", "Date": "2026-11-18"}
    ]


# ---------------------------------------------------------------- DPD

DPD = {"userName": "sandbox", "password": "sandbox"}


def test_dpd_writes_codes_as_numbers_and_names_the_return(state: State) -> None:
    wanted = [{"id": "81234567001"}, {"id": "81234567002"}, {"id": "3"}]
    body = body_of(dpd.answer(state, call("POST", "/v1/track", body={**DPD, "parcels": wanted})))
    first, second, third = body["parcels"]
    assert first["operations"][0]["operationCode"] == -14
    assert first["operations"][0]["exceptionCodes"] == ["A1"]
    assert first["operations"][0]["returnShipmentId"] == "99887766554"
    assert first["operations"][0]["dateTime"] == "2026-11-19T00:30:00+02:00"
    assert second["operations"][0]["operationCode"] == 0
    assert second["operations"][0]["returnShipmentId"] is None
    assert third == {"parcelId": "3", "operations": []}


def test_dpd_tells_of_ten_parcels_at_the_most(state: State) -> None:
    wanted = [{"id": str(number)} for number in range(12)]
    body = body_of(dpd.answer(state, call("POST", "/v1/track", body={**DPD, "parcels": wanted})))
    assert [one["parcelId"] for one in body["parcels"]] == [str(one) for one in range(10)]


def test_dpd_leads_a_return_number_back_to_the_first_parcel(state: State) -> None:
    def ask(code: str, name: str = "id") -> Any:
        sent = {**DPD, "parcel": {name: code}}
        return body_of(dpd.answer(state, call("POST", "/v1/shipment/secondary", body=sent)))

    back = ask("99887766554")
    assert (back["initialShipmentId"], back["returnShipmentId"]) == ("81234567001", "99887766554")
    first = ask("81234567002", "fullBarcode")
    assert (first["initialParcelId"], first["returnShipmentId"]) == ("81234567002", None)
    assert ask("4711") == {"error": {"message": "Parcel not found"}}


def test_dpd_refuses_a_wrong_password(state: State) -> None:
    sent = {**DPD, "password": "x", "parcels": []}
    assert dpd.answer(state, call("POST", "/v1/track", body=sent)).status_code == 401


# ---------------------------------------------------------------- FAN


@pytest.mark.parametrize("asked", [{"query": USER}, {"body": USER}], ids=["query", "body"])
def test_fan_gives_its_token_for_a_sign_in_written_either_way(
    state: State, asked: dict[str, Any]
) -> None:
    shown = token(state, fan, path="/login", **asked)
    query = [("awb[]", "7000121083646"), ("awb[]", "7000121080000")]
    read = call("GET", "/reports/awb/tracking", query=query,
                headers={"authorization": f"Bearer {shown}"})  # fmt: skip
    (parcel,) = body_of(fan.answer(state, read))["data"]
    assert (parcel["awbNumber"], parcel["returnAwbNumber"]) == ("7000121083646", "7000121089999")
    assert [(one["id"], one["date"]) for one in parcel["events"]] == [("S2", "2026-11-19 00:30")]


def test_fan_refuses_a_wrong_password_and_a_token_that_it_never_gave(state: State) -> None:
    wrong = call("POST", "/login", query={**USER, "password": "x"})
    assert fan.answer(state, wrong).status_code == 401
    guessed = call("GET", "/reports/awb/tracking", headers={"authorization": "Bearer "})
    assert fan.answer(state, guessed).status_code == 401


# ---------------------------------------------------------------- GLS


def gls_told(state: State, number: str, password: str = "sandbox") -> Any:
    hashed = list(hashlib.sha512(password.encode()).digest())
    sent = {"Username": "sandbox", "Password": hashed, "ParcelNumber": number}
    path = "/ParcelService.svc/json/GetParcelStatuses"
    return body_of(gls.answer(state, call("POST", path, body=sent)))


def test_gls_takes_the_password_as_a_sha_512_and_says_no_with_http_200(state: State) -> None:
    refused = gls_told(state, "51234567890", "other")
    assert refused["ParcelStatusList"] is None
    assert refused["GetParcelStatusErrors"][0]["ErrorCode"] == 14


def test_gls_writes_moments_as_milliseconds_and_knows_nothing_of_other_numbers(
    state: State,
) -> None:
    (row,) = gls_told(state, "51234567890")["ParcelStatusList"]
    assert (row["StatusCode"], row["StatusDate"]) == ("05", "/Date(1795041000000+0200)/")
    assert gls_told(state, "51234567891")["ParcelStatusList"] == []


# ---------------------------------------------------------------- Packeta


def packeta_told(state: State, number: str, password: str = "sandbox") -> str:
    sent = (
        f"<packetTracking><apiPassword>{password}</apiPassword>"
        f"<packetId> {number} </packetId></packetTracking>"
    )
    return bytes(packeta.answer(state, call("POST", "/api/rest", body=sent)).body).decode()


@pytest.mark.parametrize("number", ["1234567890", "Z1234567890"])
def test_packeta_knows_a_packet_with_and_without_its_letter(state: State, number: str) -> None:
    said = packeta_told(state, number)
    assert "<dateTime>2026-11-18T23:30:00</dateTime>" in said  # Prague's clock
    assert "Refused &lt;by&gt; &amp; customer" in said
    assert re.findall(r"<(statusCode|isReturning)>(\w+)<", said) == [
        ("statusCode", "999"), ("isReturning", "true"),
    ]  # fmt: skip


def test_packeta_names_its_fault(state: State) -> None:
    assert "<fault>IncorrectApiPasswordFault</fault>" in packeta_told(state, "1234567890", "x")
    assert "<fault>PacketIdFault</fault>" in packeta_told(state, "1234567891")


# ---------------------------------------------------------------- Sameday

SAMEDAY = {"x-auth-username": "sandbox", "x-auth-password": "sandbox"}
AWB = "1ONB24222308781"


@pytest.fixture
def sameday_in(state: State) -> dict[str, str]:
    return {"x-auth-token": token(state, sameday, path="/api/authenticate", headers=SAMEDAY)}


def test_sameday_tells_the_newest_event_first_and_as_the_status(
    state: State, sameday_in: dict[str, str]
) -> None:
    asked = call("GET", f"/api/client/awb/{AWB}/status", headers=sameday_in)
    body = body_of(sameday.answer(state, asked))
    assert [one["statusId"] for one in body["expeditionHistory"]] == [9, 4]
    assert body["expeditionStatus"]["statusDate"] == "2026-11-19T00:30:00+02:00"
    assert body["parcelsStatus"] == [{"parcelAwbNumber": f"{AWB}001"}]


def test_sameday_says_only_of_the_parcel_whether_it_goes_back(
    state: State, sameday_in: dict[str, str]
) -> None:
    asked = call("GET", f"/api/client/parcel/{AWB}001/status-history", headers=sameday_in)
    rows = body_of(sameday.answer(state, asked))["parcelHistory"]
    assert [one["inReturn"] for one in rows] == [False, True]


@pytest.mark.parametrize("path", ["awb/1ONB24222308999/status", "parcel/1ONB24222308999001/x"])
def test_sameday_knows_no_other_number(state: State, sameday_in: dict[str, str], path: str) -> None:
    asked = call("GET", f"/api/client/{path}", headers=sameday_in)
    assert sameday.answer(state, asked).status_code == 404


def test_sameday_refuses_a_wrong_password_and_a_wrong_token(state: State) -> None:
    wrong = call("POST", "/api/authenticate", headers={**SAMEDAY, "x-auth-password": "x"})
    assert sameday.answer(state, wrong).status_code == 401
    asked = call("GET", f"/api/client/awb/{AWB}/status", headers={"x-auth-token": "0"})
    assert sameday.answer(state, asked).status_code == 401
