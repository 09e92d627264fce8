"""One reversal on an empty desk, and a service that answers as it is told."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from set_clock import SetClock
from sqlalchemy import Connection, Engine, insert, select

from core.audit import trail
from core.clock import now
from core.reasons import Reason, quoted
from core.reversal.effects import executor, ledger
from core.reversal.effects.calls import Answer, EffectCall, Result, StepBlocked
from core.reversal.effects.executor import EffectExecutor
from core.reversal.effects.ledger import AuditSubject, Effect
from core.services.outcome import Confirmed, Evidence, Outcome, RefusedForNow, Unknown
from core.store import db
from core.store.states import ReversalState
from core.store.tables import connections, invoices, orders, reversals

SAID = Evidence("model", "POST /", 200, "said")
DONE = Confirmed({"number": "7"}, SAID)


def make_reversal(engine: Engine, number: int = 1) -> tuple[AuditSubject, int]:
    """One queued reversal of an order of its own; gives it and its shop's connection."""
    moment = now()
    with db.writing(engine) as connection:
        shop_id = connection.scalar(
            insert(connections)
            .values(
                kind="shop", service="model", name=f"model {number}", settings={}, secrets="",
                sandbox=True, enabled=True, created_at=moment,
            )
            .returning(connections.c.id)
        )  # fmt: skip
        order_id = connection.scalar(
            insert(orders)
            .values(
                shop_id=shop_id, gid=f"gid/{number}", name=f"#{number}", created_at=moment,
                updated_at=moment, synced_at=moment, payment="cod", total_minor=1, currency="RON",
                tags=[], attributes={},
            )
            .returning(orders.c.id)
        )  # fmt: skip
        reversal_id = connection.scalar(
            insert(reversals)
            .values(
                order_id=order_id, origin="pile", requested_by="ana", options={}, state="queued",
                created_at=moment,
            )
            .returning(reversals.c.id)
        )  # fmt: skip
    assert shop_id is not None
    assert order_id is not None
    assert reversal_id is not None
    return AuditSubject(reversal_id, order_id, f"#{number}", "ana"), shop_id


def make_invoice(engine: Engine, subject: AuditSubject, number: str) -> int:
    """An invoice of that order."""
    needed: dict[str, Any] = {"order_id": subject.order_id, "series": "S", "number": number}
    for column in invoices.c:
        missing = column.name not in needed and not column.nullable and not column.primary_key
        if missing and column.default is None and column.server_default is None:
            usual = {int: 1, dt.datetime: now()}
            needed[column.name] = usual.get(column.type.python_type, "x")
    with db.writing(engine) as connection:
        made = connection.scalar(insert(invoices).values(needed).returning(invoices.c.id))
    assert made is not None
    return made


@dataclass
class Model:
    """A service that answers each sending and each question with the next of these."""

    sendings: list[Outcome[Result]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)  # of each sending
    asked: list[Effect] = field(default_factory=list)
    confirmed: list[Result] = field(default_factory=list)
    on_send: Callable[[Effect], None] = lambda _effect: None

    def send(self, effect: Effect) -> Outcome[Result]:
        self.attempts.append(effect.attempt)
        self.on_send(effect)
        return self.sendings.pop(0)

    def ask(self, effect: Effect) -> Answer:
        self.asked.append(effect)
        return self.answers.pop(0)

    def note(self, _connection: Connection, result: Result) -> None:
        self.confirmed.append(result)

    def call(self, **changes: Any) -> EffectCall:
        """How the effect is sent there: it can be asked about, 90 seconds later."""
        usual = EffectCall(
            send=self.send, ask=self.ask, settle_seconds=90.0, on_confirmed=self.note
        )
        return replace(usual, **changes)


@dataclass
class Bench:
    """A performer, its reversal, and the one effect that it is to do."""

    engine: Engine
    subject: AuditSubject
    shop_id: int
    performer: EffectExecutor

    def fresh(self, target: str = "one", **more: Any) -> Effect:
        return ledger.new(self.subject, self.shop_id, more.pop("kind", "storno"), target, **more)

    def stands(self, target: str = "one", slot: str = "document") -> Effect:
        """The effect as it is committed."""
        with db.reading(self.engine) as connection:
            found = ledger.find(connection, self.shop_id, slot, target)
        assert found is not None
        return found

    def execute(
        self, model: Model, effect: Effect | None = None, **call: Any
    ) -> StepBlocked | None:
        return self.performer.execute(effect or self.fresh(), model.call(**call))

    def trail(self) -> list[Any]:
        """What was told about the order, oldest first."""
        with db.reading(self.engine) as connection:
            entries = trail.search(connection, order_id=self.subject.order_id, limit=100)
        return sorted(entries, key=lambda one: one.id)

    def reversal(self) -> Any:
        with db.reading(self.engine) as connection:
            return connection.execute(
                select(reversals).where(reversals.c.id == self.subject.reversal_id)
            ).one()


def bench_on(engine: Engine, number: int = 1) -> Bench:
    subject, shop_id = make_reversal(engine, number)
    return Bench(engine, subject, shop_id, EffectExecutor(engine, subject))


LOST = Unknown(quoted("no answer"), SAID)
LIMIT = executor.INLINE_WAIT


def later(seconds: float) -> RefusedForNow:
    return RefusedForNow(quoted("slow down"), now() + dt.timedelta(seconds=seconds))


def waits(halt: StepBlocked | None) -> float:
    """How long it waits, in whole seconds."""
    assert halt is not None
    assert halt.state == ReversalState.WAITING
    return round(halt.wait)


def needs_person(halt: StepBlocked | None) -> tuple[Reason | None, str]:
    assert halt is not None
    assert halt.state == ReversalState.NEEDS_PERSON
    assert halt.wait == 0.0  # nothing is waited for
    return halt.why, halt.code


def asked_after(bench: Bench, clock: SetClock, model: Model, **call: Any) -> StepBlocked | None:
    """What comes of an effect in doubt when its service is asked."""
    model.sendings.insert(0, LOST)
    bench.execute(model, **call)
    clock.passed += 91
    return bench.execute(model, bench.stands(), **call)
