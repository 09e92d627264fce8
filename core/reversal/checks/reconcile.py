"""Asks both services about reversed orders: exactly one cancel, exactly one storno, or an alarm.

Silence is an alarm as well: what could not be asked about is not known to be well. Those orders
are asked about again at each round until the service answers or a person clears its alarm.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Connection as Db
from sqlalchemy import Engine, Row, delete, insert, select

from core.audit import alarms
from core.reversal.checks.probe import Questions, Silent
from core.services.outcome import Refused
from core.services.ports import InvoiceRef, Invoicing, Shop
from core.settings import connections
from core.store import db
from core.store.states import Document, EffectState, ReversalState
from core.store.tables import alarms as alarms_table
from core.store.tables import effects, invoices, orders, reversals, sync_cursors
from core.store.types import now

ACTOR = "reconcile"
MISFIT, SILENCE = "reconcile", "unanswered"  # kinds of alarm
LOOK_BACK = dt.timedelta(days=2)
CURSOR = "reconcile"  # {service: [ids of the orders that it was not asked about]}
NAMED = 5  # orders that an alarm tells by name
AT_ONCE = 500  # ids in one query: databases take no list of any length


@dataclass(frozen=True)
class Unanswered:
    """One thing about an order that a service could not be asked, and why."""

    order_id: int
    order: str
    service: str
    why: str


@dataclass(frozen=True)
class Report:
    """What was answered, what could not be asked, and the alarms that follow from both.

    `orders` and `invoices` were answered; `unasked` are invoices whose service never can be asked.
    """

    orders: int
    invoices: int
    unasked: int
    unanswered: tuple[Unanswered, ...]
    alarms: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True when everything that can be asked about was answered, and all of it fits."""
        return not self.alarms and not self.unanswered


def reconcile(since: dt.timedelta | None = LOOK_BACK, engine: Engine | None = None) -> Report:
    """Ask about every reversal finished within `since` (None: about all there are).

    Each misfit is an alarm, and so is each service that gave no answer.
    """
    with db.reading(engine) as connection:
        left = _left(connection)
        rows = _finished(connection, since, {one for ids in left.values() for one in ids})
        accounts = connections.all_connections(connection, enabled=False)
    done = _Round(Questions(accounts))
    for row in rows:
        with db.reading(engine) as connection:
            papers = _papers(connection, row.order_id)
        done.order(row)
        for paper in papers:
            done.invoice(row, paper)
    with db.writing(engine) as connection:
        told = _raise(connection, done.misfits, done.unanswered)
        silent = _keep(connection, {row.order_id for row in rows}, done.unanswered)
        for service in _open_silences(connection) - silent:
            alarms.settle(connection, SILENCE, service, ACTOR)
    return Report(done.orders, done.invoices, done.unasked, tuple(done.unanswered), tuple(told))


def _finished(connection: Db, since: dt.timedelta | None, left: set[int]) -> list[Row[Any]]:
    query = (
        select(
            reversals.c.order_id,
            reversals.c.options,
            orders.c.name,
            orders.c.gid,
            orders.c.shop_id,
        )
        .join(orders, orders.c.id == reversals.c.order_id)
        .where(reversals.c.state == ReversalState.DONE)
        .order_by(reversals.c.id)
    )
    if since is None:
        return list(connection.execute(query))
    lately = query.where(reversals.c.finished_at >= now() - since)
    found: list[Row[Any]] = list(connection.execute(lately))
    older = sorted(left - {row.order_id for row in found})
    for start in range(0, len(older), AT_ONCE):
        part = reversals.c.order_id.in_(older[start : start + AT_ONCE])
        found += connection.execute(query.where(part))
    return found


def _papers(connection: Db, order_id: int) -> list[Row[Any]]:
    """Every invoice of the order, beside it the confirmed storno or annulment of ours, if any."""
    ours = (effects.c.invoice_id == invoices.c.id) & (effects.c.state == EffectState.CONFIRMED)
    return list(
        connection.execute(
            select(invoices, effects.c.kind, effects.c.connection_id.label("account"))
            .outerjoin(effects, ours)
            .where(invoices.c.order_id == order_id)
            .order_by(invoices.c.id, effects.c.id)
        )
    )


# ---------------------------------------------------------------- one round of questions


@dataclass
class _Round:
    questions: Questions
    orders: int = 0
    invoices: int = 0
    unasked: int = 0
    misfits: list[tuple[str, str]] = field(default_factory=list)  # subject and text
    unanswered: list[Unanswered] = field(default_factory=list)

    def order(self, row: Row[Any]) -> None:
        """Is the order cancelled?"""
        try:
            shop = cast("Shop", self.questions.service(row.shop_id))
            state = self.questions.ask(row.shop_id, lambda: shop.cancel_state(row.gid))
        except Silent as silent:
            self._unanswered(row, silent)
            return
        self.orders += 1
        subject = f"order {row.name}"
        if isinstance(state, Refused):
            text = f"Order {row.name}: {state.why} This is not as it should be."
            self.misfits.append((subject, text))
        elif state.cancelled_at is None:
            self.misfits.append((subject, f"Order {row.name} is not cancelled at the shop."))

    def invoice(self, row: Row[Any], paper: Row[Any]) -> None:
        """Is the invoice reversed, once, or annulled, as was chosen?"""
        # What was done counts before what was chosen: an earlier attempt may have been another.
        wanted = paper.kind or row.options["document"]
        if wanted == Document.NONE:
            return
        try:
            account = paper.account or self.questions.account_of(paper.service)
            service = cast("Invoicing", self.questions.service(account))
            about = _About(row.name, paper, service, account, self.questions.name(account))
            text = self._told(about, wanted)
        except Silent as silent:
            self._unanswered(row, silent)
            return
        if text:
            self.misfits.append((f"invoice {about.name}", text))

    def _told(self, about: "_About", wanted: str) -> str:
        """What does not fit about one invoice, in a sentence, or ""."""
        name, order = about.name, about.order
        if not about.service.capabilities.can_be_asked:
            self.unasked += 1
            if about.paper.kind:
                return ""
            return (
                f"Nobody knows whether invoice {name} of order {order} is reversed: "
                f"{about.there} cannot be asked. Look at it there."
            )
        misfit = self._annulled(about) if wanted == Document.ANNUL else self._reversed(about)
        self.invoices += 1
        if isinstance(misfit, Refused):
            return f"Invoice {name} of order {order}: {misfit.why} This is not as it should be."
        return misfit

    def _annulled(self, about: "_About") -> str | Refused:
        service, ref = about.service, about.ref
        yes = self.questions.ask(about.account, lambda: service.find_annulled(ref))
        if isinstance(yes, Refused):
            return yes
        return "" if yes else f"Invoice {about.name} of order {about.order} is not annulled."

    def _reversed(self, about: "_About") -> str | Refused:
        service, ref, name, order = about.service, about.ref, about.name, about.order
        found = self.questions.ask(about.account, lambda: service.find_storno(ref))
        if isinstance(found, Refused):
            return found
        if found is None:
            return f"Invoice {name} of order {order} has no storno."
        if found.count > 1:
            return (
                f"Invoice {name} of order {order} has {found.count} stornos; only one may stand. "
                f"Look at them at {about.there}."
            )
        theirs, ours = found.number, about.paper.storno_number
        if theirs and ours and theirs.lstrip("0") != ours.lstrip("0"):
            return f"Invoice {name} of order {order}: we know storno {ours}, they say {theirs}."
        return ""

    def _unanswered(self, row: Row[Any], silent: Silent) -> None:
        self.unanswered.append(Unanswered(row.order_id, row.name, silent.service, str(silent)))


@dataclass(frozen=True)
class _About:
    """One invoice, and whom to ask about it."""

    order: str
    paper: Row[Any]
    service: Invoicing
    account: int
    there: str

    @property
    def ref(self) -> InvoiceRef:
        return InvoiceRef(self.paper.series, self.paper.number)

    @property
    def name(self) -> str:
        return f"{self.paper.series} {self.paper.number}"


# ---------------------------------------------------------------- what is kept of it


def _raise(
    connection: Db, misfits: list[tuple[str, str]], unanswered: list[Unanswered]
) -> list[str]:
    """Ring for each misfit and each silent service; give the texts."""
    rung = [(MISFIT, subject, text) for subject, text in misfits]
    rung += [(SILENCE, service, text) for service, text in _silences(unanswered)]
    for kind, subject, text in rung:
        alarms.ring(connection, kind, subject, text, ACTOR)
    return [text for _, _, text in rung]


def _silences(unanswered: list[Unanswered]) -> list[tuple[str, str]]:
    """One alarm a service, however many orders it was not asked about."""
    by_service: dict[str, list[Unanswered]] = defaultdict(list)
    for one in unanswered:
        by_service[one.service].append(one)
    return [(service, _silence(service, about)) for service, about in by_service.items()]


def _silence(service: str, about: list[Unanswered]) -> str:
    each = list(dict.fromkeys(one.order for one in about))
    names = ", ".join(each[:NAMED] + ["…"] * (len(each) > NAMED))
    count, why = len(each), about[-1].why
    return (
        f"{service} could not be asked. {why} Orders not checked: {count} ({names}). See to the "
        "connection in Settings; it is asked again every night until it answers."
    )


def _open_silences(connection: Db) -> set[str]:
    still = (alarms_table.c.kind == SILENCE) & alarms_table.c.cleared_at.is_(None)
    return set(connection.scalars(select(alarms_table.c.subject).where(still)))


def _left(connection: Db) -> dict[str, list[int]]:
    """By service, the orders to be asked about again: a person who clears its alarm ends it."""
    kept = select(sync_cursors.c.value).where(sync_cursors.c.key == CURSOR)
    known = connection.scalar(kept) or {}
    still = _open_silences(connection)
    return {service: list(ids) for service, ids in known.items() if service in still}


def _keep(connection: Db, asked: set[int], unanswered: list[Unanswered]) -> set[str]:
    """Write down who still owes an answer about which orders; give those services."""
    # Read anew: another round may have left something meanwhile that this one did not ask.
    left = {service: set(ids) - asked for service, ids in _left(connection).items()}
    for one in unanswered:
        left.setdefault(one.service, set()).add(one.order_id)
    value = {service: sorted(ids) for service, ids in left.items() if ids}
    connection.execute(delete(sync_cursors).where(sync_cursors.c.key == CURSOR))
    if value:
        connection.execute(insert(sync_cursors).values(key=CURSOR, value=value, updated_at=now()))
    return set(value)
