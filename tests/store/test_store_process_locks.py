"""Numbered locks of processes, on SQLite (on PostgreSQL: `test_reversal_postgres.py`)."""

import os
import subprocess
import sys

from sqlalchemy import Engine

from core.config import home
from core.reversal.worker import planning
from core.store.statements.process_locks import Lock, held_numbers, hold

HOLDER = """
import sys
from core.config import home
from core.store import db
from core.store.statements.process_locks import Lock, hold

print(hold(home(), db.engine(home()), Lock.WORKER, 5).number, flush=True)
sys.stdin.read()
"""


def test_a_lock_dies_with_the_process_that_holds_it(engine: Engine) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER], env={**os.environ, "REFUZ_HOME": str(home().root)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "0\n"
        assert held_numbers(home(), engine, Lock.WORKER) == {0}
        assert hold(home(), engine, Lock.WORKER, 5) is None  # one worker is enough on SQLite
        other.kill()
    assert held_numbers(home(), engine, Lock.WORKER) == set()
    mine = hold(home(), engine, Lock.WORKER)
    assert mine is not None
    mine.check()
    mine.release()


def test_one_lock_keeps_nobody_from_another(engine: Engine) -> None:
    working, planned = hold(home(), engine, Lock.WORKER), hold(home(), engine, Lock.PLANNING)
    assert working is not None
    assert planned is not None
    working.release()
    assert held_numbers(home(), engine, Lock.WORKER) == set()
    assert held_numbers(home(), engine, Lock.PLANNING) == {0}
    planned.release()


def test_of_two_that_plan_one_does_and_the_other_takes_its_place(engine: Engine) -> None:
    first, second = planning.Role(home()), planning.Role(home())
    assert (first.mine(), second.mine(), first.mine()) == (True, False, True)
    first.release()
    assert (second.mine(), first.mine()) == (True, False)
    second.release()
