"""What ended since a backup was made does not begin again with its restore."""

import pytest
from sqlalchemy import insert, select, update

from core import rights
from core.audit import approvals
from core.audit.approvals import ApprovalKind, WaitsForAnother
from core.clock import now
from core.people import accounts, restored, sessions, sign_in
from core.people.accounts import LinkRefused
from core.people.codes import PeopleCode
from core.people.sessions import SessionKind
from core.people.ways import badges, stations
from core.people.ways.badges import BadgeRefused
from core.rights import Actor
from core.settings import preferences
from core.store import db, tables
from core.store.tables import people

pytestmark = pytest.mark.usefixtures("cheap_passwords", "engine")
PASSWORD = "correct horse battery"


def ana() -> tuple[str, Actor]:
    """The owner, signed in: her session's secret, and who acts by it."""
    person = accounts.use_link(accounts.owner_link(), PASSWORD, login="ana", name="Ana")
    secret, session = sign_in.of_person(person, device="Chrome", address="10.0.0.1")
    return secret, sessions.actor_of(session)


def restore() -> int:
    with db.writing() as connection:
        return restored.close(connection)


def test_a_badge_that_was_lost_since_opens_nothing_at_a_station_made_afterwards() -> None:
    _, owner = ana()
    with rights.acting(owner):
        lost = badges.make()
    restore()
    here = stations.make("Packing table")
    with pytest.raises(BadgeRefused) as refused:
        badges.sign_on(lost, here, device="Chrome", address="10.0.0.2")
    assert refused.value.reason.code == PeopleCode.NO_BADGE
    with rights.acting(owner):
        fresh = badges.make()
    assert badges.sign_on(fresh, here, device="Chrome", address="10.0.0.2")[1].person == "Ana"


def test_a_station_of_the_copy_takes_no_badge() -> None:
    _, owner = ana()
    before = stations.make("Packing table")
    restore()
    with rights.acting(owner):
        badge = badges.make()
    with pytest.raises(BadgeRefused) as refused:
        badges.sign_on(badge, before, device="Chrome", address="10.0.0.2")
    assert refused.value.reason.code == PeopleCode.NO_STATION


def test_each_session_ends_once_and_is_counted() -> None:
    secret, _ = ana()
    with db.writing() as connection:
        for kind in (SessionKind.PHONE, SessionKind.API):
            sessions.begin(connection, kind=kind, name="x", person="Ana")
    assert sessions.of_secret(secret) is not None
    assert restore() == 3
    assert sessions.of_secret(secret) is None
    assert restore() == 0


def test_no_one_time_link_of_the_copy_opens_anything() -> None:
    ana()
    _, token = accounts.invite("radu", "Radu", "operator")
    restore()
    with pytest.raises(LinkRefused):
        accounts.use_link(token, PASSWORD)
    with db.reading() as connection:
        for once in (tables.invitations, tables.pairings, tables.challenges):
            assert connection.execute(select(once)).all() == []


def test_a_yes_that_was_used_since_is_asked_for_anew_and_one_that_was_settled_stays_so() -> None:
    _, owner = ana()
    with db.writing() as connection:
        radu = connection.execute(insert(people).values(
            login="radu", name="Radu", role="owner", password_hash="x", created_at=now()
        ).returning(people.c.id)).scalar_one()  # fmt: skip
        preferences.save(connection, two_people=True)

    def do() -> None:
        with db.writing() as connection:
            approvals.need(connection, ApprovalKind.RUN, "pile 1", [1], {"orders": 1})

    with rights.acting(owner), pytest.raises(WaitsForAnother) as waits:
        do()
    with rights.acting(owner):
        asked = approvals.ask(waits.value)
    given = {"given_by": radu, "given_name": "Radu", "given_at": now()}
    used_before = now()
    with db.writing() as connection:
        table = tables.approvals
        connection.execute(update(table).where(table.c.id == asked).values(**given))
        row = {**connection.execute(select(table)).one()._mapping, "id": asked + 1}
        row |= {"digest": "other", "used_at": used_before}
        connection.execute(insert(table).values(**row))
    restore()
    with rights.acting(owner), pytest.raises(WaitsForAnother):
        do()
    with db.reading() as connection:
        first, second = connection.execute(select(table).order_by(table.c.id)).all()
    assert first.refused_at is not None
    assert (second.refused_at, second.used_at) == (None, used_before)
