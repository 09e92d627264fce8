"""GLS as its clients know it: each call signed in with a SHA-512 of the password."""

import hashlib

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import SandboxCall, Service, reads_only
from core.sandbox.services.couriers.parcels import PASSWORD, USER, events_of, local
from core.sandbox.state import State

SIGN_IN = {"username": USER, "password": PASSWORD}


def answer(state: State, call: SandboxCall) -> Response:
    """Answer one call below /gls."""
    sent = call.json
    hashed = list(hashlib.sha512(PASSWORD.encode()).digest())
    if (sent.get("Username"), sent.get("Password")) != (USER, hashed):
        errors = [{"ErrorCode": 14, "ErrorDescription": "User not exists"}]
        return JSONResponse({"ParcelStatusList": None, "GetParcelStatusErrors": errors})
    events = events_of(state, "gls", str(sent.get("ParcelNumber"))) or []
    rows = [
        {
            "StatusCode": one["code"],
            "StatusDescription": one["text"],
            "StatusInfo": "",
            "StatusDate": f"/Date({int(local(one['at']).timestamp() * 1000)}+0200)/",
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


SERVICE = Service(answer, is_effect=reads_only)
