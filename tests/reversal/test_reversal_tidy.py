"""What the worker does by schedule, with the real engine: its hours, and what it lets go of."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOURS = """
from dbos import DBOS
from core.config import home
from core.reversal.worker import engine, scheduled_jobs
from core.settings import preferences
from core.store import db

def told():
    print("left", {one["cron_timezone"] for one in DBOS.list_schedules()}, zone)

db.migrate()
engine.launch(home(), "test", 1, 0.1)
zone = scheduled_jobs.keep_hours()
told()
for wanted in ("Europe/Vienna", "America/New_York"):
    with db.writing() as connection:
        preferences.save(connection, time_zone=wanted)
    zone = scheduled_jobs.keep_hours(zone)
    told()
assert len(DBOS.list_schedules()) == len(scheduled_jobs.SCHEDULES)
DBOS.destroy()
"""
NIGHT = """
import datetime as dt
from dbos import DBOS
from sqlalchemy import func, select
from core import clock, rights
from core.audit import alarms
from core.config import home
from core.people import sessions
from core.reasons import quoted
from core.reversal.worker import engine, scheduled_jobs
from core.settings import preferences
from core.store import db, tables

class Later(clock.Clock):
    days = 0
    def now(self):
        return super().now() + dt.timedelta(days=self.days)

def told():
    with db.reading() as connection:
        rows = [connection.scalar(select(func.count()).select_from(one))
                for one in (tables.sessions, tables.alarms)]
    print("left", later.days, len(DBOS.list_workflows()), *rows)

db.migrate()
later = Later()
with clock.use(later):
    engine.launch(home(), "test", 1, 0.1)
    for _ in range(3):
        DBOS.start_workflow(scheduled_jobs.run_job, clock.now(), "anchor").get_result()
    with db.writing() as connection:
        for number in range(2):
            sessions.begin(connection, kind=sessions.SessionKind.BROWSER, name="a", person="Ana")
            alarms.ring(connection, "disk", str(number), quoted("full"))
        alarms.settle(connection, "disk", "0")
    for days in (6, 8, 103, 105, 365, 367):
        later.days = days
        scheduled_jobs.JOBS["tidy"]()
        told()
    DBOS.destroy()
"""


def run(code: str, home: Path) -> tuple[list[str], str]:
    """The lines that a program of its own told, and all it said."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "REFUZ_HOME": str(home)},
    )  # fmt: skip
    lines = done.stdout.splitlines()
    return [one[5:] for one in lines if one.startswith("left ")], done.stdout + done.stderr


def test_the_worker_s_hours_are_the_seller_s_and_change_with_the_preference(
    tmp_path: Path,
) -> None:
    printed, said = run(HOURS, tmp_path / "home")
    zones = ("Europe/Bucharest", "Europe/Vienna", "America/New_York")
    assert printed == [f"{ {zone} } {zone}" for zone in zones], said


def test_a_night_lets_go_of_the_engine_s_notes_of_ended_sessions_and_of_cleared_alarms(
    tmp_path: Path,
) -> None:
    """Notes after 7 days, sessions (14 days long) after 90 more, alarms after 366."""
    printed, said = run(NIGHT, tmp_path / "home")
    assert printed == [
        "6 3 2 2", "8 0 2 2", "103 0 2 2", "105 0 1 2", "365 0 1 2", "367 0 1 1",
    ], said  # fmt: skip
