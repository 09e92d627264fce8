"""Who writes when on a SQLite file: shared commits, one block's failure, a commit that fails."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.audit import trail
from core.clock import now
from core.store import db, engines, tables
from core.store.write_queue import MOST, SqliteWriteQueue

SCHEMA = (
    "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
    "CREATE TABLE told (word TEXT UNIQUE)",
    "CREATE TABLE child (of INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)",
)
Block = Callable[[Connection], object]


def telling(word: str) -> Block:
    return lambda connection: connection.exec_driver_sql("INSERT INTO told VALUES (?)", (word,))


def orphan(connection: Connection) -> None:
    """Is noticed when it is committed."""
    connection.exec_driver_sql("INSERT INTO child VALUES (7)")


class Desk:
    """A database, its writers, and how often they committed."""

    def __init__(self, file: Path) -> None:
        self.engine: Engine = engines.make_engine(f"sqlite:///{file}")
        with db.writing(self.engine) as connection:
            for statement in SCHEMA:
                connection.exec_driver_sql(statement)
        self.commits = 0
        event.listen(self.engine, "commit", self._count)
        queue = db._queue_of(self.engine)
        assert queue is not None
        self.queue: SqliteWriteQueue = queue

    def _count(self, _connection: Connection) -> None:
        self.commits += 1

    def at_once(self, *blocks: Block) -> list[BaseException | None]:
        """Run the blocks in this order, the first open until all the others wait for it."""
        with ThreadPoolExecutor(len(blocks)) as pool:
            running: list[Future[None]] = []
            for number, block in enumerate(blocks):
                while number and (self.queue._commit is None or self.queue._waiting < number - 1):
                    time.sleep(0.001)
                # A lock lets whoever it likes go first: none but the first may wait for others.
                others = 0 if number else len(blocks) - 1
                running.append(pool.submit(self._write, block, others))
            return [one.exception(30) for one in running]

    def _write(self, block: Block, waiting: int) -> None:
        with db.writing(self.engine, group_commit=True) as connection:
            while (
                self.queue._commit
                and not self.queue._commit._parts
                and self.queue._waiting < waiting
            ):
                time.sleep(0.001)
            block(connection)

    def written(self) -> list[str]:
        with db.reading(self.engine) as connection:
            return [row[0] for row in connection.exec_driver_sql("SELECT word FROM told")]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "refuz.db")
    yield made
    made.engine.dispose()


def test_blocks_that_wait_for_each_other_share_one_commit(desk: Desk) -> None:
    assert desk.at_once(*(telling(word) for word in "abcd")) == [None] * 4
    assert sorted(desk.written()) == list("abcd")
    assert desk.commits == 1


def test_nobody_goes_on_before_the_shared_commit_is_done(desk: Desk) -> None:
    seen: list[list[str]] = []

    def first() -> None:
        with db.writing(desk.engine, group_commit=True) as connection:
            telling("a")(connection)
            entered.set()
            while not desk.queue._waiting:
                time.sleep(0.001)
        seen.append(desk.written())

    def second() -> None:
        entered.wait()
        with db.writing(desk.engine, group_commit=True) as connection:
            seen.append(desk.written())  # by a connection of its own: "a" is not there yet
            telling("b")(connection)

    entered = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(first), pool.submit(second)]:
            one.result(30)
    assert seen == [[], ["a", "b"]]


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_block_that_fails_is_undone_alone(desk: Desk, place: int) -> None:
    def fails(connection: Connection) -> None:
        telling("half")(connection)
        raise LookupError

    blocks: list[Block] = [telling(word) for word in "abc"]
    blocks.insert(place, fails)
    errors = desk.at_once(*blocks)
    assert [type(error) for error in errors if error] == [LookupError]
    assert isinstance(errors[place], LookupError)
    assert sorted(desk.written()) == list("abc")


def test_a_block_that_breaks_a_constraint_is_undone_alone(desk: Desk) -> None:
    errors = desk.at_once(telling("a"), telling("b"), telling("a"), telling("c"))
    assert sum(isinstance(error, IntegrityError) for error in errors) == 1
    assert sorted(desk.written()) == list("abc")


def test_a_commit_that_fails_fails_every_block_of_it(desk: Desk) -> None:
    errors = desk.at_once(telling("a"), orphan, telling("b"))
    assert all(isinstance(error, IntegrityError) for error in errors)
    assert desk.written() == []
    assert desk.at_once(telling("c")) == [None]


def test_a_full_disk_tells_no_block_that_it_was_written(desk: Desk) -> None:
    def fills(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        telling("x" * 100_000)(connection)

    errors = desk.at_once(telling("a"), fills, telling("b"))
    assert isinstance(errors[1], DBAPIError)
    written = {word for word, error in zip("a b", errors, strict=True) if error is None}
    assert set(desk.written()) == written - {" "}


def test_the_chain_of_the_trail_holds_when_a_block_is_undone_amid_others(desk: Desk) -> None:
    with db.writing(desk.engine) as connection:
        tables.audit.create(connection)

    def records(word: str) -> Block:
        return lambda connection: trail.record(connection, word, "x", {}, name="me")

    def fails(connection: Connection) -> None:
        trail._append(connection, [audit_row])
        raise LookupError

    audit_row = {
        "at": now(), "actor": "me", "action": "half", "subject": "x", "order_id": None,
        "detail": {},
    }  # fmt: skip
    desk.at_once(records("a"), records("b"), fails, records("c"))
    with db.reading(desk.engine) as connection:
        verdict = trail.verify(connection)
        rows = [entry.action for entry in trail.export(connection)]
    assert verdict.ok
    assert sorted(rows) == ["a", "b", "c"]


def test_a_writer_of_its_own_transaction_ends_the_shared_one_first(desk: Desk) -> None:
    def both(number: int) -> None:
        with db.writing(desk.engine, group_commit=number % 3 > 0) as connection:
            telling(f"{number}")(connection)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(both, range(300)))
    assert len(desk.written()) == 300
    assert desk.queue._commit is None


def test_no_more_than_so_many_share_a_commit(desk: Desk) -> None:
    count = 2 * MOST + 1
    assert desk.at_once(*(telling(f"{number}") for number in range(count))) == [None] * count
    assert desk.commits >= 3  # more where a thread is woken late


def test_a_shared_commit_is_done_even_if_whoever_waited_never_comes(desk: Desk) -> None:
    desk.queue._waiting += 1  # as a thread that was taken away while it waited
    began = time.monotonic()
    assert desk.at_once(telling("a")) == [None]
    assert time.monotonic() - began < 10
    assert desk.written() == ["a"]
