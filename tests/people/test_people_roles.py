"""A role of the shop's own gets more rights only by two: who has it may be the second person."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert, select

from core import rights
from core.audit import approvals
from core.audit.approvals import WaitsForAnother
from core.clock import now
from core.people import accounts, roles
from core.rights import ROLES, Actor, Right
from core.settings import preferences
from core.store import db
from core.store.tables import people
from core.store.tables import roles as table

ANA, RADU = (
    Actor(name, ROLES["owner"], person_id=number) for number, name in enumerate(("Ana", "Radu"), 1)
)


@pytest.fixture(autouse=True)
def two(engine: Engine) -> Iterator[None]:
    with db.writing() as connection:
        for login in ("ana", "radu"):
            values = {"login": login, "name": login.title(), "role": "owner"}
            connection.execute(insert(people).values(**values, password_hash="x", created_at=now()))
        preferences.save(connection, two_people=True)
    accounts.look_again()
    yield
    accounts.look_again()


def held() -> set[str] | None:
    with db.reading() as connection:
        found = connection.scalar(select(table.c.rights).where(table.c.name == "packer"))
    return None if found is None else set(found)


def save(*wanted: Right) -> None:
    with rights.acting(ANA):
        roles.save_role("packer", wanted)


def test_a_new_role_and_fewer_rights_need_nobody_else() -> None:
    save(Right.SCAN, Right.PILE)
    save(Right.SCAN)
    assert held() == {"scan"}


def test_more_rights_wait_for_a_second_person_and_for_just_these() -> None:
    save(Right.SCAN)
    with pytest.raises(WaitsForAnother) as waits:
        save(Right.SCAN, Right.RUN)
    assert held() == {"scan"}
    with rights.acting(ANA):
        asked = approvals.ask(waits.value)
    with rights.acting(RADU):
        approvals.answer(asked, yes=True)
    with pytest.raises(WaitsForAnother):
        save(Right.SCAN, Right.RUN, Right.CONNECT)
    save(Right.SCAN, Right.RUN)
    assert held() == {"scan", "run"}


def test_a_role_taken_away_and_made_anew_with_more_rights_is_nobody_s() -> None:
    """Giving it to somebody waits for another person."""
    save(Right.SCAN)
    with rights.acting(ANA):
        roles.remove_role("packer")
    save(Right.SCAN, Right.RUN)
    with rights.acting(ANA), pytest.raises(WaitsForAnother):
        accounts.change(2, role="packer")
