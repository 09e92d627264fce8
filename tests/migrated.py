"""Databases that were migrated once a process and are copied for each test.

Alembic takes 0.1 s and more on a busy machine; the copy of a file takes half a millisecond.
Statements are compiled once a process as well: an engine keeps its own, and each test has another.
"""

import functools
import shutil
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import Dialect, Engine, NullPool, create_engine, make_url
from sqlalchemy.util import LRUCache

from core.config import Home
from core.store import db

PATTERN = "refuz_template"  # the name of PostgreSQL's copy-from database

# Held here: its folder goes when the process ends.
_FOLDER = tempfile.TemporaryDirectory(prefix="refuz-template-", ignore_cleanup_errors=True)

_COMPILED: LRUCache[Any, Any] = LRUCache(1500)


@functools.cache
def _template() -> tuple[Path, Dialect]:
    """The file, and what its engine made of it: statements are kept by their dialect."""
    file = Path(_FOLDER.name) / "refuz.db"
    where = Home(file.parent, f"sqlite:///{file}")
    db.migrate(where)
    made = db.engine(where)
    made.dispose()  # the last connection moves everything from the log to the file
    return file, made.dialect


def sqlite(where: Home) -> Engine:
    """The engine of a home whose SQLite file is a fresh migrated one."""
    file = Path(where.database_url.removeprefix("sqlite:///"))
    file.parent.mkdir(parents=True, exist_ok=True)
    template, dialect = _template()
    shutil.copyfile(template, file)
    made = db.engine(where)
    made.dialect = dialect
    made.update_execution_options(compiled_cache=_COMPILED)
    return made


def make_postgresql_template(server: str) -> None:
    """Migrate the database of that server which `postgresql` copies."""
    _on_server(server, f"CREATE DATABASE {PATTERN}")
    where = Home(Path(_FOLDER.name), _address(server, PATTERN))
    db.migrate(where)
    db.engine(where).dispose()  # nobody may be connected to what is copied


def make_postgresql(server: str, name: str, *, migrated: bool) -> str:
    """Create a database on the server; gives its address."""
    _on_server(server, f"CREATE DATABASE {name}" + (f" TEMPLATE {PATTERN}" if migrated else ""))
    return _address(server, name)


def drop_postgresql(server: str, name: str) -> None:
    """Remove a database, whoever is still connected to it."""
    _on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def _address(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _on_server(server: str, statement: str) -> None:
    # No pool: a test may restart the server, and pooled connections die of it.
    admin = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(statement)
    admin.dispose()
