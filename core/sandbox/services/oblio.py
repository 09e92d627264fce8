"""Oblio as its SDK knows it: a token, storno by referenceDocument, the list with its flags."""

import itertools
import secrets
import time
from typing import Any

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import WORDS, SandboxCall, Service
from core.sandbox.limits import Limit
from core.sandbox.services import invoices
from core.sandbox.state import Document, State, invoice_key

DOCUMENTS = Limit(30, 100.0, blocks=True)
OTHERS = Limit(30, 10.0, blocks=True)

TEXTS = {
    "not_found": "Factura nu a fost gasita",
    "reversed": "Factura deja stornata",
    "annulled": "Factura deja anulata",
    "is_storno": "Documentul este storno",
    "no_series": "Seria nu exista",
    "wrong_date": "Data emiterii nu este corecta",
}
AUTHORIZE = "/api/authorize/token"
SIGN_IN = {"email": "sandbox@refuz.example", "secret": "sandbox-secret", "vat_code": "RO12345674"}
ERROR = {"status": 400, "statusMessage": WORDS, "data": []}


def admit(state: State, call: SandboxCall) -> Response | None:
    """Refuse a wrong token, and what goes over a limit. Tokens are given to anybody who asks with
    the right secret."""
    if call.path == AUTHORIZE:
        return None
    token = state.get("token", "oblio") or {}
    if call.header("authorization") != f"Bearer {token.get('value')}":
        return _answer(401, "The access token provided is invalid")
    limit = DOCUMENTS if call.method in ("POST", "PUT", "DELETE") else OTHERS
    return None if limit.refuse(state, "oblio") is None else _limited()


def blocked(state: State, _call: SandboxCall) -> Response:
    """Another program of the account went over the limits: both are closed from now on."""
    for limit in (DOCUMENTS, OTHERS):
        limit.close(state, "oblio")
    return _limited()


def _limited() -> Response:
    return _answer(403, "Ai depasit limita de requesturi")


def answer(state: State, call: SandboxCall) -> Response:
    """Answer one call below /oblio."""
    match call.method, call.path:
        case _, path if path == AUTHORIZE:
            return _token(state, call)
        case "POST", "/api/docs/invoice":
            return _storno(state, call)
        case "PUT", "/api/docs/invoice/cancel":
            return _cancel(state, call)
        case "GET", "/api/docs/invoice/list":
            return _list(state, call)
        case "GET", "/api/docs/invoice":
            return _one(state, call)
        case "DELETE", "/api/docs/invoice":
            return _delete(state, call)
        case "PUT", "/api/docs/invoice/restore":
            return _restore(state, call)
        case "PUT", "/api/docs/invoice/collect":
            return _collect(state, call)
        case "GET", path if path.startswith("/api/nomenclature/"):
            return _nomenclature(state, call, path.removeprefix("/api/nomenclature/"))
        case _:
            return _answer(404, "Not found")


def _answer(status: int, message: str, data: Any = ()) -> Response:
    body = {"status": status, "statusMessage": message, "data": data or []}
    return JSONResponse(body, status)


def _token(state: State, call: SandboxCall) -> Response:
    form = call.json or call.form  # the documents name the form, the official clients send JSON
    login = (form.get("client_id"), form.get("client_secret"))
    if login != ("sandbox@refuz.example", "sandbox-secret"):
        return _answer(401, "The client credentials are invalid")
    token = state.get("token", "oblio")
    if token is None:
        token = {"value": secrets.token_hex(16)}
        state.put("token", "oblio", token)
    token_fields = {"expires_in": "3600", "token_type": "Bearer", "scope": ""}
    asked_at = str(int(time.time()))
    return JSONResponse({"access_token": token["value"], "request_time": asked_at, **token_fields})


def _company(state: State, code: str) -> bool:
    return code == (state.get("shop", "shop") or {}).get("vat_code")


def _storno(state: State, call: SandboxCall) -> Response:
    """Issue a storno, or answer as Oblio does where none is made."""
    body = call.json
    if not _company(state, str(body.get("cif"))):
        return _answer(400, "Firma nu exista in contul tau")
    reference = body.get("referenceDocument") or {}
    if reference.get("refund") != 1:
        return _answer(400, "Lipsesc produsele")
    key = f"oblio:{body['idempotencyKey']}" if body.get("idempotencyKey") else ""
    before = state.get("idempotency", key) if key else None
    # With repeats allowed the key is not honoured, so that a proof can see a second sending.
    if before is not None and state.settings["refuse_repeats"]:
        return _answer(200, "Success", before)
    series, number = str(reference.get("seriesName")), str(reference.get("number"))
    try:
        made = invoices.reverse(
            state,
            "oblio",
            series,
            number,
            storno_series=str(body.get("seriesName") or ""),
            issued_on=str(body.get("issueDate") or ""),
        )
    except invoices.NotPossible as refusal:
        return _answer(400, TEXTS[refusal.code])
    _set_collected(state, series, number, collected=False)  # what `refund` does to it
    data = {
        "seriesName": made["series"],
        "number": made["number"],
        "link": "https://example.invalid",
    }
    if key:
        state.put("idempotency", key, data)
    return _answer(200, "Success", data)


def _cancel(state: State, call: SandboxCall) -> Response:
    body = call.json
    if not _company(state, str(body.get("cif"))):
        return _answer(400, "Firma nu exista in contul tau")
    try:
        invoices.annul(state, "oblio", str(body.get("seriesName")), str(body.get("number")))
    except invoices.NotPossible as refusal:
        return _answer(400, TEXTS[refusal.code])
    return _answer(200, "Success")


def _set_collected(state: State, series: str, number: str, *, collected: bool) -> None:
    found = invoices.find(state, "oblio", series, number)
    if found is not None:
        state.put("invoice", invoice_key(found), {**found, "collected": collected})


def _collect(state: State, call: SandboxCall) -> Response:
    body = call.json
    series, number = str(body.get("seriesName")), str(body.get("number"))
    if invoices.find(state, "oblio", series, number) is None:
        return _answer(400, TEXTS["not_found"])
    _set_collected(state, series, number, collected=True)
    return _answer(200, "Success", {"collected": True})


def _restore(state: State, call: SandboxCall) -> Response:
    """Undo an annulment."""
    body = call.json
    found = invoices.find(state, "oblio", str(body.get("seriesName")), str(body.get("number")))
    if found is None or found["state"] != "annulled":
        return _answer(400, TEXTS["not_found"] if found is None else "Factura nu este anulata")
    state.put("invoice", invoice_key(found), {**found, "state": "open"})
    return _answer(200, "Success")


def _delete(state: State, call: SandboxCall) -> Response:
    """Only the newest document of a series may go, and only while nothing stands on it."""
    body = call.json
    series, number = str(body.get("seriesName")), str(body.get("number"))
    found = invoices.find(state, "oblio", series, number)
    if found is None:
        return _answer(400, TEXTS["not_found"])
    newest = max(int(one["number"]) for one in invoices.of(state, "oblio")
                 if one["series"] == series)  # fmt: skip
    if found["state"] != "open" or found.get("of") or int(found["number"]) != newest:
        return _answer(400, "Factura nu poate fi stearsa")
    state.drop("invoice", invoice_key(found))
    return _answer(200, "Success")


def _nomenclature(state: State, call: SandboxCall, name: str) -> Response:
    shop = state.get("shop", "shop") or {}
    if name == "companies":
        return _answer(200, "Success", [{"cif": shop.get("vat_code"), "company": "Casa Verde"}])
    if not _company(state, call.query("cif")):
        return _answer(400, "Firma nu exista in contul tau")
    if name == "series":
        rows = [
            {"type": "Factura", "name": one, "start": "1", "default": number == 0,
             "next": str(invoices.next_number(state, "oblio", one))}
            for number, one in enumerate(invoices.all_series(state, "oblio"))
        ]  # fmt: skip
        return _answer(200, "Success", rows)
    if name == "vat_rates":
        return _answer(200, "Success", [{"name": "Normala", "percent": 21, "default": True}])
    return _answer(404, "Not found")


def _one(state: State, call: SandboxCall) -> Response:
    if not _company(state, call.query("cif")):
        return _answer(400, "Firma nu exista in contul tau")
    found = invoices.find(state, "oblio", call.query("seriesName"), call.query("number"))
    if found is None:
        return _answer(400, TEXTS["not_found"])
    return _answer(200, "Success", _row(found, state.invoices.place(invoice_key(found))))


def _list(state: State, call: SandboxCall) -> Response:
    if not _company(state, call.query("cif")):
        return _answer(400, "Firma nu exista in contul tau")
    wanted = {"series": call.query("seriesName"), "number": call.query("number")}
    since = call.query("issuedAfter")
    candidates = _candidates(state, call)
    if call.query("orderBy") == "id" and call.query("orderDir") == "DESC":
        candidates.reverse()
    # Looked through no further than the page: thousands of documents are not gone through for it.
    fitting = (
        one for one in candidates if one["issued_on"] > since and invoices.matches(one, **wanted)
    )
    start = int(call.query("offset") or 0)
    limit = min(100, int(call.query("limitPerPage") or 100))
    page = itertools.islice(fitting, start, start + limit)
    rows = [_row(one, state.invoices.place(invoice_key(one))) for one in page]
    if call.query("withEinvoiceStatus") == "1":
        rows = [{**row, "einvoiceStatus": _filing(state)} for row in rows]
    return _answer(200, "Success", rows)


def _filing(state: State) -> Document:
    """Not set up, unless the settings say otherwise."""
    filing: Document = {"text": "Neconfigurat", "sent": False, "code": -1}
    return {**filing, **(state.settings["oblio_filing"] or {})}


def _candidates(state: State, call: SandboxCall) -> list[Document]:
    series, number = call.query("seriesName"), call.query("number")
    exact = invoices.find(state, "oblio", series, number) if series and number else None
    return [exact] if exact is not None else invoices.of(state, "oblio")


def _row(invoice: Document, number: int) -> Document:
    return {
        "id": str(number),
        "seriesName": invoice["series"],
        "number": invoice["number"],
        "issueDate": invoice["issued_on"],
        "currency": invoice.get("currency", "RON"),
        "total": invoices.money(invoice["total_minor"]),
        "canceled": "1" if invoice["state"] == "annulled" else "0",
        "storno": "1" if invoice.get("of") else "0",
        "stornoed": "1" if invoice["state"] == "reversed" else "0",
        "collected": "1" if invoice.get("collected") else "0",
        "client": {"cif": "", "name": invoice.get("customer", "")},
        "link": "https://example.invalid/doc",
        "mentions": f"Comanda {invoice['order_name']}",
        "noticeNumber": "",
    }


SERVICE = Service(answer, admit, blocked=blocked, error=ERROR)
