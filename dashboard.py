"""The server: Streamlit's pages, our own routes, and the gate in front of both.

Run it with `refuz serve`, or `streamlit run dashboard.py`. It listens on loopback unless told
otherwise (`.streamlit/config.toml`); beyond loopback it asks for the token printed at start.
REFUZ_PUBLIC_URL says how it is reached through a proxy (docs/operate.md).
"""

import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
import streamlit.logger as streamlit_logs
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from core import logs, rights
from core.i18n.language import LANGUAGES
from core.intake import guard
from core.server import http_helpers
from core.server.auth import AuthMiddleware
from core.server.first_visit.packed import PackedOnce
from core.server.first_visit.page import FirstPaint, first_words
from core.server.headers import SecurityHeaders, content_policy
from core.server.lifespan import open_station
from core.server.reach import SubPath, beyond_loopback, from_environment
from core.server.request_log import RequestLog
from core.server.routes.table import routes
from pages import ahead

logs.configure()
streamlit_logs.setup_formatter = logs.through_ours  # of each of its loggers, uvicorn's too
streamlit_logs.update_formatter()
rights.refuse_unbound()
guard.install()
STREAMLIT = Path(st.__file__).parent / "static"
PAGE = (STREAMLIT / "index.html").read_text("utf-8")
reach = from_environment()
WORDS = {spoken: first_words(reach.base, spoken) for spoken in ("", *LANGUAGES)}
PAGES = Path(__file__).resolve().parent / "pages"
SHEETS = "".join(
    (PAGES / "components" / name).read_text("utf-8") for name in ("desk.css", "print.css")
)


def _option(option: str, variable: str) -> str:
    """A server's option: `refuz web` tells it by environment, which only Streamlit's CLI reads."""
    return os.environ.get(variable) or str(st.get_option(option) or "")


station = open_station(
    network=beyond_loopback(_option("server.address", "STREAMLIT_SERVER_ADDRESS")),
    port=int(_option("server.port", "STREAMLIT_SERVER_PORT")),
    https=bool(_option("server.sslCertFile", "STREAMLIT_SERVER_SSL_CERT_FILE")),
    url=reach.url,
)


async def _words() -> str:
    return WORDS[await http_helpers.preferred()]


@asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[None]:
    """The desk's life; beside its beginning the pages' modules are read in."""
    threading.Thread(target=ahead.read_in, name="pages", daemon=True).start()
    async with station.lifespan(app):
        yield


app = st.App(
    PAGES / "main.py",
    lifespan=lifespan,
    routes=routes(PAGES / "components"),
    middleware=[
        Middleware(RequestLog),
        Middleware(SecurityHeaders, policy=content_policy(PAGE, *WORDS.values())),
        Middleware(SubPath, base=reach.base),
        Middleware(AuthMiddleware, network=station.network, token=station.token, reach=reach),
        # Streamlit leaves its scripts to a proxy, which a phone on the same Wi-Fi does not have.
        Middleware(PackedOnce),
        Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),
        Middleware(FirstPaint, style=SHEETS, script=_words),
    ],
)
