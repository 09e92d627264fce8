"""Asks both services about reversed orders: exactly one cancel, exactly one storno, or an alarm.

What was reversed must fit its order (`fitting`), and our own record must agree with itself
(`record`).

Silence is an alarm as well: what could not be asked about is not known to be well. Those orders
are asked about again at each round until the service answers or a person clears its alarm.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from core.audit import alarms
from core.clock import now
from core.orders.documents import readings
from core.orders.judge.names import same_customer
from core.reasons import Amount, Reason, Value
from core.reversal.checks import fitting, record
from core.reversal.checks.codes import MisfitCode
from core.reversal.checks.probe import NoAnswer, Questions
from core.rights import Right, door, named
from core.services.outcome import Refused
from core.services.ports import InvoiceFacts, InvoiceRef, Invoicing, ShopOrder
from core.settings import connections
from core.store import db
from core.store.statements import cursors
from core.store.states import Document, EffectState, ReversalState
from core.store.tables import alarms as alarms_table
from core.store.tables import effects, invoice_readings, invoices, orders, reversals

ACTOR = "reconcile"
MISFIT, SILENCE = "reconcile", "unanswered"  # kinds of alarm
LOOK_BACK = dt.timedelta(days=2)
CURSOR = "reconcile"  # {service: [ids of the orders that it was not asked about]}
REFUNDED = ("REFUNDED", "PARTIALLY_REFUNDED")
NAMED = 5  # orders that an alarm tells by name
AT_ONCE = 500  # ids in one query: databases take no list of any length


@dataclass(frozen=True)
class Unanswered:
    """One thing about an order that a service could not be asked, and why."""

    order_id: int
    order: str
    service: str
    why: Reason


@dataclass(frozen=True)
class Report:
    """What was answered, what could not be asked, and the alarms that follow from both.

    `orders` and `invoices` were answered; `unasked` are invoices whose service never can be asked.
    """

    orders: int
    invoices: int
    unasked: int
    unanswered: tuple[Unanswered, ...]
    alarms: tuple[Reason, ...]

    @property
    def ok(self) -> bool:
        """True when everything that can be asked about was answered, and all of it fits."""
        return not self.alarms and not self.unanswered


@door(Right.HOST)
def reconcile(since: dt.timedelta | None = LOOK_BACK) -> Report:
    """Ask about every reversal finished within `since` (None: about all there are).

    Each misfit is an alarm, and so is each service that gave no answer.
    """
    with db.reading() as connection:
        left = _left(connection)
        rows = _finished(connection, since, {one for ids in left.values() for one in ids})
        accounts = connections.all_connections(connection, enabled=False)
    done = _Round(Questions(accounts))
    for row in rows:
        with db.reading() as connection:
            of_order = _invoices(connection, row.order_id)
        done.order(row)
        for one in of_order:
            done.invoice(row, one)
        with db.reading() as connection:
            done.fits(connection, row)
    with db.reading() as connection:
        done.misfits += record.misfits(connection, since)
    with named(ACTOR), db.writing() as connection:
        raised = _raise(connection, done.misfits, done.unanswered)
        counted = {"orders": done.orders, "invoices": done.invoices}
        cursors.save(connection, cursors.RECONCILED, counted)
        silent = _keep(connection, {row.order_id for row in rows}, done.unanswered)
        for service in _open_silences(connection) - silent:
            alarms.settle(connection, SILENCE, service)
    return Report(done.orders, done.invoices, done.unasked, tuple(done.unanswered), tuple(raised))


def _finished(connection: Connection, since: dt.timedelta | None, left: set[int]) -> list[Row[Any]]:
    """The reversals done within `since` (None: ever), and those of the orders left from before."""
    query = (
        select(
            reversals.c.order_id,
            reversals.c.options,
            reversals.c.restocked,
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


def _invoices(connection: Connection, order_id: int) -> list[Row[Any]]:
    """Every invoice of the order, beside it the confirmed storno or annulment of ours, if any."""
    ours = (effects.c.invoice_id == invoices.c.id) & (effects.c.state == EffectState.CONFIRMED)
    return list(
        connection.execute(
            select(
                invoices,
                effects.c.kind,
                effects.c.connection_id.label("through"),
                invoice_readings.c.facts,
            )
            .outerjoin(effects, ours)
            .outerjoin(invoice_readings, invoice_readings.c.invoice_id == invoices.c.id)
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
    misfits: list[tuple[str, Reason]] = field(default_factory=list)  # subject and reason
    unanswered: list[Unanswered] = field(default_factory=list)
    facts_by_invoice: dict[int, InvoiceFacts] = field(default_factory=dict)  # the order's, by id

    def order(self, row: Row[Any]) -> None:
        """Ask the shop: is it cancelled, and did stock and money go as was chosen?"""
        try:
            shop = self.questions.shop(row.shop_id)
            # Not only whether it is cancelled: whether stock and money went as was chosen.
            shown = self.questions.ask(row.shop_id, lambda: shop.read_order(row.gid))
        except NoAnswer as silent:
            self._unanswered(row, silent)
            return
        self.orders += 1
        subject = f"order {row.name}"
        if isinstance(shown, Refused):
            why = shown.why
            refused = Reason.of(MisfitCode.ORDER_NOT_AS_IT_SHOULD, order=row.name, why=why)
            self.misfits.append((subject, refused))
            return
        for code in _not_as_chosen(row.options, row.restocked, shown):
            self.misfits.append((subject, Reason.of(code, order=row.name)))

    def fits(self, connection: Connection, row: Row[Any]) -> None:
        """Does what was reversed fit its order, by what its service says of it now?"""
        facts, self.facts_by_invoice = self.facts_by_invoice, {}
        if not facts:
            return
        already = {subject for subject, _ in self.misfits}
        for name, why in fitting.misfits(connection, row.order_id, row.options, facts):
            if f"invoice {name}" not in already:
                misfit = Reason.of(
                    MisfitCode.DOES_NOT_FIT_ORDER, invoice=name, order=row.name, why=why
                )
                self.misfits.append((f"invoice {name}", misfit))

    def invoice(self, row: Row[Any], invoice: Row[Any]) -> None:
        """Is the invoice reversed, once, or annulled, as was chosen?"""
        # What was done counts before what was chosen: an earlier attempt may have been another.
        wanted = invoice.kind or row.options["document"]
        if wanted == Document.NONE:
            return
        try:
            account = invoice.through or self.questions.account_of(invoice.service)
            service = self.questions.invoicing(account)
            about = _About(row.name, invoice, service, account, self.questions.name(account))
            misfit = self._misfit_of(about, wanted)
        except NoAnswer as silent:
            self._unanswered(row, silent)
            return
        if misfit is not None:
            self.misfits.append((f"invoice {about.name}", misfit))

    def _misfit_of(self, about: "_About", wanted: str) -> Reason | None:
        """What does not fit about one invoice, or None."""
        if not about.service.capabilities.can_be_asked:
            self.unasked += 1
            misfit = (
                self._changed(about)  # whether it is reversed nobody tells; what it is, they do
                if about.invoice.kind
                else about.misfit(MisfitCode.REVERSED_NOT_KNOWN, service=about.there)
            )
            return self._in_words(about, misfit)
        misfit = self._annulled(about) if wanted == Document.ANNUL else self._reversed(about)
        misfit = misfit or self._changed(about)
        self.invoices += 1
        return self._in_words(about, misfit)

    @staticmethod
    def _in_words(about: "_About", misfit: Reason | Refused | None) -> Reason | None:
        if isinstance(misfit, Refused):
            return about.misfit(MisfitCode.INVOICE_NOT_AS_IT_SHOULD, why=misfit.why)
        return misfit

    def _changed(self, about: "_About") -> Reason | Refused | None:
        """Whether the document is another than the one that was believed before it was reversed."""
        if not about.service.capabilities.can_be_read:
            return None
        service, ref = about.service, about.ref
        facts = self.questions.ask(about.account, lambda: service.read_invoice(ref))
        if isinstance(facts, Refused):
            return facts
        self.facts_by_invoice[about.invoice.id] = facts
        if not about.invoice.facts:
            return None
        ours = readings.from_json(about.invoice.facts)
        if _sum(ours) and _sum(facts) and _sum(ours) != _sum(facts):
            return about.misfit(MisfitCode.ANOTHER_SUM, ours=_amount(ours), theirs=_amount(facts))
        if ours.customer and facts.customer and not same_customer(ours.customer, facts.customer):
            code = MisfitCode.ANOTHER_CUSTOMER
            return about.misfit(code, ours=ours.customer, theirs=facts.customer)
        return None

    def _annulled(self, about: "_About") -> Reason | Refused | None:
        """What is wrong with an invoice that we annulled; Refused where nobody may ask."""
        service, ref = about.service, about.ref
        annulled = self.questions.ask(about.account, lambda: service.find_annulled(ref))
        if isinstance(annulled, Refused):
            return annulled
        return None if annulled else about.misfit(MisfitCode.NOT_ANNULLED)

    def _reversed(self, about: "_About") -> Reason | Refused | None:
        """The same of one that we reversed: no storno, several, or another one than ours."""
        service, ref = about.service, about.ref
        found = self.questions.ask(about.account, lambda: service.find_storno(ref))
        if isinstance(found, Refused):
            return found
        if found is None:
            return about.misfit(MisfitCode.NO_STORNO)
        if found.count > 1:
            there = about.there
            return about.misfit(MisfitCode.TOO_MANY_STORNOS, count=found.count, service=there)
        theirs, ours = found.number, about.invoice.storno_number
        if theirs and ours and theirs.lstrip("0") != ours.lstrip("0"):
            return about.misfit(MisfitCode.ANOTHER_STORNO, ours=ours, theirs=theirs)
        return None

    def _unanswered(self, row: Row[Any], silent: NoAnswer) -> None:
        self.unanswered.append(Unanswered(row.order_id, row.name, silent.service, silent.why))


def _not_as_chosen(
    options: Mapping[str, object], restocked: bool | None, shown: ShopOrder
) -> Iterator[MisfitCode]:
    """What the shop shows that was not chosen; what a person did there himself is his."""
    if shown.cancelled_at is None:
        yield MisfitCode.ORDER_NOT_CANCELLED
        return
    if not options.get("cancel", True):
        return
    if not options.get("restock") and (shown.restocked or restocked):
        yield MisfitCode.RESTOCKED_UNASKED
    if not options.get("refund") and shown.financial_status in REFUNDED:
        yield MisfitCode.REFUNDED_UNASKED


def _sum(facts: InvoiceFacts) -> tuple[int, str] | None:
    """A document's total without its sign, in minor units, and its currency."""
    return None if facts.total_minor is None else (abs(facts.total_minor), facts.currency)


def _amount(facts: InvoiceFacts) -> Amount:
    return Amount(abs(facts.total_minor or 0), facts.currency or "RON")


@dataclass(frozen=True)
class _About:
    """One invoice, and whom to ask about it."""

    order: str
    invoice: Row[Any]
    service: Invoicing
    account: int
    there: str

    @property
    def ref(self) -> InvoiceRef:
        return InvoiceRef(self.invoice.series, self.invoice.number)

    @property
    def name(self) -> str:
        return f"{self.invoice.series} {self.invoice.number}"

    def misfit(self, code: MisfitCode, **more: Value) -> Reason:
        return Reason.of(code, invoice=self.name, order=self.order, **more)


# ---------------------------------------------------------------- what is kept of it


def _raise(
    connection: Connection, misfits: list[tuple[str, Reason]], unanswered: list[Unanswered]
) -> list[Reason]:
    """Ring for each misfit and each silent service; give the reasons."""
    raised = [(MISFIT, subject, reason) for subject, reason in misfits]
    raised += [(SILENCE, service, reason) for service, reason in _silences(unanswered)]
    for kind, subject, reason in raised:
        alarms.ring(connection, kind, subject, reason)
    return [reason for _, _, reason in raised]


def _silences(unanswered: list[Unanswered]) -> list[tuple[str, Reason]]:
    """One alarm a service, however many orders it was not asked about."""
    by_service: dict[str, list[Unanswered]] = defaultdict(list)
    for one in unanswered:
        by_service[one.service].append(one)
    return [(service, _silence(service, about)) for service, about in by_service.items()]


def _silence(service: str, about: list[Unanswered]) -> Reason:
    each = list(dict.fromkeys(one.order for one in about))
    names = (*each[:NAMED], *["…"] * (len(each) > NAMED))
    why = about[-1].why
    return Reason.of(
        MisfitCode.SERVICE_SILENT, service=service, why=why, count=len(each), orders=names
    )


def _open_silences(connection: Connection) -> set[str]:
    still = (alarms_table.c.kind == SILENCE) & alarms_table.c.cleared_at.is_(None)
    return set(connection.scalars(select(alarms_table.c.subject).where(still)))


def _left(connection: Connection) -> dict[str, list[int]]:
    """By service, the orders to be asked about again: a person who clears its alarm ends it."""
    known = cursors.load(connection, CURSOR) or {}
    still = _open_silences(connection)
    return {service: list(ids) for service, ids in known.items() if service in still}


def _keep(connection: Connection, asked: set[int], unanswered: list[Unanswered]) -> set[str]:
    """Write down who still owes an answer about which orders; give those services."""
    # Read anew: another round may have left something meanwhile that this one did not ask.
    left = {service: set(ids) - asked for service, ids in _left(connection).items()}
    for one in unanswered:
        left.setdefault(one.service, set()).add(one.order_id)
    value = {service: sorted(ids) for service, ids in left.items() if ids}
    if value:
        cursors.save(connection, CURSOR, value)
    else:
        cursors.forget(connection, CURSOR)
    return set(value)
