"""Asks a service what it says of an invoice, and keeps its word and its writing of the number."""

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy import Engine, select

from core import clock
from core.clock import now
from core.orders.documents import accounts, claims, readings
from core.orders.documents.references import Reference
from core.services.outcome import Confirmed, Outcome, Refusal, Refused, RefusedForNow
from core.services.ports import InvoiceFacts, InvoiceRef, Invoicing
from core.store import db, desk
from core.store.tables import orders

SHORT = 1.0  # seconds that are slept through; a longer wait gives the thread back

# Refusals that say something of the account, whatever was asked.
OF_THE_ACCOUNT = frozenset({Refusal.NO_PERMISSION, Refusal.NO_PLAN, Refusal.TOO_MANY})

T = TypeVar("T")


class KeptInvoice(Protocol):
    """An invoice as it is kept: its id, its writing, and the keys that every writing shares."""

    @property
    def id(self) -> int: ...
    @property
    def series(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def series_key(self) -> str: ...
    @property
    def number_key(self) -> str: ...


def take(
    engine: Engine, service: Invoicing, invoice: KeptInvoice
) -> tuple[Outcome[InvoiceFacts], bool]:
    """Ask now; gives the answer, and whether it was kept as the service's word.

    Not kept, and so to be asked again: no answer, and a service that does not let us in, which
    says nothing of the invoice.
    """
    outcome, ref = _asked(service, invoice)
    if isinstance(outcome, Refused) and outcome.code == Refusal.NO_PERMISSION:
        return outcome, False
    with db.writing(engine, group_commit=True) as connection:
        kept = readings.keep(connection, invoice.id, outcome)
        if isinstance(outcome, Confirmed):
            facts = outcome.value
            writing = (facts.series or ref.series, facts.number or ref.number)
            if writing != (invoice.series, invoice.number):
                claims.written_as(connection, invoice.id, *writing)
    return outcome, kept


def search(
    engine: Engine,
    order_id: int,
    order_name: str,
    service_of: Callable[[int], Invoicing],
) -> tuple[int, Outcome[list[InvoiceRef]]] | None:
    """Look for the invoices of an order that names none, each company of each service once.

    None once all have answered, which is kept; else the connection that did not, and its outcome.
    """
    with db.reading(engine) as connection:
        known = accounts.load(connection)
        shop_id = connection.scalar(select(orders.c.shop_id).where(orders.c.id == order_id)) or 0
    used = desk.current().part(accounts.CompanyUse).lately()
    for one in known.companies():
        if accounts.is_another_shops(one, shop_id, used):
            continue
        outcome = patiently(partial(service_of(one.connection_id).find_invoices, order_name))
        if isinstance(outcome, Confirmed):
            refs = [
                Reference(one.service, ref.series, ref.number, one.company or one.name)
                for ref in outcome.value
            ]
            named = [claims.Claim(order_id, ref, "service") for ref in refs]
            if named:
                with db.writing(engine) as connection:
                    claims.write(connection, named, known)
        elif not (isinstance(outcome, Refused) and outcome.code == Refusal.CANNOT_BE_ASKED):
            return one.connection_id, outcome
    with db.writing(engine) as connection:
        readings.note_search(connection, order_id)
    return None


def is_about_one(outcome: Outcome[T]) -> bool:
    """Whether a service refused just what it was asked for, and may answer for the next one."""
    return isinstance(outcome, Refused) and outcome.code not in OF_THE_ACCOUNT


def patiently(ask: Callable[[], Outcome[T]]) -> Outcome[T]:
    """Asked once more after a pause that is short enough to be slept through."""
    outcome = ask()
    if isinstance(outcome, RefusedForNow):
        wait = (outcome.until - now()).total_seconds()
        if wait <= SHORT:
            clock.sleep(max(wait, 0.0))
            return ask()
    return outcome


def _asked(service: Invoicing, invoice: KeptInvoice) -> tuple[Outcome[InvoiceFacts], InvoiceRef]:
    """What the service says of it, and the writing under which it knows it.

    A person writes "cvz 42" where the service has CVZ 0042 alone: where it knows no such invoice,
    it is asked for the other variants of the same one.
    """
    variants = dict.fromkeys(
        InvoiceRef(series, number)
        for series in (invoice.series, invoice.series_key)
        for number in (invoice.number, invoice.number_key)
    )
    first, *others = variants
    outcome = patiently(partial(service.read_invoice, first))
    for ref in others if _not_found(outcome) else ():
        again = patiently(partial(service.read_invoice, ref))
        if not _not_found(again):
            return again, ref
    return outcome, first


def _not_found(outcome: Outcome[InvoiceFacts]) -> bool:
    return isinstance(outcome, Refused) and outcome.code == Refusal.NOT_FOUND
