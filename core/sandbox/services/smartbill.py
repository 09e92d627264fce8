"""SmartBill as its clients know it: reverse, cancel, series; errors in `errorText`."""

import base64
import math
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import WORDS, SandboxCall, Service
from core.sandbox.limits import Limit
from core.sandbox.services import invoices
from core.sandbox.state import ROMANIA, State, invoice_key

LOGIN = base64.b64encode(b"sandbox@refuz.example:sandbox-token").decode()
LIMIT = Limit(30, 10.0, blocks=True, anew=True)

# Refusals that come with HTTP 200 and are told by their words alone.
SOFT = ("not_found", "is_storno")
TEXTS = {
    "not_found": "Documentul nu a fost gasit.",
    "reversed": "Factura este deja stornata.",
    "annulled": "Factura este deja anulata.",
    "is_storno": "Factura este de tip storno.",
    "no_series": "Seria nu a fost gasita.",
    "wrong_date": "Data facturii storno nu poate fi anterioara datei facturii.",
}
SIGN_IN = {"email": "sandbox@refuz.example", "token": "sandbox-token", "vat_code": "RO12345674"}
ERROR = {"errorText": WORDS, "message": "", "number": "", "series": "", "url": ""}


def admit(state: State, call: SandboxCall) -> Response | None:
    """Refuse a wrong sign-in, and the thirty-first call in ten seconds."""
    if call.header("authorization") != f"Basic {LOGIN}":
        return JSONResponse({"errorText": "Autentificare esuata", "message": ""}, 401)
    wait = LIMIT.refuse(state, "smartbill")
    return None if wait is None else _blocked(wait)


def blocked(state: State, _call: SandboxCall) -> Response:
    """Another program of the account went over the limit: the token is blocked from now on."""
    return _blocked(LIMIT.close(state, "smartbill"))


def _blocked(seconds: float) -> Response:
    """As recorded: 403, the moment and the length in words, no Retry-After.

    A block that is not of whole minutes is told as one that began earlier.
    """
    minutes = max(1, math.ceil(seconds / 60))
    begun = datetime.now(ROMANIA) + timedelta(seconds=seconds - 60 * minutes)
    message = (
        "Ai depasit limita maxima de requesturi admisa. Vei putea executa alte requesturi dupa "
        f"{minutes} min de la momentul blocarii {begun:%d/%m/%Y %H:%M:%S}"
    )
    body = {"key": "!.oresp@&", "successfully": False, "errorText": message}
    return JSONResponse({**body, "errorCode": "0", "cooldown": 0}, 403)


def answer(state: State, call: SandboxCall) -> Response:
    """Answer one call below /smartbill/SBORO/api."""
    match call.method, call.path:
        case "POST", "/invoice/reverse":
            return _reverse(state, call)
        case "PUT", "/invoice/cancel":
            return _cancel(state, call)
        case "GET", "/series":
            return _series(state, call)
        case "GET", "/invoice/paymentstatus":
            return _payment(state, call)
        case "PUT", "/invoice/restore":
            return _restore(state, call)
        case "DELETE", "/invoice":
            return _delete(state, call)
        case "GET", "/invoice/pdf":
            return _pdf(state, call)
        case "GET", "/tax":
            return _answer(taxes=[{"name": "Normala", "percentage": 21.0}])
        case _:
            return Response("<html>Bad gateway</html>", 502, media_type="text/html")


def _answer(text: str = "", status: int = 200, **more: Any) -> Response:
    body = {"errorText": text, "message": "", "number": "", "series": "", "url": "", **more}
    return JSONResponse(body, status)


def _refused(refusal: invoices.NotPossible) -> Response:
    return _answer(TEXTS[refusal.code], 200 if refusal.code in SOFT else 400)


def _company(state: State, code: str) -> Response | None:
    shop = state.get("shop", "shop") or {}
    if code.upper().removeprefix("RO") == str(shop.get("vat_code", "")).upper().removeprefix("RO"):
        return None
    return _answer("Firma la care incercati sa va conectati nu exista in contul dvs.", 401)


def _reverse(state: State, call: SandboxCall) -> Response:
    body = call.json
    allowed = {"companyVatCode", "seriesName", "number", "issueDate"}
    for name in set(body) - allowed:
        errors = [{"code": "unknown_field", "message": f"Unknown field {name}", "param": name}]
        return JSONResponse({"type": "invalid_request_error", "errors": errors}, 400)
    wrong = _company(state, str(body.get("companyVatCode", "")))
    if wrong is not None:
        return wrong
    if not isinstance(body.get("number"), str):
        return _answer("Numarul facturii trebuie sa fie text.", 400)
    series, day = str(body.get("seriesName")), str(body.get("issueDate") or "")
    try:
        made = invoices.reverse(state, "smartbill", series, body["number"], issued_on=day)
    except invoices.NotPossible as refusal:
        return _refused(refusal)
    view = "https://example.invalid/factura"
    return _answer(number=made["number"], series=made["series"], documentViewUrl=view)


def _cancel(state: State, call: SandboxCall) -> Response:
    wrong = _company(state, call.query("cif"))
    if wrong is not None:
        return wrong
    try:
        invoices.annul(state, "smartbill", _series_name(call), call.query("number"))
    except invoices.NotPossible as refusal:
        return _refused(refusal)
    return _answer()


def _restore(state: State, call: SandboxCall) -> Response:
    """Undo an annulment."""
    found = invoices.find(state, "smartbill", _series_name(call), call.query("number"))
    if found is None:
        return _answer(TEXTS["not_found"], 400)
    if found["state"] != "annulled":
        return _answer("Factura nu este anulata.", 400)
    state.put("invoice", invoice_key(found), {**found, "state": "open"})
    return _answer()


def _delete(state: State, call: SandboxCall) -> Response:
    """Only the newest document of a series may go."""
    series = _series_name(call)
    found = invoices.find(state, "smartbill", series, call.query("number"))
    if found is None:
        return _answer(TEXTS["not_found"], 400)
    numbers = [one["number"] for one in invoices.of(state, "smartbill") if one["series"] == series]
    if int(found["number"]) != max(map(int, numbers)) or found["state"] != "open":
        return _answer("Factura nu poate fi stearsa, nu este ultima din serie.", 400)
    state.drop("invoice", invoice_key(found))
    return _answer()


def _pdf(state: State, call: SandboxCall) -> Response:
    if invoices.find(state, "smartbill", _series_name(call), call.query("number")) is None:
        return _answer(TEXTS["not_found"], 400)
    return Response(b"%PDF-1.4\n", media_type="application/octet-stream")


def _series(state: State, call: SandboxCall) -> Response:
    wrong = _company(state, call.query("cif"))
    if wrong is not None:
        return wrong
    rows = [
        {"name": name, "nextNumber": invoices.next_number(state, "smartbill", name), "type": "f"}
        for name in invoices.all_series(state, "smartbill")
    ]
    return _answer(list=rows)


def _series_name(call: SandboxCall) -> str:
    return call.query("seriesname") or call.query("seriesName")  # clients write both


def _payment(state: State, call: SandboxCall) -> Response:
    found = invoices.find(state, "smartbill", _series_name(call), call.query("number"))
    if found is None:
        return _answer(TEXTS["not_found"], 400)
    total = found["total_minor"] / 100
    return _answer(invoiceTotalAmount=total, paidAmount=0.0, unpaidAmount=total, paid=False)


SERVICE = Service(answer, admit, blocked=blocked, prefix="/SBORO/api", error=ERROR)
