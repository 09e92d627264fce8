"""Sameday as its clients know it: a token by header, the status history of one parcel."""

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
from core.sandbox.state import State

SIGN_IN = {"username": USER, "password": PASSWORD}


def _no(status: int, message: str) -> Response:
    return JSONResponse({"status": "error", "code": status, "message": message}, status)


def answer(state: State, call: SandboxCall) -> Response:
    """Answer one call below /sameday."""
    if call.path == "/api/authenticate":
        if (call.header("x-auth-username"), call.header("x-auth-password")) != (USER, PASSWORD):
            return _no(401, "Bad credentials")
        return JSONResponse({"token": token(state, "sameday"), "expire_at": "2099-01-01 00:00"})
    if not holds_token(state, "sameday", call.header("x-auth-token")):
        return _no(401, "Token not found")
    parts = call.path.strip("/").split("/")
    if parts[2] == "parcel":
        return _parcel(state, parts[3].removesuffix("001"))
    events = events_of(state, "sameday", parts[3]) if len(parts) == 5 else None
    if events is None:
        return _no(404, "Not found")
    history = [
        {
            "statusId": int(one["code"]) if one["code"].isdigit() else 0,
            "status": one["text"],
            "statusLabel": one["text"],
            "statusState": one["text"],
            "statusDate": local(one["at"]).isoformat(),
            "county": "",
            "reason": "",
            "transitLocation": "",
        }
        for one in events
    ]
    return JSONResponse(
        {
            "expeditionSummary": {"awbNumber": parts[3], "delivered": False, "canceled": False},
            "expeditionHistory": history[::-1],
            "expeditionStatus": history[-1] if history else None,
            "parcelsStatus": [{"parcelAwbNumber": f"{parts[3]}001"}],
        }
    )


def _parcel(state: State, tracking: str) -> Response:
    """The history of one parcel: here, and here alone, stands whether it goes back."""
    events = events_of(state, "sameday", tracking)
    if events is None:
        return _no(404, "Not found")
    rows = [
        {
            "statusId": int(one["code"]) if one["code"].isdigit() else 0,
            "status": one["text"],
            "statusDate": local(one["at"]).isoformat(),
            "inReturn": bool(one.get("in_return")) or "retur" in one["text"].lower(),
        }
        for one in events
    ]
    return JSONResponse({"parcelAwbNumber": f"{tracking}001", "parcelHistory": rows})


SERVICE = Service(answer, is_effect=reads_only)
