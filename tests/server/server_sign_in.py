"""A desk of nothing but its sign-in, and who signs in to it, for the tests of both."""

import requests
from sqlalchemy import Engine, insert
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from core import rights
from core.clock import now
from core.people import accounts
from core.server import auth
from core.server.reach import Reach
from core.server.sign_in import badge, passkeys
from core.server.sign_in import forms as sign_in
from core.store import db
from core.store.tables import connections

GOOD = "correct horse battery"


def desk(*, network: bool = False, reach: Reach | None = None) -> ASGIApp:
    async def page(_request: Request) -> Response:
        return PlainTextResponse(rights.actor().name)

    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        async for said in socket.iter_text():
            await socket.send_text(said)

    both = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/", page),
            Route("/settings", page),
            Route("/api/me", page),
            Route("/api/session", sign_in.still_in),
            *badge.routes(),
            *passkeys.routes(),
            Route("/sign-in", sign_in.show_or_sign_in, methods=both),
            Route("/sign-in/{file}", sign_in.file),
            Route("/welcome/{token}", sign_in.welcome, methods=both),
            Route("/confirm", sign_in.confirm, methods=both),
            Route("/sign-out", sign_in.sign_out, methods=both),
            WebSocketRoute("/stream", stream),
        ],
        middleware=[Middleware(auth.AuthMiddleware, network=network, token="printed", reach=reach)],
    )


def connect_a_shop(engine: Engine, *, sandbox: bool) -> None:
    with db.writing(engine) as connection:
        connection.execute(insert(connections).values(
            kind="shop", service="shopify", name="Casa", settings={}, secrets="",
            sandbox=sandbox, enabled=True, created_at=now()))  # fmt: skip
    accounts.look_again()


def make_owner() -> int:
    return accounts.use_link(accounts.owner_link(), GOOD, login="ana", name="Ana")


def sign_in_as(base: str, password: str = GOOD, **more: str) -> requests.Session:
    browser = requests.Session()
    form = {"login": "ana", "password": password, **more}
    browser.last = browser.post(  # type: ignore[attr-defined]
        f"{base}/sign-in", data=form, timeout=20, allow_redirects=False
    )
    return browser
