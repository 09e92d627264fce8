"""Statements of the driver's own fail as SQLAlchemy's do, on both databases."""

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.store import db, engines
from core.store.raw import raw


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine as the program makes it, with one table."""
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    made = engines.make_engine(url)
    with db.writing(made) as connection:
        connection.execute(text("CREATE TABLE kept (word VARCHAR(20) PRIMARY KEY)"))
    yield made
    made.dispose()


def kept(engine: Engine) -> list[str]:
    with db.reading(engine) as connection:
        return list(connection.scalars(text("SELECT word FROM kept")))


def put(engine: Engine, *words: str) -> None:
    with db.writing(engine) as connection:
        for word in words:
            raw(connection, f"INSERT INTO kept VALUES ('{word}')")


def test_a_statement_of_the_driver_is_part_of_the_transaction(engine: Engine) -> None:
    with db.writing(engine) as connection:
        raw(connection, "INSERT INTO kept VALUES ('a')")
    with pytest.raises(IntegrityError):
        put(engine, "b", "a")
    assert kept(engine) == ["a"]


def test_errors_are_sqlalchemys_own(engine: Engine) -> None:
    with pytest.raises(IntegrityError):
        put(engine, "a", "a")
    with pytest.raises(DBAPIError), db.writing(engine) as connection:
        raw(connection, "SELECT nonsense FROM nowhere")
    assert kept(engine) == []


@pytest.mark.postgres
def test_a_connection_that_is_gone_is_given_to_nobody_again(postgres_url: str) -> None:
    engine = engines.make_engine(postgres_url)

    def use_one_that_was_ended() -> None:
        with db.writing(engine) as connection:
            own = connection.scalar(text("SELECT pg_backend_pid()"))
            with engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
            raw(connection, "SELECT 1")

    with pytest.raises(DBAPIError) as lost:
        use_one_that_was_ended()
    assert lost.value.connection_invalidated
    with db.writing(engine) as connection:
        assert raw(connection, "SELECT 1").fetchone() == (1,)
    engine.dispose()


CANARY = "Zburătoarea"
WRONG = (
    "INSERT INTO named (word, of, at) VALUES (:word, 1, NULL)",  # Failing row contains (…)
    "INSERT INTO named (word, of, at) VALUES ('', 1, :word)",  # fails its CHECK, as a row
    "INSERT INTO named (word, of, at) SELECT word, of, at FROM named",  # Key (word)=(…) exists
    "INSERT INTO named (word, of, at) SELECT 'x', CAST(word AS INTEGER), '1' FROM named",
    "INSERT INTO named (word, of, at) SELECT 'x', 1, word || '{0}' FROM named",  # too long
)


def _failing() -> Iterator[tuple[str, Callable[[Connection, str], object]]]:
    for statement in WRONG:
        given = statement.format("x" * 40)
        yield given, lambda one, said: one.execute(text(said), {"word": CANARY})
        bare = given.replace(":word", f"'{CANARY}'")
        yield bare, lambda one, said: raw(one, said)


def test_an_error_tells_what_failed_and_no_value(engine: Engine) -> None:
    """Neither by itself nor in a traceback, through SQLAlchemy or past it."""
    with db.writing(engine) as connection:
        connection.execute(text(
            "CREATE TABLE named (word VARCHAR(20) UNIQUE, of INTEGER NOT NULL, at VARCHAR(12) "
            "NOT NULL, CONSTRAINT at_is_short CHECK (length(at) < 9))"
        ))  # fmt: skip
        connection.execute(text("INSERT INTO named VALUES (:word, 1, 'short')"), {"word": CANARY})
    errors = [_error(engine, statement, run) for statement, run in _failing()]
    raised = [one for one in errors if one is not None]
    assert len(raised) == 10 or engine.dialect.name == "sqlite"  # which casts any text
    assert len(raised) > 6
    for error in raised:
        shown = "".join(traceback.format_exception(error))
        assert CANARY not in str(error)
        assert CANARY not in str(error.orig)
        assert CANARY not in shown
        assert "[parameters:" not in shown
        assert any(word in str(error) for word in ("named", "integer", "too long", "failed"))


def _error(
    engine: Engine, statement: str, run: Callable[[Connection, str], object]
) -> DBAPIError | None:
    try:
        with db.writing(engine) as connection:
            run(connection, statement)
    except DBAPIError as error:
        return error
    return None
