"""A large run waits for a second person, and runs just what that person said yes to."""

import pytest
from reversal_support import Desk, order, paper, scan_each
from sqlalchemy import func, insert, select

from core import rights
from core.audit import approvals
from core.audit.approvals import WaitsForAnother
from core.clock import now
from core.orders.piles import edits
from core.reversal.runs import runs
from core.rights import ROLES, Actor, Way
from core.settings import preferences
from core.store import db
from core.store.tables import orders, people, reversals

ANA = Actor("Ana", ROLES["owner"], person_id=1, way=Way.BROWSER)
RADU = Actor("Radu", ROLES["owner"], person_id=2, way=Way.BROWSER)


def pile_of(desk: Desk, count: int) -> int:
    numbers = range(1, count + 1)
    desk.load_papers([order(n) for n in numbers], [paper(n) for n in numbers])
    pile = scan_each(*numbers)
    with db.writing() as connection:
        for name in ("ana", "radu"):
            connection.execute(insert(people).values(
                login=name, name=name, role="owner", password_hash="x", created_at=now()
            ))  # fmt: skip
        preferences.save(connection, two_people=True, two_people_orders=2)
    return pile


def begun() -> int:
    with db.reading() as connection:
        return connection.scalar(select(func.count()).select_from(reversals)) or 0


def ask(pile: int) -> int:
    with rights.acting(ANA), pytest.raises(WaitsForAnother) as waits:
        runs.start_run(pile)
    with rights.acting(ANA):
        return approvals.ask(waits.value)


def test_a_large_run_begins_with_another_persons_yes_and_not_before(desk: Desk) -> None:
    pile = pile_of(desk, 3)
    asked = ask(pile)
    assert begun() == 0
    with rights.acting(RADU):
        [told] = approvals.waiting()
        assert told.told["sums"] == {"RON": 3 * 12345}
        approvals.say(asked, yes=True)
    with rights.acting(ANA):
        assert runs.start_run(pile).total == 3


def test_a_pile_that_changed_after_the_yes_is_asked_about_anew(desk: Desk) -> None:
    pile = pile_of(desk, 4)
    asked = ask(pile)
    with rights.acting(RADU):
        approvals.say(asked, yes=True)
    with db.reading() as connection:
        first = connection.scalar(select(func.min(orders.c.id))) or 0
    edits.set_options(pile, [first], restock=True)
    assert ask(pile) != asked
    edits.remove_order(pile, first)
    assert ask(pile) != asked
    assert begun() == 0


def test_a_small_run_asks_nobody(desk: Desk) -> None:
    pile = pile_of(desk, 2)
    with rights.acting(ANA):
        assert runs.start_run(pile).total == 2
