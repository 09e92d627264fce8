"""An account that one person made alone is no second person for them until another knows it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select

from core import rights
from core.audit import approvals
from core.audit.approvals import ApprovalError, ApprovalKind, WaitsForAnother
from core.people import accounts
from core.people.accounts import AccountError
from core.rights import ROLES, Actor, Way
from core.settings import preferences
from core.store import db
from core.store.tables import people

pytestmark = pytest.mark.usefixtures("cheap_passwords")
GOOD = "correct horse battery"
ON_HOST = Actor("host", rights.EVERYTHING, way=Way.HOST)


def actor(login: str) -> Actor:
    with db.reading() as connection:
        number = connection.scalar(select(people.c.id).where(people.c.login == login))
    return Actor(login, ROLES["owner"], person_id=number)


def invited(by: Actor, login: str) -> Actor:
    with rights.acting(by):
        _, token = accounts.invite(login, login.title(), "admin")
    accounts.use_link(token, GOOD)
    return actor(login)


@pytest.fixture
def ana(engine: Engine) -> Iterator[Actor]:
    accounts.use_link(accounts.owner_link(), GOOD, login="ana", name="Ana")
    yield actor("ana")
    accounts.look_again()


def rule(on: bool) -> None:
    with db.writing() as connection, rights.acting(rights.WORKER):
        preferences.save(connection, two_people=on)


def agreed(asks: Actor, says: Actor, what: str = "these") -> bool:
    """Whether the second one's yes is taken."""
    with rights.acting(asks), db.writing() as connection, pytest.raises(WaitsForAnother) as waits:
        approvals.need(connection, ApprovalKind.RUN, "pile 1", what, {})
    with rights.acting(asks):
        asked = approvals.ask(waits.value)
    try:
        with rights.acting(says):
            approvals.answer(asked, yes=True)
    except ApprovalError:
        return False
    return True


def test_one_person_with_two_accounts_says_no_second_yes(ana: Actor) -> None:
    radu, kim = invited(ana, "radu"), invited(ana, "kim")
    dana = invited(radu, "dana")  # made by a made one
    rule(on=True)
    everybody = (ana, radu, kim, dana)
    for number, (asks, says) in enumerate((a, b) for a in everybody for b in everybody):
        assert not agreed(asks, says, f"run {number}")


def test_somebody_else_who_knows_them_makes_them_a_person(ana: Actor) -> None:
    radu = invited(ana, "radu")
    with rights.acting(ON_HOST):
        _, token = accounts.invite("kim", "Kim", "admin")
    accounts.use_link(token, GOOD)
    kim = actor("kim")
    rule(on=True)
    assert agreed(ana, kim, "one")  # made on the host
    for one in (ana, radu):
        with rights.acting(one), pytest.raises(AccountError, match="somebody else"):
            accounts.vouch_for(radu.person_id or 0)
    assert not agreed(ana, radu, "two")
    with rights.acting(kim):
        accounts.vouch_for(radu.person_id or 0)
    assert agreed(ana, radu, "three")
    assert agreed(radu, ana, "four")


def test_a_link_that_one_made_alone_is_a_way_in_as_well(ana: Actor) -> None:
    with rights.acting(ON_HOST):
        _, token = accounts.invite("kim", "Kim", "admin")
    accounts.use_link(token, GOOD)
    kim = actor("kim")
    with rights.acting(ana):
        accounts.new_link(ana.person_id or 0)  # of one's own
        accounts.new_link(kim.person_id or 0)
    rule(on=True)
    assert not agreed(ana, kim)


def test_the_host_says_so_where_it_needs_nobody(
    ana: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    radu = invited(ana, "radu")
    rule(on=True)
    with rights.acting(ON_HOST):
        with pytest.raises(WaitsForAnother):
            accounts.vouch_for(radu.person_id or 0)
        monkeypatch.setenv(approvals.ALONE, "1")
        accounts.vouch_for(radu.person_id or 0)
    assert agreed(ana, radu)


def test_what_two_wanted_is_made_by_nobody_alone(ana: Actor) -> None:
    with rights.acting(ON_HOST):
        _, token = accounts.invite("kim", "Kim", "admin")
    accounts.use_link(token, GOOD)
    kim = actor("kim")
    rule(on=True)
    with rights.acting(ana), pytest.raises(WaitsForAnother) as waits:
        accounts.invite("radu", "Radu", "admin")
    with rights.acting(ana):
        asked = approvals.ask(waits.value)
    with rights.acting(kim):
        approvals.answer(asked, yes=True)
    radu = invited(ana, "radu")
    assert agreed(ana, radu)
