"""T9 as the service sees it: real adapters call the sandbox over HTTP, and its clock judges.

The sandbox blocks like the real ones: SmartBill at the 31st call in ten seconds, Oblio at the 31st
document in a hundred. The short form runs SmartBill at four and Oblio at twenty times its speed,
with their limits as much faster.
"""

import itertools
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from calling import call_from_processes

from core.demo.world import accounts
from core.sandbox import process
from core.settings.connections import Connection

pytestmark = pytest.mark.timed

# Between its turn and its arrival a call may be late by this much. Half a second is what the
# limits themselves leave at the rates of the short form: 30 calls in 2.5 s, of which we make 25.
LATE = 0.5
SHOP = {"name": "Casa Verde", "domain": "c.myshopify.com", "vat_code": "RO12345674"}
WORLD = {
    "now": "2026-11-20T08:00:00Z", "shop": SHOP,
    "orders": [], "invoices": [], "products": [], "courier_events": [],
}  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """So many calls to a service, and what it allows: per second, and (calls, seconds)."""

    service: str
    calls: int
    per_second: float
    limit: tuple[int, float]
    faster: int = 1
    at_once: int = 2  # the bucket

    @property
    def settings(self) -> dict[str, str]:
        """The service's own rate and window, both as much faster."""
        return {"rate_faster": str(self.faster)}


SMARTBILL = Trial("smartbill", 96, 8.0, (30, 2.5), faster=4)
OBLIO = Trial("oblio", 80, 6.0, (30, 5.0), faster=20, at_once=10)
SMARTBILL_LONG = Trial("smartbill", 208, 2.0, (30, 10.0))
OBLIO_LONG = Trial("oblio", 80, 0.3, (30, 100.0), at_once=10)

_IDS = itertools.count(900_001)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a sandbox whose limits are on."""
    running = process.start(tmp_path_factory.mktemp("sandbox"))
    requests.post(f"{running.base_url}/_sandbox/load", json=WORLD, timeout=10).raise_for_status()
    yield running.base_url
    running.stop()


def account(trial: Trial, base_url: str) -> dict[str, Any]:
    """A connection to the service, with a bucket of its own."""
    known = next(one for one in accounts() if one.service == trial.service)
    settings = {**known.settings, "base_url": base_url + known.path, **trial.settings}
    connection = Connection(
        next(_IDS), known.kind, known.service, known.name, settings, known.secrets
    )
    return vars(connection)


def arrivals(base_url: str, service: str) -> list[float]:
    """When each call of all times arrived, by the sandbox's clock."""
    times = requests.get(f"{base_url}/_sandbox/calls", timeout=10).json()
    return sorted(times.get(service, []))


def most(arrived: list[float], seconds: float) -> int:
    """The most calls in any so many seconds."""
    first, found = 0, 0
    for last, at in enumerate(arrived):
        while at - arrived[first] >= seconds:
            first += 1
        found = max(found, last - first + 1)
    return found


def run(trial: Trial, base_url: str, url: str, processes: int) -> tuple[Counter[str], list[float]]:
    """What became of the calls, and when they arrived."""
    settings = {"limits_faster": trial.faster, "block_seconds": 2}
    requests.put(f"{base_url}/_sandbox/settings", json=settings, timeout=10).raise_for_status()
    before = len(arrivals(base_url, trial.service))
    threads = 16 // processes
    job = {
        "connection": account(trial, base_url),
        "threads": threads,
        "calls": trial.calls // (threads * processes),
    }
    outcomes = call_from_processes(url, job, processes)
    return outcomes, arrivals(base_url, trial.service)[before:]


def faults(trial: Trial, outcomes: Counter[str], arrived: list[float]) -> list[str]:
    """What the sandbox saw that must not be; nothing when all is well."""
    found = []
    if outcomes != {"Refused": trial.calls}:  # by its own words: there is no such invoice
        found.append(f"not all were let in: {outcomes}")
    calls, seconds = trial.limit
    if most(arrived, seconds) > calls:
        found.append(f"{most(arrived, seconds)} calls in {seconds} s")
    for span in (1.0, seconds, 4.0, 10.0):
        allowed = trial.per_second * (span + LATE) + trial.at_once
        if most(arrived, span) > allowed:
            found.append(f"{most(arrived, span)} calls in {span} s, above the rate")
    used = rate_of(arrived)
    if used < 0.95 * trial.per_second:
        found.append(f"{used:.2f} calls a second, of {trial.per_second}")
    return found


def rate_of(arrived: list[float]) -> float:
    """Calls a second, from the first to the last; 0 where no time lies between them."""
    lasted = arrived[-1] - arrived[0] if arrived else 0.0
    return (len(arrived) - 1) / lasted if lasted > 0 else 0.0


def prove(trial: Trial, base_url: str, url: str, processes: int = 1) -> None:
    """A machine that stands still for half a second proves nothing, so there is a second try.

    Rules that were taken away fail each of them.
    """
    first = faults(trial, *run(trial, base_url, url, processes))
    if first:
        time.sleep(trial.limit[1])  # what the first try used is forgotten
        again = faults(trial, *run(trial, base_url, url, processes))
        assert again == [], first


@pytest.mark.parametrize("arrived", [[], [7.25], [7.25, 7.25], [7.25, 60.0, 400.0]])
def test_a_trial_whose_calls_hardly_came_is_told_as_a_fault(arrived: list[float]) -> None:
    """A service that went quiet (a limit of time, a machine that stood still) is tried again."""
    outcomes = Counter({"Refused": len(arrived), "NotSent": OBLIO_LONG.calls - len(arrived)})
    found = faults(OBLIO_LONG, outcomes, arrived)
    assert found[0].startswith("not all were let in")
    assert found[-1].endswith(" calls a second, of 0.3")


def test_a_trial_at_its_rate_is_told_as_well() -> None:
    arrived = [10 + number / OBLIO_LONG.per_second for number in range(OBLIO_LONG.calls)]
    assert faults(OBLIO_LONG, Counter({"Refused": OBLIO_LONG.calls}), arrived) == []
    slower = [10 + number / 0.25 for number in range(OBLIO_LONG.calls)]
    (fault,) = faults(OBLIO_LONG, Counter({"Refused": OBLIO_LONG.calls}), slower)
    assert fault == "0.25 calls a second, of 0.3"


LONG = pytest.mark.heavy


@pytest.mark.parametrize("trial", [SMARTBILL, pytest.param(SMARTBILL_LONG, marks=LONG)])
def test_sixteen_threads_use_smartbills_rate_and_are_never_refused(
    trial: Trial, sandbox: str, buckets_url: str
) -> None:
    prove(trial, sandbox, buckets_url)


@pytest.mark.postgres
@pytest.mark.parametrize("trial", [SMARTBILL, pytest.param(SMARTBILL_LONG, marks=LONG)])
def test_four_processes_use_smartbills_rate_and_are_never_refused(
    trial: Trial, sandbox: str, postgres_buckets: str
) -> None:
    prove(trial, sandbox, postgres_buckets, 4)


@pytest.mark.postgres
@pytest.mark.parametrize("trial", [OBLIO, pytest.param(OBLIO_LONG, marks=LONG)])
def test_four_processes_keep_to_oblios_documents_in_a_hundred_seconds(
    trial: Trial, sandbox: str, postgres_buckets: str
) -> None:
    prove(trial, sandbox, postgres_buckets, 4)


def test_sixteen_threads_keep_to_oblios_documents_in_a_hundred_seconds(
    sandbox: str, buckets_url: str
) -> None:
    prove(OBLIO, sandbox, buckets_url)
