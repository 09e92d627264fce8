"""Every table of ours, as SQLAlchemy Core. Rules 1 and 8 live here as constraints."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from core.store.parts import metadata, one_of, own_id, part_index, ref
from core.store.states import (
    EffectKind,
    EffectSlot,
    EffectState,
    MatchOutcome,
    ReversalState,
    RunState,
)
from core.store.tables.desk import alarms, audit, preferences
from core.store.tables.finding import boxes
from core.store.tables.insight import fact_words, packed_days, stale_days
from core.store.tables.invoices import (
    awaited_rows,
    invoice_readings,
    invoice_rivals,
    invoice_searches,
    invoices,
    order_questions,
    reading_pauses,
)  # fmt: skip
from core.store.tables.people import (
    approvals,
    badges,
    challenges,
    invitations,
    pairings,
    passkeys,
    people,
    roles,
    sessions,
    sign_in_tries,
)
from core.store.tables.services import (
    connections,
    sync_cursors,
    throttles,
    webhooks_seen,
    window_places,
)
from core.store.types import Json, Key, ReasonText, UtcDateTime

__all__ = [
    "alarms", "aliases", "approvals", "audit", "awaited_rows", "badges", "boxes", "challenges",
    "connections",
    "effects", "fact_words", "invitations", "invoice_readings", "invoice_rivals",
    "invoice_searches", "invoices", "metadata", "order_lines", "order_questions", "orders",
    "packed_days", "pairings", "parcels", "passkeys", "people", "pictures", "pile_orders",
    "pile_pictures",
    "piles", "preferences", "reading_pauses", "reversals", "roles", "runs", "scans", "sessions",
    "sign_in_tries", "stale_days", "sync_cursors", "throttles", "webhooks_seen",
    "window_places",
]  # fmt: skip

# ---------------------------------------------------------------- orders and parcels

orders = Table(
    "orders",
    metadata,
    own_id(),
    ref("shop_id", "connections"),
    Column("gid", String(120), nullable=False),
    Column("name", String(60), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False, index=True),
    Column("cancelled_at", UtcDateTime),
    Column("payment", String(16), nullable=False),
    Column("financial_status", String(40), nullable=False, default=""),
    Column("fulfillment_status", String(40), nullable=False, default=""),
    Column("total_minor", Key, nullable=False),
    Column("tax_minor", Key),  # VAT within the total; NULL: not told
    Column("currency", String(3), nullable=False),
    Column("second_total_minor", Key),  # in its other currency; NULL: it has `currency` alone
    Column("second_currency", String(3), nullable=False, default="", server_default=""),
    Column("customer_name", String(200), nullable=False, default=""),
    Column("customer_key", String(64), nullable=False, default=""),
    Column("phone", String(40), nullable=False, default=""),
    Column("email", String(200), nullable=False, default=""),
    Column("county", String(80), nullable=False, default=""),
    Column("city", String(120), nullable=False, default=""),
    Column("street", String(200), nullable=False, default="", server_default=""),
    Column("postcode", String(16), nullable=False, default="", server_default=""),
    # Whom its invoice may be made out to, one a line.
    Column("billed_to", Text, nullable=False, default="", server_default=""),
    Column("note", Text, nullable=False, default=""),
    Column("tags", Json, nullable=False),
    Column("attributes", Json, nullable=False),
    Column("can_notify", Boolean, nullable=False, default=False),
    Column("hold", String(40), nullable=False, default=""),  # ports.Hold: a person must decide
    Column("has_returns", Boolean, nullable=False, default=False),
    Column("gateways", String(300), nullable=False, default=""),  # what it was paid with
    Column("synced_at", UtcDateTime, nullable=False),
    Column("forgotten_at", UtcDateTime),  # who bought it is not known any more, nor taken in again
    one_of("payment", "cod", "prepaid"),
    UniqueConstraint("shop_id", "gid"),
    Index("ix_orders_name", "name"),
    Index("ix_orders_phone", "phone"),
    Index("ix_orders_customer_name", "customer_name"),
    Index("ix_orders_customer_key", "customer_key"),
    part_index("ix_orders_cancelled", "cancelled_at", where="cancelled_at IS NOT NULL"),
)

order_lines = Table(
    "order_lines",
    metadata,
    own_id(),
    ref("order_id", "orders"),
    Column("gid", String(120), nullable=False),
    Column("title", String(300), nullable=False),
    Column("sku", String(80), nullable=False, default=""),
    Column("quantity", Integer, nullable=False),
    Column("price_minor", Key, nullable=False),
    Column("image_url", Text, nullable=False, default=""),
    UniqueConstraint("order_id", "gid"),
)

# A parcel carries the facts insight needs, as they were at shipping.
parcels = Table(
    "parcels",
    metadata,
    own_id(),
    ref("order_id", "orders"),
    ref("shop_id", "connections"),
    Column("tracking", String(60), nullable=False),  # as the shop shows it
    Column("tracking_key", String(60), nullable=False, index=True),  # normalised, for matching
    Column("source", String(8), nullable=False, default="shop", server_default="shop"),
    Column("void", Boolean, nullable=False, default=False, server_default=false()),  # taken back
    Column("courier", String(24), nullable=False, default=""),
    Column("fulfillment_gid", String(120), nullable=False, default=""),
    Column("shipped_on", Date),
    Column("payment", String(16), nullable=False),
    Column("county", String(80), nullable=False, default=""),
    Column("city", String(120), nullable=False, default=""),
    Column("customer_key", String(64), nullable=False, default=""),
    Column("repeat_customer", Boolean, nullable=False, default=False),
    Column("sku", String(80), nullable=False, default=""),
    Column("product", String(300), nullable=False, default=""),
    Column("value_minor", Key, nullable=False, default=0),
    Column("currency", String(3), nullable=False, default="RON"),
    Column("status", String(24), nullable=False, default=""),
    Column("status_text", String(300), nullable=False, default=""),
    Column("status_at", UtcDateTime),
    Column("courier_saw", Boolean, nullable=False, default=False, server_default=false()),
    Column("outcome", String(16)),
    Column("outcome_on", Date),
    Column("reason", String(120), nullable=False, default=""),
    Column("scanned_on", Date),
    Column("cancelled_on", Date),
    Column("reversed_on", Date),
    UniqueConstraint("order_id", "tracking_key"),
    CheckConstraint("outcome IN ('delivered', 'refused', 'lost')", name="outcome"),
    one_of("source", "shop", "list"),
    Index("ix_parcels_shipped_on_courier", "shipped_on", "courier"),
    part_index(
        "ix_parcels_missing",
        "outcome_on",
        where="outcome = 'refused' AND scanned_on IS NULL",
    ),
)

aliases = Table(
    "aliases",
    metadata,
    own_id(),
    Column("code_key", String(80), nullable=False, index=True),
    ref("parcel_id", "parcels"),
    Column("source", String(24), nullable=False),  # person, courier, csv
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(80), nullable=False),
    UniqueConstraint("code_key", "parcel_id"),
)

# Codes that a person said are no parcel, or the shape that all of a kind have.
not_parcels = Table(
    "not_parcels",
    metadata,
    own_id(),
    Column("kind", String(8), nullable=False),  # code, shape
    Column("key", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(80), nullable=False),
    UniqueConstraint("kind", "key"),
)

# ---------------------------------------------------------------- the pile

piles = Table(
    "piles",
    metadata,
    own_id(),
    Column("name", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(80), nullable=False),
    Column("closed_at", UtcDateTime),
    # made of what couriers report as returned: nobody has scanned these parcels yet
    Column("proposed", Boolean, nullable=False, default=False, server_default=false()),
    Column("choices", Json),  # what was chosen for the whole pile: orders that join later have it
    Column("looked_at", UtcDateTime),  # when it was last planned, see core.orders.piles.checks
)

pictures = Table(
    "pictures",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("filename", String(300), nullable=False),
    Column("mime", String(60), nullable=False),
    Column("size", Key, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# A picture in a pile: what was read in it, and what was seen but not read.
pile_pictures = Table(
    "pile_pictures",
    metadata,
    own_id(),
    ref("pile_id", "piles"),
    Column("sha256", String(64), ForeignKey("pictures.sha256"), nullable=False),
    Column("filename", String(300), nullable=False),
    Column("state", String(16), nullable=False, index=True),  # waiting, reading, read, failed
    Column("error", ReasonText, nullable=False, server_default=""),
    Column("reading", Json),  # {"pages": [{"width", "height", "codes": [...], "unread": [...]}]}
    Column("added_at", UtcDateTime, nullable=False),
    Column("added_by", String(80), nullable=False),
    Column("kind", String(16), nullable=False, default="label"),  # label, proof
    ref("order_id", "orders", nullable=True),  # of a proof; a label's order is told by its scans
    Column("boxes_made", Boolean, nullable=False, default=False, server_default=false()),
    UniqueConstraint("pile_id", "sha256", "kind"),
)

scans = Table(
    "scans",
    metadata,
    own_id(),
    ref("pile_id", "piles"),
    Column("key", String(80), nullable=False),  # the sender's own: a repeated delivery is one scan
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(80), nullable=False),
    Column("source", String(16), nullable=False),  # photo, frame, scanner, snapshot, list, person
    Column("code", String(400), nullable=False),
    Column("code_key", String(400), nullable=False),
    Column("format", String(40), nullable=False, default=""),
    Column("sha256", String(64), nullable=False, default=""),
    Column("sight", String(40), nullable=False, default=""),  # of a camera: codes seen together
    Column("corners", Json),
    Column("outcome", String(16), nullable=False),
    Column("verdict", String(24), nullable=False),
    Column("why", ReasonText, nullable=False, server_default=""),
    # exact, alias, courier, prefix, person
    Column("matched_by", String(24), nullable=False, default=""),
    ref("order_id", "orders", nullable=True),
    ref("parcel_id", "parcels", nullable=True),
    Column("candidates", Json),  # order ids, when several fit
    Column("undone_at", UtcDateTime),
    Column(  # of the command that took it back: a repeated delivery takes back no second one
        "undone_key", String(80), nullable=False, server_default=""
    ),
    one_of("outcome", *MatchOutcome),
    UniqueConstraint("pile_id", "key"),
    Index("ix_scans_pile_id_code_key", "pile_id", "code_key"),
    Index("ix_scans_pile_id_parcel_id", "pile_id", "parcel_id"),
    Index("ix_scans_pile_id_order_id", "pile_id", "order_id", "parcel_id"),
    part_index("ix_scans_undone", "pile_id", where="undone_at IS NOT NULL"),
    part_index("ix_scans_unresolved", "id", where="outcome <> 'matched' AND undone_at IS NULL"),
    part_index(
        "ix_scans_pile_unresolved", "pile_id", where="outcome <> 'matched' AND undone_at IS NULL"
    ),
)

# One line of the review table: an order in a pile, with what will happen to it.
pile_orders = Table(
    "pile_orders",
    metadata,
    own_id(),
    ref("pile_id", "piles"),
    ref("order_id", "orders"),
    Column("added_at", UtcDateTime, nullable=False),
    Column("included", Boolean, nullable=False, default=True),
    Column("restock", Boolean, nullable=False),
    Column("reason", String(24), nullable=False),
    Column("staff_note", String(255), nullable=False, default=""),
    Column("notify", Boolean, nullable=False, default=False),
    Column("refund", Boolean),  # NULL: nobody has chosen
    Column("document", String(16), nullable=False, default="storno"),  # storno, annul, none
    Column("condition", String(24), nullable=False, default=""),
    Column("remark", Text, nullable=False, default=""),
    Column("cancel_fulfillments", Boolean, nullable=False, default=False),
    Column("waived", Json),  # what a person goes against, see core.orders.judge.waivers
    Column("removed_at", UtcDateTime),
    UniqueConstraint("pile_id", "order_id"),
    part_index("ix_pile_orders_removed", "pile_id", where="removed_at IS NOT NULL"),
)

# ---------------------------------------------------------------- the reversal

runs = Table(
    "runs",
    metadata,
    own_id(),
    ref("pile_id", "piles", nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(80), nullable=False),
    Column("state", String(16), nullable=False, index=True),  # asked for five times a second
    Column("finished_at", UtcDateTime),
    Column("total", Integer, nullable=False),
    Column("note", ReasonText, nullable=False, server_default=""),
    one_of("state", *RunState),
)

reversals = Table(
    "reversals",
    metadata,
    own_id(),
    Column("order_id", Key, ForeignKey("orders.id"), nullable=False),
    ref("run_id", "runs", nullable=True),
    Column("origin", String(16), nullable=False),  # pile, shop
    Column("requested_by", String(80), nullable=False),
    # by a second person's yes; the others of a day count together (the two-person rule)
    Column("approved", Boolean, nullable=False, default=False, server_default=false()),
    Column("options", Json, nullable=False),
    Column("proof", Json),  # the documents to be reversed and why they are believed, as shown
    Column("state", String(16), nullable=False),
    Column("why", ReasonText, nullable=False, server_default=""),
    # stopped because a person does the rest without us: neither a run nor a sync begins it again
    Column("left_to_person", Boolean, nullable=False, default=False, server_default=false()),
    Column("wake_at", UtcDateTime),
    Column("generation", Integer, nullable=False, default=0),  # of the durable workflow
    Column("dispatched", Boolean, nullable=False, default=False),  # handed to the engine
    Column("failures", Integer, nullable=False, default=0),  # of our own, in a row
    Column("restocked", Boolean),  # as read back from the shop; NULL: it does not tell
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    one_of("state", *ReversalState),
    CheckConstraint(  # so that `ix_reversals_due` holds every open one
        "finished_at IS NULL OR state NOT IN ('queued', 'working', 'waiting')", name="open"
    ),
    UniqueConstraint("order_id"),  # rule 1: at most one reversal per order
    Index("ix_reversals_run_id_state", "run_id", "state"),
    Index("ix_reversals_state_dispatched", "state", "dispatched"),
    part_index("ix_reversals_due", "dispatched", "run_id", where="finished_at IS NULL"),
    part_index("ix_reversals_finished", "run_id", "finished_at", where="finished_at IS NOT NULL"),
)

effects = Table(
    "effects",
    metadata,
    own_id(),
    ref("reversal_id", "reversals"),
    ref("connection_id", "connections"),
    Column("kind", String(24), nullable=False),
    Column("slot", String(24), nullable=False),
    Column("target", String(160), nullable=False),
    ref("invoice_id", "invoices", nullable=True),
    Column("document", String(200), nullable=False, default=""),  # the account's own name of it
    Column("key", String(80), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False, default=0),
    Column("questions", Integer, nullable=False, default=0),
    Column("sent_at", UtcDateTime),
    Column("marked", String(160), nullable=False, default=""),  # see core.reversal.effects.marks
    Column(
        "wait_seconds", Float, nullable=False, default=0.0
    ),  # nothing is done before mark + wait
    Column("outcome", String(24), nullable=False, default=""),
    Column("why", ReasonText, nullable=False, server_default=""),
    Column("evidence", Json),
    Column("result", Json),
    Column("updated_at", UtcDateTime, nullable=False),
    one_of("kind", *EffectKind),
    one_of("slot", *EffectSlot),
    one_of("state", *EffectState),
    # rule 1: one cancel per order; one storno or annul, never both, per invoice, through whatever
    # account it is asked for
    UniqueConstraint("connection_id", "slot", "target"),
    part_index(
        "ix_effects_invoice", "invoice_id", "slot", where="invoice_id IS NOT NULL", unique=True
    ),
    part_index("ix_effects_document", "document", "slot", where="document <> ''", unique=True),
    Index("ix_effects_state", "state", "connection_id"),  # both: `/metrics` counts by both
)
