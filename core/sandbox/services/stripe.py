"""Stripe as its API tells: invoices, credit notes over them, voiding; keys that are remembered."""

from datetime import datetime

from starlette.responses import JSONResponse, Response

from core.sandbox.calls import WORDS, SandboxCall, Service
from core.sandbox.limits import Limit, too_many
from core.sandbox.services import invoices
from core.sandbox.state import Document, State

KEY = "Bearer sk_test_sandbox"
LIMIT = Limit(25, 1.0, blocks=False)
SIGN_IN = {"secret_key": "sk_test_sandbox"}
ERROR = {"error": {"type": "api_error", "message": WORDS}}
INVOICE_NUMBER = "in_1Contract{:06d}"  # Stripe names invoices by id
CURRENCY = "EUR"


def admit(state: State, call: SandboxCall) -> Response | None:
    """Refuse a wrong key, and more calls in a second than Stripe takes."""
    if call.header("authorization") != KEY:
        return _error(401, "Invalid API Key provided", "")
    wait = LIMIT.refuse(state, "key")
    return None if wait is None else too_many(wait)


def answer(state: State, call: SandboxCall) -> Response:
    """Answer one call below /stripe/v1; the same key gives the first answer again."""
    key = call.header("idempotency-key")
    before = state.get("idempotency", f"stripe:{key}") if key else None
    if before is not None and state.settings["refuse_repeats"]:
        return JSONResponse(before["body"], before["status"])
    body, status = _answer(state, call)
    if key and status < 500:
        state.put("idempotency", f"stripe:{key}", {"body": body, "status": status})
    return JSONResponse(body, status)


def _answer(state: State, call: SandboxCall) -> tuple[Document, int]:
    """What Stripe answers, and with which HTTP status; so do all that it hands over to."""
    match call.method, call.path.strip("/").split("/"):
        case "GET", ["invoices"]:
            return _listed(call, "/v1/invoices", [_invoice(one) for one in _all(state)]), 200
        case "GET", ["invoices", "search"]:
            return _search(state, call), 200
        case "GET", ["invoices", number]:
            found = _by_id(state, number)
            return (_invoice(found), 200) if found else _missing(number)
        case "POST", ["invoices", number, "void"]:
            return _void(state, number)
        case "GET", ["credit_notes"]:
            return _listed(call, "/v1/credit_notes", _notes(state, call.query("invoice"))), 200
        case "GET", ["credit_notes", "preview"]:
            return _preview(state, call)
        case "GET", ["credit_notes", number]:
            note = next((one for one in _notes(state, "") if one["id"] == number), None)
            return (note, 200) if note else (_body(f"No such credit note: '{number}'", ""), 404)
        case "POST", ["credit_notes", number, "void"]:
            return _void_note(state, number)
        case "POST", ["credit_notes"]:
            return _credit(state, call.form)
        case _:
            return _body("Unrecognized request URL", ""), 404


def _body(message: str, code: str) -> Document:
    return {"error": {"type": "invalid_request_error", "message": message, "code": code}}


def _error(status: int, message: str, code: str) -> Response:
    return JSONResponse(_body(message, code), status)


def _missing(number: str) -> tuple[Document, int]:
    return _body(f"No such invoice: '{number}'", "resource_missing"), 404


def _all(state: State) -> list[Document]:
    return [one for one in invoices.of(state, "stripe") if not one.get("of")]


def _by_id(state: State, number: str) -> Document | None:
    here = state.invoices.numbered("stripe", number)
    return next((one for one in here if one["number"] == number and not one.get("of")), None)


def _invoice(one: Document) -> Document:
    credited = one["total_minor"] if one["state"] == "reversed" else one.get("credited_minor", 0)
    issued = datetime.fromisoformat(f"{one['issued_on']}T12:00:00+00:00")
    return {
        "id": one["number"],
        "object": "invoice",
        "number": f"{one['series']}-{one['number'][-4:]}",
        "status": "void" if one["state"] == "annulled" else "open",
        "total": one["total_minor"],
        "currency": one["currency"].lower(),
        "created": int(issued.timestamp()),
        "customer_name": one.get("customer", ""),
        "metadata": {"order": one["order_name"]},
        "pre_payment_credit_notes_amount": credited,
        "post_payment_credit_notes_amount": 0,
    }


def _search(state: State, call: SandboxCall) -> Document:
    """A page of what a search finds; `page` names where the next begins."""
    rows = _found(state, call.query("query"))
    start, limit = int(call.query("page") or 0), int(call.query("limit") or 10)
    more = start + limit < len(rows)
    return {
        "object": "search_result",
        "url": "/v1/invoices/search",
        "has_more": more,
        "next_page": str(start + limit) if more else None,
        "data": rows[start : start + limit],
    }


def _found(state: State, query: str) -> list[Document]:
    field, _, wanted = query.partition(":")
    if field != "metadata['order']":
        return []
    name = wanted.strip("'").replace("\\'", "'")
    return [_invoice(one) for one in _all(state) if one["order_name"] == name]


def _note(one: Document) -> Document:
    original = one["of"].split(":")[2]
    status = "void" if one["state"] == "annulled" else "issued"
    return {
        "id": f"cn_{one['number']}",
        "object": "credit_note",
        "invoice": original,
        "number": f"{one['series']}-CN-{one['number']}",
        "status": status,
        "amount": -one["total_minor"],
        "pdf": "https://example.invalid/credit-note",
    }


def _notes(state: State, number: str) -> list[Document]:
    made = [one for one in invoices.of(state, "stripe") if one.get("of")]
    return [note for note in map(_note, reversed(made)) if not number or note["invoice"] == number]


def _listed(call: SandboxCall, url: str, rows: list[Document]) -> Document:
    """A page as Stripe tells it: what follows `starting_after`, and whether there is more."""
    after = call.query("starting_after")
    start = next((at for at, one in enumerate(rows, 1) if one["id"] == after), 0)
    limit = int(call.query("limit") or 10)
    page = rows[start : start + limit]
    return {"object": "list", "url": url, "has_more": start + limit < len(rows), "data": page}


def _preview(state: State, call: SandboxCall) -> tuple[Document, int]:
    number = call.query("invoice")
    invoice = _by_id(state, number)
    if invoice is None:
        return _missing(number)
    amount = int(call.query("amount") or invoice["total_minor"])
    return {"object": "credit_note", "invoice": number, "amount": amount, "status": "issued"}, 200


def _credit(state: State, form: dict[str, str]) -> tuple[Document, int]:
    number = form.get("invoice", "")
    invoice = _by_id(state, number)
    if invoice is None:
        return _missing(number)
    if form.get("amount") != str(invoice["total_minor"]):
        return _body("The amount must be what is left of the invoice.", ""), 400
    try:
        made = invoices.reverse(state, "stripe", invoice["series"], number)
    except invoices.NotPossible as refusal:
        return _body(f"The amount exceeds what is left ({refusal.code}).", ""), 400
    return _note(made), 200


def _void_note(state: State, number: str) -> tuple[Document, int]:
    """A note that is void no longer counts against its invoice."""
    note = next((one for one in _notes(state, "") if one["id"] == number), None)
    if note is None:
        return _body(f"No such credit note: '{number}'", "resource_missing"), 404
    invoice = _by_id(state, note["invoice"])
    try:
        invoices.restore(state, "stripe", invoice["series"] if invoice else "", note["invoice"])
    except invoices.NotPossible:
        return _body("You can only void issued credit notes.", ""), 400
    return {**note, "status": "void"}, 200


def _void(state: State, number: str) -> tuple[Document, int]:
    invoice = _by_id(state, number)
    if invoice is None:
        return _missing(number)
    try:
        return _invoice(invoices.annul(state, "stripe", invoice["series"], number)), 200
    except invoices.NotPossible:
        return _body("You can only void open invoices.", "invoice_not_editable"), 400


SERVICE = Service(answer, admit, prefix="/v1", error=ERROR)
