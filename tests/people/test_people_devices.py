"""A device does what it was let in for, and ends by itself."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from set_clock import SetClock
from sqlalchemy import Engine, event, insert, select, update

from core import rights
from core.audit import trail
from core.clock import now
from core.orders.photos.cutout import label_of
from core.orders.piles import edits, piles, scans
from core.orders.piles.pulse import pulse
from core.people import devices, sessions
from core.people.sessions import Scope, SessionKind
from core.rights import NotAllowed, Right
from core.store import db
from core.store.tables import people
from core.store.tables import sessions as table


def let_in(engine: Engine, scope: Scope, pile: int | None = None) -> rights.Actor:
    token = devices.invite("Ana", pile, scope=scope)
    return sessions.actor_of(devices.redeem(token, "phone")[1], "10.0.0.7")


def scan(pile: int, engine: Engine) -> None:
    scans.take_scan(pile, "7000100000001", source="hand", key="k")


def test_a_phone_of_one_pile_scans_into_that_pile_and_no_other(engine: Engine) -> None:
    mine, other = (piles.create(name) for name in ("mine", "other"))
    with rights.acting(let_in(engine, Scope.PILE, mine)):
        scan(mine, engine)
        with pytest.raises(NotAllowed):
            scan(other, engine)
        with pytest.raises(NotAllowed):
            edits.undo_last_scan(other)
        for look in (lambda: label_of(other, 1), lambda: pulse(other)):
            with pytest.raises(NotAllowed):
                look()
        assert (label_of(mine, 1), bool(pulse(mine))) == (None, True)


def test_a_session_that_moves_is_written_once_however_many_calls_tell_it(engine: Engine) -> None:
    """A page asks for 300 files at once, and each call still knows the address of before."""
    with db.writing(engine) as connection:
        secret, begun = sessions.begin(
            connection, kind=SessionKind.BROWSER, name="one", person="Ana", address="10.0.0.1"
        )
    assert sessions.cached_of_secret(secret) == begun
    written = []
    for address in ("10.0.0.2", "2001:db8::1%" + "x" * 80):
        with rows_written(engine, written):
            for _ in range(5):
                sessions.moved(begun.id, address)
        found = sessions.cached_of_secret(secret)
        assert found is not None
        assert found.address == address[: sessions.ADDRESS]
    assert written == [1, 1]


@contextmanager
def rows_written(engine: Engine, written: list[int]) -> Iterator[None]:
    """How many statements changed a session inside the block."""
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)
    written.append(sum(one.startswith("UPDATE sessions") for one in statements))


def test_a_phone_that_scans_changes_nothing_else(engine: Engine) -> None:
    pile = piles.create("any")
    who = let_in(engine, Scope.SCAN)
    assert who.rights == {Right.SCAN}
    with rights.acting(who):
        scan(pile, engine)
        with pytest.raises(NotAllowed):
            piles.close(pile)


@pytest.mark.parametrize("scope", [Scope.PILE, Scope.SCAN])
def test_a_phone_lets_nobody_into_more_than_it_has(engine: Engine, scope: Scope) -> None:
    pile = piles.create("any")
    with rights.acting(let_in(engine, scope, pile)), pytest.raises(NotAllowed):
        devices.invite("Eve", scope=Scope.OPERATE)


@pytest.mark.parametrize("role", ["scanner", "operator", "owner"])
@pytest.mark.parametrize("narrow", [False, True])
def test_the_page_offers_the_scopes_that_are_given(engine: Engine, role: str, narrow: bool) -> None:
    who = rights.Actor("Ana", rights.ROLES[role], person_id=1, narrowed=narrow)
    with db.writing(engine) as connection:
        row = {"id": 1, "login": "ana", "name": "Ana", "role": role, "created_at": now()}
        connection.execute(insert(people).values(row))
    given = set()
    with rights.acting(who):
        for scope in Scope:
            with suppress(NotAllowed):
                devices.invite("", scope=scope)
                given.add(scope)
        assert {one for one in Scope if devices.may_invite(one)} == given
    assert (Scope.OPERATE in given) == (role != "scanner" and not narrow)
    assert Scope.PILE in given


@pytest.mark.parametrize("kind", [SessionKind.BROWSER, SessionKind.PHONE])
def test_a_session_ends_when_idle_and_at_its_absolute_end(
    engine: Engine, kind: SessionKind
) -> None:
    with db.writing(engine) as connection:
        secret, begun = sessions.begin(connection, kind=kind, name="one", person="Ana")
    assert begun.ends_at - begun.created_at == sessions.LONGEST[kind]
    minute = dt.timedelta(minutes=5)
    idle = now() - sessions.IDLE[kind]
    for changed, there in (
        ({"seen_at": idle + minute}, True),
        ({"seen_at": idle}, False),
        ({"seen_at": now(), "ends_at": now() + minute}, True),
        ({"seen_at": now(), "ends_at": now()}, False),
    ):
        with db.writing(engine) as connection:
            connection.execute(update(table).values(**changed))
        assert (sessions.of_secret(secret) is not None) is there


def test_the_record_names_the_session_the_way_and_the_address(engine: Engine) -> None:
    who = let_in(engine, Scope.OPERATE)
    with rights.acting(who):
        piles.create("named")
    with db.reading(engine) as connection:
        newest, *_ = trail.search(connection)
        assert trail.verify(connection).ok
    assert (newest.session_id, newest.address) == (who.session_id, "10.0.0.7")


@pytest.mark.parametrize("end", ["signed out", "at its end"])
def test_a_session_that_ended_is_let_go_after_its_time_and_the_record_still_names_it(
    engine: Engine, set_clock: SetClock, end: str
) -> None:
    with db.writing(engine) as connection:
        _, old = sessions.begin(connection, kind=SessionKind.BROWSER, name="old", person="Ana")
        if end == "signed out":
            sessions.end(connection, table.c.id == old.id)
    set_clock.passed += (
        sessions.KEPT + sessions.LONGEST[SessionKind.BROWSER]
    ).total_seconds() - 3600
    if end == "signed out":
        set_clock.passed -= sessions.LONGEST[SessionKind.BROWSER].total_seconds()
    with db.writing(engine) as connection:
        secret, _ = sessions.begin(connection, kind=SessionKind.API, name="living", person="Ana")
        assert sessions.forget_ended(connection) == 0
    set_clock.passed += 2 * 3600
    with db.writing(engine) as connection:
        assert sessions.forget_ended(connection) == 1
        names = connection.scalars(select(table.c.name)).all()
    assert names == ["living"]
    assert sessions.of_secret(secret) is not None
    set_clock.passed += 3 * 366 * 86400.0
    with db.writing(engine) as connection:
        assert sessions.forget_ended(connection) == 0, "its number would be given to another"
