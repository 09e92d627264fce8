"""Nothing is open to the network by accident, and loopback answers only to its own name."""

import datetime as dt
import re
import time
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from core import rights
from core.audit import trail
from core.audit.actions import Action
from core.orders.piles import piles
from core.people import devices, sessions
from core.server import auth, http_helpers, reach
from core.server.routes import table
from core.server.routes.health import healthz
from core.server.routes.table import phone as entry
from core.server.sign_in import cookies
from core.store import db

TOKEN = "printed-at-start"
ROOT = Path(__file__).resolve().parents[2]


def desk(*, network: bool) -> ASGIApp:
    async def page(request: Request) -> Response:
        return PlainTextResponse(http_helpers.person(request, request.query_params.get("by")))

    @http_helpers.json_route
    async def change(_request: Request) -> Response:
        return JSONResponse({"done": True})

    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        async for said in socket.iter_text():
            await socket.send_text(said)

    return Starlette(
        routes=[
            Route("/", page),
            WebSocketRoute("/stream", stream),
            Route("/phone", page),
            Route("/change", change, methods=["POST"]),
            Route("/pair/{token}", entry.pair, methods=["GET", "POST"]),
            Route("/healthz", healthz),
            Route("/api/me", entry.me),
        ],
        middleware=[Middleware(auth.AuthMiddleware, network=network, token=TOKEN)],
    )


@pytest.mark.parametrize(
    ("address", "wide"),
    [
        ("127.0.0.1", False),
        ("localhost", False),
        ("::1", False),
        ("unix:///run/refuz.sock", False),
        (None, True),
        ("", True),
        ("0.0.0.0", True),
        ("192.168.1.20", True),
        ("desk.example", True),
    ],
)
def test_an_address_is_loopback_or_open_to_others(address: str | None, wide: bool) -> None:
    assert reach.beyond_loopback(address) is wide


def test_on_loopback_everybody_on_this_computer_may_work(serve, engine: Engine) -> None:
    answer = requests.get(serve(desk(network=False)) + "/?by=Ana", timeout=30)
    assert (answer.status_code, answer.text) == (200, "Ana")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.168.1.20", ""])
def test_loopback_answers_only_to_its_own_name(serve, engine: Engine, host: str) -> None:
    answer = requests.get(serve(desk(network=False)) + "/", headers={"Host": host}, timeout=30)
    assert answer.status_code in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "[::1]:8501", "127.0.0.2"])
def test_loopback_has_several_names(serve, engine: Engine, host: str) -> None:
    answer = requests.get(serve(desk(network=False)) + "/", headers={"Host": host}, timeout=30)
    assert answer.status_code == 200


def test_over_the_network_strangers_get_nothing_but_ok(serve, engine: Engine) -> None:
    base = serve(desk(network=True))
    for path in ("/", "/phone", "/?token=wrong"):
        assert requests.get(base + path, timeout=30).status_code == 401
    health = requests.get(base + "/healthz", timeout=30).json()
    assert set(health) == {"status"}


def test_the_printed_token_becomes_a_cookie_that_scripts_cannot_read(serve, engine: Engine) -> None:
    base = serve(desk(network=True))
    browser = requests.Session()
    first = browser.get(f"{base}/?token={TOKEN}&by=Ana", timeout=30, allow_redirects=False)
    assert first.status_code == 303
    assert TOKEN not in first.headers["location"]
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert browser.get(base + "/?by=Ana", timeout=30).text == "Ana"


def test_a_paired_phone_works_as_its_person_until_it_is_signed_out(serve, engine: Engine) -> None:
    base = serve(desk(network=True))
    phone = requests.Session()
    answer = phone.post(f"{base}/pair/{devices.invite('Ana')}", timeout=30)
    assert answer.url.startswith(base + "/phone")
    assert phone.get(base + "/phone?by=somebody", timeout=30).text == "Ana"
    sessions.sign_out(sessions.signed_in()[0].id)
    assert phone.get(base + "/", timeout=30).status_code == 401


@pytest.mark.parametrize("scope", ["pile", "scan"])
def test_a_phone_let_in_to_scan_reaches_no_page_and_no_socket(
    serve, engine: Engine, scope: str
) -> None:
    base = serve(desk(network=True))
    phone = requests.Session()
    token = devices.invite("Ana", scope=sessions.Scope(scope))
    assert phone.post(f"{base}/pair/{token}", timeout=30).status_code == 200
    for path in ("/", "/settings", "/change", "/_stcore/health"):
        assert phone.get(base + path, timeout=30).status_code == 403, path
    cookie = {"Cookie": f"{cookies.PLAIN}={phone.cookies[cookies.PLAIN]}"}
    with (
        pytest.raises(InvalidStatus, match="403"),
        connect(base.replace("http", "ws") + "/stream", additional_headers=cookie),
    ):
        pass


@pytest.mark.timed
def test_a_silent_open_page_is_closed_within_a_second_of_its_sign_out(
    serve, engine: Engine
) -> None:
    base = serve(desk(network=True))
    secret, device = devices.admit("Firefox on Linux", "Ana")
    cookie = {"Cookie": f"{cookies.PLAIN}={secret}"}
    with connect(base.replace("http", "ws") + "/stream", additional_headers=cookie) as page:
        page.send("drawn")
        assert page.recv(10) == "drawn"
        sessions.sign_out(device.id)
        begun = time.monotonic()
        with pytest.raises(ConnectionClosed) as closed:
            page.recv(10)
        assert time.monotonic() - begun < 1.5  # a second, and half of one for a busy machine
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


def _draw_again_and_again(page: ClientConnection) -> None:
    for _ in range(100):
        page.send("again")
        page.recv(10)
        time.sleep(0.1)


def test_an_open_page_ends_when_its_device_is_signed_out(serve, engine: Engine) -> None:
    base = serve(desk(network=True))
    secret, device = devices.admit("Firefox on Linux", "Ana")
    cookie = {"Cookie": f"{cookies.PLAIN}={secret}"}
    with connect(base.replace("http", "ws") + "/stream", additional_headers=cookie) as page:
        page.send("drawn")
        assert page.recv(10) == "drawn"
        sessions.sign_out(device.id)
        with pytest.raises(ConnectionClosed):
            _draw_again_and_again(page)


def test_a_code_older_than_its_five_minutes_is_refused(serve, engine: Engine) -> None:
    base = serve(desk(network=True))
    link = f"{base}/pair/{devices.invite('Ana', life=dt.timedelta(microseconds=1))}"
    answer = requests.get(link, timeout=30)
    assert answer.status_code == 410
    assert "<h1>This code no longer works</h1>" in answer.text, "it was never used"
    assert "Show a new code on the Scan page" in answer.text
    assert sessions.signed_in() == []


def test_a_phone_of_one_pile_is_not_told_of_another(serve, engine: Engine) -> None:
    base = serve(desk(network=True))
    mine, other = (piles.create(name) for name in ("Mine", "Of others"))
    browser = requests.Session()
    token = devices.invite("Ana", mine, scope=sessions.Scope.PILE)
    browser.post(f"{base}/pair/{token}", timeout=30)
    assert browser.get(f"{base}/api/me?pile={mine}", timeout=30).json()["pile_name"] == "Mine"
    refused = browser.get(f"{base}/api/me?pile={other}", timeout=30)
    assert (refused.status_code, "Of others" in refused.text) == (403, False)


def test_a_phone_let_in_where_nobody_signs_in_is_its_person_too(serve, engine: Engine) -> None:
    base = serve(desk(network=False))
    phone, other = requests.Session(), requests.Session()
    assert phone.post(f"{base}/pair/{devices.invite('Ștefan')}", timeout=30).status_code == 200
    assert phone.get(f"{base}/", timeout=30).text == "Ștefan"
    assert phone.get(f"{base}/api/me", timeout=30).json()["person"] == "Ștefan"
    assert other.get(f"{base}/?by=Ioana", timeout=30).text == "Ioana"


def test_a_used_pairing_code_is_gone(serve, engine: Engine) -> None:
    base = serve(desk(network=True))
    link = f"{base}/pair/{devices.invite('Ana')}"
    assert requests.post(link, timeout=30).status_code == 200
    assert requests.get(link, timeout=30).status_code == 410
    assert requests.post(link, timeout=30).status_code == 410


def test_looking_at_a_pairing_link_lets_nobody_in_and_does_not_use_it_up(
    serve, engine: Engine
) -> None:
    base = serve(desk(network=True))
    link = f"{base}/pair/{devices.invite('Ana')}"
    for method in ("HEAD", "GET", "GET"):
        looked = requests.request(method, link, timeout=30, allow_redirects=False)
        assert (looked.status_code, "set-cookie" in looked.headers) == (200, False)
        assert looked.headers["cache-control"] == "no-store"
    assert sessions.signed_in() == []
    elsewhere = {"Origin": "https://evil.example"}
    assert requests.post(link, headers=elsewhere, timeout=30).status_code == 403
    assert sessions.signed_in() == []
    phone = requests.Session()
    assert phone.post(link, timeout=30).url.startswith(base + "/phone")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Refuz": "1"}, 200),
        ({}, 403),
        ({"X-Refuz": "1", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-Refuz": "1", "Origin": "http://evil.example"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 403),
        ({"X-Refuz": "1", "Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
def test_only_our_own_pages_and_programs_may_change_anything(
    serve, engine: Engine, headers: dict[str, str], status: int
) -> None:
    answer = requests.post(serve(desk(network=False)) + "/change", headers=headers, timeout=30)
    assert answer.status_code == status


def test_a_wrong_token_stands_in_the_record_with_its_address(serve, engine: Engine) -> None:
    requests.get(serve(desk(network=True)) + "/phone?token=wrong", timeout=30)
    with db.reading(engine) as connection:
        newest, *_ = trail.search(connection)
    row = (newest.action, newest.subject, newest.way, newest.address)
    assert row == (Action.SIGN_IN_FAILED, "/phone", "stranger", "127.0.0.1")
    assert "wrong" not in str(newest)


@pytest.mark.parametrize(
    ("lines", "client"),
    [
        (["203.0.113.5"], "203.0.113.5"),
        (["198.51.100.1, 203.0.113.5"], "203.0.113.5"),
        (["198.51.100.1", "203.0.113.5"], "203.0.113.5"),
        ([], "10.1.2.3"),
        (["192.0.2.66, 203.0.113.5, 10.9.9.9"], "203.0.113.5"),  # two proxies, both named
        (["10.8.8.8, 10.9.9.9"], "10.8.8.8"),
        (["203.0.113.5:51234"], "203.0.113.5"),  # Azure's tell the port
        (["[2001:db8::5]:51234"], "2001:db8::5"),
        (["2001:db8::5"], "2001:db8::5"),
    ],
)
def test_a_caller_cannot_say_its_own_address_before_the_proxy_does(
    lines: list[str], client: str
) -> None:
    """Some proxies lengthen the header that came, others add a line of their own."""
    known = reach.from_environment({"REFUZ_TRUSTED_PROXIES": "10.0.0.0/8"})
    headers = [(b"x-forwarded-for", one.encode()) for one in lines]
    scope = {"type": "http", "client": ("10.1.2.3", 1), "headers": headers}
    assert known.client(scope) == client
    assert known.client({**scope, "client": ("192.0.2.9", 1)}) == "192.0.2.9"


def test_a_call_without_the_right_is_refused_in_words(serve, engine: Engine) -> None:
    def refuses() -> None:
        rights.require(rights.Right.MONEY)

    @http_helpers.json_route
    async def change(_request: Request) -> Response:
        with rights.acting(rights.NOBODY):
            refuses()
        return JSONResponse({})

    base = serve(Starlette(routes=[Route("/change", change)]))
    answer = requests.get(base + "/change", timeout=30)
    assert (answer.status_code, answer.json()["reason"]["code"]) == (403, "right_lacking")


def test_no_open_path_and_nothing_below_one_shows_a_stranger_the_pages(
    serve, engine: Engine
) -> None:
    """Whatever no route takes is Streamlit's, whose page answers any path."""

    async def pages(_request: Request) -> Response:
        return PlainTextResponse("the pages")

    ours = table.routes(ROOT / "pages" / "components")
    app = Starlette(
        routes=[*ours, Mount("/", routes=[Route("/{path:path}", pages, methods=["GET", "POST"])])],
        middleware=[Middleware(auth.AuthMiddleware, network=True, token=TOKEN)],
    )
    base = serve(app)
    paths = {re.sub(r"\{[^}]*\}", "x", one.path) for one in ours if isinstance(one, Route)}
    assert {"/webhooks/x", "/pair/x", "/sign-in/x", "/welcome/x/passkey/options"} <= paths
    with requests.Session() as http:
        http.headers["X-Forwarded-For"] = "203.0.113.5"
        for path in sorted(paths | {f"{one}/" for one in paths} | {f"{one}/y" for one in paths}):
            for method in ("GET", "POST"):
                answer = http.request(method, base + path, allow_redirects=False, timeout=10)
                assert answer.text != "the pages", (method, path)
        for method, path, status in (
            ("GET", "/pair/x", 410), ("GET", "/welcome/x", 410), ("GET", "/sign-in", 200),
            ("GET", "/sign-in/style.css", 200), ("POST", "/webhooks/none", 404),
            ("GET", "/webhooks/none", 401), ("GET", "/welcome/x/passkey", 401),
        ):  # fmt: skip
            answer = http.request(method, base + path, allow_redirects=False, timeout=10)
            assert answer.status_code == status, (method, path)
