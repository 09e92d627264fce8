"""Stornos on their way to RO e-Factura: which are not known to be filed, and by when they must be.

A service that tells is asked each night; of the others only a person knows, or their own setting
says that they file by themselves.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection as DbConnection
from sqlalchemy import Row, and_, case, false, func, not_, or_, select

from core.audit import trail
from core.audit.actions import Action
from core.clock import day, now
from core.rights import Right, door
from core.services import registry
from core.services.invoicing.efactura import FILES_ITSELF, TellsFiling, filing_deadline
from core.services.outcome import Confirmed, RefusedForNow
from core.services.ports import InvoiceRef
from core.settings import connections, preferences
from core.settings.connections import Connection
from core.store import db
from core.store.statements.rows import upsert
from core.store.states import FilingState
from core.store.tables import invoices, orders
from core.store.tables.invoices import filings

LOOK_BACK = dt.timedelta(days=60)
LONGEST_NOTE = 400
ASKED_A_NIGHT = 300  # at a call a second: five minutes
SETTLED = (FilingState.FILED, FilingState.SEEN_TO)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class NotFiled:
    """A storno of which nobody knows that it was filed; `note`: the service's own words."""

    invoice_id: int
    order_name: str
    service: str  # its title
    storno: str
    issued_on: dt.date
    due_on: dt.date
    refused: bool
    note: str


@door(Right.FOLLOW_UP)
def not_known_filed(limit: int = 500) -> tuple[int, list[NotFiled]]:
    """How many stornos of the last 60 days are not known to be filed, and the first of them:
    refused ones, then by deadline."""
    refused = filings.c.state == FilingState.REFUSED
    with db.reading() as connection:
        zone = preferences.load(connection).zone
        query = _to_be_filed(connection)
        first = case((refused, 0), else_=1), invoices.c.reversed_at, invoices.c.id
        rows = connection.execute(query.order_by(*first).limit(limit)).all()
        count = len(rows)
        if count == limit:
            columns = query.with_only_columns(func.count(), maintain_column_froms=True)
            count = connection.execute(columns).scalar_one()
    return count, [_shown(row, zone) for row in rows]


@door(Right.FOLLOW_UP)
def seen_to(invoice_id: int) -> bool:
    """A person has seen to it that this invoice's storno is filed; False where that was known.

    Audited.
    """
    with db.writing() as connection:
        row = connection.execute(_stornos().where(invoices.c.id == invoice_id)).one_or_none()
        if row is None or row.state in SETTLED:
            return False
        _keep(connection, invoice_id, FilingState.SEEN_TO, row.note or "")
        subject = f"invoice {row.series} {row.number}".strip()
        detail = {"storno": _named(row)}
        trail.record(connection, Action.FILING_SEEN_TO, subject, detail, row.order_id)
        return True


def ask() -> int:
    """Ask the services that tell; gives how many stornos are newly known to be filed.

    At most ASKED_A_NIGHT of them. A service that asks us to wait is asked again the next night.
    """
    with db.reading() as connection:
        accounts = {
            one.id: one
            for one in connections.all_connections(connection, "invoicing")
            if registry.capabilities(one.service).tells.filing
        }
        wanted = {one.service for one in accounts.values()}
        query = _open(wanted).order_by(invoices.c.reversed_at, invoices.c.id)
        rows = [row for row in connection.execute(query) if row.storno_number]
    filed = 0
    waiting: set[int] = set()
    for row in rows[:ASKED_A_NIGHT]:
        account = _account(row, accounts)
        if account is None or account.id in waiting:
            continue
        state = _asked_about(row, account)
        if state == "wait":
            waiting.add(account.id)
        elif state == FilingState.FILED:
            filed += 1
    return filed


def _asked_about(row: Row[Any], account: Connection) -> FilingState | Literal["wait"] | None:
    """What an account's service tells of one storno, written down; None where it does not."""
    service = cast("TellsFiling", registry.adapter(account))
    outcome = service.read_filing(InvoiceRef(row.storno_series, row.storno_number))
    if isinstance(outcome, RefusedForNow):
        return "wait"
    if not isinstance(outcome, Confirmed):
        log.info("a storno's filing is not told", storno=_named(row), why=outcome.why)
        return None
    state = FilingState(outcome.value.state)
    with db.writing() as connection:
        _keep(connection, row.id, state, outcome.value.note)
    return state


def _to_be_filed(connection: DbConnection) -> Any:
    """Asks for stornos that must be filed.

    Of accounts that file by themselves only what was refused.
    """
    accounts = [one for one in connections.for_show(connection).values() if one.kind == "invoicing"]
    themselves = [one for one in accounts if one.settings.get(FILES_ITSELF.name) == "yes"]
    of_service = Counter(one.service for one in accounts)
    alone = {one.service for one in themselves if of_service[one.service] == 1}
    ours = invoices.c.connection_id
    unnamed = or_(ours.is_(None), ours.not_in([one.id for one in accounts]))
    must = {one for one in registry.services("invoicing") if registry.capabilities(one).efactura}
    by_itself = or_(
        ours.in_([one.id for one in themselves]),
        and_(unnamed, invoices.c.service.in_(sorted(alone))),
    )
    refused = and_(filings.c.state.is_not(None), filings.c.state == FilingState.REFUSED)
    return _open(must).where(or_(not_(func.coalesce(by_itself, false())), refused))


def _account(row: Row[Any], accounts: dict[int, Connection]) -> Connection | None:
    named = accounts.get(row.connection_id)
    same = [one for one in accounts.values() if one.service == row.service]
    return named or (same[0] if len(same) == 1 else None)


def _stornos() -> Any:
    return (
        select(
            invoices.c.id, invoices.c.order_id, invoices.c.connection_id, invoices.c.service,
            invoices.c.series, invoices.c.number, invoices.c.storno_series,
            invoices.c.storno_number, invoices.c.reversed_at, orders.c.name.label("order_name"),
            filings.c.state, filings.c.note,
        )
        .join(orders, orders.c.id == invoices.c.order_id)
        .outerjoin(filings, filings.c.invoice_id == invoices.c.id)
        .where(invoices.c.reversed_at.is_not(None))
    )  # fmt: skip


def _open(services: set[str]) -> Any:
    since = now() - LOOK_BACK
    return _stornos().where(
        # The same twice: by the expression it is found in the index.
        func.coalesce(invoices.c.reversed_at, invoices.c.annulled_at) >= since,
        invoices.c.reversed_at >= since,
        invoices.c.service.in_(sorted(services)),
        or_(filings.c.state.is_(None), filings.c.state.not_in(SETTLED)),
    )


def _keep(connection: DbConnection, invoice_id: int, state: FilingState, note: str) -> None:
    row = {
        "invoice_id": invoice_id,
        "state": state,
        "note": note[:LONGEST_NOTE],
        "reported_at": now(),
    }
    fresh = ("state", "note", "reported_at")
    upsert(connection, filings, [row], ("invoice_id",), fresh)


def _named(row: Row[Any]) -> str:
    return f"{row.storno_series} {row.storno_number}".strip()


def _shown(row: Row[Any], zone: ZoneInfo) -> NotFiled:
    issued = day(row.reversed_at, zone)
    return NotFiled(
        invoice_id=row.id,
        order_name=row.order_name,
        service=registry.title_of(row.service),
        storno=_named(row) or f"{row.series} {row.number}".strip(),
        issued_on=issued,
        due_on=filing_deadline(issued),
        refused=row.state == FilingState.REFUSED,
        note=row.note or "",
    )
