"""What the judge looks at: an order with its parcels, invoices, questions and choices."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, Connection, Integer, Row, bindparam, exists, or_, select

from core.orders.documents import accounts as companies
from core.orders.documents import readings
from core.orders.documents.accounts import Accounts
from core.orders.judge.reasons import JudgeCode
from core.reasons import Reason
from core.services import registry
from core.services.ports import InvoiceFacts
from core.settings import preferences
from core.store.tables import (
    invoice_readings,
    invoice_rivals,
    invoice_searches,
    invoices,
    order_questions,
    orders,
    parcels,
    reversals,
)

CHUNK = 500


def title_of(service: str) -> str:
    """ "SmartBill"; a service's slug where nothing here speaks to it."""
    try:
        return registry.info(service).title
    except registry.UnknownService:
        return service


def is_readable(service: str) -> bool:
    """Whether a service tells of an invoice in one cheap reading."""
    try:
        return registry.capabilities(service).can_be_read
    except registry.UnknownService:
        return False


@dataclass(frozen=True)
class Invoice:
    """One invoice of an order. `told`: what its service said of it within the last hour."""

    id: int
    service: str
    account: str
    connection_id: int | None
    series: str
    number: str
    series_key: str
    number_key: str
    source: str
    total_minor: int | None
    currency: str
    open: bool
    storno: str = ""  # "CVZ 0415", once it is reversed
    rivals: tuple[str, ...] = ()  # names of all orders that claim it, where there are several
    reading: InvoiceFacts | None = None
    refused: Reason | None = None  # why its service could not tell
    read_at: dt.datetime | None = None

    @property
    def name(self) -> str:
        """ "CVZ 0042"."""
        return f"{self.series} {self.number}".strip()

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What makes it this document and no other."""
        return (self.service, self.account, self.series_key, self.number_key)

    @property
    def title(self) -> str:
        """ "SmartBill"."""
        return title_of(self.service)

    @property
    def readable(self) -> bool:
        """Whether its service tells of an invoice in one cheap reading."""
        return is_readable(self.service)


@dataclass(frozen=True)
class InvoiceSearch:
    """When the services were asked for an order's invoices: first, and last."""

    first_at: dt.datetime
    at: dt.datetime

    @property
    def believed(self) -> bool:
        """Whether what they said last still counts."""
        return readings.is_believed(self.at)


@dataclass(frozen=True)
class Choices:
    """What was chosen for an order, wherever it is asked about."""

    included: bool = True
    document: str = "storno"
    cancel_fulfillments: bool = False
    refund: bool | None = None
    restock: bool = False
    waived: tuple[str, ...] = ()  # reasons, as they are dumped, that a person goes against


@dataclass(frozen=True)
class Facts:
    """What is known of one order. `back`: how many of its parcels are here."""

    order: Any  # a row of orders
    state: str  # of its reversal, "" without one
    chosen: Choices
    parcels: Sequence[Any]
    back: int
    delivered_back: bool
    invoices: Sequence[Invoice]
    questions: Sequence[Reason]
    accounts: Accounts = field(repr=False)
    revert_invoices: bool = True
    search: InvoiceSearch | None = None
    shown_at: dt.datetime | None = None  # when its reversal was asked for


@dataclass(frozen=True)
class Documents:
    """Invoices and questions of many orders, by order id."""

    invoices: Mapping[int, Sequence[Invoice]]
    questions: Mapping[int, Sequence[Reason]]
    accounts: Accounts
    searches: Mapping[int, InvoiceSearch]


def documents(connection: Connection, ids: Sequence[int]) -> Documents:
    """The invoices of these orders, contested ones with everybody who names them."""
    known = companies.load(connection)
    found: dict[int, list[Invoice]] = defaultdict(list)
    asked: dict[int, list[Reason]] = defaultdict(list)
    searches: dict[int, InvoiceSearch] = {}
    for part in _parts(ids):
        wanted = set(part)
        rivals = _rivals(connection, part)
        for row in connection.execute(_NAMED, {"ids": part, "contested": list(rivals)}):
            names, owners = rivals.get(row.id, ((), ()))
            for order_id in {row.order_id, *owners} & wanted:
                found[order_id].append(_invoice(row, names, known))
        for row in connection.execute(_ASKED, {"ids": part}):
            asked[row.order_id].append(Reason.of(JudgeCode(row.code), text=row.text))
        for row in connection.execute(_SEARCHED, {"ids": part}):
            searches[row.order_id] = InvoiceSearch(row.first_at, row.searched_at)
    return Documents(found, asked, known, searches)


# Built once: each order in a run is asked about several times.
_IDS: BindParameter[Sequence[int]] = bindparam("ids", expanding=True)
_CONTESTED: BindParameter[Sequence[int]] = bindparam("contested", expanding=True)
_WITH_READING = (
    select(invoices, invoice_readings.c.read_at, invoice_readings.c.facts, invoice_readings.c.why)
    .outerjoin(invoice_readings, invoice_readings.c.invoice_id == invoices.c.id)
    .order_by(invoices.c.id)
)
_NAMED = _WITH_READING.where(or_(invoices.c.order_id.in_(_IDS), invoices.c.id.in_(_CONTESTED)))
_ASKED = (
    select(order_questions)
    .where(order_questions.c.order_id.in_(_IDS), order_questions.c.answered_at.is_(None))
    .order_by(order_questions.c.id)
)
_SEARCHED = select(invoice_searches).where(invoice_searches.c.order_id.in_(_IDS))
_TOUCHED = (
    select(invoices.c.id, invoices.c.order_id, orders.c.name)
    .join(orders, orders.c.id == invoices.c.order_id)
    .where(
        or_(
            invoices.c.id.in_(
                select(invoice_rivals.c.invoice_id).where(invoice_rivals.c.order_id.in_(_IDS))
            ),
            invoices.c.order_id.in_(_IDS) & invoices.c.id.in_(select(invoice_rivals.c.invoice_id)),
        )
    )
)
_OTHERS = (
    select(invoice_rivals.c.invoice_id, invoice_rivals.c.order_id, orders.c.name)
    .join(orders, orders.c.id == invoice_rivals.c.order_id)
    .where(invoice_rivals.c.invoice_id.in_(_CONTESTED))
    .order_by(invoice_rivals.c.id)
)


def _parts(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]


def _rivals(
    connection: Connection, ids: Sequence[int]
) -> dict[int, tuple[tuple[str, ...], tuple[int, ...]]]:
    """Of each contested invoice that one of these orders names: who names it."""
    found: dict[int, tuple[list[str], list[int]]] = {
        row.id: ([row.name], [row.order_id]) for row in connection.execute(_TOUCHED, {"ids": ids})
    }
    if not found:
        return {}
    for row in connection.execute(_OTHERS, {"contested": list(found)}):
        names, owners = found[row.invoice_id]
        names.append(row.name)
        owners.append(row.order_id)
    return {id_: (tuple(names), tuple(owners)) for id_, (names, owners) in found.items()}


def _invoice(row: Row[Any], rivals: tuple[str, ...], accounts: Accounts) -> Invoice:
    """An invoice with the account that holds it and what was read there."""
    account, connection_id = row.account, row.connection_id
    theirs = accounts.by_connection(connection_id)
    if theirs is None:  # switched off, or never told: the company's own, or the only one there is
        theirs = accounts.named(row.service, account) if account else accounts.only(row.service)
        connection_id = theirs.connection_id if theirs else None
    if not account and theirs is not None:
        account = theirs.company
    reading, refused = readings.understood(row.read_at, row.facts, row.why)
    return Invoice(
        id=row.id,
        service=row.service,
        account=account,
        connection_id=connection_id,
        series=row.series,
        number=row.number,
        series_key=row.series_key,
        number_key=row.number_key,
        source=row.source,
        total_minor=row.total_minor,
        currency=row.currency,
        open=row.reversed_at is None and row.annulled_at is None,
        storno=f"{row.storno_series} {row.storno_number}".strip() if row.storno_number else "",
        rivals=tuple(sorted(rivals)),
        reading=reading,
        refused=refused,
        read_at=row.read_at if reading or refused else None,
    )


_OF_ID = bindparam("of_id", type_=Integer)
_CLAIMED_BY_OTHERS = (
    select(invoice_rivals.c.id)
    .join(invoices, invoices.c.id == invoice_rivals.c.invoice_id)
    .where(invoices.c.order_id == _OF_ID)
)
_ORDER = (
    select(
        orders,
        reversals.c.state,
        reversals.c.created_at.label("shown_at"),
        invoice_searches.c.first_at,
        invoice_searches.c.searched_at,
        or_(
            exists(select(invoice_rivals.c.id).where(invoice_rivals.c.order_id == _OF_ID)),
            exists(_CLAIMED_BY_OTHERS),
            exists(
                select(order_questions.c.id).where(
                    order_questions.c.order_id == _OF_ID, order_questions.c.answered_at.is_(None)
                )
            ),
        ).label("in_doubt"),
    )
    .outerjoin(reversals, reversals.c.order_id == orders.c.id)
    .outerjoin(invoice_searches, invoice_searches.c.order_id == orders.c.id)
    .where(orders.c.id == _OF_ID)
)
_PARCELS = select(parcels).where(parcels.c.order_id == _OF_ID, ~parcels.c.void)
_INVOICES = _WITH_READING.where(invoices.c.order_id == _OF_ID)


def of_order(
    connection: Connection,
    order_id: int,
    chosen: Choices,
    *,
    by_options: bool = False,
    accounts: Accounts | None = None,
) -> Facts | None:
    """The facts of one order by itself, or None when it is gone.

    As many of its parcels are back as were ever scanned, and its only one, since somebody has it
    before him. `by_options`: the choices alone say whether invoices are reversed, whatever the
    preference. `accounts`: where the caller has them at hand.
    """
    row = connection.execute(_ORDER, {"of_id": order_id}).one_or_none()
    if row is None:
        return None
    boxes = connection.execute(_PARCELS, {"of_id": order_id}).all()
    there = [box for box in boxes if box.scanned_on is not None or len(boxes) == 1]
    known = accounts or companies.load(connection)
    its_invoices, questions = _documents_of(connection, row, known)
    return Facts(
        order=row,
        state=row.state or "",
        chosen=chosen,
        parcels=boxes,
        back=len(there),
        delivered_back=any(box.outcome == "delivered" for box in there),
        invoices=its_invoices,
        questions=questions,
        accounts=known,
        revert_invoices=by_options or preferences.load(connection).revert_invoice_on_cancel,
        search=InvoiceSearch(row.first_at, row.searched_at) if row.first_at else None,
        shown_at=row.shown_at,
    )


def _documents_of(
    connection: Connection, row: Row[Any], known: Accounts
) -> tuple[Sequence[Invoice], Sequence[Reason]]:
    """An order's invoices and open questions; most orders have neither rivals nor questions."""
    if row.in_doubt:
        found = documents(connection, [row.id])
        return found.invoices.get(row.id, ()), found.questions.get(row.id, ())
    found_rows = connection.execute(_INVOICES, {"of_id": row.id})
    return [_invoice(one, (), known) for one in found_rows], ()
