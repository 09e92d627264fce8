"""Counts what an act costs SQLite, whatever else the machine does meanwhile."""

from collections.abc import Callable

from sqlalchemy import Connection, Engine, event


def steps(engine: Engine, act: Callable[[], object]) -> int:
    """How many steps of SQLite's machine an act takes: it counts each row that is looked at."""
    taken = [0]

    def count() -> int:
        taken[0] += 1
        return 0

    def listen(connection: Connection, *_: object) -> None:
        connection.connection.dbapi_connection.set_progress_handler(count, 1)

    event.listen(engine, "before_cursor_execute", listen)
    act()
    event.remove(engine, "before_cursor_execute", listen)
    return taken[0]
