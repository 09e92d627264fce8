"""What tests of the outside world share: a client that waits little, and servers that fail."""

import uuid
from collections.abc import Callable, Iterator
from typing import cast

import misbehaving
import pytest
from services_answering import Answering, answering, connected
from sqlalchemy import Engine

from core.services import registry
from core.services.http import tokens
from core.services.http.client import HttpClient
from core.services.limits.rate import Throttle
from core.services.ports import Rate
from core.services.shops.shopify import Shopify
from core.settings.connections import Connection
from core.store import engines
from core.store.tables import throttles, window_places

UNHURRIED = Rate(1e6, 1e6)


@pytest.fixture(scope="session")
def buckets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database with the tables of rates alone, for all tests of the session."""
    file = tmp_path_factory.mktemp("buckets") / "buckets.db"
    made = engines.make_engine(f"sqlite:///{file}")
    for table in (throttles, window_places):
        table.create(made)
    yield made
    made.dispose()


@pytest.fixture
def buckets_url(buckets: Engine) -> str:
    """Its address, for other processes."""
    return str(buckets.url)


@pytest.fixture
def postgres_buckets(postgres_url: str) -> str:
    """The address of a PostgreSQL with the tables of rates."""
    made = engines.make_engine(postgres_url)
    for table in (throttles, window_places):
        table.create(made)
    made.dispose()
    return postgres_url


@pytest.fixture
def client_for(buckets: Engine) -> Callable[..., HttpClient]:
    """Makes an HTTP client for an address, each with a bucket of its own, by default a huge one."""

    def make(base_url: str, rate: Rate = UNHURRIED) -> HttpClient:
        throttle = Throttle(uuid.uuid4().hex, rate, buckets)
        return HttpClient(
            "example",
            throttle.key,
            base_url,
            rate,
            misbehaving.TIMEOUT,
            block_seconds=60,
            throttle=throttle,
        )

    return make


@pytest.fixture
def quick(buckets: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry's adapters, each with a bucket of its own and no database to set up."""
    usual = registry.client_for

    def with_own_bucket(connection: Connection) -> HttpClient:
        client = usual(connection)
        client.throttle = Throttle(uuid.uuid4().hex, UNHURRIED, buckets)
        client.window = None
        return client

    monkeypatch.setattr(registry, "client_for", with_own_bucket)


@pytest.fixture
def server() -> Iterator[Answering]:
    """A service that gives prepared answers."""
    with answering() as running:
        yield running


@pytest.fixture
def shop(server: Answering, engine: Engine) -> Shopify:
    """Shopify there, in no hurry about its rate."""
    connection = connected("shopify", "shop", server.base_url, token="shpat_abcdef123456")
    connection.settings.update(rate_per_second="1e6", rate_capacity="1e6")
    return cast("Shopify", registry.adapter(connection))


@pytest.fixture(autouse=True)
def no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """None kept of another test, whose server had the same port."""
    monkeypatch.setattr(tokens.tokens(), "_kept", {})


@pytest.fixture(params=sorted(misbehaving.FAULTS))
def fault(request: pytest.FixtureRequest) -> str:
    """Each fault of T8 in turn."""
    return str(request.param)


@pytest.fixture
def faulty(fault: str) -> Iterator[misbehaving.Running]:
    """A server that answers with the fault."""
    with misbehaving.running(fault) as own:
        yield own
