"""T8: 20 faults of the network × each call of each adapter; none is taken for success.

Effects meet the fault themselves: whatever an adapter reads before them (a token, an amount)
comes from a server that answers well.
"""

import functools
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

import misbehaving
import pytest
from services_answering import Split, answering, connected
from sqlalchemy import Engine

from core.sandbox import registry as counterparts
from core.services import registry
from core.services.http.client import HttpClient
from core.services.limits.rate import Throttle
from core.services.outcome import Confirmed, NotSent, Outcome, Refused, RefusedForNow, Unknown
from core.services.ports import InvoiceRef, Rate
from core.settings.connections import Connection

INVOICE = InvoiceRef("CT", "0042")
TODAY = date(2026, 11, 22)
UNHURRIED = Rate(1e6, 1e6)
# A client is in a hurry only where the fault is about time: on a busy machine good answers take
# theirs as well, and an effect whose preparation came too late is not sent and meets no fault.
ABOUT_TIME = {"dns", "connect_timeout", "timeout_before", "timeout_after", "dribble"}
PATIENT = 30.0

# What an adapter asks for before the call that is meant: a token, an amount.
TOKENS: dict[str, list[Any]] = {
    "oblio": [{"access_token": "tok", "expires_in": "3600"}],
    "sameday": [{"token": "tok"}],
    "fan": [{"status": "success", "data": {"token": "tok"}}],
    "cargus": ['"tok"'],
}
# What "Test connection" asks for before its last call; the others do with one.
BEFORE_CHECK: dict[str, list[Any]] = {
    "oblio": TOKENS["oblio"],
    "fan": 2 * TOKENS["fan"],  # to sign in is tried apart
    "stripe": [{"object": "list", "data": []}],
}
BEFORE_EFFECT = {**TOKENS, "stripe": [{"id": "0042", "status": "open", "total": 12100}]}
EFFECTS: dict[str, Callable[[Any], Outcome[Any]]] = {
    "reverse": lambda service: service.reverse(INVOICE, "key", TODAY),
    "annul": lambda service: service.annul(INVOICE, "key"),
}
INVOICE_READS: dict[str, Callable[[Any], Outcome[Any]]] = {
    "find_storno": lambda service: service.find_storno(INVOICE),
    "find_annulled": lambda service: service.find_annulled(INVOICE),
    "find_invoices": lambda service: service.find_invoices("#1001"),
}
COURIER_READS: dict[str, Callable[[Any], Outcome[Any]]] = {
    "events": lambda service: service.events(["9000000000017"]),
    "resolve": lambda service: service.resolve("9000000000017"),
}


@dataclass(frozen=True)
class Job:
    """One call of one adapter, and the good answers it gets before the fault."""

    service: str
    kind: str
    name: str
    call: Callable[[Any], Any]
    effect: bool = False
    prepared: tuple[Any, ...] = ()


def client(base_url: str, buckets: Engine, timeout: float) -> HttpClient:
    throttle = Throttle(uuid.uuid4().hex, UNHURRIED, buckets)
    return HttpClient("example", throttle.key, base_url, UNHURRIED, timeout, throttle=throttle)


def filled(service: str, kind: str, base_url: str) -> Connection:
    names = {one.name for one in registry.info(service).fields} - {"base_url"}
    values = {name: f"a-{name}" for name in names}
    return connected(service, kind, base_url, **values)


def run_one(fault: str, job: Job) -> tuple[Any, int]:
    """The outcome of the job's call, and how often it reached the faulty server."""
    with misbehaving.running(fault) as own, answering() as good:
        for body in job.prepared:
            good.will_say(body)
        connection = filled(job.service, job.kind, own.base_url)
        more = {"good_url": good.base_url, "good_calls": str(len(job.prepared))}
        connection.settings.update(more)
        outcome = job.call(registry.adapter(connection))
        return outcome, len(own.requests)


def check_jobs() -> list[Job]:
    """ "Test connection" of each: the fault at its first call, and at the one after it."""
    found = []
    for kind in ("invoicing", "courier"):
        for service in registry.services(kind):
            found.append(Job(service, kind, "check", lambda one: one.check()))
            if ready := BEFORE_CHECK.get(service):
                found.append(
                    Job(service, kind, "check", lambda one: one.check(), prepared=tuple(ready))
                )
    return found


def jobs() -> list[Job]:
    """Each call; a reading behind a sign-in twice: the fault at the sign-in, and after it."""
    found = []
    for service in registry.services("invoicing"):
        ready = tuple(BEFORE_EFFECT.get(service, ()))
        found += [Job(service, "invoicing", *one, True, ready) for one in EFFECTS.items()]
    for kind, calls in (("invoicing", INVOICE_READS), ("courier", COURIER_READS)):
        for service in registry.services(kind):
            found += [Job(service, kind, *one) for one in calls.items()]
            signed_in = tuple(TOKENS.get(service, ()))
            if signed_in:
                found += [Job(service, kind, *one, False, signed_in) for one in calls.items()]
    return found


def wrong(fault: str, job: Job, outcome: Outcome[Any]) -> str:
    """What is wrong with an outcome; "" when it is as the table says."""
    kind_of = type(outcome).__name__
    if silent(job.service, job.kind, job.name):
        honest = isinstance(outcome, Refused) or outcome == Confirmed(None)
        return "" if honest else f"{kind_of}, made up"
    expected = misbehaving.FAULTS[fault]
    if expected != "Answer":
        return "" if kind_of == expected else f"{kind_of}, not {expected}"
    # A service that says no by `errorText` with HTTP 200 understands this fault; nobody else does.
    own_words = fault == "error_text_200" and "errorText" in counterparts.error(job.service)
    kind = Refused if own_words else Unknown
    return "" if isinstance(outcome, kind) else f"{kind_of}, not {kind.__name__}"


@functools.cache
def silent(service: str, kind: str, name: str) -> bool:
    """Whether this call says its answer without speaking to the service: what it cannot do."""
    call = {**EFFECTS, **INVOICE_READS, **COURIER_READS}[name]
    with answering() as server:
        connection = filled(service, kind, server.base_url)
        connection.settings.update(good_url=server.base_url, good_calls="99")
        call(registry.adapter(connection))
        return not server.asked


@pytest.fixture
def split(fault: str, buckets: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Adapters whose first calls go to the good server, the next to the faulty one."""
    patience = misbehaving.TIMEOUT if fault in ABOUT_TIME else PATIENT

    def split_client(connection: Connection) -> Any:
        settings = connection.settings
        good = client(settings.get("good_url", "http://shop.invalid"), buckets, PATIENT)
        first = int(settings.get("good_calls", "0"))
        return Split(good, client(settings["base_url"], buckets, patience), first)

    monkeypatch.setattr(registry, "client_for", split_client)


def test_each_call_of_each_adapter_classifies_each_fault(fault: str, split: None) -> None:
    wanted = jobs()
    with ThreadPoolExecutor(12) as pool:
        ran = list(pool.map(lambda job: run_one(fault, job), wanted))
    misfits = {
        f"{job.service}.{job.name}": f"{said}; reached it {reached} times"
        for job, (outcome, reached) in zip(wanted, ran, strict=True)
        if (said := wrong(fault, job, outcome))
    }
    assert misfits == {}
    assert all(reached <= 1 for job, (_, reached) in zip(wanted, ran, strict=True) if job.effect)


def test_test_connection_finds_each_fault_and_says_what_is_wrong(fault: str, split: None) -> None:
    """The last finding is not well, in a sentence; what came before the fault is."""
    wanted = check_jobs()
    with ThreadPoolExecutor(12) as pool:
        ran = list(pool.map(lambda job: run_one(fault, job), wanted))
    for job, (findings, _) in zip(wanted, ran, strict=True):
        *before, last = findings
        assert not last.ok, (job.service, findings)
        assert len(str(last.say).split()) > 2, (job.service, findings)
        assert all(one.ok for one in before)
        signs_in_first = job.service in ("fan", "stripe")
        assert bool(before) is (bool(job.prepared) and signs_in_first), (job.service, findings)


@pytest.mark.parametrize("service", ["oblio", "stripe"])
def test_a_fault_before_the_effect_means_that_it_was_not_sent(
    fault: str, split: None, service: str
) -> None:
    """The token or the amount could not be had: nothing of the effect left this machine."""
    with misbehaving.running(fault) as own:
        made = registry.adapter(filled(service, "invoicing", own.base_url))
        outcome = EFFECTS["reverse"](made)
    assert isinstance(outcome, NotSent | RefusedForNow), outcome
    assert not any(b"POST /api/docs" in one or b"POST /credit" in one for one in own.requests)
