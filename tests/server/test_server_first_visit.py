"""Streamlit's page has what its first paint needs, and its files are packed once."""

import base64
import gzip
import hashlib
import re
from pathlib import Path

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from core.server.first_visit import packed as packing
from core.server.first_visit.page import PHONE, TABLET, FirstPaint, first_words
from core.server.headers import content_policy

PAGE = Path(st.__file__).parent / "static" / "index.html"
OWN = "<!doctype html><head></head><h1>Ours</h1>"
SHEET = ".stApp { color: ține; }\n"  # a letter of two bytes: the length told is that of bytes


async def _page(_request: Request) -> Response:
    return FileResponse(PAGE)


async def _own(_request: Request) -> Response:
    return HTMLResponse(OWN)


async def _json(_request: Request) -> Response:
    return JSONResponse({"head": "</head>", "root": '<div id="root">'})


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/", _page), Route("/own", _own), Route("/api", _json)]
    packs = Middleware(GZipMiddleware, minimum_size=1000)  # Streamlit's own lies within
    layers = [packs, Middleware(FirstPaint, style=SHEET), packs]
    browser = {"Accept": "text/html,*/*"}
    return TestClient(Starlette(routes=routes, middleware=layers), headers=browser)


DESK = Path(__file__).resolve().parents[2] / "pages" / "components"
SCRIPTS = PAGE.parent / "static" / "js"


@pytest.mark.parametrize("packed", ["gzip", "identity"])
def test_streamlit_s_page_carries_the_style_and_is_whole(client: TestClient, packed: str) -> None:
    answer = client.get("/", headers={"Accept-Encoding": packed})
    page = answer.text
    assert answer.headers.get("content-encoding", "identity") == packed
    assert page.replace(f"<style>\n{SHEET}</style>", "", 1) == PAGE.read_text("utf-8")
    assert page.index("</head>") < page.index(SHEET) < page.index("</body>")


def test_other_answers_come_as_they_are(client: TestClient) -> None:
    assert client.get("/own").text == OWN
    assert client.get("/api").json() == {"head": "</head>", "root": '<div id="root">'}
    length = client.head("/", headers={"Accept-Encoding": "identity"}).headers["content-length"]
    assert length == str(PAGE.stat().st_size)


def test_streamlit_is_told_where_its_server_is_and_may_read_that() -> None:
    """It asks `window.__streamlit` before it guesses; the policy lets exactly this script in."""
    script = first_words("/desk", "ro")
    inner = re.fullmatch(r"<script>(.*)</script>", script)[1]
    assert 'location.origin + "/desk/"' in inner
    digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in content_policy(PAGE.read_text("utf-8"), script)
    asked = [
        file.name
        for file in SCRIPTS.glob("index.*.js")
        if ".BACKEND_BASE_URL" in file.read_text("utf-8")
    ]
    assert asked, "Streamlit reads its server's place elsewhere now"


@pytest.mark.parametrize(("base", "path"), [("", "/"), ("/desk", "/desk")])
def test_the_page_tells_how_wide_its_window_is_before_it_asks_for_anything(
    base: str, path: str
) -> None:
    script = first_words(base, "")
    assert '"refuz-width="+' in script.replace(" ", "")
    assert f'"; path={path}; samesite=lax"' in script
    sheet = (DESK / "desk.css").read_text("utf-8")
    for edge in (PHONE, TABLET):
        assert f"(max-width: {edge}px)" in sheet, "the pages' style changes elsewhere"


def test_the_script_of_the_moment_lies_in_the_page() -> None:
    scripts = ["<script>1</script>", "<script>2</script>"]

    async def script() -> str:
        return scripts.pop(0)

    layer = Middleware(FirstPaint, style=SHEET, script=script)
    app = Starlette(routes=[Route("/", _page)], middleware=[layer])
    client = TestClient(app, headers={"Accept": "text/html"})
    assert "<script>1</script>" in client.get("/").text
    assert "<script>2</script>" in client.get("/").text


FOR_EVER = {"Cache-Control": "public, immutable, max-age=31536000"}
TEXT = "let there = 'ș';\n" * 400


@pytest.fixture
def served() -> tuple[TestClient, list[str]]:
    """A client, and the paths that reached what is packed."""
    reached: list[str] = []

    async def file(request: Request) -> Response:
        reached.append(request.url.path)
        headers = FOR_EVER if "changing" not in request.url.path else {"Cache-Control": "no-cache"}
        return Response(
            TEXT, 404 if "none" in request.url.path else 200, headers, "text/javascript"
        )

    layers = [Middleware(packing.PackedOnce), Middleware(GZipMiddleware, minimum_size=1000)]
    app = Starlette(routes=[Route("/{path:path}", file)], middleware=layers)
    return TestClient(app), reached


def test_a_file_that_never_changes_is_packed_once_and_comes_whole(
    served: tuple[TestClient, list[str]],
) -> None:
    client, reached = served
    answers = [client.get("/static/js/a.1f.js") for _ in range(3)]
    assert [one.text for one in answers] == [TEXT] * 3
    assert [one.headers["content-encoding"] for one in answers] == ["gzip"] * 3
    assert all("immutable" in one.headers["cache-control"] for one in answers)
    assert int(answers[2].headers["content-length"]) < len(gzip.compress(TEXT.encode())) * 2
    assert reached == ["/static/js/a.1f.js"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/static/changing.js", {}),
        ("/static/none.js", {}),
        ("/other/a.js", {}),
        ("/static/a.js", {"Range": "bytes=0-9"}),
        ("/static/a.js", {"If-None-Match": '"1"'}),
        ("/static/a.js", {"Accept-Encoding": "identity"}),
    ],
)
def test_anything_else_is_asked_for_each_time(
    served: tuple[TestClient, list[str]], path: str, headers: dict[str, str]
) -> None:
    client, reached = served
    for _ in range(2):
        assert client.get(path, headers=headers).text == TEXT
    assert reached == [path, path]


def test_no_more_is_kept_than_there_is_room_for(
    served: tuple[TestClient, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "MOST_BYTES", 10)
    client, reached = served
    for _ in range(2):
        assert client.get("/static/a.js").text == TEXT
    assert len(reached) == 2
