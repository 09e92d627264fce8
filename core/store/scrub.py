"""Takes what was deleted out of the database's files as well: free pages, write-ahead log."""

import datetime as dt
import shutil

from sqlalchemy import text

from core import clock
from core.config import home
from core.store import db
from core.store.archive import RESTORING

TRIES, PAUSE = 50, 0.2
# What the home holds of the database as it was: before an upgrade, and before a restore.
COPIES = ("before-migration-from-*", "*.before-restore-*")


def forget_copies(older_than: dt.timedelta = dt.timedelta()) -> int:
    """Delete the home's own copies of the database of an earlier day; gives how many there were.

    They name whoever was known then. Backups that somebody made elsewhere are theirs to delete.
    """
    latest = clock.now().timestamp() - older_than.total_seconds()
    gone = 0
    for copy in (one for pattern in COPIES for one in home().root.glob(pattern)):
        if copy.is_file() and copy.stat().st_mtime <= latest:
            copy.unlink(missing_ok=True)
            gone += 1
    for folder in home().root.glob(f"{RESTORING}*"):  # a restore that was ended in the middle
        shutil.rmtree(folder, ignore_errors=True)
        gone += 1
    return gone


def scrub() -> bool:
    """Write the database anew without its free pages, and empty its write-ahead log.

    False where readers kept the log open all the time: it is emptied by the next one. On PostgreSQL
    the rows' old versions go; its own log is the server's (see docs/privacy.md).
    """
    if db.engine().dialect.name != "sqlite":
        with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM"))
        return True
    with db.engine().connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("VACUUM")
        for _ in range(TRIES):
            busy, left, _moved = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy and left == 0:
                return True
            clock.sleep(PAUSE)
    return False
