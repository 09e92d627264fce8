"""The phone's way in: `/pair/{token}` lets a device in, `/phone` is its scan page."""

from pathlib import Path

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from core import rights
from core.i18n import scripts
from core.orders.piles import piles
from core.people import devices, sessions
from core.server import http_helpers
from core.server.error_pages import refusal
from core.server.sign_in import cookies


async def pair(request: Request) -> Response:
    """Use up a one-time token: a cookie, and on to the scan page; 410 when it is used or old."""
    if request.method == "HEAD":  # who only previews a link must not use it up
        return Response(headers={"Cache-Control": "no-store"})
    name = cookies.device_name(request.headers.get("user-agent", ""))
    token, client = request.path_params["token"], str(request.scope.get("refuz.client", ""))

    def redeem() -> tuple[str, sessions.Session]:
        return devices.redeem(token, name, address=client)

    try:
        secret, device = await to_thread.run_sync(redeem)
    except devices.PairingRefused:
        return refusal(410, "used", request.headers)
    response = RedirectResponse(f"/phone?pile={device.pile_id or ''}", status_code=303)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    secure = cookies.is_secure(request)
    cookies.give(response, secret, secure=secure, kind=sessions.Kind.PHONE)
    return response


@http_helpers.json_route
@http_helpers.json_route
async def me(request: Request) -> Response:
    """Who the phone is and which pile it feeds: `{person, language, words, pile, pile_name}`."""
    device = http_helpers.session(request)
    asked = request.query_params.get("pile", "")
    pile_id = int(asked) if asked.isdigit() else (device.pile_id if device else None)
    if pile_id:
        rights.require_pile(pile_id)
    found = await to_thread.run_sync(piles.get, pile_id) if pile_id else None
    language = await to_thread.run_sync(http_helpers.tongue, request)
    return JSONResponse(
        {
            "person": http_helpers.person(request, ""),
            "language": language,
            "words": scripts.script_words(scripts.PHONE, language),
            "pile": found.id if found else None,
            "pile_name": found.name if found else "",
        }
    )


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
        return await super().get_response(path, scope)


def phone_page(assets: Path) -> http_helpers.Handler:
    """The handler of `/phone`: one file, everything else is loaded by it."""

    async def phone(_request: Request) -> Response:
        return FileResponse(assets / "phone.html", headers={"Cache-Control": "no-cache"})

    return phone
