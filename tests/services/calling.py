"""Calls of several processes to one service; run as a script it is one of those processes."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.clock import today
from core.services import registry
from core.services.codes import ServiceCode
from core.services.http.client import HttpClient
from core.services.outcome import RefusedForNow
from core.services.ports import InvoiceRef, Rate
from core.settings.connections import Connection
from core.store import db

ROOT = Path(__file__).resolve().parents[2]


def call_from_processes(url: str, job: dict[str, Any], processes: int) -> Counter[str]:
    """How many calls of all processes came out how, with their buckets in this database.

    `job`: so many `calls` of each of so many `threads`, by an adapter's `connection` or by a
    `client` alone.
    """
    # Far from the worker of a desk: nothing but the database is shared.
    values = {**os.environ, "REFUZ_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, __file__, json.dumps(job)]
    started = [subprocess.Popen(command, env=values, **pipes) for _ in range(processes)]
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    outcomes: Counter[str] = Counter()
    for one in started:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in started:
        out, _ = one.communicate(timeout=600)
        assert one.returncode == 0
        outcomes.update(json.loads(out))
    return outcomes


def _caller(job: dict[str, Any]) -> Any:
    if "connection" in job:
        adapter: Any = registry.adapter(Connection(**job["connection"]))
        nobody = InvoiceRef("XX", "0001")  # the service has no such invoice, and says so
        return lambda: adapter.reverse(nobody, "key", today(ZoneInfo("Europe/Bucharest")))
    wanted = job["client"]
    per_second, capacity, window = wanted["rate"]
    rate = Rate(per_second, capacity, tuple(window) if window else None)
    client = HttpClient("far", wanted["key"], wanted["base_url"], rate)
    return lambda: client.call("GET", "/", effect=False)


def _call_until_it_has_a_turn(call: Any) -> str:
    """As a workflow does: who finds the queue too long comes again."""
    while True:
        outcome = call()
        if not (isinstance(outcome, RefusedForNow) and outcome.why.code == ServiceCode.CROWDED):
            return type(outcome).__name__
        time.sleep(0.1)


def main(job: dict[str, Any]) -> None:
    """Wait for a line on standard input, then call."""
    call = _caller(job)
    db.engine()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    count = job["threads"] * job["calls"]
    with ThreadPoolExecutor(job["threads"]) as pool:
        outcomes = Counter(pool.map(lambda _: _call_until_it_has_a_turn(call), range(count)))
    sys.stdout.write(json.dumps(outcomes))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
