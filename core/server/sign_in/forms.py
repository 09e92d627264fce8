"""Signing in and out: `/sign-in`, `/welcome/{token}`, `/confirm`, `/sign-out`."""

import math
from pathlib import Path
from urllib.parse import urlencode

import anyio
from anyio import to_thread
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from core import rights
from core.errors import UserError
from core.i18n.letters import escaped
from core.i18n.words import shown
from core.people import accounts, sessions, sign_in
from core.people.ways import badges, openid
from core.server.http_helpers import Problem
from core.server.sign_in import calls, cookies
from core.server.sign_in.pages import LOGIN, NEW_PASSWORD, PASSWORD, YOUR_NAME, SignInPage

HERE = Path(__file__).parent
HOLD_SECONDS = 12.0  # of one waiting call of an open page

FILES = {
    "style.css": "text/css",
    "icon.png": "image/png",
    "passkey.js": "text/javascript",
}
# One at a time: each takes 64 MiB, and failures are counted before the next is looked at.
_one_at_a_time = anyio.CapacityLimiter(1)

SIGN_IN = shown("Sign in")
WELCOME = shown("Welcome to Refuz")
PASSKEY = shown("Sign in with a passkey")
BADGE = shown("The badge's barcode")
NEW_PASSKEY = shown("Begin with a passkey instead")


# ---------------------------------------------------------------- the page


async def show_or_sign_in(request: Request) -> Response:
    """GET: the form. POST: a session, or the form with why not."""
    page = await calls.page_of(request)
    if request.method != "POST":
        return await _sign_in_page(request, page, request.query_params.get("next", "/"), None)
    try:
        given = await calls.fields_of(request)
        where, login = given.get("next", "/"), given.get("login", "")
        badge = "badge" in given
        secret = await (
            _signed_on(request, given["badge"])
            if badge
            else _tried(request, login, given.get("password", ""))
        )
    except Problem as problem:
        return await _sign_in_page(request, page, "/", problem, status=problem.status)
    except sign_in.MustWait as refused:
        answer = await _sign_in_page(request, page, where, refused, login, status=429)
        answer.headers["Retry-After"] = str(math.ceil(refused.seconds))
        return answer
    except UserError as refused:
        return await _sign_in_page(request, page, where, refused, login, status=401)
    return await calls.enter(request, secret, where)


async def _signed_on(request: Request, typed: str) -> str:
    device, address = calls.device(request), calls.address(request)
    here = cookies.station_of(request)

    def attempt() -> str:
        return badges.sign_on(badges.code_in(typed), here, device=device, address=address)[0]

    return await to_thread.run_sync(attempt)


async def _tried(request: Request, login: str, password: str) -> str:
    def attempt() -> str:
        return sign_in.with_password(
            login, password, device=calls.device(request), address=calls.address(request)
        )[0]

    return await to_thread.run_sync(attempt, limiter=_one_at_a_time)


async def _sign_in_page(
    request: Request,
    page: SignInPage,
    where: str,
    wrong: UserError | None,
    login: str = "",
    status: int = 200,
) -> Response:
    """The form with every way in that is set up; `wrong`: why the last try was not taken."""
    if not await to_thread.run_sync(accounts.has_owner):
        text = page.t(
            shown(
                "Nobody can sign in yet. Open the link that was printed where Refuz was started, "
                "or print a new one there:"
            )
        )
        body = f"<p>{text}</p><p><code>refuz people owner</code></p>"
        return page.answer(shown("The first owner"), body)
    if "badge" in request.query_params:
        form = page.form(
            "/sign-in?badge=1", page.field(BADGE, "badge", "one-time-code", first=True),
            shown("Sign on"), {"next": calls.there(where)},
        )  # fmt: skip
        other = page.link("/sign-in", page.t(shown("Sign in otherwise")))
        return page.answer(shown("Scan your badge"), f"{page.wrong(wrong)}{form}{other}", status)
    fields = page.field(LOGIN, "login", "username", value=login[:120], first=True)
    fields += page.field(PASSWORD, "password", "current-password")
    where = calls.there(where)
    form = page.form("/sign-in", fields, shown("Sign in"), {"next": where})
    lost = page.t(shown("No password, or forgotten? Ask who looks after Refuz for a new link."))
    others = ""
    if calls.party(request) is not None:
        others += page.passkey("/sign-in/passkey", PASSKEY, where, first=True)
    other = openid.name()
    if other:
        text = page.t(shown("Sign in with {name}")).format(name=escaped(other))
        others += page.link(f"/sign-in/openid?{urlencode({'next': where})}", text)
    badge = page.link("/sign-in?badge=1", page.t(shown("Sign on by a badge")))
    body = f'{page.wrong(wrong)}{others}{form}{badge}<p class="small">{lost}</p>'
    return page.answer(shown("Sign in"), body, status)


async def welcome(request: Request) -> Response:
    """A one-time link: choose a password, and be signed in. 410 when it is used or old."""
    page, token, status = await calls.page_of(request), request.path_params["token"], 200
    wrong: UserError | None = None
    try:
        link = await to_thread.run_sync(accounts.look_at_link, token)
    except accounts.LinkRefused as refused:
        on = page.link("/sign-in", page.t(SIGN_IN))  # whoever used it has an account
        return page.answer(shown("Link used"), page.wrong(refused) + on, 410)
    given: dict[str, str] = {}
    if request.method == "POST":
        try:
            given = await calls.fields_of(request)
            secret = await _welcomed(request, token, given)
            return await calls.enter(request, secret, "/")
        except UserError as refused:
            wrong, status = refused, getattr(refused, "status", 400)
    if link.login:
        fields = page.field(LOGIN, "login", "username", value=link.login)
    else:
        fields = page.field(YOUR_NAME, "name", "name", value=given.get("name", "")[:80], first=True)
        fields += page.field(LOGIN, "login", "username", value=given.get("login", "")[:120])
    fields += page.field(NEW_PASSWORD, "password", "new-password", first=bool(link.login))
    explanation = page.t(
        shown("Choose a password of ten characters or more. A few words are easy to keep.")
    )
    form = page.form(f"/welcome/{token}", fields, shown("Begin"), {})
    name = f"<p><b>{page.t(link.name)}</b></p>" if link.name else ""
    if calls.party(request) is not None:
        form += page.passkey(f"/welcome/{token}/passkey", NEW_PASSKEY, "/")
    return page.answer(WELCOME, f"{page.wrong(wrong)}{name}<p>{explanation}</p>{form}", status)


async def _welcomed(request: Request, token: str, given: dict[str, str]) -> str:
    """Use a link up and sign its person in; gives the session's secret."""

    def use() -> str:
        person_id = accounts.use_link(
            token,
            given.get("password", ""),
            login=given.get("login", ""),
            name=given.get("name", ""),
        )
        return sign_in.of_person(
            person_id, device=calls.device(request), address=calls.address(request)
        )[0]

    return await to_thread.run_sync(use, limiter=_one_at_a_time)


async def confirm(request: Request) -> Response:
    """Show the password once more, for what asks for it; then back to where one was."""
    page, status = await calls.page_of(request), 200
    wrong: UserError | None = None
    where = calls.there(request.query_params.get("next", "/settings"))
    if request.method == "POST":
        try:
            given = await calls.fields_of(request)
            where = calls.there(given.get("next", "/settings"))
            password = given.get("password", "")
            await to_thread.run_sync(sign_in.prove, password, limiter=_one_at_a_time)
            return RedirectResponse(where, status_code=303)
        except sign_in.MustWait as refused:
            wrong, status = refused, 429
        except UserError as refused:
            wrong, status = refused, getattr(refused, "status", 401)
    ways = await to_thread.run_sync(sign_in.ways)
    explanation = page.t(shown("What you are about to do asks you to show once more who you are."))
    body = f"{page.wrong(wrong)}<p>{explanation}</p><p><b>{page.t(rights.actor().name)}</b></p>"
    if ways.passkey and calls.party(request) is not None:
        body += page.passkey("/confirm/passkey", shown("Use a passkey"), where, first=True)
    if ways.service:
        there = f"/confirm/openid?{urlencode({'next': where})}"
        body += page.link(there, page.t(shown("Sign in once more")))
    if ways.password:
        fields = page.field(PASSWORD, "password", "current-password", first=True)
        body += page.form("/confirm", fields, shown("Confirm"), {"next": where})
    body += page.link("/", page.t(shown("Not now")))
    return page.answer(shown("Is it you?"), body, status)


async def sign_out(request: Request) -> Response:
    """GET: a button. POST: the session ends, its open pages within a second."""
    page = await calls.page_of(request)
    if request.method != "POST":
        form = page.form("/sign-out", "", shown("Sign out"), {})
        return page.answer(shown("Sign out"), form)
    try:
        await calls.fields_of(request)
    except Problem as problem:
        return page.answer(shown("Sign out"), page.wrong(problem), problem.status)
    session = request.scope.get("refuz.session")
    by_badge = isinstance(session, sessions.Session) and badges.is_by_badge(session)
    return await calls.leave(request, "/sign-in?badge=1" if by_badge else "/sign-in")


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
    where = calls.there(f"{path}?{query}" if query else path)
    answer = RedirectResponse(f"/sign-in?{urlencode({'next': where})}", status_code=303)
    answer.headers["Cache-Control"] = "no-store"
    return answer
