"""Starts and stops what belongs to one server: schema, supervisor, photo reader."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import structlog
from anyio import to_thread

from core import rights
from core.config import home, keep_private
from core.demo import world
from core.finding.looking import BoxReader
from core.intake.process import close_shared
from core.orders.photos.reader import PhotoReader
from core.people import accounts, presence
from core.server import reach
from core.server.certificate import lan_address
from core.server.routes.health import readiness
from core.server.supervision import Supervisor
from core.store import db, desk
from core.store.desk import Desk

log = structlog.get_logger(__name__)


class Station:
    """One server's parts, brought up in order and taken down in reverse."""

    def __init__(self, *, network: bool, port: int, https: bool, url: str = "") -> None:
        """Know how this server can be reached; the token is new at each start, as Jupyter's.

        `url`: the public address, where there is one.
        """
        self.network = network
        self.port = port
        self.https = https
        self.url = url
        self.token = secrets.token_urlsafe(24)

    def address(self) -> str:
        """Where other devices reach this desk, or "" when it listens on loopback only."""
        if self.url:
            return self.url
        host = lan_address() if self.network else None
        scheme = "https" if self.https else "http"
        return f"{scheme}://{host}:{self.port}" if host else ""

    def home_address(self) -> str:
        """How the desk is opened: from outside where it can be, else on this computer."""
        scheme = "https" if self.https else "http"
        return self.address() or f"{scheme}://localhost:{self.port}"

    def lifespan(self, _app: Any) -> AbstractAsyncContextManager[None]:
        """For `st.App`: everything is up before the first page is served."""
        return self._life()

    @asynccontextmanager
    async def _life(self) -> AsyncIterator[None]:
        """Migrate, begin what runs beside the server, and end it in the opposite order."""
        where = home()
        keep_private(where)
        await to_thread.run_sync(db.migrate, where)
        supervised = os.environ.get("REFUZ_SUPERVISED", "") == "1"  # `refuz serve` minds the rest
        supervisor = None if supervised else Supervisor(where)
        photos, boxes = PhotoReader(where), BoxReader(where)
        if supervisor is not None:
            await to_thread.run_sync(supervisor.start)
        photos.start()
        boxes.start()
        reach.note_address(where, self.home_address())
        await to_thread.run_sync(self._say_how_to_come_in)
        started = readiness()
        started.ready = True
        try:
            yield
        finally:
            started.ready = False
            if supervisor is not None:
                await to_thread.run_sync(supervisor.stop)
            await to_thread.run_sync(boxes.stop)
            await to_thread.run_sync(photos.stop)
            await to_thread.run_sync(close_shared)

    def _say_how_to_come_in(self) -> None:
        """Print the first owner's link, once; on the sandbox the token for other devices."""
        here = self.home_address()
        with rights.acting(replace(rights.HOST, name="Refuz")):
            sandbox = world.wanted(home())
            if not sandbox and (self.network or self.url):
                presence.always_sign_in()  # others can reach it, and it is not to try things out
            if sandbox and not presence.sign_in_on():
                way = f"?token={self.token}" if self.network or self.url else ""
                intro = "This desk is open on the network. Open it with its token:"
            else:
                way = "" if accounts.has_owner() else f"welcome/{accounts.owner_link()}"
                intro = "Nobody looks after this desk yet. Whoever opens this link, once, does:"
        if way:
            print(f"\n  {intro}\n    {here}/{way}\n", flush=True)


class _Served:
    """The station that serves a desk's pages in this process, where one does."""

    def __init__(self, _desk: Desk) -> None:
        self.station: Station | None = None


def open_station(*, network: bool, port: int, https: bool, url: str = "") -> Station:
    """The station that serves this process's desk from now on."""
    served = desk.current().part(_Served)
    served.station = Station(network=network, port=port, https=https, url=url)
    return served.station


def station() -> Station | None:
    """The station that serves the pages here; None in a process that serves none."""
    return desk.current().part(_Served).station
