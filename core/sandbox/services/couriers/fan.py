"""FAN Courier as its clients know it: a bearer token, events of several parcels."""

from urllib.parse import parse_qs

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import SandboxCall, Service, reads_only
from core.sandbox.services.couriers.parcels import (
    PASSWORD,
    USER,
    events_of,
    holds_token,
    local,
    return_number,
    token,
)
from core.sandbox.state import Document, State

SIGN_IN = {"username": USER, "password": PASSWORD, "client_id": "7000000"}


def _no(status: int, message: str) -> Response:
    return JSONResponse({"status": "error", "code": status, "message": message}, status)


def answer(state: State, call: SandboxCall) -> Response:
    """Answer one call below /fan."""
    if call.path == "/login":
        query = parse_qs(call.query_string)
        sent = call.json or {name: values[0] for name, values in query.items()}
        if (sent.get("username"), sent.get("password")) != (USER, PASSWORD):
            return _no(401, "Unauthorized")
        expires = "2099-01-01 00:00:00"
        return JSONResponse(
            {"status": "success", "data": {"token": token(state, "fan"), "expiresAt": expires}}
        )
    if not holds_token(state, "fan", call.header("authorization").removeprefix("Bearer ")):
        return _no(401, "Unauthorized")
    wanted = parse_qs(call.query_string).get("awb[]", [])
    data = [_parcel(state, one) for one in wanted if events_of(state, "fan", one) is not None]
    return JSONResponse({"status": "success", "data": data})


def _parcel(state: State, tracking: str) -> Document:
    return {
        "awbNumber": tracking,
        "returnAwbNumber": return_number(state, "fan", tracking),
        "redirectionAwbNumber": None,
        "confirmation": None,
        "events": [
            {
                "id": one["code"],
                "name": one["text"],
                "location": "",
                "date": f"{local(one['at']):%Y-%m-%d %H:%M}",
            }
            for one in events_of(state, "fan", tracking) or []
        ],
    }


SERVICE = Service(answer, is_effect=reads_only)
