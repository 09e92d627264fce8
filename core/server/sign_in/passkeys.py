"""Passkeys: `/sign-in/passkey`, `/welcome/{token}/passkey`, `/confirm/passkey`, `/passkey`.

Each takes the browser's answer; its `/options` tells what to ask the browser for.
"""

from collections.abc import Callable
from typing import TypeVar

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from core import rights
from core.errors import UserError
from core.i18n.words import shown
from core.people import sign_in
from core.people.ways import passkeys
from core.people.ways.passkeys import Party, PasskeyCode
from core.server import http_helpers
from core.server.http_helpers import Problem
from core.server.sign_in import calls

LONGEST_ANSWER = 16_000  # bytes
Result = TypeVar("Result")
PASSKEY_NAME = shown("A name for it, such as the device it is on")


async def _call(request: Request) -> tuple[Party, dict[str, object]]:
    """Who the passkey is for, and what was sent. Raises Problem."""
    party = calls.party(request)
    if party is None:
        raise Problem(400, PasskeyCode.NOT_TAKEN)
    body = await http_helpers.json_body(request, LONGEST_ANSWER)
    return party, body


async def _question(request: Request) -> tuple[Party, dict[str, object]]:
    """The same of a call that nobody need have signed in for, and that makes a challenge."""
    try:
        calls.one_more_question(request)
    except sign_in.MustWait as refused:
        raise Problem(429, refused.reason) from refused
    return await _call(request)


async def _done(do: Callable[[], Result], status: int = 400) -> Result:
    try:
        return await to_thread.run_sync(do)
    except rights.NotAllowed:
        raise
    except sign_in.MustWait as refused:
        raise Problem(429, refused.reason) from refused
    except UserError as refused:
        raise Problem(status, refused.reason) from refused


def _answer(body: dict[str, object]) -> dict[str, object]:
    found = body.get("answer")
    return found if isinstance(found, dict) else {}


def _text(body: dict[str, object], name: str) -> str:
    return str(body.get(name) or "").replace("\0", "")[:200]


def _next(body: dict[str, object]) -> JSONResponse:
    return JSONResponse({"next": calls.there(_text(body, "next"))})


# ---------------------------------------------------------------- signing in


@http_helpers.json_route
async def sign_in_options(request: Request) -> Response:
    """→ what the browser is asked for (PublicKeyCredentialRequestOptions)."""
    party, _ = await _question(request)
    return JSONResponse(await _done(lambda: passkeys.to_sign_in(party)))


@http_helpers.json_route
async def signed_in(request: Request) -> Response:
    """`{answer, next}` → a session, `{next}`; 401 for a passkey that is none of ours."""
    party, body = await _call(request)
    device, address = calls.device(request), calls.address(request)

    def attempt() -> str:
        answer = _answer(body)
        return passkeys.with_passkey(party, answer, device=device, address=address)[0]

    secret = await _done(attempt, 401)
    return await calls.let_in(request, secret, _next(body))


# ---------------------------------------------------------------- by a one-time link


@http_helpers.json_route
async def welcome_options(request: Request) -> Response:
    """`{login, name}` for the first owner → PublicKeyCredentialCreationOptions."""
    party, body = await _question(request)
    token, login, name = request.path_params["token"], _text(body, "login"), _text(body, "name")
    return JSONResponse(await _done(lambda: passkeys.to_add_by_link(party, token, login, name)))


@http_helpers.json_route
async def welcomed(request: Request) -> Response:
    """`{answer}` → the link is used up, a session begins, `{next}`."""
    party, body = await _call(request)
    token = request.path_params["token"]
    device, address = calls.device(request), calls.address(request)

    def use() -> str:
        person = passkeys.add_by_link(party, token, _answer(body), device)
        return sign_in.of_person(person, device=device, address=address, way="passkey")[0]

    return await calls.let_in(request, await _done(use), _next(body))


# ---------------------------------------------------------------- once more


@http_helpers.json_route
async def confirm_options(request: Request) -> Response:
    """→ PublicKeyCredentialRequestOptions for one's own passkeys."""
    party, _ = await _call(request)
    return JSONResponse(await _done(lambda: passkeys.to_prove(party)))


@http_helpers.json_route
async def confirmed(request: Request) -> Response:
    """`{answer, next}` → step-up, `{next}`."""
    party, body = await _call(request)
    await _done(lambda: passkeys.prove(party, _answer(body)), 401)
    return _next(body)


# ---------------------------------------------------------------- one's own


async def page(request: Request) -> Response:
    """The page on which whoever is signed in makes a passkey."""
    if not rights.actor().proved:
        return RedirectResponse("/confirm?next=/passkey", status_code=303)
    drawn = await calls.page_of(request)
    title = shown("Another passkey")
    if calls.party(request) is None:
        explanation = shown("Passkeys need https and a name for this desk, or localhost.")
        return drawn.answer(title, f"<p>{drawn.t(explanation)}</p>")
    explanation = shown(
        "Your phone, computer or security key keeps it and asks for your finger, face or PIN. "
        "Nobody can guess or read it out."
    )
    name = drawn.field(PASSKEY_NAME, "name", "off", value=calls.device(request))
    button = drawn.passkey("/passkey", shown("Make a passkey"), "/settings", first=True)
    return drawn.answer(title, f"<p>{drawn.t(explanation)}</p><form>{name}{button}</form>")


@http_helpers.json_route
async def options(request: Request) -> Response:
    """→ PublicKeyCredentialCreationOptions for whoever is signed in."""
    party, _ = await _call(request)
    return JSONResponse(await _done(lambda: passkeys.to_add(party), 403))


@http_helpers.json_route
async def added(request: Request) -> Response:
    """`{answer, name, next}` → the passkey is kept, `{next}`."""
    party, body = await _call(request)
    await _done(lambda: passkeys.add(party, _answer(body), _text(body, "name")))
    return _next(body)


def routes() -> list[BaseRoute]:
    """The routes of passkeys."""
    pairs = (
        ("/sign-in/passkey", sign_in_options, signed_in),
        ("/welcome/{token}/passkey", welcome_options, welcomed),
        ("/confirm/passkey", confirm_options, confirmed),
        ("/passkey", options, added),
    )
    return [
        Route("/passkey", page),
        *(Route(f"{path}/options", first, methods=["POST"]) for path, first, _ in pairs),
        *(Route(path, last, methods=["POST"]) for path, _, last in pairs),
    ]
