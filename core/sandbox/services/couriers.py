"""The couriers of the sandbox, by their slug: read only, with the shapes of their real answers."""

import datetime as dt
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import Call, Service
from core.sandbox.state import Document, State

USER, PASSWORD, TOKEN = "sandbox", "sandbox", "courier-token-sandbox"
BUCHAREST = ZoneInfo("Europe/Bucharest")


def _told(state: State, courier: str, tracking: str) -> list[Document] | None:
    """The parcel's events, oldest first; None for an unknown number."""
    parcel = state.get("parcel", f"{courier}:{tracking}")
    return None if parcel is None else list(parcel["events"])


def _local(at: str) -> dt.datetime:
    return dt.datetime.fromisoformat(at).astimezone(BUCHAREST)


def _return_number(state: State, courier: str, tracking: str) -> str | None:
    for back in state.all("return").values():
        if back["courier"] == courier and back["tracking"] == tracking:
            return str(back["return_number"])
    return None


def _no(status: int, message: str) -> Response:
    return JSONResponse({"status": "error", "code": status, "message": message}, status)


def _sameday(state: State, call: Call) -> Response:
    if call.path == "/api/authenticate":
        if (call.header("x-auth-username"), call.header("x-auth-password")) != (USER, PASSWORD):
            return _no(401, "Bad credentials")
        return JSONResponse({"token": TOKEN, "expire_at": "2099-01-01 00:00"})
    if call.header("x-auth-token") != TOKEN:
        return _no(401, "Token not found")
    parts = call.path.strip("/").split("/")
    events = _told(state, "sameday", parts[3]) if len(parts) == 5 else None
    if events is None:
        return _no(404, "Not found")
    history = [
        {
            "statusId": int(one["code"]) if one["code"].isdigit() else 0,
            "status": one["text"],
            "statusLabel": one["text"],
            "statusState": one["text"],
            "statusDate": _local(one["at"]).isoformat(),
            "county": "",
            "reason": "",
            "transitLocation": "",
        }
        for one in events
    ]
    goes_back = any("retur" in one["text"].lower() for one in events)
    return JSONResponse(
        {
            "expeditionSummary": {"awbNumber": parts[3], "delivered": False, "canceled": False},
            "expeditionHistory": history[::-1],
            "expeditionStatus": history[-1] if history else None,
            "parcelsStatus": [{"parcelAwbNumber": f"{parts[3]}001", "inReturn": goes_back}],
        }
    )


def _fan(state: State, call: Call) -> Response:
    if call.path == "/login":
        query = parse_qs(call.query_string)
        sent = call.json or {name: values[0] for name, values in query.items()}
        if (sent.get("username"), sent.get("password")) != (USER, PASSWORD):
            return _no(401, "Unauthorized")
        expires = "2099-01-01 00:00:00"
        return JSONResponse({"status": "success", "data": {"token": TOKEN, "expiresAt": expires}})
    if call.header("authorization") != f"Bearer {TOKEN}":
        return _no(401, "Unauthorized")
    wanted = parse_qs(call.query_string).get("awb[]", [])
    data = [_fan_parcel(state, one) for one in wanted if _told(state, "fan", one) is not None]
    return JSONResponse({"status": "success", "data": data})


def _fan_parcel(state: State, tracking: str) -> Document:
    return {
        "awbNumber": tracking,
        "returnAwbNumber": _return_number(state, "fan", tracking),
        "redirectionAwbNumber": None,
        "confirmation": None,
        "events": [
            {
                "id": one["code"],
                "name": one["text"],
                "location": "",
                "date": f"{_local(one['at']):%Y-%m-%d %H:%M}",
            }
            for one in _told(state, "fan", tracking) or []
        ],
    }


def _cargus(state: State, call: Call) -> Response:
    if not call.header("ocp-apim-subscription-key"):
        return JSONResponse({"statusCode": 401, "message": "Missing subscription key."}, 401)
    if call.path == "/api/LoginUser":
        if (call.json.get("UserName"), call.json.get("Password")) != (USER, PASSWORD):
            return JSONResponse({"message": "Wrong user or password."}, 401)
        return JSONResponse(TOKEN)
    if call.header("authorization") != f"Bearer {TOKEN}":
        return JSONResponse({"message": "Unauthorized"}, 401)
    rows = []
    for tracking in json.loads(call.query("barCode") or "[]"):
        events = _told(state, "cargus", str(tracking))
        if events is not None:
            told = [
                {
                    "Date": f"{_local(one['at']):%Y-%m-%dT%H:%M:%S}",
                    "EventId": int(one["code"]) if one["code"].isdigit() else 0,
                    "Description": one["text"],
                    "LocalityName": "",
                }
                for one in events
            ]
            rows.append({"Code": str(tracking), "Event": told})
    return JSONResponse(rows)


def _gls(state: State, call: Call) -> Response:
    sent = call.json
    hashed = list(hashlib.sha512(PASSWORD.encode()).digest())
    if (sent.get("Username"), sent.get("Password")) != (USER, hashed):
        errors = [{"ErrorCode": -1, "ErrorDescription": "Unauthorized."}]
        return JSONResponse({"GetParcelStatusErrors": errors}, 401)
    events = _told(state, "gls", str(sent.get("ParcelNumber"))) or []
    rows = [
        {
            "StatusCode": one["code"],
            "StatusDescription": one["text"],
            "StatusInfo": "",
            "StatusDate": f"/Date({int(_local(one['at']).timestamp() * 1000)}+0200)/",
            "DepotCity": "",
        }
        for one in events
    ]
    return JSONResponse(
        {
            "ParcelNumber": sent.get("ParcelNumber"),
            "ParcelStatusList": rows,
            "GetParcelStatusErrors": [],
        }
    )


def _dpd(state: State, call: Call) -> Response:
    sent = call.json
    if (sent.get("userName"), sent.get("password")) != (USER, PASSWORD):
        return JSONResponse({"error": {"message": "Invalid username or password"}}, 401)
    if call.path == "/v1/track":
        wanted = [str(one.get("id")) for one in sent.get("parcels", [])[:10]]
        return JSONResponse({"parcels": [_dpd_parcel(state, one) for one in wanted]})
    code = str((sent.get("parcel") or {}).get("id"))
    back = state.get("return", f"dpd:{code}")
    first = back["tracking"] if back else code
    if back is None and _told(state, "dpd", code) is None:
        return JSONResponse({"error": {"message": "Parcel not found"}})
    return JSONResponse(
        {
            "primaryShipment": {"id": first},
            "initialShipmentId": first,
            "initialParcelId": first,
            "returnShipmentId": code if back else None,
        }
    )


def _dpd_parcel(state: State, tracking: str) -> dict[str, Any]:
    return {
        "parcelId": tracking,
        "operations": [
            {
                "dateTime": _local(one["at"]).isoformat(),
                "operationCode": int(one["code"]) if one["code"].lstrip("-").isdigit() else 0,
                "description": one["text"],
                "comment": "",
            }
            for one in _told(state, "dpd", tracking) or []
        ],
    }


COURIERS = {
    "sameday": Service(_sameday),
    "fan": Service(_fan),
    "cargus": Service(_cargus),
    "gls": Service(_gls),
    "dpd": Service(_dpd),
}
