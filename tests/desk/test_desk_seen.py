"""Who looked at customers' names is in the record: what they looked at, never whom."""

from set_clock import SetClock
from sqlalchemy import Engine

from core import rights
from core.audit import trail
from core.audit.actions import Action
from core.rights import ROLES, Actor
from core.store import db

ANA = Actor("Ana", ROLES["operator"], person_id=7, session_id=3)


def seen() -> list[tuple[str, str, int]]:
    with db.reading() as connection:
        found = trail.search(connection, actions=[Action.NAMES_SEEN])
    return [(one.actor, one.subject, one.detail["customers"]) for one in reversed(found)]


def test_a_list_with_names_is_told_once_an_hour_for_each_session(
    engine: Engine, set_clock: SetClock
) -> None:
    for session in (3, 3, 4):
        with rights.acting(Actor("Ana", ANA.rights, person_id=7, session_id=session)):
            trail.names_shown("pile 1", 12)
            trail.names_shown("pile 2", 5)
    assert seen() == [("Ana", "pile 1", 12), ("Ana", "pile 2", 5)] * 2
    set_clock.passed += 3601
    with rights.acting(ANA):
        trail.names_shown("pile 1", 13)
    assert seen()[-1] == ("Ana", "pile 1", 13)


def test_each_search_is_told_and_what_was_typed_is_kept_nowhere(engine: Engine) -> None:
    with rights.acting(ANA):
        for words in ("Popescu", "popescu ", "Ionescu"):
            trail.names_shown("search for an order", 2, words)
    assert seen() == [("Ana", "search for an order", 2)] * 2
    with db.reading() as connection:
        lines = " ".join(trail.as_line(one).lower() for one in trail.export(connection))
    assert "popescu" not in lines
    assert "ionescu" not in lines


def test_who_sees_no_names_has_looked_at_none(engine: Engine) -> None:
    for who in (Actor("Kim", ROLES["scanner"], person_id=8), rights.local_owner("somebody")):
        with rights.acting(who):
            trail.names_shown("pile 1", 12)
    with rights.acting(ANA):
        trail.names_shown("pile 1", 0)
    assert seen() == []
