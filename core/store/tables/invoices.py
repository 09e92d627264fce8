"""Tables of invoices: which document, whose it is, what its service says of it, what is asked."""

import unicodedata

from sqlalchemy import (
    Column,
    ColumnDefault,
    ForeignKey,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine.default import DefaultExecutionContext

from core.store.parts import metadata, one_of, own_id, part_index, ref
from core.store.states import FilingState
from core.store.types import Json, Key, ReasonText, UtcDateTime

_CEDILLAS = str.maketrans("ŞŢ", "ȘȚ")  # how old keyboards and old fonts write them


def document_keys(series: str, number: str) -> tuple[str, str]:
    """What a document's series and number are compared by: the same however they are written.

    Case, blanks and leading zeros do not count (rule 11), nor do two writings of one letter. Made
    here and not in the database: SQLite knows the case of ASCII letters only, PostgreSQL that of
    its locale.
    """
    return _letters(series), _letters(number).lstrip("0")


def _letters(writing: str) -> str:
    plain = unicodedata.normalize("NFKC", "".join(writing.split()).upper())
    return plain.translate(_CEDILLAS)


def _key(place: int) -> ColumnDefault:
    # A row cannot be written without its keys: there is no other default, and no null.
    def made(context: DefaultExecutionContext) -> str:
        row = context.get_current_parameters()  # type: ignore[no-untyped-call]
        return document_keys(row["series"], row["number"])[place]

    return ColumnDefault(made)


invoices = Table(
    "invoices",
    metadata,
    own_id(),
    ref("order_id", "orders"),
    ref("connection_id", "connections", nullable=True),
    Column("service", String(32), nullable=False),
    # the company at the service, see core.orders.documents.accounts; "": not known
    Column("account", String(60), nullable=False, default="", server_default=""),
    Column("series", String(40), nullable=False),
    Column("number", String(40), nullable=False),
    Column("series_key", String(80), _key(0), nullable=False),
    Column("number_key", String(80), _key(1), nullable=False),
    Column("total_minor", Key),
    Column("currency", String(3), nullable=False, default=""),
    Column("source", String(24), nullable=False),  # order, service, csv, person
    Column("storno_series", String(40), nullable=False, default=""),
    Column("storno_number", String(40), nullable=False, default=""),
    Column("reversed_at", UtcDateTime),
    Column("annulled_at", UtcDateTime),
    UniqueConstraint("service", "account", "series_key", "number_key"),
    part_index("ix_invoices_open", "order_id", where="reversed_at IS NULL AND annulled_at IS NULL"),
    part_index(
        "ix_invoices_reversed",
        text("coalesce(reversed_at, annulled_at)"),
        where="coalesce(reversed_at, annulled_at) IS NOT NULL",
    ),
)

# What is known of a storno's way to RO e-Factura, by the invoice that it reverses.
filings = Table(
    "filings",
    metadata,
    Column("invoice_id", Key, ForeignKey("invoices.id"), primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("note", String(400), nullable=False, default=""),
    Column("reported_at", UtcDateTime, nullable=False),
    one_of("state", *FilingState),
)

# Another order that names the same invoice: a person says whose it is.
invoice_rivals = Table(
    "invoice_rivals",
    metadata,
    own_id(),
    ref("invoice_id", "invoices"),
    ref("order_id", "orders"),
    Column("source", String(24), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("invoice_id", "order_id"),
)

# What a service said of an invoice when it was last asked, before anything is done to it.
invoice_readings = Table(
    "invoice_readings",
    metadata,
    Column("invoice_id", Key, ForeignKey("invoices.id"), primary_key=True),
    Column("read_at", UtcDateTime, nullable=False),
    Column("facts", Json),  # see core.orders.documents.readings; NULL: it gave none
    Column("why", ReasonText, nullable=False, server_default=""),  # where it gave none
)

# When the services were asked for the invoices of an order that names none: first, and last.
invoice_searches = Table(
    "invoice_searches",
    metadata,
    Column("order_id", Key, ForeignKey("orders.id"), primary_key=True),
    Column("first_at", UtcDateTime, nullable=False),
    Column("searched_at", UtcDateTime, nullable=False),
)

# A service that cannot be asked about invoices now.
reading_pauses = Table(
    "reading_pauses",
    metadata,
    Column("connection_id", Key, ForeignKey("connections.id"), primary_key=True),
    Column("until", UtcDateTime, nullable=False),
    Column("why", ReasonText, nullable=False, server_default=""),
)

# Something that came with an order and was not understood; it is held until it is answered.
order_questions = Table(
    "order_questions",
    metadata,
    own_id(),
    ref("order_id", "orders"),
    Column("code", String(40), nullable=False),  # of core.orders.judge.reasons
    Column("text", String(200), nullable=False),  # as it came
    Column("source", String(24), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("answered_by", String(80), nullable=False, default=""),
    UniqueConstraint("order_id", "code", "text"),
)

# A row of a list that was not taken, about an order that nobody has told yet.
awaited_rows = Table(
    "awaited_rows",
    metadata,
    own_id(),
    ref("shop_id", "connections"),
    Column("name_key", String(60), nullable=False),  # of the order, see core.orders.documents
    Column("source", String(24), nullable=False),
    Column("text", String(200), nullable=False),  # as in order_questions
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("shop_id", "name_key", "source", "text"),
)
