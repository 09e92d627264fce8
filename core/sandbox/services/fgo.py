"""FGO v2: storneaza and its undo, anuleaza, the list, the way to e-Factura; problem+json."""

import datetime as dt
import hashlib
from typing import Any

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import WORDS, SandboxCall, Service
from core.sandbox.limits import Limit
from core.sandbox.services import invoices
from core.sandbox.state import Document, State

LIMIT = Limit(1, 1.0, blocks=False)
PROBLEM = "urn:fgo:api:v2:problem:"
STATES = {"open": "emisa", "reversed": "stornata", "annulled": "anulata"}
TEXTS = {
    "reversed": "Factura a fost stornata deja.",
    "annulled": "Factura este deja anulata.",
    "is_storno": "Factura este storno.",
    "no_series": "Seria nu exista.",
    "wrong_date": "Data emiterii nu este valida.",
    "no_pair": "Perechea de stornare nu mai este valida.",
}
RESTORE = "repune-in-vigoare-factura-stornata"
SIGN_IN = {
    "vat_code": "RO12345674",
    "key": "fgo_test_api_v1_sandbox",
    "platform_url": "https://casa-verde.example",
}
FIELDS = {
    "serie", "numar", "data_emitere", "data_scadenta", "valoare_totala", "valoare_fara_tva",
    "valoare_tva", "valoare_ramasa", "valuta", "status", "status_plata", "trimisa_pe_email",
    "client_id", "client", "cod_unic_client",
}  # fmt: skip
ERROR = {"type": "urn:fgo:api:v2:problem:internal", "status": 500, "detail": WORDS}


def admit(state: State, call: SandboxCall) -> Response | None:
    """Refuse a wrong key or company, and the second call of one operation in a second."""
    if call.header("authorization") != "Bearer fgo_test_api_v1_sandbox":
        return _problem(401, "unauthenticated", "Cheie API necunoscuta.")
    company = str((state.get("shop", "shop") or {}).get("vat_code") or SIGN_IN["vat_code"])
    if call.header("fgo-cod-unic") != company.upper().removeprefix("RO"):
        return _problem(403, "forbidden", "Cod unic neasociat.", "cod_unic_neasociat")
    if LIMIT.refuse(state, call.path.rpartition("/")[2]) is None:
        return None
    refusal = _problem(429, "rate-limited", "Prea multe cereri.")
    refusal.headers["Retry-After"] = "1"
    return refusal


def answer(state: State, call: SandboxCall) -> Response:
    """Answer one call below /fgo."""
    match call.method, call.path.strip("/").split("/"):
        case "GET", ["v2", "facturi"]:
            return _list(state, call)
        case "POST", ["v2", "facturi", series, number, "storneaza"]:
            return _reverse(state, series, number, call.json)
        case "POST", ["v2", "facturi", series, number, last] if last == RESTORE:
            return _restore(state, series, number)
        case "POST", ["v2", "facturi", series, number, "anuleaza"]:
            return _annul(state, series, number)
        case "GET", ["v2", "facturi", _, _, "asociate"]:  # of a proforma; there are none here
            return _problem(404, "resource-not-found", "Proforma nu exista")
        case "GET", ["v2", "facturi", series, number, "efactura"]:
            return _filing(state, series, number)
        case _:
            return _problem(404, "resource-not-found", "Ruta nu exista.")


def _problem(status: int, kind: str, detail: str, reason: str = "") -> Response:
    body: Document = {"type": PROBLEM + kind, "status": status, "detail": detail}
    if reason:
        body["motiv"] = {"cod": reason, "mesaj": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


def _data(data: Any, **more: Any) -> Response:
    return JSONResponse({"data": data, "meta": {"trace": "00-sandbox", **more}})


def _refusal(refusal: invoices.NotPossible) -> Response:
    if refusal.code == "not_found":
        return _problem(404, "resource-not-found", "Factura nu a fost gasita.")
    return _problem(400, "invalid-state", TEXTS[refusal.code], "stare_nepermisa")


def _reverse(state: State, series: str, number: str, body: Document) -> Response:
    unknown = set(body) - {"serie_storno", "data_emitere"}
    if unknown:
        return _problem(400, "validation", f"Camp necunoscut: {', '.join(sorted(unknown))}")
    chosen, day = str(body.get("serie_storno") or ""), str(body.get("data_emitere") or "")
    try:
        made = invoices.reverse(state, "fgo", series, number, storno_series=chosen, issued_on=day)
    except invoices.NotPossible as refusal:
        return _refusal(refusal)
    return _data({"serie": made["series"], "numar": made["number"]})


def _restore(state: State, series: str, number: str) -> Response:
    try:
        invoices.restore(state, "fgo", series, number)
    except invoices.NotPossible as refusal:
        return _refusal(refusal)
    return _data({"serie": series, "numar": number})


def _annul(state: State, series: str, number: str) -> Response:
    try:
        invoices.annul(state, "fgo", series, number)
    except invoices.NotPossible as refusal:
        return _refusal(refusal)
    return _data({"serie": series, "numar": number})


def _list(state: State, call: SandboxCall) -> Response:
    """The documents of a time, with the fields that must be named; retracted stornos are gone."""
    named = {one.strip() for one in call.query("fields").split(",") if one.strip()}
    if not named or named - FIELDS:
        return _problem(400, "validation", "Parametrul fields nu este valid.")
    if call.query("id_extern"):
        return _problem(400, "validation", "Parametrul id_extern nu este cunoscut.")
    month_ago = dt.date.fromisoformat(invoices.today()) - dt.timedelta(days=30)
    since = call.query("data_emitere_de_la") or month_ago.isoformat()
    until = call.query("data_emitere_pana_la") or invoices.today()
    number = call.query("numar")
    here = state.invoices.numbered("fgo", number) if number else invoices.of(state, "fgo")
    rows = [
        _row(one)
        for one in here
        if since <= one["issued_on"] <= until
        and invoices.matches(one, series=call.query("serie"), number=number)
        and not (one.get("of") and one["state"] == "annulled")
        and call.query("client_id") in ("", _client_id(one))
    ]
    start, limit = int(call.query("cursor") or 0), int(call.query("limit") or 50)
    after = str(start + limit) if start + limit < len(rows) else None
    named |= {"serie", "numar"}
    shown = [{key: row[key] for key in row if key in named} for row in rows[start:][:limit]]
    return _data(shown, pagination={"next_cursor": after, "prev_cursor": None})


def _filing(state: State, series: str, number: str) -> Response:
    """Filed, unless the settings say otherwise; None there: it has taken no step yet."""
    found = invoices.find(state, "fgo", series, number)
    if found is None:
        return _problem(404, "resource-not-found", "Factura nu a fost gasita.")
    if state.settings["filing"] is None:
        return _data(None)
    filing: Document = {"status": "acceptata", "descriere": "Factura a fost validata de ANAF."}
    filing |= {"detalii": None, "eroare_anaf": False, "eroare_fgo": False}
    return _data({**filing, **state.settings["filing"]})


def _row(invoice: Document) -> Document:
    """A row of the list; the total has another name there than beside an invoice."""
    return {
        "serie": invoice["series"],
        "numar": invoice["number"],
        "data_emitere": invoice["issued_on"],
        "valoare_totala": invoice["total_minor"] / 100,
        "valuta": invoice.get("currency", "RON"),
        "status": _status(invoice),
        "status_plata": "in_termen",
        "client": invoice.get("customer", ""),
        "client_id": _client_id(invoice),
    }


def _client_id(invoice: Document) -> str:
    return "cli_" + hashlib.sha256(str(invoice.get("customer", "")).encode()).hexdigest()[:32]


def _status(invoice: Document) -> str:
    is_storno = invoice.get("of") and invoice["state"] != "annulled"
    return "storno" if is_storno else STATES[invoice["state"]]


SERVICE = Service(answer, admit, error=ERROR)
