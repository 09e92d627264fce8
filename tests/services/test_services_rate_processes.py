"""T9 with several worker processes on one bucket, on SQLite and on PostgreSQL."""

import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from sqlalchemy import Engine

WORKER = Path(__file__).with_name("rate_worker.py")
ROOT = Path(__file__).resolve().parents[2]
PROCESSES, THREADS, TURNS, PER_SECOND = 4, 5, 15, 60.0


def run(url: str) -> list[float]:
    """When each turn of all processes was due, sorted, in seconds."""
    key = uuid.uuid4().hex
    command = [sys.executable, str(WORKER), url, key, str(PER_SECOND), str(THREADS), str(TURNS)]
    started = [
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(PROCESSES)
    ]
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    due = []
    for one in started:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in started:
        out, _ = one.communicate(timeout=60)
        assert one.returncode == 0
        due += [float(word) for word in out.split()]
    return sorted(due)


def check(due: list[float]) -> None:
    """300 turns, never above the rate in any window, at least 95 % of it used."""
    assert len(due) == PROCESSES * THREADS * TURNS
    for size in (1, 10, 60, 150):
        spans = [due[start + size] - due[start] for start in range(len(due) - size)]
        assert min(spans) > size / PER_SECOND - 0.002  # the clock's own grain
    begun = PROCESSES * THREADS  # by then every process is at it
    assert (len(due) - 1 - begun) / (due[-1] - due[begun]) >= 0.95 * PER_SECOND


@pytest.mark.timed
def test_four_processes_share_one_bucket_on_sqlite(buckets: Engine) -> None:
    check(run(str(buckets.url)))


@pytest.mark.timed
@pytest.mark.postgres
def test_four_processes_share_one_bucket_on_postgresql(postgres_buckets: str) -> None:
    check(run(postgres_buckets))
