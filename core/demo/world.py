"""The sandbox as a shop to try everything on: connected, filled and kept running."""

import functools
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from sqlalchemy import func, select

from core.clock import today
from core.config import DATA, Home, at
from core.demo import generate, history, loading
from core.orders.piles import piles
from core.orders.shop import sync
from core.rights import Right, door, named
from core.sandbox import process
from core.sandbox import registry as sandbox_registry
from core.services import registry
from core.services.ports import ServiceInfo
from core.settings import connections, preferences
from core.store import db
from core.store.tables import orders
from core.store.tables import piles as piles_table

log = structlog.get_logger(__name__)

ACTOR = "Refuz"
WORLD = DATA / "shop.json.gz"
HISTORY = DATA / "history.csv.gz"
SHOP, FIRST_SHOP = "Casa Verde", "shopify"  # whose orders WORLD holds


@dataclass(frozen=True)
class SandboxAccount:
    """One connection to the sandbox: path below its base URL, settings, secrets."""

    kind: str
    service: str
    name: str
    path: str
    settings: dict[str, str]
    secrets: dict[str, str]


@functools.cache
def accounts() -> tuple[SandboxAccount, ...]:
    """A connection for every service that the sandbox plays: shops, invoicing, couriers."""
    played = sandbox_registry.modules()
    found = [
        _account(info)
        for kind in ("shop", "invoicing", "courier")
        for info in registry.services(kind).values()
        if info.service in played
    ]
    return tuple(found)


def _account(info: ServiceInfo) -> SandboxAccount:
    accepted = sandbox_registry.sign_in(info.service)
    secret = {one.name for one in info.fields if one.secret}
    production = next(one.default for one in info.fields if one.name == "base_url")
    return SandboxAccount(
        info.kind,
        info.service,
        SHOP if info.service == FIRST_SHOP else info.title,
        f"/{info.service}{urlsplit(production).path}".rstrip("/"),
        {name: value for name, value in accepted.items() if name not in secret},
        {name: value for name, value in accepted.items() if name in secret},
    )


def wanted(home: Home) -> bool:
    """Whether this home uses the sandbox: asked for now, or connected to it earlier."""
    if os.environ.get("REFUZ_SANDBOX", "") not in ("", "0"):
        return True
    with db.reading(db.engine(home)) as connection:
        everything = connections.all_connections(connection, enabled=False)
    return any(one.sandbox for one in everything)


class Sandbox:
    """The running sandbox of a home, kept alive on one address."""

    def __init__(self, home: Home, running: process.RunningSandbox | None, base_url: str) -> None:
        """Hold a process of ours, or None when somebody else's is used."""
        self._home = home
        self._running = running
        self.base_url = base_url

    def ensure_running(self) -> None:
        """Start it again when it has ended."""
        if self._running is not None and self._running.process.poll() is not None:
            log.warning("sandbox ended, starting it again")
            again = start(self._home)
            self._running, self.base_url = again._running, again.base_url  # noqa: SLF001 (one of ours)

    def stop(self) -> None:
        """End the process, if it is ours."""
        if self._running is not None:
            self._running.stop()


@door(Right.CONNECT)
def start(home: Home) -> Sandbox:
    """Run the sandbox for this home, connect it, and load its orders and history once."""
    there = process.running(home.sandbox)
    running = None
    if there is None:
        port = process.last_port(home.sandbox)
        running = process.start(home.sandbox, port=port, world=WORLD)
        there = running.base_url
    connect(home, there)
    load(home)
    return Sandbox(home, running, there)


@door(Right.CONNECT)
def connect(home: Home, base_url: str) -> None:
    """Point every sandbox connection to this address; makes them at first."""
    with named(ACTOR), db.writing(db.engine(home)) as connection:
        by_name = {one.name: one for one in connections.all_connections(connection, enabled=False)}
        first_time = not any(one.sandbox for one in by_name.values())
        for account in accounts():
            settings = {**account.settings, "base_url": base_url + account.path}
            same = by_name.get(account.name)
            if same is None and not first_time:
                continue  # a person removed it
            if same is not None and (not same.sandbox or same.settings == settings):
                continue
            connections.save(
                connection,
                kind=account.kind,
                service=account.service,
                name=account.name,
                settings=settings,
                secrets_=account.secrets,
                sandbox=True,
            )


@door(Right.CONNECT)
def load(home: Home) -> None:
    """Fill an empty desk: the shop's open orders, two years of parcels, a first pile."""
    engine = db.engine(home)
    with db.reading(engine) as connection:
        zone = preferences.load(connection).zone
        shop = next(one for one in connections.all_connections(connection, "shop") if one.sandbox)
        empty = not connection.scalar(select(func.count()).select_from(orders))
        pileless = not connection.scalar(select(func.count()).select_from(piles_table))
    with at(home):
        if empty:
            history.load_history(HISTORY, shop.id, today=today(zone))
            sync.sync_shop(shop)
        if pileless:
            with named(ACTOR):
                piles.create("Returns of today")


@door(Right.CONNECT)
def load_generated_history(home: Home, parcels: int) -> int:
    """Fill the desk with so many made-up parcels, to try Analytics at size; gives how many."""
    with db.reading(db.engine(home)) as connection:
        zone = preferences.load(connection).zone
        shop = connections.all_connections(connection, "shop")[0]
        last = connection.scalar(select(func.max(orders.c.id))) or 0
    made = generate.history(parcels, seed=1, today=today(zone))
    # The sample's own history, and what was made before, have the generator's names already.
    made["order_name"] = made["order_name"].str.replace("#H", f"#G{last}-", regex=False)
    return loading.load_frame(db.engine(home), shop.id, made)
