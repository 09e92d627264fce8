"""The same promises of the database on PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import store_catalog
from sqlalchemy import Engine, Update, exc, insert, update

from core import rights
from core.audit import trail
from core.clock import now
from core.config import Home
from core.rights import Actor, Way
from core.store import db, engines
from core.store.tables import audit as audit_table
from core.store.tables import metadata, preferences

pytestmark = pytest.mark.postgres


@pytest.fixture
def postgres(postgres_url: str, tmp_path: Path) -> Iterator[Engine]:
    """A migrated PostgreSQL database, migrated by four at once."""
    where = Home(tmp_path, postgres_url)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: db.migrate(where), range(4)))
    made = db.engine(where)
    yield made
    made.dispose()


def test_the_migrations_make_just_the_tables_that_the_code_knows_there_too(
    postgres: Engine, postgres_url: str
) -> None:
    migrated = store_catalog.tables(postgres)
    postgres.dispose()
    made = engines.make_engine(postgres_url)
    with made.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    metadata.create_all(made)
    assert migrated == store_catalog.tables(made)
    made.dispose()


def test_the_trail_there_only_grows_and_is_one_chain_whoever_writes(postgres: Engine) -> None:
    def write(number: int) -> None:
        with db.writing(postgres) as connection:
            trail.record(connection, "seen", f"order {number}", {"number": number / 3}, name="ana")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    with db.reading(postgres) as connection:
        verified = trail.verify(connection)
    assert (verified.ok, verified.rows) == (True, 40)
    for change in (audit_table.update().values(actor="eve"), audit_table.delete()):
        with pytest.raises(exc.DBAPIError), db.writing(postgres) as connection:
            connection.execute(change)


def test_the_trail_there_names_person_session_way_and_address(postgres: Engine) -> None:
    who = Actor("Ana", person_id=7, session_id=3, way=Way.BROWSER, address="10.0.0.7")
    with rights.acting(who), db.writing(postgres) as connection:
        trail.record(connection, "tested", "order 1", {}, name="somebody else")
    with db.reading(postgres) as connection:
        [row] = trail.search(connection)
        assert trail.verify(connection).ok
    bound = (row.actor, row.person_id, row.session_id, row.way, row.address)
    assert bound == ("Ana", 7, 3, "browser", "10.0.0.7")


def test_a_trail_that_was_changed_behind_its_back_is_found_out_there(postgres: Engine) -> None:
    with db.writing(postgres) as connection:
        for number in range(3):
            trail.record(connection, "seen", f"order {number}", {}, name="ana")
    with db.writing(postgres) as connection:
        connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER ALL")
        connection.execute(audit_table.update().where(audit_table.c.id == 2).values(actor="eve"))
    with db.reading(postgres) as connection:
        assert not trail.verify(connection).ok


def test_a_transaction_broken_off_for_another_is_told_from_a_database_that_is_lost(
    postgres: Engine,
) -> None:
    with db.writing(postgres) as connection:
        connection.execute(
            insert(preferences), [{"key": key, "value": 0, "updated_at": now()} for key in "ab"]
        )
    both_hold_one = Barrier(2)

    def crosswise(first: str, second: str) -> exc.DBAPIError | None:
        try:
            with db.writing(postgres) as connection:
                connection.execute(_touch(first))
                both_hold_one.wait()
                connection.execute(_touch(second))
        except exc.DBAPIError as error:
            return error
        return None

    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(crosswise, ("a", "b"), ("b", "a")))
    errors = [end for end in ends if end is not None]
    assert [db.gave_way(error) for error in errors] == [True]
    with pytest.raises(exc.DBAPIError) as lost, db.writing(postgres) as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    assert not db.gave_way(lost.value)


def test_a_process_frozen_inside_a_transaction_does_not_keep_its_locks_for_ever(
    postgres: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "LONGEST_SILENCE", 0.5)
    postgres.dispose()  # connections from now on
    with db.writing(postgres) as connection:
        connection.execute(insert(preferences).values(key="a", value=0, updated_at=now()))
    with pytest.raises(exc.DBAPIError, match="idle-in-transaction"):
        _freeze_while_another_wants_the_row(postgres)


def _freeze_while_another_wants_the_row(postgres: Engine) -> None:
    with db.writing(postgres) as frozen:
        frozen.execute(_touch("a"))
        with db.writing(postgres) as other:  # waits for the row, until the server gives it free
            other.execute(_touch("a"))
        frozen.execute(_touch("a"))


def _touch(key: str) -> Update:
    return update(preferences).where(preferences.c.key == key).values(value=1)
