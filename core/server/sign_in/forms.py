"""Signing in and out: `/sign-in`, `/welcome/{token}`, `/confirm`, `/sign-out`."""

import math
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import anyio
from anyio import to_thread
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from core import rights
from core.errors import UserError
from core.i18n.words import shown
from core.people import accounts, sessions, sign_in
from core.server import http_helpers
from core.server.http_helpers import CallCode, Problem
from core.server.sign_in import cookies
from core.server.sign_in.pages import LOGIN, NEW_PASSWORD, PASSWORD, YOUR_NAME, Page

HERE = Path(__file__).parent
LONGEST_FORM = 8_000  # bytes
HOLD_SECONDS = 12.0  # of one waiting call of an open page

FILES = {"style.css": "text/css", "icon.png": "image/png"}
# One at a time: each takes 64 MiB, and failures are counted before the next is looked at.
_one_at_a_time = anyio.CapacityLimiter(1)

WELCOME = shown("Welcome to Refuz")


async def page_of(request: Request) -> Page:
    """A page of these in the caller's language."""
    return Page(await to_thread.run_sync(http_helpers.tongue, request))


async def fields_of(request: Request) -> dict[str, str]:
    """The fields of a form of ours. Raises Problem for another site's."""
    site = request.headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none") or http_helpers.foreign_origin(request.headers):
        raise Problem(403, CallCode.FOREIGN_FORM)
    try:
        text = (await http_helpers.read_body(request, LONGEST_FORM)).decode()
    except UnicodeDecodeError as error:
        raise Problem(400, CallCode.NO_FORM) from error
    found = parse_qs(text, keep_blank_values=True, max_num_fields=20)
    return {name: values[-1].replace("\0", "") for name, values in found.items()}


def there(wanted: str) -> str:
    """Where to go afterwards: a path of this desk, whatever was asked for."""
    plain = wanted.replace("\\", "/")
    inside = plain.startswith("/") and not plain.startswith("//") and plain.isprintable()
    return plain if inside else "/"


def _address(request: Request) -> str:
    return str(request.scope.get("refuz.client", ""))


def _device(request: Request) -> str:
    return cookies.device_name(request.headers.get("user-agent", ""))


async def _in(request: Request, secret: str, where: str) -> Response:
    """Give the new session's cookie; the one that this browser had before ends."""
    before = request.scope.get("refuz.session")
    if isinstance(before, sessions.Session):
        with rights.acting(sessions.actor_of(before, _address(request))):
            await to_thread.run_sync(sessions.sign_out, before.id)
    response = RedirectResponse(there(where), status_code=303)
    response.headers["Cache-Control"] = "no-store"
    cookies.give(response, secret, secure=cookies.is_secure(request), kind=sessions.Kind.BROWSER)
    return response


# ---------------------------------------------------------------- the page


async def show_or_sign_in(request: Request) -> Response:
    """GET: the form. POST: a session, or the form with why not."""
    page = await page_of(request)
    if request.method != "POST":
        return await _sign_in_page(page, request.query_params.get("next", "/"), None)
    try:
        given = await fields_of(request)
        where, login = given.get("next", "/"), given.get("login", "")
        secret = await _tried(request, login, given.get("password", ""))
    except Problem as problem:
        return await _sign_in_page(page, "/", problem, status=problem.status)
    except sign_in.MustWait as refused:
        answer = await _sign_in_page(page, where, refused, login, status=429)
        answer.headers["Retry-After"] = str(math.ceil(refused.seconds))
        return answer
    except UserError as refused:
        return await _sign_in_page(page, where, refused, login, status=401)
    return await _in(request, secret, where)


async def _tried(request: Request, login: str, password: str) -> str:
    def attempt() -> str:
        return sign_in.with_password(
            login, password, device=_device(request), address=_address(request)
        )[0]

    return await to_thread.run_sync(attempt, limiter=_one_at_a_time)


async def _sign_in_page(
    page: Page, where: str, wrong: UserError | None, login: str = "", status: int = 200
) -> Response:
    if not await to_thread.run_sync(accounts.has_owner):
        text = page.t(
            shown(
                "Nobody can sign in yet. Open the link that was printed where Refuz was started, "
                "or print a new one there:"
            )
        )
        body = f"<p>{text}</p><p><code>refuz people owner</code></p>"
        return page.answer(shown("The first owner"), body)
    fields = page.field(LOGIN, "login", "username", value=login[:120], first=True)
    fields += page.field(PASSWORD, "password", "current-password")
    form = page.form("/sign-in", fields, shown("Sign in"), {"next": there(where)})
    lost = page.t(shown("No password, or forgotten? Ask who looks after Refuz for a new link."))
    body = f'{page.wrong(wrong)}{form}<p class="small">{lost}</p>'
    return page.answer(shown("Sign in"), body, status)


async def welcome(request: Request) -> Response:
    """A one-time link: choose a password, and be signed in. 410 when it is used or old."""
    page, token, status = await page_of(request), request.path_params["token"], 200
    wrong: UserError | None = None
    try:
        link = await to_thread.run_sync(accounts.look_at_link, token)
    except accounts.LinkRefused as refused:
        return page.answer(shown("Link used"), page.wrong(refused), 410)
    given: dict[str, str] = {}
    if request.method == "POST":
        try:
            given = await fields_of(request)
            secret = await _welcomed(request, token, given)
            return await _in(request, secret, "/")
        except UserError as refused:
            wrong, status = refused, getattr(refused, "status", 400)
    if link.login:
        fields = page.field(LOGIN, "login", "username", value=link.login)
    else:
        fields = page.field(YOUR_NAME, "name", "name", value=given.get("name", "")[:80], first=True)
        fields += page.field(LOGIN, "login", "username", value="")
    fields += page.field(NEW_PASSWORD, "password", "new-password", first=bool(link.login))
    told = page.t(
        shown("Choose a password of ten characters or more. A few words are easy to keep.")
    )
    form = page.form(f"/welcome/{token}", fields, shown("Begin"), {})
    name = f"<p><b>{page.t(link.name)}</b></p>" if link.name else ""
    return page.answer(WELCOME, f"{page.wrong(wrong)}{name}<p>{told}</p>{form}", status)


async def _welcomed(request: Request, token: str, given: dict[str, str]) -> str:
    def use() -> str:
        person_id = accounts.use_link(
            token,
            given.get("password", ""),
            login=given.get("login", ""),
            name=given.get("name", ""),
        )
        return sign_in.of_person(person_id, device=_device(request), address=_address(request))[0]

    return await to_thread.run_sync(use, limiter=_one_at_a_time)


async def confirm(request: Request) -> Response:
    """Show the password once more, for what asks for it; then back to where one was."""
    page, status = await page_of(request), 200
    wrong: UserError | None = None
    where = there(request.query_params.get("next", "/settings"))
    if request.method == "POST":
        try:
            given = await fields_of(request)
            where = there(given.get("next", "/settings"))
            password = given.get("password", "")
            await to_thread.run_sync(sign_in.prove, password, limiter=_one_at_a_time)
            return RedirectResponse(where, status_code=303)
        except sign_in.MustWait as refused:
            wrong, status = refused, 429
        except UserError as refused:
            wrong, status = refused, getattr(refused, "status", 401)
    who = rights.actor()
    fields = f"<p><b>{page.t(who.name)}</b></p>"
    fields += page.field(PASSWORD, "password", "current-password", first=True)
    form = page.form("/confirm", fields, shown("Confirm"), {"next": where})
    told = page.t(shown("What you are about to do asks for your password once more."))
    return page.answer(shown("Is it you?"), f"{page.wrong(wrong)}<p>{told}</p>{form}", status)


async def sign_out(request: Request) -> Response:
    """GET: a button. POST: the session ends, its open pages within a second."""
    page = await page_of(request)
    if request.method != "POST":
        form = page.form("/sign-out", "", shown("Sign out"), {})
        return page.answer(shown("Sign out"), form)
    try:
        await fields_of(request)
    except Problem as problem:
        return page.answer(shown("Sign out"), page.wrong(problem), problem.status)
    session = request.scope.get("refuz.session")
    if isinstance(session, sessions.Session):
        await to_thread.run_sync(sessions.sign_out, session.id)
    response = RedirectResponse("/sign-in", status_code=303)
    cookies.take(response, secure=cookies.is_secure(request))
    return response


async def file(request: Request) -> Response:
    """The style and the mark of these pages."""
    name = request.path_params["file"]
    if name not in FILES:
        return Response(status_code=404)
    headers = {"Cache-Control": "max-age=3600"}
    return FileResponse(HERE / f"sign_in.{name.rpartition('.')[2]}", headers=headers)


async def still_in(request: Request) -> Response:
    """Waits while the caller's session lives: 204 after a while, 401 as soon as it ended.

    An open page asks this again and again, and goes to the sign-in page when it is told.
    """
    secret = cookies.secret_of(HTTPConnection(request.scope))
    until = anyio.current_time() + HOLD_SECONDS
    while anyio.current_time() < until and not await request.is_disconnected():
        if request.scope.get("refuz.session") is None:
            await anyio.sleep(HOLD_SECONDS)
            break
        if await cookies.session_of(secret) is None:
            return JSONResponse({"error": "signed out"}, 401, {"Cache-Control": "no-store"})
        await anyio.sleep(cookies.LOOK_SECONDS)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


def to_sign_in(path: str, query: str) -> Response:
    """On to the sign-in page, and back to this address afterwards."""
    where = there(f"{path}?{query}" if query else path)
    answer = RedirectResponse(f"/sign-in?{urlencode({'next': where})}", status_code=303)
    answer.headers["Cache-Control"] = "no-store"
    return answer
