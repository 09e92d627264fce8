"""What the JSON routes have in common: who calls, from where, and errors as one sentence."""

import functools
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import structlog
from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from core import rights
from core.audit import approvals
from core.audit.approvals import WaitsForAnother
from core.errors import UserError
from core.i18n.language import LANGUAGES, choose
from core.i18n.reasons import sentence
from core.people.sessions import Session
from core.reasons import N_, Reason, ReasonCode, Value
from core.server import lanes
from core.settings import preferences
from core.store import db
from core.store.db import StoreError
from core.store.types import storable

log = structlog.get_logger(__name__)

Handler = Callable[[Request], Awaitable[Response]]
SAFE = ("GET", "HEAD")


class CallCode(ReasonCode):
    """Why a call of a page, a phone or a shop is not done."""

    FOREIGN = "call_foreign", N_("This call did not come from a page of this desk.")
    LACKS = "call_lacks", N_("The call lacks a {name}.")
    NO_OBJECT = "call_no_object", N_("The call is no JSON object.")
    TOO_LARGE = "call_too_large", N_("This is larger than {limit} MB and was not taken.")
    PHOTO_TOO_LARGE = "call_photo_too_large", N_("This photo is larger than {limit} MB.")
    DISK_FULL = (
        "call_disk_full",
        N_("The disk is almost full: this photo was not taken. Make room, then send it again."),
    )
    NO_LENGTH = "call_no_length", N_("A form must tell its length.")
    NO_FILE = "call_no_file", N_("The form holds no file.")
    NO_PICTURE = "call_no_picture", N_("There is no such picture.")
    BUSY = "call_busy", N_("The readers are busy; the next picture will do.")
    CROWDED = "call_crowded", N_("Too much is being sent at once; send it again.")
    NO_SCAN = "call_no_scan", N_("The call needs a code, a key and a known source.")
    NO_SESSION = "call_no_session", N_("The call lacks the camera's session.")
    NO_COMMAND = "call_no_command", N_("There is no such command.")
    NO_TOKEN = (
        "call_no_token",
        N_("This call needs a token, or must come from a page of ours."),
    )
    NO_SUCH = "call_no_such", N_("There is no such {name}.")
    NO_RUN = "call_no_run", N_("There is no such run.")
    NO_PILE = "call_no_pile", N_("There is no such pile.")
    NO_JSON = "call_no_json", N_("Send JSON (Content-Type: application/json).")
    UNKNOWN_FIELDS = "call_unknown_fields", N_("Unknown fields: {names}.")
    NO_TEXT = (
        "call_no_text",
        N_("{name} must be a text of 1 to {longest} printable characters."),
    )
    NO_SHOWN = "call_no_shown", N_("shown must be the list of what the plan showed of each order.")
    NO_FORM = "call_no_form", N_("The call is no form.")
    FOREIGN_FORM = (
        "call_foreign_form",
        N_("This form did not come from a page of this desk. Open the page again."),
    )
    BAD_CALL = "call_bad_call", N_("This call could not be read: {said}")
    NOT_KNOWN = "call_not_known", N_("Not known.")


class Problem(UserError):
    """A call that cannot be done; the sentence goes to the person who made it."""

    def __init__(self, status: int, why: Reason | ReasonCode, **parameters: Value) -> None:
        """Answer with this HTTP status and reason."""
        super().__init__(why, **parameters)
        self.status = status


def json_route(handler: Handler) -> Handler:
    """Wrap a handler: calls of other sites are refused, problems become an answer.

    `{"error": sentence, "reason": its code and parameters}`.
    """

    @functools.wraps(handler)
    async def checked(request: Request) -> Response:
        if request.method not in SAFE and not same_origin(request):
            return await _error(request, 403, CallCode.FOREIGN.of())
        try:
            response = await handler(request)
        except Problem as problem:
            return await _error(request, problem.status, problem.reason)
        except rights.NotAllowed as refused:
            return await _error(request, 403, refused.reason)
        except WaitsForAnother as waits:
            await to_thread.run_sync(approvals.ask, waits)
            return await _error(request, 409, waits.reason)
        except ClientDisconnect:  # cut off in the middle: nobody is left to answer
            return Response(status_code=400)
        except HTTPException as problem:
            return await _error(request, problem.status_code, _http(problem))
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return checked


def _http(problem: HTTPException) -> Reason:
    """What the HTTP library refuses by itself: a form that cannot be parsed, say."""
    return CallCode.BAD_CALL.of(said=problem.detail)


async def _error(request: Request, status: int, why: Reason) -> JSONResponse:
    language = await to_thread.run_sync(tongue, request)
    answer = {"error": sentence(why, language), "reason": why.as_json()}
    return JSONResponse(answer, status_code=status)


def tongue(request: Request) -> str:
    """The caller's language, as its pages choose it: by preference, else by the browser's."""
    with db.reading() as connection:
        preferred = preferences.load(connection).language
    return choose(preferred, request.headers.get("accept-language"))


async def preferred() -> str:
    """The language that the desk was told to speak; "" where each reader's browser decides."""
    try:
        language = await to_thread.run_sync(_preferred)
    except (SQLAlchemyError, StoreError):
        return ""
    return language if language in LANGUAGES else ""


def _preferred() -> str:
    with db.reading() as connection:
        return preferences.load(connection).language


def session(request: Request) -> Session | None:
    """The session that calls; None where this computer's own browser needs none."""
    found = request.scope.get("refuz.session")
    return found if isinstance(found, Session) else None


def let_in(request: Request) -> bool:
    """Whether the caller is told more than a stranger: signed in, or here where nobody must be."""
    asked = request.scope.get("refuz.asked", request.scope.get("refuz.network"))
    return not asked or session(request) is not None


def person(request: Request, claimed: object) -> str:
    """Who works: a session is its person; on this computer the page says who."""
    signed_in = session(request)
    if signed_in is not None and signed_in.person != "desk":
        return signed_in.person
    return str(claimed or "").strip()[:80] or "desk"


def same_origin(call: HTTPConnection) -> bool:
    """Whether a call that changes something was sent by a page of ours.

    Browsers tell where a call came from, and cannot send the header `X-Refuz` to another site
    without asking it first; programs (a terminal, a script) send the header alone.
    """
    site = call.headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none") or foreign_origin(call.headers):
        return False
    return "x-refuz" in call.headers


def foreign_origin(headers: Headers) -> bool:
    """Whether a browser says that another site's page made the call."""
    origin = headers.get("origin")
    try:
        return origin is not None and urlsplit(origin).netloc != headers.get("host", "")
    except ValueError:  # "http://[": no browser says so of a page of ours
        return True


def number(value: Any, name: str) -> int:
    """A positive whole number from outside. Raises Problem."""
    try:
        found = int(str(value))
    except ValueError:
        found = 0
    if not 0 < found < 2**62:
        raise Problem(400, CallCode.LACKS, name=name)
    return found


def whole(text: str) -> int | None:
    """What a text in an address says, where it is a whole number that a database can hold."""
    found = int(text) if text.isdecimal() and len(text) < 19 else None
    return found if found is None or found < 2**62 else None


async def json_body(request: Request, limit: int) -> dict[str, object]:
    """The call's JSON object, up to `limit` bytes, its texts `storable`. Raises Problem."""
    try:
        body = storable(json.loads(await read_body(request, limit)))
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Problem(400, CallCode.NO_OBJECT)
    return body


async def read_body(request: Request, limit: int, budget: lanes.ByteBudget | None = None) -> bytes:
    """The call's body, refused as soon as it grows over `limit` bytes. Raises Problem.

    `budget`: what bodies like this one share while they come in; one beyond it is to come again.
    """
    content_length = request.headers.get("content-length", "0")
    if content_length.isdecimal() and int(content_length) > limit:
        raise Problem(413, CallCode.TOO_LARGE, limit=limit // 2**20 or 1)
    held = bytearray()
    try:
        async for chunk in request.stream():
            if budget is not None and not budget.take(len(chunk)):
                raise Problem(503, CallCode.CROWDED)
            held += chunk
            if len(held) > limit:
                raise Problem(413, CallCode.TOO_LARGE, limit=limit // 2**20 or 1)
    finally:
        if budget is not None:
            budget.give_back(len(held))
    return bytes(held)
