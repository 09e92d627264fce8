"""`/badge` prints one's badge; `/badge/station` lets badges sign on at this browser."""

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from core import rights
from core.errors import UserError
from core.i18n.letters import escaped
from core.i18n.words import shown
from core.intake import doors
from core.people.ways import badges, stations
from core.rights import Right
from core.server.sign_in import calls, cookies

WHAT_A_BADGE_IS = shown(
    "At a shared station the hand scanner reads it on the sign-in page; you are signed on for "
    "twelve hours, for scanning and piles only. It opens nothing at other computers. Whoever finds "
    "it has it: print a new one then, and the old one ends."
)
STATION = shown("Station for badges")
WHAT = shown(
    "Make this browser a station: whoever has a badge signs on here by it, for scanning and piles "
    "only. You are signed out here."
)
WHERE = shown("Where it stands")


async def badge(request: Request) -> Response:
    """GET: what it is. POST: a new badge on a page to print; the one before ends."""
    if not rights.actor().proved:
        return RedirectResponse("/confirm?next=/badge", status_code=303)
    page, title = await calls.page_of(request), shown("Your badge")
    form = page.form("/badge", "", shown("Print a new badge"), {})
    explanation = f"<p>{page.t(WHAT_A_BADGE_IS)}</p>"
    if request.method != "POST":
        back = page.link("/settings", page.t(shown("Settings")))
        return page.answer(title, explanation + form + back)
    try:
        await calls.fields_of(request)
        code = await to_thread.run_sync(badges.make)
    except UserError as refused:
        status = getattr(refused, "status", 403)
        return page.answer(title, page.wrong(refused), status)
    bars = await to_thread.run_sync(doors.bars, code)
    name = f"<p><b>{escaped(rights.actor().name)}</b></p>"
    how = page.t(shown("Print this page (Ctrl+P, or Share on a phone): the badge is shown once."))
    back = page.link("/settings", page.t(shown("Settings")))
    rest = f'<div class="unprinted"><p><b>{how}</b></p>{explanation}{back}</div>'
    return page.answer(title, f'{name}<div class="badge">{bars}</div>{rest}')


async def station(request: Request) -> Response:
    """GET: what it is. POST: this browser is a station, and goes to the badge's form."""
    who = rights.actor()
    if not who.proved:
        return RedirectResponse("/confirm?next=/badge/station", status_code=303)
    page, status = await calls.page_of(request), 200
    wrong: UserError | None = None
    back = page.link("/settings", page.t(shown("Settings")))
    if not who.may(Right.PEOPLE):
        wrong = rights.NotAllowed(Right.PEOPLE)
        return page.answer(STATION, f"{page.wrong(wrong)}{back}", 403)
    if request.method == "POST":
        try:
            given = await calls.fields_of(request)
            secret = await to_thread.run_sync(stations.make, given.get("name", ""))
            response = await calls.leave(request, "/sign-in?badge=1")
            cookies.give_station(response, secret, call=request)
        except UserError as refused:
            wrong, status = refused, getattr(refused, "status", 403)
        else:
            return response
    fields = page.field(WHERE, "name", "off", first=True)
    form = page.form("/badge/station", fields, shown("Make it a station"), {})
    return page.answer(STATION, f"{page.wrong(wrong)}<p>{page.t(WHAT)}</p>{form}{back}", status)


def routes() -> list[BaseRoute]:
    """The routes of badges and their stations."""
    both = ["GET", "POST"]
    return [
        Route("/badge", badge, methods=both),
        Route("/badge/station", station, methods=both),
    ]
