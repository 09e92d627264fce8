"""Signing in by another service: `/sign-in/openid`, `/sign-in/openid/back`, `/confirm/openid`."""

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from core.errors import UserError
from core.i18n.words import shown
from core.people import sign_in
from core.people.ways import challenges, openid
from core.server.reach import base_of
from core.server.sign_in import calls, cookies

BACK = "/sign-in/openid/back"
PLAIN, SECURE = "refuz_openid", "refuz-openid"


async def begin(request: Request) -> Response:
    """On to the other service."""
    return await _away(request, prove=False)


async def begin_proof(request: Request) -> Response:
    """On to the other service, where the password must be given anew."""
    return await _away(request, prove=True)


async def _away(request: Request, *, prove: bool) -> Response:
    page, where = await calls.page_of(request), calls.there(request.query_params.get("next", "/"))
    start = openid.begin_proof if prove else openid.begin
    back = calls.origin(request) + BACK
    try:
        calls.one_more_question(request)
        address, secret = await to_thread.run_sync(start, back, where)
    except UserError as refused:
        status = 429 if isinstance(refused, sign_in.MustWait) else 502
        return page.answer(shown("Sign in"), page.wrong(refused), status)
    response = RedirectResponse(address, status_code=303)
    response.headers["Cache-Control"] = "no-store"
    secure = cookies.is_secure(request)
    response.set_cookie(
        _name(request), secret, max_age=int(challenges.LIFE.total_seconds()),
        httponly=True, samesite="lax", secure=secure, path="/",
    )  # fmt: skip
    return response


async def back(request: Request) -> Response:
    """What the other service says: a session of ours, or why not."""
    secure = cookies.is_secure(request)
    name = _name(request)
    given, browser = dict(request.query_params), request.cookies.get(name, "")
    device, address = calls.device(request), calls.address(request)
    try:
        secret, session, where = await to_thread.run_sync(
            lambda: openid.finish(given, browser, device=device, address=address)
        )
    except UserError as refused:
        page = await calls.page_of(request)
        status = 429 if isinstance(refused, sign_in.MustWait) else 401
        body = page.wrong(refused) + page.link("/sign-in", page.t(shown("Sign in")))
        response: Response = page.answer(shown("Sign in"), body, status)
    else:
        response = RedirectResponse(calls.there(where), status_code=303)
        if session is not None:
            response = await calls.let_in(request, secret, response)
    response.headers["Cache-Control"] = "no-store"
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")
    return response


def _name(request: Request) -> str:
    return cookies.bound(SECURE, base_of(request.scope)) if cookies.is_secure(request) else PLAIN


def routes() -> list[BaseRoute]:
    """The routes of another service's sign-in."""
    return [
        Route("/sign-in/openid", begin),
        Route(BACK, back),
        Route("/confirm/openid", begin_proof),
    ]
