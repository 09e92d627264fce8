"""What Settings tells of a connection: asked, read and tested when, each of this one alone."""

import datetime as dt

import pytest
from sqlalchemy import Engine, insert

from core.reasons import quoted
from core.services import connection_state
from core.services.connection_state import ConnectionState
from core.services.ports import Finding
from core.settings import connections
from core.settings.connections import Connection
from core.store import db
from core.store.statements import cursors
from core.store.tables import throttles

ASKED = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)


def connected(kind: str, service: str) -> Connection:
    with db.writing() as connection:
        made = connections.save(
            connection, kind=kind, service=service, name=service, settings={}, secrets_={}
        )
        return connections.load(connection, made)


def asked(key: str, hours: int) -> None:
    """A bucket of this key gave its last turn so many hours later."""
    at = (ASKED + dt.timedelta(hours=hours)).timestamp()
    with db.writing() as connection:
        connection.execute(
            insert(throttles).values(key=key, tokens=1.0, capacity=1.0, rate=1.0, updated_at=at)
        )


def state(one: Connection) -> ConnectionState:
    with db.reading() as connection:
        return connection_state.state_of(connection, one)


def test_a_new_connection_was_never_asked_read_or_tested(engine: Engine) -> None:
    assert state(connected("invoicing", "oblio")) == ConnectionState(None, None, None, None, ())


def test_it_was_asked_last_in_whichever_lane_that_was_and_not_by_a_neighbour(
    engine: Engine,
) -> None:
    one = connected("invoicing", "oblio")
    for key, hours in (("", 1), ("/effects", 2), ("0", 3), ("0/effects", 4)):
        asked(f"connection:{one.id}{key}", hours)
    assert state(one).asked_at == ASKED + dt.timedelta(hours=2)


@pytest.mark.parametrize(
    ("kind", "service", "place"),
    [("shop", "shopify", cursors.shop_changes), ("courier", "dpd", cursors.tracking)],
)
def test_a_shop_and_a_courier_were_read_when_their_own_place_moved_on(
    engine: Engine, kind: str, service: str, place: object
) -> None:
    assert callable(place)
    one, other = connected(kind, service), connected("invoicing", "oblio")
    with db.writing() as connection:
        cursors.save(connection, place(one.id), "here")
    assert state(one).read_at is not None
    assert state(other).read_at is None


def test_the_last_test_says_what_is_missing_and_when_it_was(engine: Engine) -> None:
    one = connected("invoicing", "oblio")
    bad, good = quoted("no right to cancel"), quoted("signed in")
    for findings in ([Finding(bad, ok=False), Finding(good, ok=True)], [Finding(good, ok=True)]):
        with db.writing() as connection:
            connection_state.keep_test(connection, one.id, findings)
        found = state(one)
        assert found.tested_at is not None
        assert found.missing == tuple(one.what for one in findings if not one.ok)
