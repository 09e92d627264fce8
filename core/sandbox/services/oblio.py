"""Oblio as its SDK knows it: a token, storno by referenceDocument, the list with its flags."""

import secrets
from typing import Any

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import WORDS, Call, Service
from core.sandbox.limits import Limit, too_many
from core.sandbox.services import invoices
from core.sandbox.state import Document, State

LIMIT = Limit(3, 1.0, blocks=True)

TEXTS = {
    "not_found": "Factura nu a fost gasita",
    "reversed": "Factura deja stornata",
    "annulled": "Factura deja anulata",
    "is_storno": "Documentul este storno",
    "no_series": "Seria nu exista",
    "wrong_date": "Data emiterii nu este corecta",
}
AUTHORIZE = "/api/authorize/token"
SIGN_IN = {"email": "sandbox@storno.example", "secret": "sandbox-secret", "vat_code": "RO12345674"}
ERROR = {"status": 400, "statusMessage": WORDS, "data": []}


def admit(state: State, call: Call) -> Response | None:
    """Refuse a wrong token, and the fourth call in a second. Tokens are given to anybody who asks
    with the right secret."""
    if call.path == AUTHORIZE:
        return None
    token = state.get("token", "oblio") or {}
    if call.header("authorization") != f"Bearer {token.get('value')}":
        return _said(401, "The access token provided is invalid")
    wait = LIMIT.refuse(state, "token")
    return None if wait is None else too_many(wait)


def answer(state: State, call: Call) -> Response:
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
            return _list(state, call)
        case "GET", "/api/nomenclature/companies":
            shop = state.get("shop", "shop") or {}
            return _said(200, "Success", [{"cif": shop.get("vat_code"), "company": "Casa Verde"}])
        case _:
            return _said(404, "Not found")


def _said(status: int, message: str, data: Any = ()) -> Response:
    body = {"status": status, "statusMessage": message, "data": data or []}
    return JSONResponse(body, status)


def _token(state: State, call: Call) -> Response:
    form = call.form
    login = (form.get("client_id"), form.get("client_secret"))
    if login != ("sandbox@storno.example", "sandbox-secret"):
        return _said(401, "The client credentials are invalid")
    token = state.get("token", "oblio")
    if token is None:
        token = {"value": secrets.token_hex(16)}
        state.put("token", "oblio", token)
    return JSONResponse(
        {"access_token": token["value"], "expires_in": "3600", "token_type": "Bearer", "scope": ""}
    )


def _company(state: State, code: str) -> bool:
    return code == (state.get("shop", "shop") or {}).get("vat_code")


def _storno(state: State, call: Call) -> Response:
    body = call.json
    if not _company(state, str(body.get("cif"))):
        return _said(400, "Firma nu exista in contul tau")
    reference = body.get("referenceDocument") or {}
    if reference.get("refund") != 1:
        return _said(400, "Lipsesc produsele")
    key = f"oblio:{body['idempotencyKey']}" if body.get("idempotencyKey") else ""
    before = state.get("idempotency", key) if key else None
    # With repeats allowed the key is not honoured, so that a proof can see a second sending.
    if before is not None and state.settings["refuse_repeats"]:
        return _said(200, "Success", before)
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
        return _said(400, TEXTS[refusal.code])
    data = {
        "seriesName": made["series"],
        "number": made["number"],
        "link": "https://example.invalid",
    }
    if key:
        state.put("idempotency", key, data)
    return _said(200, "Success", data)


def _cancel(state: State, call: Call) -> Response:
    body = call.json
    if not _company(state, str(body.get("cif"))):
        return _said(400, "Firma nu exista in contul tau")
    try:
        invoices.annul(state, "oblio", str(body.get("seriesName")), str(body.get("number")))
    except invoices.NotPossible as refusal:
        return _said(400, TEXTS[refusal.code])
    return _said(200, "Success")


def _list(state: State, call: Call) -> Response:
    if not _company(state, call.query("cif")):
        return _said(400, "Firma nu exista in contul tau")
    found = [
        one
        for one in _candidates(state, call)
        if invoices.matches(one, series=call.query("seriesName"), number=call.query("number"))
        and one["issued_on"] > call.query("issuedAfter")
    ]
    start = int(call.query("offset") or 0)
    limit = min(100, int(call.query("limitPerPage") or 100))
    return _said(200, "Success", [_row(one) for one in found[start : start + limit]])


def _candidates(state: State, call: Call) -> list[Document]:
    series, number = call.query("seriesName"), call.query("number")
    exact = invoices.find(state, "oblio", series, number) if series and number else None
    return [exact] if exact is not None else invoices.of(state, "oblio")


def _row(invoice: Document) -> Document:
    return {
        "id": f"{invoice['series']}{invoice['number']}",
        "seriesName": invoice["series"],
        "number": invoice["number"],
        "issueDate": invoice["issued_on"],
        "total": invoices.money(invoice["total_minor"]),
        "canceled": "1" if invoice["state"] == "annulled" else "0",
        "storno": "1" if invoice["state"] == "reversed" else "0",
        "collected": "0",
        "link": "https://example.invalid/doc",
        "mentions": f"Comanda {invoice['order_name']}",
    }


SERVICE = Service(answer, admit, error=ERROR)
