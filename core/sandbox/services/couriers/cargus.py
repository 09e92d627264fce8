"""Cargus as its clients know it: a subscription key, a token, events by bar code."""

import datetime as dt
import json

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import SandboxCall, Service, reads_only
from core.sandbox.services.couriers.parcels import (
    PASSWORD,
    USER,
    events_of,
    holds_token,
    local,
    token,
)
from core.sandbox.state import Document, State

SIGN_IN = {"username": USER, "password": PASSWORD, "subscription_key": "sandbox"}


def answer(state: State, call: SandboxCall) -> Response:
    """Answer one call below /cargus."""
    if not call.header("ocp-apim-subscription-key"):
        return JSONResponse({"statusCode": 401, "message": "Missing subscription key."}, 401)
    if call.path == "/api/LoginUser":
        if (call.json.get("UserName"), call.json.get("Password")) != (USER, PASSWORD):
            return JSONResponse({"message": "Wrong user or password."}, 401)
        return JSONResponse(token(state, "cargus"))
    if not holds_token(state, "cargus", call.header("authorization").removeprefix("Bearer ")):
        return JSONResponse({"message": "Unauthorized"}, 401)
    match call.path:
        case "/api/AwbTrace/GetDeltaEvents":
            return JSONResponse(_delta(state, call.query("FromDate"), call.query("ToDate")))
        case "/api/AwbRetur":
            return JSONResponse(_returns(state, call.query("data")))
    wanted = [str(one) for one in json.loads(call.query("barCode") or "[]")]
    traced = ((one, events_of(state, "cargus", one)) for one in wanted)
    return JSONResponse([_parcel(one, events) for one, events in traced if events is not None])


def _parcel(tracking: str, events: list[Document]) -> Document:
    history = [
        {
            "Date": f"{local(one['at']):%Y-%m-%dT%H:%M:%S}",
            "EventId": int(one["code"]) if one["code"].isdigit() else 0,
            "Description": one["text"],
            "LocalityName": "",
        }
        for one in events
    ]
    return {"Code": tracking, "Event": history}


def _delta(state: State, first: str, last: str) -> list[Document]:
    """Each parcel of which something was told between two days, with that alone."""
    begin, end = (dt.datetime.strptime(day, "%m-%d-%Y").date() for day in (first, last))
    found = []
    for key, parcel in state.all("parcel").items():
        events = [one for one in parcel["events"] if begin <= local(one["at"]).date() <= end]
        if key.startswith("cargus:") and events:
            found.append(_parcel(key.partition(":")[2], events))
    return found


def _returns(state: State, day: str) -> list[Document]:
    """The parcels that came onto their way back on a day: the world names it in `on`."""
    return [
        {"Code": one["tracking"], "ReturnCode": one["return_number"], "Date": day}
        for one in state.all("return").values()
        if one["courier"] == "cargus" and one.get("on") == day
    ]


SERVICE = Service(answer, is_effect=reads_only)
