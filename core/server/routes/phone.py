"""The phone's way in: `/pair/{token}` lets a device in, `/phone` is its scan page."""

from pathlib import Path

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from core import rights
from core.audit import approvals
from core.finding import boxes
from core.i18n import scripts
from core.i18n.language import translate
from core.i18n.reasons import sentence
from core.i18n.words import shown
from core.orders.piles import piles
from core.people import devices, presence, sessions
from core.rights import Right
from core.server import http_helpers
from core.server.reach import base_of
from core.server.sign_in import calls, cookies
from core.server.sign_in.pages import SignInPage

LET_IN = shown("Let this phone in")
NO_LONGER = shown("This code no longer works")
OFFLINE = "offline.js"  # the script that lets the phone's page open without the desk
LINK = shown("To look at")
APPROVE = shown("Second yes")


async def pair(request: Request) -> Response:
    """GET: a button. POST: uses up the one-time token for a cookie, and on to the scan page.

    Whatever only looks at the link (a preview in a chat, a browser that loads ahead, a scanner of
    a mail server) does not press the button. 410 when the token is used or old.
    """
    token = request.path_params["token"]
    page = await calls.page_of(request)
    try:
        if request.method != "POST":
            await to_thread.run_sync(devices.look_at_token, token)
            return _ask(page, token)
        await calls.fields_of(request)
        return await _let_in(request, token)
    except http_helpers.Problem as problem:
        return page.answer(LET_IN, page.wrong(problem), problem.status)
    except devices.PairingRefused as refused:
        return page.answer(NO_LONGER, page.wrong(refused), 410)


def _ask(page: SignInPage, token: str) -> Response:
    explanation = page.t(shown("The phone scans from then on as the person who showed the code."))
    form = page.form(f"/pair/{token}", "", LET_IN, {})
    return page.answer(shown("Scan with this phone"), f"<p>{explanation}</p>{form}")


async def _let_in(request: Request, token: str) -> Response:
    name = cookies.device_name(request.headers.get("user-agent", ""))
    client = str(request.scope.get("refuz.client", ""))

    def redeem() -> tuple[str, sessions.Session]:
        return devices.redeem(token, name, address=client)

    secret, device = await to_thread.run_sync(redeem)
    response = RedirectResponse(f"/phone?pile={device.pile_id or ''}", status_code=303)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    cookies.give(response, secret, call=request, kind=sessions.SessionKind.PHONE)
    return response


@http_helpers.json_route
async def me(request: Request) -> Response:
    """Who the phone is and which pile it feeds.

    `{person, language, here, words, pile, pile_name, piles, links}`: the piles that it may feed,
    and the pages where it may answer what waits, each with its word and address; `here`: that the
    desk is a sandbox, in words.
    """
    device = http_helpers.session(request)
    asked = request.query_params.get("pile", "")
    pile_id = http_helpers.whole(asked) or (device.pile_id if device else None)
    if pile_id:
        rights.require_pile(pile_id)
    found = await to_thread.run_sync(piles.get, pile_id) if pile_id else None
    language = await to_thread.run_sync(http_helpers.tongue, request)
    plays = await to_thread.run_sync(presence.here)
    return JSONResponse(
        {
            "here": sentence(plays.of(), language) if plays else "",
            "person": http_helpers.person(request, ""),
            "language": language,
            "words": scripts.script_words(scripts.PHONE, language),
            "pile": found.id if found else None,
            "pile_name": found.name if found else "",
            "piles": await to_thread.run_sync(_piles),
            "links": await to_thread.run_sync(_links, found.id if found else None, language),
        }
    )


def _piles() -> list[dict[str, object]]:
    """The open piles; of a phone bound to one none, since it has nothing to choose."""
    if rights.actor().pile_id is not None or not rights.may(Right.SCAN):
        return []
    return [{"id": one.id, "name": one.name} for one in piles.open_piles()]


def _links(pile_id: int | None, language: str) -> list[dict[str, str]]:
    """Labels to link, and questions for a second person, where this phone may answer them."""
    found = []
    if pile_id is not None and rights.may(Right.PILE):
        count = boxes.to_look_at(pile_id).count
        found.append((LINK, f"/review?pile={pile_id}&tab=look", count))
    if rights.may(Right.FOLLOW_UP):
        count = sum(not one.mine for one in approvals.waiting())
        found.append((APPROVE, "/follow_up", count))
    return [
        {"word": f"{translate(word, language)} · {count}", "address": address}
        for word, address, count in found
    ]


class Assets(StaticFiles):
    """The station's scripts and styles; browsers ask each time whether they changed."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """As StaticFiles, but never used without asking."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serve scripts, styles, page parts, icons and the manifest; nothing else of the folder."""
        if Path(path).suffix not in (".js", ".css", ".html", ".png", ".json"):
            return Response(status_code=404)
        response = await super().get_response(path, scope)
        if path == OFFLINE:
            response.headers["Service-Worker-Allowed"] = f"{base_of(scope)}/phone"
        return response


def phone_page(assets: Path) -> http_helpers.Handler:
    """The handler of `/phone`: one file, everything else is loaded by it."""

    async def phone(_request: Request) -> Response:
        return FileResponse(assets / "phone.html", headers={"Cache-Control": "no-cache"})

    return phone
