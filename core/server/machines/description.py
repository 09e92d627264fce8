"""The OpenAPI 3.1 description of `/api/v1`."""

from typing import Any

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer", "minimum": 0}
PRINTABLE = r"^[!-~]([ -~]*[!-~])?$"  # what a barcode holds
NAME = r"^[!-~¡-¬®-ɏ]([ -~¡-¬®-ɏ]*[!-~¡-¬®-ɏ])?$"  # letters of Latin alphabets

# An order, the moment, its hash; of each document its place and the service's word, hashed.
SHOWN = r"^[1-9][0-9]{0,9} [0-9]{1,10}\.[0-9]{1,6} [0-9a-f]{20}( [0-9a-f]{20}:([0-9a-f]{20})?)*$"


def _object(**fields: Json) -> Json:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _list(name: str, item: str, **more: Json) -> Json:
    rows = {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}}
    return _object(**more, **{name: rows})


SCHEMAS: Json = {
    "Error": {
        "type": "object",
        "properties": {"error": TEXT, "code": TEXT, "approval": WHOLE},
        "required": ["error", "code"],
    },
    "Pile": _object(
        pile=WHOLE,
        name=TEXT,
        created_at={"type": "string", "format": "date-time"},
        created_by=TEXT,
        open={"type": "boolean"},
    ),
    "Piles": _list("piles", "Pile"),
    "Scan": _object(scan=WHOLE, code=TEXT, verdict=TEXT, why=TEXT, order=TEXT, tracking=TEXT),
    "Planned": _object(
        order=TEXT,
        group={"enum": ["will run", "held", "delivered", "needs a person", "done"]},
        why=TEXT,
        what=TEXT,
        restock={"type": "boolean"},
        total_minor=WHOLE,
        currency=TEXT,
        shown=TEXT,
    ),
    "Plan": _list("orders", "Planned", pile=WHOLE),
    "Run": _object(run=WHOLE, orders=WHOLE, changed=WHOLE),
    "Progress": _object(
        run=WHOLE, state=TEXT, orders=WHOLE, done=WHOLE, needs_person=WHOLE, stopped=WHOLE,
        open=WHOLE,
    ),
    "Result": _object(
        order=TEXT, tracking=TEXT, state=TEXT, invoice=TEXT, storno=TEXT, why=TEXT,
        total_minor=WHOLE, currency=TEXT,
    ),
    "Results": _list("orders", "Result", run=WHOLE),
    "NewPile": _object(name={"type": "string", "maxLength": 120, "pattern": NAME}),
    "NewRun": _object(shown={"type": "array", "items": {"type": "string", "pattern": SHOWN}}),
    "NewScan": _object(
        code={"type": "string", "maxLength": 400, "pattern": PRINTABLE},
        key={"type": "string", "maxLength": 80, "pattern": PRINTABLE},
    ),
}  # fmt: skip

ERRORS = {
    400: "not understood", 401: "no token, or not a good one", 403: "the token lacks the right",
    404: "not there", 409: "refused, or waits for a second person", 413: "too large",
    415: "no JSON", 429: "too many wrong tokens",
}  # fmt: skip


def _answer(schema: str, says: str) -> Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": says, "content": content}


def _call(
    says: str, gives: str, *, status: tuple[int, ...] = (200,), takes: str = "", may_fail: str = ""
) -> Json:
    failures = (401, 403, 429, *(int(one) for one in may_fail.split()))
    pages = {401, 429}  # the gate answers these, with a page of words
    answers: Json = {str(one): _answer(gives, says) for one in status}
    for one in failures:
        answers[str(one)] = (
            {"description": ERRORS[one]} if one in pages else _answer("Error", ERRORS[one])
        )
    call: Json = {"summary": says, "responses": answers}
    if takes:
        schema = {"$ref": f"#/components/schemas/{takes}"}
        call["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return call


def _of(name: str) -> list[Json]:
    schema = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
    return [{"name": name, "in": "path", "required": True, "schema": schema}]


BODY = "400 413 415"
DESCRIPTION: Json = {
    "openapi": "3.1.0",
    "info": {
        "title": "Refuz",
        "version": "1",
        "description": "Read piles and runs, scan, start runs, with a token of Settings, People.",
    },
    "components": {
        "schemas": SCHEMAS,
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    },
    "security": [{"token": []}],
    "paths": {
        "/api/v1/piles": {
            "get": _call("Every pile, newest first.", "Piles"),
            "post": _call(
                "Begin a pile.", "Pile", status=(201,), takes="NewPile", may_fail=f"{BODY} 409"
            ),
        },
        "/api/v1/piles/{pile}": {
            "parameters": _of("pile"),
            "get": _call("One pile.", "Pile", may_fail="404"),
        },
        "/api/v1/piles/{pile}/scans": {
            "parameters": _of("pile"),
            "post": _call(
                "Take one scan; the same key twice is one scan.", "Scan", status=(200, 201),
                takes="NewScan", may_fail=f"{BODY} 404 409",
            ),
        },
        "/api/v1/piles/{pile}/plan": {
            "parameters": _of("pile"),
            "get": _call("What a run would do, and why.", "Plan", may_fail="404"),
        },
        "/api/v1/piles/{pile}/runs": {
            "parameters": _of("pile"),
            "post": _call(
                "Run what the plan showed: cancels orders and reverses invoices, for good.", "Run",
                status=(201,), takes="NewRun", may_fail=f"{BODY} 404 409",
            ),
        },
        "/api/v1/runs/{run}": {
            "parameters": _of("run"),
            "get": _call("Where a run stands.", "Progress", may_fail="404"),
        },
        "/api/v1/runs/{run}/results": {
            "parameters": _of("run"),
            "get": _call("What a run did, an order a row.", "Results", may_fail="404"),
        },
    },
}  # fmt: skip
