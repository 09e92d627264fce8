"""PostgreSQL's advisory locks: numbers that one connection of all machines holds at a time."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from core.config import Home


def available(home: Home) -> bool:
    """Whether the home's database has such locks: only then may several workers share it."""
    return not home.on_sqlite


def _lasting_connection(engine: Engine) -> Connection:
    """A connection that keeps its locks until it is closed, or its machine is gone."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    # A machine that lost its power says no goodbye: the server must notice within a minute.
    for setting in ("idle = 10", "interval = 5", "count = 3"):
        connection.execute(text(f"SET tcp_keepalives_{setting}"))
    connection.detach()  # its end must end the lock, not return it to the pool
    return connection


@dataclass(frozen=True)
class HeldLock:
    """A number that is ours as long as its connection lives."""

    number: int
    _connection: Connection

    def check(self) -> None:
        """Raise DBAPIError when the connection is gone, and the lock with it."""
        self._connection.execute(text("SELECT 1"))

    def release(self) -> None:
        """Leave it to another process."""
        self._connection.close()


def hold(engine: Engine, of_class: int, numbers: int = 1) -> HeldLock | None:
    """The first of so many numbers that nobody holds; None where all are taken."""
    connection = _lasting_connection(engine)
    query = text("SELECT pg_try_advisory_lock(:class, :number)")
    for number in range(numbers):
        if connection.scalar(query, {"class": of_class, "number": number}):
            return HeldLock(number, connection)
    connection.close()
    return None


def held_locks(connection: Connection, of_class: int) -> set[int]:
    """The numbers of a class that living connections to this database hold."""
    query = text(
        "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND granted "
        "AND classid = :class AND objsubid = 2 AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return set(connection.scalars(query, {"class": of_class}))
