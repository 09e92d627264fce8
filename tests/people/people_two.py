"""Two people under the two-person rule, for its tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from core import rights
from core.audit import approvals
from core.audit.approvals import ApprovalKind, WaitsForAnother
from core.clock import now
from core.people import accounts
from core.rights import ROLES, Actor, Way
from core.settings import connections, preferences
from core.store import db
from core.store.tables import approvals as table
from core.store.tables import people


@pytest.fixture(autouse=True)
def two(engine: Engine) -> Iterator[None]:
    """The rule is on; Ana (1) and Radu (2) have accounts."""
    with db.writing() as connection:
        for name in ("ana", "radu", "kim"):
            connection.execute(insert(people).values(
                login=name, name=name.title(), role="owner", password_hash="x", created_at=now()
            ))  # fmt: skip
        preferences.save(connection, two_people=True)
    accounts.look_again()
    yield
    accounts.look_again()


def who(person: int, role: str = "owner", way: Way = Way.BROWSER) -> Actor:
    return Actor(("Ana", "Radu", "Kim")[person - 1], ROLES[role], person_id=person, way=way)


def do(what: Any, kind: ApprovalKind = ApprovalKind.RUN) -> None:
    """What waits for another person: asked for where it must be, as the edge does."""
    try:
        with db.writing() as connection:
            approvals.need(connection, kind, "pile 1", what, {"orders": 1})
    except WaitsForAnother as waits:
        approvals.ask(waits)
        raise


def asked(what: Any, kind: ApprovalKind = ApprovalKind.RUN) -> int:
    with rights.acting(who(1)), pytest.raises(WaitsForAnother):
        do(what, kind)
    with db.reading() as connection:
        return int(connection.scalars(select(table.c.id).order_by(table.c.id.desc())).first() or 0)


def agreed(act: Callable[[], object]) -> None:
    """Ana does it once Radu said yes."""
    with rights.acting(who(1)), pytest.raises(WaitsForAnother) as refused:
        act()
    with rights.acting(who(1)):
        one = approvals.ask(refused.value)
    with rights.acting(who(2)):
        approvals.answer(one, yes=True)
    with rights.acting(who(1)):
        act()


def connect(given: dict[str, Any]) -> None:
    with db.writing() as connection:
        connections.save(connection, **given)
