"""Velo as the sandbox plays it."""

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import SandboxCall, Service, reads_only
from core.sandbox.services.couriers.parcels import events_of
from core.sandbox.state import State

SIGN_IN = {"velo_key": "velo-sandbox"}


def answer(state: State, call: SandboxCall) -> Response:
    if call.header("x-key") != SIGN_IN["velo_key"]:
        return JSONResponse({}, 401)
    rows = [
        {"n": number, **one}
        for number in call.query("n").split(",")
        for one in events_of(state, "velo", number) or []
    ]
    return JSONResponse({"rows": rows})


SERVICE = Service(answer, is_effect=reads_only)
