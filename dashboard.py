"""The server: Streamlit's pages, our own routes, and the gate in front of both.

Run it with `refuz serve`, or `streamlit run dashboard.py`. It listens on loopback unless told
otherwise (`.streamlit/config.toml`); beyond loopback it asks for the token printed at start.
REFUZ_PUBLIC_URL says how it is reached through a proxy (docs/operate.md).
"""

import os
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from core import logs, rights
from core.intake import guard
from core.server.auth import Gate
from core.server.headers import FirstPaint, SecurityHeaders, content_policy
from core.server.lifespan import open_station
from core.server.reach import SubPath, beyond_loopback, from_environment
from core.server.request_log import RequestLog
from core.server.routes.table import routes

logs.configure()
rights.refuse_unbound()
guard.install()
STREAMLIT_PAGE = Path(st.__file__).parent / "static" / "index.html"
reach = from_environment()
PAGES = Path(__file__).resolve().parent / "pages"
SHEETS = "".join(
    (PAGES / "components" / name).read_text("utf-8") for name in ("desk.css", "print.css")
)


def _told(option: str, variable: str) -> str:
    """A server's option: `refuz web` tells it by environment, which only Streamlit's CLI reads."""
    return os.environ.get(variable) or str(st.get_option(option) or "")


station = open_station(
    network=beyond_loopback(_told("server.address", "STREAMLIT_SERVER_ADDRESS")),
    port=int(_told("server.port", "STREAMLIT_SERVER_PORT")),
    https=bool(_told("server.sslCertFile", "STREAMLIT_SERVER_SSL_CERT_FILE")),
    url=reach.url,
)

app = st.App(
    PAGES / "main.py",
    lifespan=station.lifespan,
    routes=routes(PAGES / "components"),
    middleware=[
        Middleware(RequestLog),
        Middleware(SecurityHeaders, policy=content_policy(STREAMLIT_PAGE.read_text("utf-8"))),
        Middleware(SubPath, base=reach.base),
        Middleware(Gate, network=station.network, token=station.token, reach=reach),
        # Streamlit leaves its scripts to a proxy, which a phone on the same Wi-Fi does not have.
        Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),
        Middleware(FirstPaint, style=SHEETS),
    ],
)
