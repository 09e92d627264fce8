"""Rows that may be there already, cursors and shared functions, the same on both databases."""

import ast
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, literal, select

from core.clock import now
from core.store import db
from core.store.statements import bulk, cursors
from core.store.statements.database_clock import database_clock, least
from core.store.statements.rows import insert_absent, insert_if_absent, insert_new, upsert
from core.store.tables import fact_words, piles, preferences, sync_cursors

ROOT = Path(__file__).resolve().parents[2]


def row(key: str, value: object = 1) -> dict[str, object]:
    return {"key": key, "value": value, "updated_at": now()}


def kept(either_engine: Engine) -> dict[str, object]:
    with db.reading(either_engine) as connection:
        query = select(preferences.c.key, preferences.c.value)
        return {one.key: one.value for one in connection.execute(query)}


def test_a_row_is_new_once_and_then_stays_as_it_was(either_engine: Engine) -> None:
    with db.writing(either_engine) as connection:
        assert insert_if_absent(connection, preferences, row("a"))
        assert not insert_if_absent(connection, preferences, row("a", 2))
        assert insert_if_absent(connection, preferences, row("b"))
    assert kept(either_engine) == {"a": 1, "b": 1}


def test_of_many_who_insert_one_row_at_once_one_is_told_that_it_is_new(
    either_engine: Engine,
) -> None:
    def put(number: int) -> bool:
        with db.writing(either_engine) as connection:
            return insert_if_absent(connection, preferences, row("a", number))

    with ThreadPoolExecutor(8) as pool:
        new = list(pool.map(put, range(24)))
    assert new.count(True) == 1
    assert kept(either_engine) == {"a": new.index(True)}


def test_a_new_row_tells_its_key_whatever_constraint_the_other_breaks(
    either_engine: Engine,
) -> None:
    word = {"kind": "courier", "code": 4, "word": "dpd", "title": ""}
    with db.writing(either_engine) as connection:
        assert insert_new(connection, fact_words, word) == "courier"
        assert insert_new(connection, fact_words, {**word, "code": 5}) is None  # the same word
        pile = {"name": "p", "created_at": now(), "created_by": "ana", "proposed": False}
        first, second = (insert_new(connection, piles, pile) for _ in range(2))
    assert second == first + 1


def test_of_several_rows_those_that_are_there_stay(either_engine: Engine) -> None:
    with db.writing(either_engine) as connection:
        insert_absent(connection, preferences, [row("a"), row("b")])
        insert_absent(connection, preferences, [row("b", 2), row("c", 2)])
        insert_absent(connection, preferences, [])
    assert kept(either_engine) == {"a": 1, "b": 1, "c": 2}


def test_an_upsert_changes_what_is_named_where_it_may(either_engine: Engine) -> None:
    with db.writing(either_engine) as connection:
        upsert(connection, preferences, [row("a"), row("b", 5)], ("key",), ("value",))
        written = upsert(
            connection,
            preferences,
            [row("a", 7), row("b", 8), row("c", 9)],
            ("key",),
            lambda fresh: {"value": fresh.value},
            where=lambda fresh: preferences.c.key == "a",
            returning=(preferences.c.key,),
        )
    assert sorted(one.key for one in written) == ["a", "c"]
    assert kept(either_engine) == {"a": 7, "b": 5, "c": 9}


def test_a_cursor_is_the_last_value_saved_until_it_is_forgotten(either_engine: Engine) -> None:
    with db.writing(either_engine) as connection:
        assert cursors.load(connection, "x") is None
        cursors.save(connection, "x", {"after": 3})
        cursors.save(connection, "x", {"after": 9, "tries": 1})
        cursors.save(connection, "y", 4)
        assert cursors.load(connection, "x") == {"after": 9, "tries": 1}
        cursors.forget(connection, "x", "never saved")
        assert (cursors.load(connection, "x"), cursors.load(connection, "y")) == (None, 4)


def test_every_cursor_of_a_connection_goes_with_it(either_engine: Engine) -> None:
    with db.writing(either_engine) as connection:
        for key in (cursors.shop_changes(7), cursors.tracking(7), cursors.tracking(77)):
            cursors.save(connection, key, 1)
        cursors.forget(connection, *cursors.of_connection(7))
        assert list(connection.scalars(select(sync_cursors.c.key))) == [cursors.tracking(77)]


def test_the_database_tells_its_clock_and_the_smaller_number_under_one_name(
    either_engine: Engine,
) -> None:
    with db.reading(either_engine) as connection:
        query = select(
            database_clock().label("at"),
            least(literal(2.5), literal(1.5)).label("less"),
            (database_clock() - 10.0).label("before"),
        )
        found = connection.execute(query).one()
    assert abs(found.at - time.time()) < 5
    assert isinstance(found.at, float)
    assert found.less == 1.5
    assert found.at - found.before == pytest.approx(10, abs=1)


def test_rows_loaded_in_bulk_leave_the_next_number_free(either_engine: Engine) -> None:
    moment = now().replace(tzinfo=None).isoformat(" ")
    with db.writing(either_engine) as connection, bulk.loading(connection, piles):
        columns = {
            "id": [5, 6], "name": ["a", "b"], "created_at": [moment] * 2,
            "created_by": ["ana"] * 2, "proposed": [False] * 2,
        }  # fmt: skip
        bulk.write(connection, piles, columns)
    with db.writing(either_engine) as connection:
        fresh = insert(piles).values(name="c", created_at=now(), created_by="ana")
        assert connection.scalar(fresh.returning(piles.c.id)) == 7
        times = connection.scalars(select(piles.c.created_at)).all()
    assert max(abs((one - now()).total_seconds()) for one in times) < 60


def test_only_the_store_knows_which_database_it_is_and_nobody_counts_rows_by_the_driver() -> None:
    """`rowcount` is -1 for some statements of psycopg, which reads as "something was done"."""
    found = []
    for room in ("core", "pages"):
        for file in sorted((ROOT / room).rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            # The sandbox has a file of its own; the home reads its address.
            if name.startswith(("core/store/", "core/sandbox/")) or name == "core/config.py":
                continue
            found += [f"{name}:{line}" for line in _switches(file.read_text(encoding="utf-8"))]
    assert found == []


def test_a_switch_between_databases_is_seen_in_each_of_its_spellings() -> None:
    for text in (
        "from sqlalchemy.dialects import sqlite",
        "from sqlalchemy.dialects.postgresql import insert",
        "import sqlalchemy.dialects.sqlite",
        "done = connection.dialect.name == 'postgresql'",
        "print(connection.execute(query).rowcount)",
        "kind = engine.name",
        "from sqlalchemy.ext.compiler import compiles",
        "several = not home().on_sqlite",
        "if make_url(address).get_backend_name() == 'sqlite': pass",
        "on_server = engine.url.drivername.startswith('postgresql')",
        "query = insert(piles).prefix_with('OR IGNORE')",
        "query = insert(piles).on_conflict_do_nothing()",
        "query = text('INSERT OR REPLACE INTO piles VALUES (1)')",
        "query = 'INSERT INTO piles VALUES (1) ON CONFLICT DO NOTHING'",
        "query = 'SELECT id FROM runs FOR UPDATE SKIP LOCKED'",
    ):
        assert _switches(text) == [1], text
    assert _switches("name = connection.name\nmessage = 'rowcount dialect'") == []


# What a driver or an address tells of the database, and what is written for one of the two alone.
SWITCHES = {
    "dialect", "rowcount", "get_dialect", "get_backend_name", "drivername", "get_driver_name",
    "on_conflict_do_nothing", "on_conflict_do_update", "prefix_with", "on_sqlite",
}  # fmt: skip
OF_ONE = re.compile(
    r"\bON CONFLICT\b|\bINSERT OR (?:IGNORE|REPLACE)\b|\bSKIP LOCKED\b|\bPRAGMA \w|"
    r"\bsqlite_master\b|\bpg_[a-z]+_lock\b|\bpg_\w+\("
)


def _switches(text: str) -> list[int]:
    lines = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(attr=str(name)) if name in SWITCHES:
                lines.append(node.lineno)
            case ast.Constant(value=str(text)) if OF_ONE.search(text):
                lines.append(node.lineno)
            case ast.Attribute(value=ast.Name(id="engine"), attr="name"):
                lines.append(node.lineno)
            case ast.ImportFrom(module=str(module)) if module.startswith(
                ("sqlalchemy.dialects", "sqlalchemy.ext.compiler")
            ):
                lines.append(node.lineno)
            case ast.Import(names=names) if any("sqlalchemy.dialects" in n.name for n in names):
                lines.append(node.lineno)
    return lines
