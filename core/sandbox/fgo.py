"""FGO v2: storneaza, anuleaza, the list and the associated documents; problem+json errors."""

from typing import Any

from starlette.responses import JSONResponse, Response

from core.sandbox import invoices
from core.sandbox.calls import Call
from core.sandbox.limits import Limit
from core.sandbox.state import Document, State

LIMIT = Limit(1, 1.0, blocks=False)
PROBLEM = "urn:fgo:api:v2:problem:"
STATES = {"open": "emisa", "reversed": "stornata", "annulled": "anulata"}
TEXTS = {
    "reversed": "Factura a fost stornata deja.",
    "annulled": "Factura este deja anulata.",
    "is_storno": "Factura este storno.",
}


def handle(state: State, call: Call) -> Response:
    """Answer one call below /fgo."""
    if call.header("authorization") != "Bearer fgo_test_api_v1_sandbox":
        return _problem(401, "unauthenticated", "Cheie API necunoscuta.")
    if call.header("fgo-cod-unic") != "12345674":
        return _problem(403, "forbidden", "Cod unic neasociat.", "cod_unic_neasociat")
    parts = call.path.strip("/").split("/")
    wait = LIMIT.refuse(state, parts[-1])
    if wait is not None:
        refusal = _problem(429, "rate-limited", "Prea multe cereri.")
        refusal.headers["Retry-After"] = "1"
        return refusal
    match call.method, parts:
        case "GET", ["v2", "facturi"]:
            return _list(state, call)
        case "POST", ["v2", "facturi", series, number, "storneaza"]:
            return _reverse(state, series, number)
        case "POST", ["v2", "facturi", series, number, "anuleaza"]:
            return _annul(state, series, number)
        case "GET", ["v2", "facturi", series, number, "asociate"]:
            return _associated(state, series, number)
        case _:
            return _problem(404, "resource-not-found", "Ruta nu exista.")


def _problem(status: int, kind: str, detail: str, reason: str = "") -> Response:
    body: Document = {"type": PROBLEM + kind, "status": status, "detail": detail}
    if reason:
        body["motiv"] = {"cod": reason, "mesaj": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


def _data(data: Any) -> Response:
    return JSONResponse({"data": data, "meta": {"trace": "00-sandbox"}})


def _refusal(refusal: invoices.NotPossible) -> Response:
    if refusal.code == "not_found":
        return _problem(404, "resource-not-found", "Factura nu a fost gasita.")
    return _problem(400, "invalid-state", TEXTS[refusal.code], "stare_nepermisa")


def _reverse(state: State, series: str, number: str) -> Response:
    try:
        made = invoices.reverse(state, "fgo", series, number)
    except invoices.NotPossible as refusal:
        return _refusal(refusal)
    return _data({"serie": made["series"], "numar": made["number"]})


def _annul(state: State, series: str, number: str) -> Response:
    try:
        invoices.annul(state, "fgo", series, number)
    except invoices.NotPossible as refusal:
        return _refusal(refusal)
    return _data({"serie": series, "numar": number})


def _list(state: State, call: Call) -> Response:
    wanted = {"series": call.query("serie"), "number": call.query("numar")}
    found = [one for one in invoices.of(state, "fgo") if invoices.matches(one, **wanted)]
    limit = int(call.query("limit") or 50)
    return _data([_row(one) for one in found[:limit]])


def _associated(state: State, series: str, number: str) -> Response:
    invoice = invoices.find(state, "fgo", series, number)
    if invoice is None:
        return _problem(404, "resource-not-found", "Factura nu a fost gasita.")
    of = f"fgo:{invoice['series']}:{invoice['number']}"
    return _data([_row(one) for one in invoices.of(state, "fgo") if one.get("of") == of])


def _row(invoice: Document) -> Document:
    return {
        "serie": invoice["series"],
        "numar": invoice["number"],
        "data_emitere": invoice["issued_on"],
        "valoare": invoices.money(invoice["total_minor"]),
        "status": "storno" if invoice.get("of") else STATES[invoice["state"]],
    }
