"""What the worker lets go of each night, with the real engine."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
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
            sessions.begin(connection, kind=sessions.Kind.BROWSER, name="a", person="Ana")
            alarms.ring(connection, "disk", str(number), quoted("full"))
        alarms.settle(connection, "disk", "0")
    for days in (6, 8, 103, 105, 365, 367):
        later.days = days
        scheduled_jobs.JOBS["tidy"]()
        told()
    DBOS.destroy()
"""


def test_a_night_lets_go_of_the_engine_s_notes_of_ended_sessions_and_of_cleared_alarms(
    tmp_path: Path,
) -> None:
    """Notes after 7 days, sessions (14 days long) after 90 more, alarms after 366."""
    done = subprocess.run(
        [sys.executable, "-c", NIGHT], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "REFUZ_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    told = [line[5:] for line in done.stdout.splitlines() if line.startswith("left ")]
    assert told == [
        "6 3 2 2", "8 0 2 2", "103 0 2 2", "105 0 1 2", "365 0 1 2", "367 0 1 1",
    ], done.stdout + done.stderr  # fmt: skip
