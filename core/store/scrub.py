"""Takes what was deleted out of the database's files as well: free pages, write-ahead log."""

from sqlalchemy import text

from core import clock
from core.store import db

TRIES, PAUSE = 50, 0.2


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
