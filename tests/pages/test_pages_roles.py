"""What a page offers to a role, that role may do: no page, tab or button leads to a refusal."""

import pytest
from pages_support import ROOT, every_tab
from sqlalchemy import Engine, insert, select
from streamlit.testing.v1 import AppTest

from core import rights
from core.audit import approvals
from core.clock import now
from core.rights import ALL_BUT_HOST, ROLES, Actor, Right
from core.store import db, tables
from pages.common.ways import NEEDED

# A merchant's own role may be of any one right: those that open a page of several parts.
ONE = (Right.PILE, Right.FOLLOW_UP, Right.IMPORT, Right.MONEY, Right.RECORD, Right.PEOPLE,
       Right.ERASE)  # fmt: skip
ALONE = {f"only {one}": frozenset({one}) for one in ONE}
HELD = {name: held for name, held in {**ROLES, **ALONE}.items() if held < ALL_BUT_HOST}
ENDS = ("Sign out", "sign-out")
REFUSED = "a right that you do not have"


@pytest.fixture
def person(desk: Engine) -> int:
    """Whoever opens the pages; somebody who may do more is among the accounts as well."""
    made = insert(tables.people).returning(tables.people.c.id)
    row = {"role": "owner", "password_hash": "x", "created_at": now()}
    with db.writing() as connection:
        for login in ("dana", "ana"):
            one = connection.execute(made.values(login=login, name=login.title(), **row))
        return int(one.scalar_one())


def rooms(held: frozenset[Right]) -> list[str]:
    """The pages that this role has in its bar; one's own account is on the last."""
    return [room for room, needed in NEEDED.items() if held & set(needed) or room == "settings"]


def refused(app: AppTest) -> list[str]:
    assert not app.exception, app.exception
    elements = [*app.error, *app.toast, *app.warning, *app.caption]
    return [one.value for one in elements if REFUSED in one.value]


@pytest.mark.parametrize("desk", ["finished"], indirect=True)
@pytest.mark.parametrize("role", list(HELD))
def test_neither_a_page_nor_a_button_on_it_refuses_who_is_shown_it(person: int, role: str) -> None:
    refusals = {}
    rights.of_process(Actor("Ana", HELD[role], person_id=person, proved=True))
    try:
        app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=30)
        every_tab(app).run()
        for room in rooms(HELD[role]):
            app.switch_page(str(ROOT / "pages" / room / "page.py")).run()
            refusals[room] = refused(app)
            shown = {one.key or one.label for one in app.button if one.label not in ENDS}
            for name in sorted(shown):
                now_there = [one for one in app.button if name in (one.key, one.label)]
                if now_there and not now_there[0].disabled:
                    refusals[f"{room}: {name}"] = refused(now_there[0].click().run())
    finally:
        rights.of_process(rights.HOST)
    assert not {where: said for where, said in refusals.items() if said}


@pytest.mark.parametrize("desk", ["empty"], indirect=True)
@pytest.mark.parametrize("role", ["scanner", "operator"])
def test_without_a_pile_one_is_told_to_begin_it_only_where_one_may(person: int, role: str) -> None:
    rights.of_process(Actor("Ana", HELD[role], person_id=person))
    try:
        app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=30).run()
    finally:
        rights.of_process(rights.HOST)
    [hint] = [one.value for one in app.info]
    begins = any(one.label == "New pile" for one in app.button)
    assert begins == ("Begin one" in hint) == (role == "operator")


@pytest.mark.parametrize("desk", ["sample"], indirect=True)
def test_who_looks_after_people_alone_answers_as_second_person_in_their_account(
    person: int,
) -> None:
    """Follow-up, where these questions stand, is not theirs to open."""
    waits = approvals.WaitsForAnother(
        approvals.ApprovalKind.PEOPLE, "person ion", "x" * 64, {"role": "reviewer"}
    )
    with rights.acting(Actor("Dana", ALL_BUT_HOST, person_id=person - 1)):
        approvals.ask(waits)
    rights.of_process(Actor("Ana", frozenset({Right.PEOPLE}), person_id=person, proved=True))
    try:
        app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=30)
        every_tab(app).run()
        app.switch_page(str(ROOT / "pages" / "settings" / "page.py")).run()
        assert any("See Settings" in one.value for one in app.info)
        assert any("Reviewer · Dana" in one.value for one in app.caption)
        next(one for one in app.button if one.label == "Yes, do it").click().run()
    finally:
        rights.of_process(rights.HOST)
    with db.reading() as connection:
        [given] = connection.scalars(select(tables.approvals.c.given_name)).all()
    assert given == "Ana"
