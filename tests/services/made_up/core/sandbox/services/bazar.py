"""Bazar as the sandbox plays it."""

from datetime import UTC, datetime

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import SandboxCall, Service
from core.sandbox.state import State, order_place

SIGN_IN = {"bazar_key": "bazar-sandbox"}
KIND = "bazar order"


def admit(_state: State, call: SandboxCall) -> Response | None:
    if call.header("x-key") == SIGN_IN["bazar_key"]:
        return None
    return JSONResponse({"no": "no_permission"}, 401)


def answer(state: State, call: SandboxCall) -> Response:
    if call.path == "/orders":
        return JSONResponse({"orders": list(state.all(KIND).values())})
    _, _, number, *more = call.path.split("/")
    _, key = order_place({"shop": "bazar", "id": number})
    order = state.get(KIND, key)
    if order is None:
        return JSONResponse({"no": "not_found"}, 404)
    now = datetime.now(UTC).isoformat()
    if more == ["cancel"]:
        if order["cancelled_at"]:
            return JSONResponse({"no": "already_cancelled"}, 409)
        order = {**order, "cancelled_at": now, "updated_at": now}
        state.count("cancelled", key)
    if more == ["tags"]:
        order = {**order, "tags": sorted({*order["tags"], *call.json["tags"]}), "updated_at": now}
        state.count("tagged", key)
    state.put(KIND, key, order)
    return JSONResponse(order)


SERVICE = Service(answer, admit, prefix="/rest")
