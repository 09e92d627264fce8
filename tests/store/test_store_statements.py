"""Statements that the two databases spell differently: days, old rows, guards of the record."""

import datetime as dt

import pytest
from sqlalchemy import Connection, Date, Engine, insert, literal, select, text

from core.clock import now
from core.store import db
from core.store.statements import triggers
from core.store.statements.dates import DaysBetween, WeekOf
from core.store.statements.pruning import prune
from core.store.tables import piles

MONDAY = dt.date(2024, 12, 30)  # its week holds the end of a year


def test_a_week_begins_on_its_monday_over_the_end_of_a_year_as_well(either_engine: Engine) -> None:
    days = [MONDAY + dt.timedelta(days=n) for n in range(-8, 15)]
    with db.reading(either_engine) as connection:
        found = [connection.scalar(select(WeekOf(literal(day, Date)))) for day in days]
    assert found == [day - dt.timedelta(days=day.weekday()) for day in days]


@pytest.mark.parametrize("days", [0, 1, -1, 59, 366, 10_000, -10_000])
def test_days_between_two_dates_are_whole_over_leap_days_and_backwards(
    either_engine: Engine, days: int
) -> None:
    first = dt.date(2024, 2, 28)
    second = first + dt.timedelta(days=days)
    with db.reading(either_engine) as connection:
        between = DaysBetween(literal(first, Date), literal(second, Date))
        assert connection.scalar(select(between)) == days


def named(connection: Connection) -> list[str]:
    return list(connection.scalars(select(piles.c.name).order_by(piles.c.id)))


def fill(connection: Connection, *names: str) -> None:
    rows = [{"name": name, "created_at": now(), "created_by": "Ana"} for name in names]
    connection.execute(insert(piles), rows)


def test_old_rows_go_and_others_stay(either_engine: Engine) -> None:
    with db.writing(either_engine) as connection:
        fill(connection, "old", "kept", "old", "newest")
        assert prune(connection, piles, piles.c.name == "old") == 2
        assert named(connection) == ["kept", "newest"]
        assert prune(connection, piles, piles.c.name == "old") == 0


def test_the_newest_row_stays_however_old_and_no_number_is_given_twice(
    either_engine: Engine,
) -> None:
    with db.writing(either_engine) as connection:
        fill(connection, "old", "old", "old")
        newest = max(connection.scalars(select(piles.c.id)))
        assert prune(connection, piles, piles.c.name == "old") == 2
        fill(connection, "next")
        ids = list(connection.scalars(select(piles.c.id).order_by(piles.c.id)))
    assert ids[0] == newest < ids[1]


def test_all_that_must_hold_of_a_row_must_hold_before_it_goes(either_engine: Engine) -> None:
    with db.writing(either_engine) as connection:
        fill(connection, "a", "b", "newest")
        assert prune(connection, piles, piles.c.name == "a", piles.c.created_by == "Radu") == 0
        assert prune(connection, piles, piles.c.name == "a", piles.c.created_by == "Ana") == 1


def test_a_guard_of_the_record_that_was_dropped_is_missed_by_its_name(
    either_engine: Engine,
) -> None:
    kind = either_engine.dialect.name
    name, drop = {
        "sqlite": ("audit_no_delete", "DROP TRIGGER audit_no_delete"),
        "postgresql": ("audit_append_only", "ALTER TABLE audit DISABLE TRIGGER audit_append_only"),
    }[kind]
    with db.writing(either_engine) as connection:
        assert triggers.missing(connection) == set()
        connection.execute(text(drop))
        assert triggers.missing(connection) == {name}
