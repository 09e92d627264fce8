"""Cargus as its clients know it: a subscription key, a token, events by bar code."""

import json

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import Call, Service, reads_only
from core.sandbox.services.couriers.parcels import (
    PASSWORD,
    USER,
    holds_token,
    local,
    token,
    told,
)
from core.sandbox.state import State

SIGN_IN = {"username": USER, "password": PASSWORD, "subscription_key": "sandbox"}


def answer(state: State, call: Call) -> Response:
    """Answer one call below /cargus."""
    if not call.header("ocp-apim-subscription-key"):
        return JSONResponse({"statusCode": 401, "message": "Missing subscription key."}, 401)
    if call.path == "/api/LoginUser":
        if (call.json.get("UserName"), call.json.get("Password")) != (USER, PASSWORD):
            return JSONResponse({"message": "Wrong user or password."}, 401)
        return JSONResponse(token(state, "cargus"))
    if not holds_token(state, "cargus", call.header("authorization").removeprefix("Bearer ")):
        return JSONResponse({"message": "Unauthorized"}, 401)
    rows = []
    for tracking in json.loads(call.query("barCode") or "[]"):
        events = told(state, "cargus", str(tracking))
        if events is not None:
            history = [
                {
                    "Date": f"{local(one['at']):%Y-%m-%dT%H:%M:%S}",
                    "EventId": int(one["code"]) if one["code"].isdigit() else 0,
                    "Description": one["text"],
                    "LocalityName": "",
                }
                for one in events
            ]
            rows.append({"Code": str(tracking), "Event": history})
    return JSONResponse(rows)


SERVICE = Service(answer, is_effect=reads_only)
