"""The routes of `/api/v1`: piles, scans, plan, run, results."""

import functools
import re
from collections.abc import Awaitable, Callable
from typing import Any

from anyio import to_thread
from sqlalchemy.exc import NoResultFound
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from core import rights
from core.audit import approvals
from core.audit.approvals import WaitsForAnother
from core.audit.names import for_reader
from core.errors import UserError
from core.i18n.reasons import sentence
from core.orders.judge.shown import Shown, of_text
from core.orders.piles import piles, review, scans
from core.people.sessions import SessionKind
from core.reversal.runs import results, runs
from core.server import http_helpers
from core.server.http_helpers import CallCode, Problem
from core.server.machines.description import DESCRIPTION, SCHEMAS, SHOWN

LONGEST_BODY = 16 * 1024
LONGEST_RUN = 1024 * 1024  # what was shown of some thousand orders
LARGEST_NUMBER = 2**31

Handler = Callable[[Request], Awaitable[Response]]


def machine_route(handler: Callable[[Request], Awaitable[Any]]) -> Handler:
    """Wrap a handler that gives (status, JSON): problems become `{"error", "code"}`."""

    @functools.wraps(handler)
    async def answered(request: Request) -> Response:
        """Answer a program in JSON, each error with its code and its status."""
        session = http_helpers.session(request)
        program = session is not None and session.kind == SessionKind.API
        try:
            if request.method == "POST" and not program and not http_helpers.same_origin(request):
                raise Problem(403, CallCode.NO_TOKEN)
            status, body = await handler(request)
        except WaitsForAnother as waits:
            asked = await to_thread.run_sync(approvals.ask, waits)
            status, body = 409, {**_error("waits_for_another", waits), "approval": asked}
        except rights.NotAllowed as refused:
            status, body = 403, _error(refused.code, refused)
        except Problem as problem:
            status, body = problem.status, _error("bad_request", problem)
        except scans.NoSuchPile as gone:
            status, body = 404, _error("not_found", gone)
        except UserError as refused:
            status, body = 409, _error("refused", refused)
        except ClientDisconnect:  # cut off in the middle: nobody is left to answer
            return Response(status_code=400)
        return JSONResponse(body, status, {"Cache-Control": "no-store"})

    return answered


def _error(code: str, why: Exception) -> dict[str, object]:
    return {"error": str(why), "code": code}


def _id(request: Request, name: str) -> int:
    text = request.path_params[name]
    found = http_helpers.whole(text) if text.isascii() else None
    if found is None or not 0 < found < LARGEST_NUMBER:
        raise Problem(404, CallCode.NO_SUCH, name=name)
    return found


async def _body(request: Request, *fields: str, limit: int = LONGEST_BODY) -> dict[str, object]:
    """The JSON object of a call, which has just these fields. Raises Problem."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Problem(415, CallCode.NO_JSON)
    body = await http_helpers.json_body(request, limit)
    if unknown := sorted(body.keys() - set(fields)):
        raise Problem(400, CallCode.UNKNOWN_FIELDS, names=", ".join(unknown)[:200])
    return body


def _text(body: dict[str, object], schema: str, name: str) -> str:
    """A text of the body, as its schema describes it. Raises Problem."""
    wanted = SCHEMAS[schema]["properties"][name]
    value, longest = body.get(name), wanted["maxLength"]
    fits = (
        isinstance(value, str) and len(value) <= longest and re.fullmatch(wanted["pattern"], value)
    )
    if not fits:
        raise Problem(400, CallCode.NO_TEXT, name=name, longest=longest)
    return str(value)


async def description(_request: Request) -> Response:
    """The OpenAPI description."""
    return JSONResponse(DESCRIPTION)


@machine_route
async def all_piles(_request: Request) -> Any:
    """Every pile, newest first."""
    found = await to_thread.run_sync(piles.all_piles)
    return 200, {"piles": [_pile(one) for one in found]}


@machine_route
async def new_pile(request: Request) -> Any:
    """Begin a pile."""
    body = await _body(request, "name")
    name = _text(body, "NewPile", "name")
    made = await to_thread.run_sync(lambda: piles.create(name))
    found = await to_thread.run_sync(piles.get, made)
    assert found is not None
    return 201, _pile(found)


@machine_route
async def one_pile(request: Request) -> Any:
    """One pile."""
    return 200, _pile(await _found(request))


@machine_route
async def scan(request: Request) -> Any:
    """Take one scan; the same key twice is one scan."""
    pile = await _found(request)
    body = await _body(request, "code", "key")
    code, key = _text(body, "NewScan", "code"), _text(body, "NewScan", "key")
    taken = await to_thread.run_sync(lambda: scans.take_scan(pile.id, code, source="list", key=key))
    return 200 if taken.repeated else 201, {
        "scan": taken.scan_id, "code": taken.code, "verdict": str(taken.verdict),
        "why": sentence(for_reader(taken.why)), "order": taken.order_name,
        "tracking": taken.tracking,
    }  # fmt: skip


@machine_route
async def plan(request: Request) -> Any:
    """What a run of the pile would do with each order, and why."""
    pile = await _found(request)
    planned_orders = await to_thread.run_sync(_planned, pile.id)
    return 200, {"pile": pile.id, "orders": planned_orders}


def _planned(pile_id: int) -> list[dict[str, object]]:
    # Taken first: what changes before the rest is read is then left out of the run, not in it.
    shown = review.shown_of(pile_id)
    return [
        {
            "order": str(one["order"]),
            "group": str(one["group"]),
            "why": str(one["why"] or ""),
            "what": sentence(one["what"]) if one["what"] else "",
            "restock": bool(one["restock"]),
            "total_minor": int(one["total_minor"]),
            "currency": str(one["currency"]),
            "shown": shown[one["order_id"]].as_text(one["order_id"])
            if one["order_id"] in shown
            else "",
        }
        for one in review.review(pile_id).to_dict("records")
    ]


@machine_route
async def start(request: Request) -> Any:
    """Run what the plan showed: cancels orders and reverses invoices, for good."""
    pile = await _found(request)
    seen = _seen(await _body(request, "shown", limit=LONGEST_RUN))
    begun = await to_thread.run_sync(lambda: runs.start_run(pile.id, shown=seen))
    return 201, {"run": begun.id, "orders": begun.total, "changed": begun.changed}


def _seen(body: dict[str, object]) -> dict[int, Shown]:
    match body.get("shown"):
        case list() as given if all(isinstance(one, str) for one in given):
            if all(re.fullmatch(SHOWN, one) for one in given):
                return dict(map(of_text, given))
    raise Problem(400, CallCode.NO_SHOWN)


@machine_route
async def progress(request: Request) -> Any:
    """Where a run stands."""
    run = _id(request, "run")
    now = await to_thread.run_sync(_progress, run)
    return 200, {
        "run": run, "state": str(now.run.state), "orders": now.total, "done": now.done,
        "needs_person": now.needs_person, "stopped": now.stopped,
        "open": now.total - now.finished,
    }  # fmt: skip


def _progress(run_id: int) -> runs.Progress:
    try:
        return runs.progress(run_id)
    except NoResultFound as error:
        raise Problem(404, CallCode.NO_RUN) from error


@machine_route
async def result(request: Request) -> Any:
    """What a run did, an order a row, without customers."""
    run = _id(request, "run")
    await to_thread.run_sync(_progress, run)
    found = await to_thread.run_sync(results.results, run)
    rows = [
        {
            "order": row["order"], "tracking": row["tracking"], "state": str(row["state"]),
            "invoice": row["invoice"], "storno": row["storno"], "why": sentence(row["why"]),
            "total_minor": int(row["total_minor"]), "currency": row["currency"],
        }
        for row in found.to_dict("records")
    ]  # fmt: skip
    return 200, {"run": run, "orders": rows}


async def _found(request: Request) -> piles.Pile:
    pile = await to_thread.run_sync(piles.get, _id(request, "pile"))
    if pile is None:
        raise Problem(404, CallCode.NO_PILE)
    return pile


def _pile(one: piles.Pile) -> dict[str, object]:
    return {
        "pile": one.id, "name": one.name, "created_at": one.created_at.isoformat(),
        "created_by": one.created_by, "open": one.closed_at is None,
    }  # fmt: skip


async def some_piles(request: Request) -> Response:
    """GET: every pile; POST: begin one."""
    return await (new_pile if request.method == "POST" else all_piles)(request)


def routes() -> list[BaseRoute]:
    """Each route, the description first."""
    return [
        Route("/api/v1/openapi.json", description),
        Route("/api/v1/piles", some_piles, methods=["GET", "POST"]),
        Route("/api/v1/piles/{pile}", one_pile),
        Route("/api/v1/piles/{pile}/scans", scan, methods=["POST"]),
        Route("/api/v1/piles/{pile}/plan", plan),
        Route("/api/v1/piles/{pile}/runs", start, methods=["POST"]),
        Route("/api/v1/runs/{run}", progress),
        Route("/api/v1/runs/{run}/results", result),
    ]
