"""Each page that shows customers by name says so in the record, for whoever signed in."""

from collections.abc import Iterator

import pytest
from pages_support import open_page
from sqlalchemy import Engine, select

from core import rights
from core.audit import trail
from core.audit.actions import Action
from core.orders.piles import scans
from core.rights import ROLES, Actor
from core.store import db
from core.store.tables import parcels, piles

pytestmark = pytest.mark.parametrize("desk", ["finished"], indirect=True)
ANA = Actor("Ana", ROLES["owner"], person_id=7, session_id=3)


@pytest.fixture
def ana() -> Iterator[None]:
    rights.of_process(ANA)
    yield
    rights.of_process(rights.HOST)


def seen() -> dict[str, str]:
    with db.reading() as connection:
        found = trail.search(connection, actions=[Action.NAMES_SEEN])
    return {one.subject: one.actor for one in found}


@pytest.mark.parametrize(
    ("page", "subject"),
    [("scan", "cards of pile"), ("follow_up", "Follow-up"), ("history", "Finance"),
     ("review", "run ")],
)  # fmt: skip
@pytest.mark.usefixtures("ana")
def test_a_look_at_names_stands_in_the_record(desk: Engine, page: str, subject: str) -> None:
    with db.reading() as connection:
        pile = connection.scalars(select(piles.c.id)).first()
        number = connection.scalars(select(parcels.c.tracking)).first()
    assert pile is not None
    assert number is not None
    scans.take_scan(pile, number, source="wedge", key="1")
    open_page(page)
    [who] = [who for list_seen, who in seen().items() if list_seen.startswith(subject)]
    assert who == "Ana"
    with db.reading() as connection:
        exported = " ".join(trail.as_line(one) for one in trail.export(connection))
    assert "Pop" not in exported
