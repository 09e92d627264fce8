"""FactuPlus as the sandbox plays it."""

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import SandboxCall, Service
from core.sandbox.services import invoices
from core.sandbox.state import State

SIGN_IN = {"plus_key": "plus-sandbox"}
ERROR = {"ok": False, "reason": "later"}


def admit(_state: State, call: SandboxCall) -> Response | None:
    if call.header("x-key") == SIGN_IN["plus_key"]:
        return None
    return JSONResponse({"ok": False, "reason": "key"}, 401)


def answer(state: State, call: SandboxCall) -> Response:
    if call.path == "/me":
        return JSONResponse({"ok": True})
    if call.path == "/storno":
        return _storno(state, call)
    found = invoices.find(state, "factuplus", call.query("series"), call.query("number"))
    if found is None:
        return JSONResponse({"ok": False, "reason": "not_found"})
    storno = state.get("invoice", str(found.get("storno", "")))
    number = {"series": storno["series"], "number": storno["number"]} if storno else None
    return JSONResponse({"ok": True, "storno": number})


def _storno(state: State, call: SandboxCall) -> Response:
    asked = call.json
    try:
        made = invoices.reverse(state, "factuplus", asked["series"], asked["number"])
    except invoices.NotPossible as refusal:
        return JSONResponse({"ok": False, "reason": refusal.code})
    return JSONResponse({"ok": True, "series": made["series"], "number": made["number"]})


SERVICE = Service(answer, admit, prefix="/v2", error=ERROR)
