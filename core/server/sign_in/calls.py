"""What the sign-in routes have in common: forms of ours, who calls, and coming in."""

import ipaddress
from urllib.parse import parse_qs, urlsplit

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core import rights
from core.people import presence, sessions
from core.people.sign_in import MustWait
from core.people.ways.passkeys import Party
from core.server import http_helpers, lanes
from core.server.http_helpers import CallCode, Problem
from core.server.reach import base_of, host_name
from core.server.sign_in import cookies
from core.server.sign_in.pages import SignInPage

LONGEST_FORM = 8_000  # bytes


async def page_of(request: Request) -> SignInPage:
    """A page of these in the caller's language."""
    language = await to_thread.run_sync(http_helpers.tongue, request)
    here = await to_thread.run_sync(presence.here)
    return SignInPage(language, base_of(request.scope), here)


async def fields_of(request: Request) -> dict[str, str]:
    """The fields of a form of ours. Raises Problem for another site's."""
    site = request.headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none") or http_helpers.foreign_origin(request.headers):
        raise Problem(403, CallCode.FOREIGN_FORM)
    try:
        text = (await http_helpers.read_body(request, LONGEST_FORM)).decode()
    except UnicodeDecodeError as error:
        raise Problem(400, CallCode.NO_FORM) from error
    try:
        found = parse_qs(text, keep_blank_values=True, max_num_fields=20)
    except ValueError as error:  # more fields than any form of ours has
        raise Problem(400, CallCode.NO_FORM) from error
    return {name: values[-1].replace("\0", "") for name, values in found.items()}


def there(wanted: str) -> str:
    """Where to go afterwards: a path of this desk, whatever was asked for."""
    plain = wanted.replace("\\", "/")
    inside = plain.startswith("/") and not plain.startswith("//") and plain.isprintable()
    return plain if inside else "/"


def address(request: Request) -> str:
    """Where the caller is."""
    return str(request.scope.get("refuz.client", ""))


def one_more_question(request: Request) -> None:
    """Raises MustWait where this address had so many challenges made in the last minute."""
    client = address(request)
    asked = lanes.questions()
    if asked.too_many(client):
        raise MustWait(asked.SECONDS)
    asked.note(client)


def device(request: Request) -> str:
    """What the caller's browser is called in the list of devices."""
    return cookies.device_name(request.headers.get("user-agent", ""))


def origin(request: Request) -> str:
    """The address that people open, without a path's end: the public one, or this computer's."""
    public = str(request.scope.get("refuz.public", ""))
    scheme = "https" if cookies.is_secure(request) else "http"
    return public or f"{scheme}://{request.headers.get('host', '')}"


def party(request: Request) -> Party | None:
    """Who a passkey is for; None where none can be: browsers want https or localhost."""
    parts = urlsplit(origin(request))
    name = host_name(parts.netloc).lower()
    local = name == "localhost" or name.endswith(".localhost")
    public = bool(request.scope.get("refuz.public")) and parts.scheme == "https"
    if not (local or public) or _is_digits(name):
        return None
    return Party(name, f"{parts.scheme}://{parts.netloc.lower()}")


def _is_digits(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def enter(request: Request, secret: str, where: str) -> Response:
    """On to a page, with the new session's cookie."""
    return await let_in(request, secret, RedirectResponse(there(where), status_code=303))


async def let_in(request: Request, secret: str, response: Response) -> Response:
    """Give the new session's cookie; the one that this browser had before ends."""
    before = request.scope.get("refuz.session")
    if isinstance(before, sessions.Session):
        with rights.acting(sessions.actor_of(before, address(request))):
            await to_thread.run_sync(sessions.sign_out, before.id)
    response.headers["Cache-Control"] = "no-store"
    cookies.give(response, secret, call=request, kind=sessions.SessionKind.BROWSER)
    return response


async def leave(request: Request, where: str) -> Response:
    """End the caller's session, and on to a page that needs none."""
    session = request.scope.get("refuz.session")
    if isinstance(session, sessions.Session):
        await to_thread.run_sync(sessions.sign_out, session.id)
    response = RedirectResponse(there(where), status_code=303)
    response.headers["Cache-Control"] = "no-store"
    cookies.take_back(response, call=request)
    return response
