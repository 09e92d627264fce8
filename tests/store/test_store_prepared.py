"""Statements handed to the driver as they are: the same values and errors, on both databases."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Connection,
    Date,
    Engine,
    Float,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.store import db
from core.store.prepared import Prepared, raw
from core.store.types import Json, UtcDateTime, now

kept = Table(
    "kept",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("word", Text, unique=True),
    Column("share", Float),
    Column("on", Date),
    Column("at", UtcDateTime),
    Column("told", Json),
    Column("state", Text, default="new"),
)
INSERT = Prepared(insert(kept).returning(kept.c.id))
RENAME = Prepared(
    update(kept).where(kept.c.id == bindparam("of_id"), kept.c.state != "100%").values(state="old")
)
COUNT = Prepared(select(kept.c.word).where(kept.c.id == bindparam("of_id")))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine as the program makes it, with the table of this file."""
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    made = db.make_engine(url)
    kept.metadata.create_all(made)
    yield made
    made.dispose()


def row(number: int, **more: Any) -> dict[str, Any]:
    plain = {"word": f"w{number}", "share": None, "on": None, "at": None, "told": None}
    return {"id": number, "state": "new", **plain, **more}


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
VALUES = st.fixed_dictionaries(
    {
        "word": TEXTS | st.just("100%s %(x)s ?"),
        "share": st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32),
        "on": st.none() | st.dates(),
        "at": st.none()
        | st.datetimes(timezones=st.just(dt.UTC), min_value=dt.datetime(1900, 1, 1)),
        "told": st.none()
        | st.dictionaries(TEXTS, st.integers(-(2**53), 2**53) | TEXTS | st.none()),
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(values=VALUES)
def test_what_is_written_is_what_sqlalchemy_would_write(
    engine: Engine, values: dict[str, Any]
) -> None:
    with db.writing(engine) as connection:
        connection.execute(kept.delete())
        assert INSERT.run(connection, row(1, **values)) == 1
        connection.execute(insert(kept), row(2, **{**values, "word": values["word"] + "'"}))
        first, second = connection.execute(select(kept).order_by(kept.c.id))
        assert COUNT.run(connection, {"of_id": 1}) == values["word"]
    written = {**first._mapping, "id": 2, "word": first.word + "'"}
    assert written == dict(second._mapping)
    assert first.told == values["told"]


def test_a_value_in_the_statement_itself_is_kept(engine: Engine) -> None:
    with db.writing(engine) as connection:
        INSERT.run(connection, row(1))
        INSERT.run(connection, row(2, state="100%"))
        for number in (1, 2):
            assert RENAME.run(connection, {"of_id": number}) is None
        assert COUNT.run(connection, {"of_id": 9}) is None
        assert list(connection.scalars(select(kept.c.state).order_by(kept.c.id))) == ["old", "100%"]


def test_errors_are_sqlalchemys_own(engine: Engine) -> None:
    with db.writing(engine) as connection:
        INSERT.run(connection, row(2, word="twice"))
    with pytest.raises(IntegrityError), db.writing(engine) as connection:
        INSERT.run(connection, row(1, word="twice"))
    with pytest.raises(DBAPIError), db.writing(engine) as connection:
        raw(connection, "SELECT nonsense FROM nowhere")
    with db.writing(engine) as connection:
        assert INSERT.run(connection, row(1)) == 1


def test_a_column_whose_default_nobody_gives_is_refused(engine: Engine) -> None:
    with pytest.raises(ValueError, match="default"), db.writing(engine) as connection:
        INSERT.run(connection, {"id": 1, "word": "x"})


@pytest.mark.postgres
def test_a_connection_that_is_gone_is_given_to_nobody_again(postgres_url: str) -> None:
    engine = db.make_engine(postgres_url)
    kept.metadata.create_all(engine)

    def end(connection: Connection) -> Connection:
        own = connection.scalar(text("SELECT pg_backend_pid()"))
        with engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
        return connection

    with pytest.raises(DBAPIError) as lost, db.writing(engine) as connection:
        INSERT.run(end(connection), row(1, at=now()))
    assert lost.value.connection_invalidated
    with db.writing(engine) as connection:
        assert INSERT.run(connection, row(1, at=now())) == 1
    engine.dispose()
