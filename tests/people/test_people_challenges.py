"""A question to a browser is answered once, of its own kind, within ten minutes."""

from set_clock import SetClock
from sqlalchemy import Engine, func, select

from core.people.ways import challenges
from core.store import db
from core.store.tables import challenges as table


def ask(kind: str, token: str) -> None:
    with db.writing() as connection:
        challenges.ask(connection, kind, token, {"for": token})


def answered(kind: str, token: str) -> object:
    with db.writing() as connection:
        row = challenges.answered(connection, kind, token)
        return row and row.context


def test_an_answer_is_taken_once(engine: Engine) -> None:
    ask("sign-in", "abc")
    assert answered("sign-in", "abc") == {"for": "abc"}
    assert answered("sign-in", "abc") is None


def test_an_answer_to_another_kind_of_question_uses_nothing_up(engine: Engine) -> None:
    ask("sign-in", "abc")
    assert answered("register", "abc") is None
    assert answered("sign-in", "abc") == {"for": "abc"}


def test_after_ten_minutes_it_is_too_late_and_the_next_question_forgets_it(
    engine: Engine, set_clock: SetClock
) -> None:
    ask("sign-in", "in time")
    ask("sign-in", "late")
    set_clock.passed += 599
    assert answered("sign-in", "in time") is not None
    set_clock.passed += 2
    assert answered("sign-in", "late") is None
    ask("sign-in", "next")
    with db.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(table)) == 1


def test_the_token_itself_is_not_kept(engine: Engine) -> None:
    ask("sign-in", "a token that opens something")
    with db.reading() as connection:
        (row,) = connection.execute(select(table.c.token_hash))
    assert "token" not in str(row.token_hash)
