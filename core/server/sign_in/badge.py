"""`/badge`: prints the barcode by which one signs on at a shared station."""

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from core import rights
from core.errors import UserError
from core.i18n.letters import escaped
from core.i18n.words import shown
from core.intake import doors
from core.people.ways import badges
from core.server.sign_in import calls

TOLD = shown(
    "At a shared station the hand scanner reads it on the sign-in page; you are signed on for "
    "twelve hours, for scanning and piles only. Whoever finds it has it: print a new one then, "
    "and the old one ends."
)


async def badge(request: Request) -> Response:
    """GET: what it is. POST: a new badge on a page to print; the one before ends."""
    if not rights.actor().proved:
        return RedirectResponse("/confirm?next=/badge", status_code=303)
    page, title = await calls.page_of(request), shown("Your badge")
    form = page.form("/badge", "", shown("Print a new badge"), {})
    told = f"<p>{page.t(TOLD)}</p>"
    if request.method != "POST":
        return page.answer(title, told + form)
    try:
        await calls.fields_of(request)
        code = await to_thread.run_sync(badges.make)
    except UserError as refused:
        status = getattr(refused, "status", 403)
        return page.answer(title, page.wrong(refused), status)
    bars = await to_thread.run_sync(doors.bars, code)
    name = f"<p><b>{escaped(rights.actor().name)}</b></p>"
    return page.answer(title, f'{name}<div class="badge">{bars}</div>{told}')


def routes() -> list[BaseRoute]:
    """The route of badges."""
    return [Route("/badge", badge, methods=["GET", "POST"])]
