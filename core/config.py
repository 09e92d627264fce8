"""Where Refuz keeps what it writes, read from the environment once."""

import contextlib
import functools
import os
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DATA = CHECKOUT / "data"


@dataclass(frozen=True)
class Home:
    """The folder that holds everything written, and the database that goes with it."""

    root: Path
    database_url: str

    @property
    def pictures(self) -> Path:
        """Original pictures, by content hash."""
        return self.root / "pictures"

    @property
    def sandbox(self) -> Path:
        """State of the sandbox services."""
        return self.root / "sandbox"

    @property
    def engine_database_url(self) -> str:
        """The workflow engine's database: on PostgreSQL the same one, on SQLite its own file."""
        if self.on_sqlite:
            return f"sqlite:///{self.root / 'engine.db'}"
        return self.database_url

    @property
    def on_sqlite(self) -> bool:
        """Whether this home keeps its tables in a SQLite file."""
        return self.database_url.startswith("sqlite")

    @property
    def database_file(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        return Path(self.database_url.removeprefix("sqlite:///")) if self.on_sqlite else None


_at: ContextVar[Home | None] = ContextVar("home", default=None)


@contextlib.contextmanager
def at(where: Home) -> Iterator[None]:
    """Inside the block, in this thread, `where` is the home, whatever the environment names."""
    token = _at.set(where)
    try:
        yield
    finally:
        _at.reset(token)


def home() -> Home:
    """The home named by REFUZ_HOME and REFUZ_DATABASE_URL; by default `.refuz` in the checkout, or
    in the user's own folder where Refuz was installed.

    The folder is made when missing, readable by its owner only: it holds customers' data.
    """
    if entered := _at.get():
        return entered
    folder, url = os.environ.get("REFUZ_HOME", ""), os.environ.get("REFUZ_DATABASE_URL", "")
    # A relative path means another folder wherever the process goes.
    return _home(folder, url, "" if folder.startswith("/") else str(Path.cwd()))


def keep_private(where: Home) -> None:
    """From now on this process writes for its owner only; a folder that was there is closed too.

    A folder made by somebody else (systemd, a volume) is often readable by every user.
    """
    os.umask(0o077)
    if where.root.stat().st_uid == os.geteuid():
        where.root.chmod(0o700)


def readable_by_others(where: Home) -> list[Path]:
    """The home's folder and what lies in it that users other than its owner may read."""
    looked_at = [where.root, *sorted(where.root.iterdir())]
    return [one for one in looked_at if one.stat().st_mode & 0o077]


@functools.lru_cache(maxsize=8)  # asked for at every transaction; the paths are looked up once
def _home(folder: str, url: str, _working_directory: str) -> Home:
    default = CHECKOUT if (CHECKOUT / "pyproject.toml").exists() else Path.home()
    root = Path(folder or default / ".refuz").expanduser().resolve()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Home(root, _with_driver(url or f"sqlite:///{root / 'refuz.db'}"))


def _with_driver(url: str) -> str:
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url
