"""Streamlit's page has the desk's style from its first paint on; nothing else is changed."""

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

from core.server.headers import FirstPaint

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


@pytest.mark.parametrize("packed", ["gzip", "identity"])
def test_streamlit_s_page_carries_the_style_and_is_whole(client: TestClient, packed: str) -> None:
    answer = client.get("/", headers={"Accept-Encoding": packed})
    told = answer.text
    assert answer.headers.get("content-encoding", "identity") == packed
    assert told.replace(f"<style>\n{SHEET}</style>", "", 1) == PAGE.read_text("utf-8")
    assert told.index("</head>") < told.index(SHEET) < told.index("</body>")


def test_other_answers_come_as_they_are(client: TestClient) -> None:
    assert client.get("/own").text == OWN
    assert client.get("/api").json() == {"head": "</head>", "root": '<div id="root">'}
    length = client.head("/", headers={"Accept-Encoding": "identity"}).headers["content-length"]
    assert length == str(PAGE.stat().st_size)
