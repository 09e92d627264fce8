"""T7: whatever a service, the clock and crashes do in whatever order, an effect happens once.

The service is a model here, so that thousands of histories can be tried; the same rules are
proved over HTTP in test_reversal_once.
"""

import contextlib
import datetime as dt
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from histories_world import SAID, Crash, Time
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Engine, insert, select

from core import clock
from core.audit import trail
from core.clock import now
from core.config import Home, at
from core.reasons import quoted
from core.reversal.effects import ledger
from core.reversal.effects.calls import Absent, Answer, EffectCall, Found, NotYet, Result
from core.reversal.effects.executor import EffectExecutor
from core.reversal.effects.ledger import AuditSubject
from core.reversal.runs import follow_up
from core.services.outcome import (
    Confirmed,
    Evidence,
    NotSent,
    Outcome,
    Refused,
    RefusedForNow,
    Unknown,
)
from core.store import db
from core.store.tables import connections, metadata, orders, reversals

SETTLE = 90.0
LATEST = 60.0  # a late effect is applied within the settle delay, as rule 4 demands of services

SENDING = st.sampled_from(
    [
        "ok",
        "not sent",
        "later",
        "refused",
        "lost before",
        "lost after",
        "late",
        "crash before",
        "crash after",
    ]
)


class Service:
    """A service that does what it is told to do wrong next."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.applied = 0
        self.due: list[float] = []
        self.behaviour = "ok"
        self.can_tell = True

    def settle_due(self) -> None:
        """Apply what was to be applied late and is due now."""
        ripe = [moment for moment in self.due if moment <= self.time.up]
        self.due = [moment for moment in self.due if moment > self.time.up]
        self.applied += len(ripe)

    def send(self, _effect: ledger.Effect) -> Outcome[Result]:
        self.settle_due()
        behaviour, self.behaviour = self.behaviour, "ok"
        evidence = Evidence("model", "POST /", 500, behaviour)
        match behaviour:
            case "not sent":
                return NotSent(quoted("no connection"))
            case "later":
                return RefusedForNow(quoted("slow down"), now() + dt.timedelta(seconds=30))
            case "refused":
                return Refused(quoted("no"), "invalid", evidence)
            case "lost before":
                return Unknown(quoted("no answer"), evidence)
            case "late":
                self.due.append(self.time.up + LATEST)
                return Unknown(quoted("no answer"), evidence)
            case "crash before":
                raise Crash
        self.applied += 1
        if behaviour == "crash after":
            raise Crash
        if behaviour == "lost after":
            return Unknown(quoted("no answer"), evidence)
        return Confirmed({"number": "1"}, evidence)

    def ask(self, _effect: ledger.Effect) -> Answer:
        self.settle_due()
        if not self.can_tell:
            return NotYet(quoted("cannot tell now"))
        return Found({"number": "1"}, SAID) if self.applied else Absent()


def make_database() -> tuple[Home, Engine]:
    """A migrated-shaped database on disk, without waiting for the disk."""
    folder = Path(tempfile.mkdtemp())
    home = Home(folder, f"sqlite:///{folder / 'property.db'}")
    engine = db.engine(home)
    with engine.begin() as connection:
        metadata.create_all(connection)
    return home, engine


HOME, ENGINE = make_database()


class OneEffect(RuleBasedStateMachine):
    """One effect at one service that may be asked, or may not."""

    @initialize(can_ask=st.booleans())
    def begin(self, can_ask: bool) -> None:
        self.time = Time()
        self.service = Service(self.time)
        self.can_ask = can_ask
        self.subject, self.connection_id = _rows()
        self.here = contextlib.ExitStack()
        self.here.enter_context(clock.use(self.time))
        self.here.enter_context(at(HOME))
        self.answered = 0

    def teardown(self) -> None:
        if hasattr(self, "here"):
            self.here.close()

    def call(self) -> EffectCall:
        ask = self.service.ask if self.can_ask else None
        return EffectCall(
            send=self.service.send, ask=ask, settle_seconds=SETTLE, ask_first=self.can_ask
        )

    def of_now(self) -> AuditSubject:
        """The subject of a pass that begins now."""
        query = select(reversals.c.generation).where(reversals.c.id == self.subject.reversal_id)
        with db.reading(ENGINE) as connection:
            return replace(self.subject, generation=connection.scalars(query).one())

    def current(self) -> ledger.Effect:
        with db.reading(ENGINE) as connection:
            return ledger.plan(
                connection, self.subject, self.connection_id, "storno", self.subject.order_name
            )

    @rule(behaviour=SENDING, can_tell=st.booleans())
    def tick(self, behaviour: str, can_tell: bool) -> None:
        """A worker, perhaps a new one after a crash, takes the effect as far as it goes."""
        self.service.behaviour, self.service.can_tell = behaviour, can_tell
        try:
            EffectExecutor(ENGINE, self.of_now()).execute(self.current(), self.call())
        except Crash:
            return

    @rule(seconds=st.floats(0.1, 200))
    def wait(self, seconds: float) -> None:
        self.time.up += seconds
        self.service.settle_due()

    @rule(seconds=st.sampled_from([-3600.0, 86400.0]))
    def turn_the_clock(self, seconds: float) -> None:
        self.time.turned += seconds

    @precondition(lambda self: self.current().state == "held" and not self.service.due)
    @rule()
    def a_person_looks(self) -> None:
        held = self.current()
        if self.service.applied:
            follow_up.answer_exists(held.id, "S", "1")
        else:
            follow_up.answer_absent(held.id)

    @invariant()
    def never_twice(self) -> None:
        assert self.service.applied + len(self.service.due) <= 1

    @invariant()
    def confirmed_means_done(self) -> None:
        if self.current().state == "confirmed":
            assert self.service.applied == 1

    @invariant()
    def nothing_is_out_there_without_its_intent(self) -> None:
        if self.service.applied or self.service.due:
            assert self.current().attempt > 0 or self.current().state == "confirmed"

    @invariant()
    def what_cannot_be_asked_about_is_never_left_unknown(self) -> None:
        if not self.can_ask:
            assert self.current().state != "unknown"


def _rows() -> tuple[AuditSubject, int]:
    moment = now()
    with db.writing(ENGINE) as connection:
        number = (connection.scalar(orders.select().with_only_columns(orders.c.id)
                                    .order_by(orders.c.id.desc()).limit(1)) or 0) + 1  # fmt: skip
        shop = {
            "kind": "shop", "service": "model", "name": f"model {number}", "settings": {},
            "secrets": "", "sandbox": True, "enabled": True, "created_at": moment,
        }  # fmt: skip
        shop_id = connection.scalar(insert(connections).values(shop).returning(connections.c.id))
        order: dict[str, Any] = {
            "shop_id": shop_id, "gid": f"gid/{number}", "name": f"#{number}",
            "created_at": moment, "updated_at": moment, "synced_at": moment, "payment": "cod",
            "total_minor": 1, "currency": "RON", "tags": [], "attributes": {},
        }  # fmt: skip
        order_id = connection.scalar(insert(orders).values(order).returning(orders.c.id))
        reversal: dict[str, Any] = {
            "order_id": order_id, "origin": "pile", "requested_by": "ana", "options": {},
            "state": "queued", "created_at": moment,
        }  # fmt: skip
        reversal_id = connection.scalar(
            insert(reversals).values(reversal).returning(reversals.c.id)
        )
    assert shop_id is not None
    assert order_id is not None
    assert reversal_id is not None
    return AuditSubject(reversal_id, order_id, f"#{number}", "ana"), shop_id


OneEffect.TestCase.settings = settings(
    max_examples=200,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class TestOneEffect(OneEffect.TestCase):  # type: ignore[name-defined, misc]
    """200 histories of 40 steps."""


def test_the_trail_of_all_those_histories_is_unbroken() -> None:
    with db.reading(ENGINE) as connection:
        verdict = trail.verify(connection)
    assert verdict.ok


def test_a_pass_that_saw_no_intent_does_not_take_back_the_one_of_another() -> None:
    """Both found nothing begun; while the second asks in vain, the first one sends."""
    subject, connection_id = _rows()
    seen = ledger.new(subject, connection_id, "storno", subject.order_name)

    def ask(_effect: ledger.Effect) -> Answer:
        with db.writing(ENGINE) as connection:
            assert ledger.claim(connection, seen, subject) is not None
        return NotYet(quoted("no answer"))

    def send(_effect: ledger.Effect) -> Outcome[Result]:
        raise AssertionError("sent a second time")

    call = EffectCall(send=send, ask=ask, settle_seconds=SETTLE, ask_first=True)
    EffectExecutor(ENGINE, subject).execute(seen, call)
    with db.reading(ENGINE) as connection:
        stands = ledger.find(connection, connection_id, "document", subject.order_name)
    assert stands is not None
    assert (stands.state, stands.attempt) == ("unknown", 1)
