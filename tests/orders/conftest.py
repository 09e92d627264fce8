"""What tests of orders share: a shop, one that answers as it is told, a sandbox for couriers."""

from collections.abc import Iterator

import pytest
import shopify_stub
from match_desk import NUMBERS, add
from sqlalchemy import Connection, Engine, insert

from core.clock import now
from core.sandbox import process
from core.store import db
from core.store.tables import connections


@pytest.fixture
def shop(engine: Engine) -> int:
    """A shop that nobody reads."""
    values = {"kind": "shop", "service": "shopify", "name": "Casa", "settings": {}, "secrets": ""}
    made = insert(connections).values(**values, created_at=now()).returning(connections.c.id)
    with db.writing(engine) as connection:
        return connection.scalar(made) or 0


@pytest.fixture
def desk(engine: Engine, shop: int) -> Iterator[Connection]:
    """A desk whose first shop has one order for each of NUMBERS."""
    assert shop == 1
    with db.writing(engine) as connection:
        for place, number in enumerate(NUMBERS):
            add(connection, f"#{place}", number)
        yield connection


@pytest.fixture
def stub() -> Iterator[shopify_stub.Shop]:
    """A Shopify in a few lines."""
    with shopify_stub.running() as made:
        yield made


@pytest.fixture(scope="session")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running sandbox, empty at first."""
    started = process.start(tmp_path_factory.mktemp("outside"))
    try:
        yield started.base_url
    finally:
        started.stop()
