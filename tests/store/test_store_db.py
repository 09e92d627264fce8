"""The database is durable, strict, and the same on SQLite and PostgreSQL."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import store_catalog
from sqlalchemy import Engine, exc, insert

from core.clock import now
from core.store import db, engines
from core.store.tables import metadata, piles, preferences


def test_sqlite_is_opened_durable_and_strict(engine: Engine) -> None:
    with db.reading(engine) as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_the_migrations_make_just_the_tables_that_the_code_knows(
    engine: Engine, tmp_path: Path
) -> None:
    made = engines.make_engine(f"sqlite:///{tmp_path / 'code.db'}")
    metadata.create_all(made)
    assert store_catalog.tables(engine) == store_catalog.tables(made)
    made.dispose()


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    db.migrate()
    with db.reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def test_a_moment_without_a_zone_is_refused_and_one_with_comes_back_in_utc(
    engine: Engine,
) -> None:
    row = {"name": "p", "created_by": "ana"}
    naive = insert(piles).values(**row, created_at=dt.datetime(2026, 1, 1))
    with pytest.raises(exc.StatementError, match="time zone"), db.writing(engine) as connection:
        connection.execute(naive)
    bucharest = dt.timezone(dt.timedelta(hours=2))
    moment = dt.datetime(2026, 1, 1, 12, tzinfo=bucharest)
    with db.writing(engine) as connection:
        made = insert(piles).values(**row, created_at=moment).returning(piles.c.created_at)
        assert connection.scalar(made) == dt.datetime(2026, 1, 1, 10, tzinfo=dt.UTC)


def test_a_failed_transaction_leaves_nothing_behind(engine: Engine) -> None:
    def write_twice() -> None:
        with db.writing(engine) as connection:
            for _ in range(2):
                connection.execute(insert(preferences).values(key="k", value=1, updated_at=now()))

    with pytest.raises(exc.IntegrityError):
        write_twice()
    with db.reading(engine) as connection:
        assert connection.execute(preferences.select()).all() == []


@pytest.fixture
def mounted(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Path], None]:
    """Makes the mount table say that a folder is a disk of this kind."""

    def make(kind: str, folder: Path) -> None:
        real = Path.read_text

        def read_text(self: Path, *rest: object, **more: object) -> str:
            if str(self) == "/proc/mounts":
                return f"/dev/sda1 / ext4 rw 0 0\nserver:/x {folder} {kind} rw 0 0\n"
            return real(self, *rest, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(Path, "read_text", read_text)

    return make


@pytest.mark.parametrize(
    "kind",
    ["nfs4", "cifs", "9p", "fuse.sshfs", "fuse.glusterfs", "ceph", "fuse.ceph", "lustre", "afs",
     "davfs", "fuse.davfs2", "fuse.s3fs", "fuse.rclone", "gpfs", "beegfs"],
)  # fmt: skip
def test_a_network_disk_is_refused_in_words(
    tmp_path: Path, mounted: Callable[[str, Path], None], kind: str
) -> None:
    mounted(kind, tmp_path)
    with pytest.raises(db.StoreError, match=f"network disk .{kind} at"):
        engines.make_engine(f"sqlite:///{tmp_path / 'refuz.db'}")


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "fuseblk"])
def test_a_local_disk_is_taken(
    tmp_path: Path, mounted: Callable[[str, Path], None], kind: str
) -> None:
    mounted(kind, tmp_path)
    made = engines.make_engine(f"sqlite:///{tmp_path / 'refuz.db'}")
    with made.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    made.dispose()
