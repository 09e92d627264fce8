"""The world around the desk of test_reversal_histories: its time, a shop, two invoicing services.

What reaches a service here is held against the database as it is committed at that moment. What
breaks a rule is noted, not raised: the desk would take an error for one of its own and go on.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from histories_desk import ORDERS, START, first_told, moment, ref_of, storno_of
from sqlalchemy import Engine, select

from core.clock import Clock, now
from core.reasons import quoted
from core.reversal.effects.ledger import SLOTS, Effect
from core.services.outcome import (
    Confirmed,
    Evidence,
    NotSent,
    Outcome,
    Refused,
    RefusedForNow,
    Unknown,
)
from core.services.ports import (
    CancelRequest,
    CancelState,
    Capabilities,
    InvoiceRef,
    Rate,
    ShopCapabilities,
    ShopOrder,
    Storno,
)
from core.settings.connections import Connection
from core.store import db, tables

SAID = Evidence("world", "POST /", 200, "said")
SETTLE = 90
LATEST = 60.0  # a late effect is applied within the settle delay, as rule 4 demands of services
TIMEOUT = 30.0
SLOW_JOB = 40.0

SENDING_FAULTS = (
    "ok", "not sent", "later", "refused", "lost before", "lost after", "late", "crash before",
    "crash after", "meanwhile", "slow job", "unseen job", "job fails",
)  # fmt: skip
ASKING_FAULTS = ("told", "not sent", "later", "lost")
POINTS = (
    "planned", "intent committed", "sent", "asked", "outcome written", "outcome committed",
)  # fmt: skip


class Crash(BaseException):
    """The process dies here."""


class Time(Clock):
    """Seconds since boot go on; the wall clock can be turned."""

    def __init__(self) -> None:
        self.up = 1000.0
        self.turned = 0.0

    boot = "one boot"

    def uptime(self) -> float:
        return self.up

    def sleep(self, seconds: float) -> None:
        self.up += seconds

    def pass_by(self, seconds: float, turned: float) -> None:
        """Some time passes, and somebody turns the clock on the wall."""
        self.up += seconds
        self.turned += turned

    def now(self) -> dt.datetime:
        return START + dt.timedelta(seconds=self.up + self.turned)


@dataclass
class Target:
    """One thing out there that the desk may do once, and all that became of it."""

    slot: str
    name: str
    order: str
    service: str
    can_ask: bool = True
    applied: int = 0  # by the desk; it would be done again, as a service may
    by_hand: bool = False
    done_at: float | None = None
    due: list[float] = field(default_factory=list)
    job: Literal["", "running", "failed"] = ""
    doubt: float | None = None  # when it was last sent, until the desk has written what came of it
    plain: bool = False  # the last answer was a plain no
    absent_at: float | None = None  # when the service last told that it was not there

    @property
    def done(self) -> bool:
        return self.applied > 0 or self.by_hand

    @property
    def pending(self) -> bool:
        """Whether something about it may still be on its way."""
        return bool(self.due) or self.doubt is not None

    def apply(self, up: float) -> None:
        if not self.by_hand:  # what a person did, a service refuses by name
            self.applied += 1
            self.done_at = self.done_at or up


class World:
    """Everything outside the desk, and the faults that come next."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.time = Time()
        self.faults: list[str] = []
        self.untold: list[str] = []
        self.crash: tuple[str, int] | None = None
        self.meanwhile: Callable[[], object] = lambda: None
        self.broken: list[tuple[int, str]] = []
        self.sendings = 0
        self.targets: dict[tuple[str, str], Target] = {}
        for name, (_, papers) in ORDERS.items():
            self._add(Target("cancel", name, name, "shop"))
            self._add(Target("tag", f"{name} refused-returned", name, "shop"))
            for paper in papers:
                service, ref = paper.split(" ", 1)
                self._add(Target("document", ref, name, service, can_ask=service == "asked"))
        self.services = {
            "shop": Shop(self),
            "asked": Invoicing(self, "asked"),
            "silent": Invoicing(self, "silent"),
        }

    def _add(self, target: Target) -> None:
        self.targets[target.slot, target.name] = target

    def adapter(self, connection: Connection) -> object:
        return self.services[connection.service]

    def of(self, slot: str, order: str = "") -> list[Target]:
        """The targets of one slot, of one order or of all."""
        return [
            one for one in self.targets.values() if one.slot == slot and order in ("", one.order)
        ]

    def break_rule(self, number: int, text: str) -> None:
        self.broken.append((number, text))

    def ripen(self) -> None:
        """Apply what was to be applied late and is due now."""
        for target in self.targets.values():
            ripe = [due for due in target.due if due <= self.time.up]
            target.due = [due for due in target.due if due > self.time.up]
            for due in ripe:
                target.apply(due)
                target.job = ""

    def failpoint(self, point: str, effect: Effect) -> None:
        """What the desk has written down it knows; then it may die."""
        target = self.targets[SLOTS[effect.kind], effect.target]
        if point == "outcome committed":
            known = target.plain and effect.state in ("planned", "refused")
            if known or effect.state == "confirmed":
                target.doubt = None
            target.plain = False
        if self.crash is not None and self.crash[0] == point:
            self.crash = (point, self.crash[1] - 1)
            if self.crash[1] < 0:
                raise Crash

    def calm(self) -> None:
        """Nothing goes wrong any more; an answer that was not written down is lost."""
        self.faults, self.untold, self.crash = [], [], None
        for target in self.targets.values():
            target.plain = False

    # -------------------------------------------------------------- a sending arrives

    def receive(self, target: Target, key: str = "") -> Outcome[None]:
        """Judge what arrives; then do what is to go wrong with it."""
        self.ripen()
        self._judge(target, key)
        self.sendings += 1
        fault = self.faults.pop(0) if self.faults else "ok"
        began = target.doubt = self.time.up
        target.plain, target.absent_at = False, None
        target.job = "" if target.job == "failed" else target.job
        if fault == "meanwhile":
            self.meanwhile()  # another worker takes the same reversal before the answer
        outcome = self._outcome(target, fault, began)
        target.plain = isinstance(outcome, NotSent | RefusedForNow | Refused)
        return outcome

    def _judge(self, target: Target, key: str) -> None:
        query = select(tables.effects.c.state, tables.effects.c.key).where(
            tables.effects.c.slot == target.slot, tables.effects.c.target == target.name
        )
        with db.reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None or row.state != "sent" or (key and row.key != key):
            self.break_rule(3, f"{target.name} was sent with {row} as its intent")
        if target.slot == "tag":
            return  # the same tag twice is one tag
        if target.doubt is not None:
            asked = target.absent_at is not None and target.absent_at >= target.doubt + SETTLE
            if not target.can_ask:
                self.break_rule(5, f"{target.name} was sent again without anybody's word")
            elif not asked:
                self.break_rule(4, f"{target.name} was sent again before it was asked about")
        if target.slot == "document" and not self.targets["cancel", target.order].done:
            self.break_rule(6, f"{target.name} came before {target.order} was cancelled")

    def _outcome(self, target: Target, fault: str, began: float) -> Outcome[None]:
        match fault:
            case "not sent":
                return NotSent(quoted("no connection"))
            case "later":
                return RefusedForNow(quoted("slow down"), now() + dt.timedelta(seconds=30))
            case "refused":
                return Refused(quoted("no"), "invalid")
            case "lost before":
                return self._lost()
            case "late":
                target.due.append(began + LATEST)
                return self._lost()
            case "crash before":
                raise Crash
            case "slow job" | "unseen job" if target.slot == "cancel":
                target.due.append(began + SLOW_JOB)
                target.job = "running" if fault == "slow job" else ""
                return Confirmed(None, SAID)
            case "job fails" if target.slot == "cancel":
                target.job = "failed"
                return Confirmed(None, SAID)
        before = target.by_hand
        target.apply(self.time.up)
        if fault == "crash after":
            raise Crash
        return self._lost() if fault == "lost after" else Confirmed(None, SAID, before)

    def _lost(self) -> Outcome[Any]:
        self.time.up += TIMEOUT
        return Unknown(quoted("no answer"))

    def silence(self) -> Outcome[Any] | None:
        """A question arrives: how it goes unanswered, or None."""
        self.ripen()
        match self.untold.pop(0) if self.untold else "told":
            case "not sent":
                return NotSent(quoted("no connection"))
            case "later":
                return RefusedForNow(quoted("slow down"), now() + dt.timedelta(seconds=30))
            case "lost":
                return self._lost()
        return None


class Shop:
    """The port `Shop`, as far as a reversal speaks to it."""

    capabilities = ShopCapabilities(Rate(100), can_be_asked=True, settle_seconds=SETTLE)

    def __init__(self, world: World) -> None:
        self.world = world

    def read_order(self, gid: str) -> Outcome[ShopOrder]:
        return self.world.silence() or Confirmed(self.order(gid))

    def order(self, gid: str) -> ShopOrder:
        """The order as it is now."""
        cancel = self.world.targets["cancel", gid]
        tag = self.world.targets["tag", f"{gid} refused-returned"]
        changed = max(one.done_at or 0.0 for one in (cancel, tag))
        return replace(
            first_told(gid),
            updated_at=moment(changed),
            cancelled_at=moment(cancel.done_at) if cancel.done_at else None,
            tags=("refused-returned",) if tag.done else (),
        )

    def cancel(self, request: CancelRequest) -> Outcome[str]:
        target = self.world.targets["cancel", request.gid]
        outcome = self.world.receive(target)
        if not isinstance(outcome, Confirmed):
            return outcome
        return (
            Refused(quoted("cancelled"), "already_cancelled", SAID)
            if outcome.before
            else Confirmed("job", SAID)
        )

    def cancel_state(self, gid: str, job: str = "") -> Outcome[CancelState]:
        silence = self.world.silence()
        if silence is not None:
            return silence
        target = self.world.targets["cancel", gid]
        if target.done_at is not None:
            return Confirmed(CancelState(moment(target.done_at)), SAID)
        if job and target.job == "running":
            return Confirmed(CancelState(None, running=True))
        if job and target.job == "failed":
            target.plain = True
            return Confirmed(CancelState(None, failed=quoted("the job failed")))
        target.absent_at = self.world.time.up
        return Confirmed(CancelState(None))

    def add_tags(self, gid: str, tags: Sequence[str]) -> Outcome[None]:
        return self.world.receive(self.world.targets["tag", f"{gid} {tags[0]}"])


class Invoicing:
    """The port `Invoicing`, of a service that can be asked and of one that cannot."""

    def __init__(self, world: World, service: str) -> None:
        self.world = world
        self.service = service
        self.capabilities = Capabilities(
            Rate(100), can_be_asked=service == "asked", can_annul=True, settle_seconds=SETTLE
        )

    def reverse(self, invoice: InvoiceRef, key: str, on: dt.date) -> Outcome[Storno]:
        outcome = self.world.receive(self._paper(invoice), key)
        if not isinstance(outcome, Confirmed):
            return outcome
        return Confirmed(Storno() if outcome.before else storno_of(invoice), SAID, outcome.before)

    def annul(self, invoice: InvoiceRef, key: str) -> Outcome[Storno]:
        outcome = self.world.receive(self._paper(invoice), key)
        return Confirmed(Storno(), SAID) if isinstance(outcome, Confirmed) else outcome

    def find_storno(self, invoice: InvoiceRef) -> Outcome[Storno | None]:
        answer = self.find_annulled(invoice)
        if not isinstance(answer, Confirmed):
            return answer
        return Confirmed(storno_of(invoice) if answer.value else None, SAID)

    def find_annulled(self, invoice: InvoiceRef) -> Outcome[bool]:
        paper = self._paper(invoice)
        if not paper.can_ask:
            self.world.break_rule(5, f"{paper.name} was asked about where nobody can tell")
        silence = self.world.silence()
        if silence is not None:
            return silence
        if not paper.done:
            paper.absent_at = self.world.time.up
        return Confirmed(paper.done, SAID)

    def find_invoices(self, order_name: str) -> Outcome[list[InvoiceRef]]:
        if self.service != "asked":
            return Refused(quoted("cannot be searched"), "cannot_be_asked")
        found = [
            one for one in self.world.of("document", order_name) if one.service == self.service
        ]
        return self.world.silence() or Confirmed([ref_of(one.name) for one in found])

    def _paper(self, invoice: InvoiceRef) -> Target:
        return self.world.targets["document", f"{invoice.series} {invoice.number}"]
