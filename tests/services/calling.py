"""Calls of several processes to one service; run as a script it begins those processes."""

import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection as PipeEnd
from multiprocessing.synchronize import Barrier
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
    command = [sys.executable, __file__, json.dumps(job), str(processes)]
    done = subprocess.run(
        command, env=values, stdout=subprocess.PIPE, text=True, timeout=600, check=True
    )
    outcomes: Counter[str] = Counter()
    for line in done.stdout.splitlines():
        outcomes.update(json.loads(line))
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


def _one_of(job: dict[str, Any], start: Barrier, out: PipeEnd) -> None:
    """Call once all others can, and tell how it went."""
    call = _caller(job)
    db.engine()
    start.wait(600)
    count = job["threads"] * job["calls"]
    with ThreadPoolExecutor(job["threads"]) as pool:
        outcomes = Counter(pool.map(lambda _: _call_until_it_has_a_turn(call), range(count)))
    out.send(outcomes)


def main(job: dict[str, Any], processes: int) -> None:
    """So many processes, a line of outcomes of each.

    They are forked before there is a thread or a connection: what all import is imported once.
    """
    forks = multiprocessing.get_context("fork")
    start = forks.Barrier(processes)
    pipes = [forks.Pipe(duplex=False) for _ in range(processes)]
    started = [forks.Process(target=_one_of, args=(job, start, out)) for _, out in pipes]
    for one in started:
        one.start()
    for _, out in pipes:
        out.close()  # so that a process which ends without a word is an end of its pipe
    for back, _ in pipes:
        print(json.dumps(back.recv()))
    for one in started:
        one.join()
    assert [one.exitcode for one in started] == [0] * processes


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), int(sys.argv[2]))
