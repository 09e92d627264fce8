"""The first schema."""

import sqlalchemy as sa
from alembic import op

from core.store import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY_SQLITE = """
CREATE TRIGGER audit_no_{verb} BEFORE {verb} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END
"""

APPEND_ONLY_POSTGRESQL = """
CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail only grows'; END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();
"""


def upgrade() -> None:
    """Make every table, and the triggers that keep the audit trail append-only."""
    _make_tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(APPEND_ONLY_POSTGRESQL)
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(APPEND_ONLY_SQLITE.format(verb=verb))


def _make_tables() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_at", types.UtcDateTime(), nullable=False),
        sa.Column("cleared_at", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    op.create_index(
        "uq_alarms_open",
        "alarms",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("cleared_at IS NULL"),
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_table(
        "audit",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("order_id", types.Key, nullable=True),
        sa.Column("detail", types.Json, nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_action", "audit", ["action"], unique=False)
    op.create_index(op.f("ix_audit_order_id"), "audit", ["order_id"], unique=False)
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    op.create_table(
        "connections",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("settings", types.Json, nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("sandbox", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('shop', 'invoicing', 'courier')", name=op.f("ck_connections_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connections")),
        sa.UniqueConstraint("service", "name", name=op.f("uq_connections_service_name")),
    )
    op.create_table(
        "pictures",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=300), nullable=False),
        sa.Column("mime", sa.String(length=60), nullable=False),
        sa.Column("size", types.Key, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_pictures")),
    )
    op.create_table(
        "piles",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("closed_at", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_piles")),
    )
    op.create_table(
        "preferences",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", types.Json, nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_preferences")),
    )
    op.create_table(
        "sync_cursors",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("value", types.Json, nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sync_cursors")),
    )
    op.create_table(
        "throttles",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("capacity", sa.Float(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.Column("blocked_until", sa.Float(), nullable=False),
        sa.Column("blocked_why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttles")),
    )
    op.create_table(
        "devices",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("pile_id", types.Key, nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("seen_at", types.UtcDateTime(), nullable=True),
        sa.Column("signed_out_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["pile_id"], ["piles.id"], name=op.f("fk_devices_pile_id_piles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_devices_secret_hash")),
    )
    op.create_index(op.f("ix_devices_pile_id"), "devices", ["pile_id"], unique=False)
    op.create_table(
        "orders",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("shop_id", types.Key, nullable=False),
        sa.Column("gid", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", types.UtcDateTime(), nullable=True),
        sa.Column("payment", sa.String(length=16), nullable=False),
        sa.Column("financial_status", sa.String(length=40), nullable=False),
        sa.Column("fulfillment_status", sa.String(length=40), nullable=False),
        sa.Column("total_minor", types.Key, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("customer_name", sa.String(length=200), nullable=False),
        sa.Column("customer_key", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("county", sa.String(length=80), nullable=False),
        sa.Column("city", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("tags", types.Json, nullable=False),
        sa.Column("attributes", types.Json, nullable=False),
        sa.Column("can_notify", sa.Boolean(), nullable=False),
        sa.Column("synced_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("payment IN ('cod', 'prepaid')", name=op.f("ck_orders_payment")),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["connections.id"], name=op.f("fk_orders_shop_id_connections")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("shop_id", "gid", name=op.f("uq_orders_shop_id_gid")),
    )
    op.create_index("ix_orders_customer_key", "orders", ["customer_key"], unique=False)
    op.create_index("ix_orders_customer_name", "orders", ["customer_name"], unique=False)
    op.create_index("ix_orders_name", "orders", ["name"], unique=False)
    op.create_index("ix_orders_phone", "orders", ["phone"], unique=False)
    op.create_index(op.f("ix_orders_shop_id"), "orders", ["shop_id"], unique=False)
    op.create_index(op.f("ix_orders_updated_at"), "orders", ["updated_at"], unique=False)
    op.create_table(
        "pairings",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("pile_id", types.Key, nullable=True),
        sa.Column("expires_at", types.UtcDateTime(), nullable=False),
        sa.Column("used_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["pile_id"], ["piles.id"], name=op.f("fk_pairings_pile_id_piles")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_pairings")),
    )
    op.create_index(op.f("ix_pairings_pile_id"), "pairings", ["pile_id"], unique=False)
    op.create_table(
        "pile_pictures",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("pile_id", types.Key, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("reading", types.Json, nullable=True),
        sa.Column("added_at", types.UtcDateTime(), nullable=False),
        sa.Column("added_by", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["pile_id"], ["piles.id"], name=op.f("fk_pile_pictures_pile_id_piles")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["pictures.sha256"], name=op.f("fk_pile_pictures_sha256_pictures")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pile_pictures")),
        sa.UniqueConstraint(
            "pile_id", "sha256", "kind", name=op.f("uq_pile_pictures_pile_id_sha256_kind")
        ),
    )
    op.create_index(op.f("ix_pile_pictures_pile_id"), "pile_pictures", ["pile_id"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("pile_id", types.Key, nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("finished_at", types.UtcDateTime(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'stopped', 'finished')", name=op.f("ck_runs_state")
        ),
        sa.ForeignKeyConstraint(["pile_id"], ["piles.id"], name=op.f("fk_runs_pile_id_piles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_pile_id"), "runs", ["pile_id"], unique=False)
    op.create_table(
        "webhooks_seen",
        sa.Column("webhook_id", sa.String(length=120), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("shop_id", types.Key, nullable=False),
        sa.Column("body", types.Json, nullable=False),
        sa.Column("received_at", types.UtcDateTime(), nullable=False),
        sa.Column("processed_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["connections.id"], name=op.f("fk_webhooks_seen_shop_id_connections")
        ),
        sa.PrimaryKeyConstraint("webhook_id", name=op.f("pk_webhooks_seen")),
    )
    op.create_table(
        "invoices",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("order_id", types.Key, nullable=False),
        sa.Column("connection_id", types.Key, nullable=True),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("total_minor", types.Key, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("storno_series", sa.String(length=40), nullable=False),
        sa.Column("storno_number", sa.String(length=40), nullable=False),
        sa.Column("reversed_at", types.UtcDateTime(), nullable=True),
        sa.Column("annulled_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_invoices_connection_id_connections"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_invoices_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint(
            "service", "series", "number", name=op.f("uq_invoices_service_series_number")
        ),
    )
    op.create_index(op.f("ix_invoices_connection_id"), "invoices", ["connection_id"], unique=False)
    op.create_index(op.f("ix_invoices_order_id"), "invoices", ["order_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("order_id", types.Key, nullable=False),
        sa.Column("gid", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("sku", sa.String(length=80), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price_minor", types.Key, nullable=False),
        sa.Column("image_url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint("order_id", "gid", name=op.f("uq_order_lines_order_id_gid")),
    )
    op.create_index(op.f("ix_order_lines_order_id"), "order_lines", ["order_id"], unique=False)
    op.create_table(
        "parcels",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("order_id", types.Key, nullable=False),
        sa.Column("shop_id", types.Key, nullable=False),
        sa.Column("tracking", sa.String(length=60), nullable=False),
        sa.Column("tracking_key", sa.String(length=60), nullable=False),
        sa.Column("courier", sa.String(length=24), nullable=False),
        sa.Column("fulfillment_gid", sa.String(length=120), nullable=False),
        sa.Column("shipped_on", sa.Date(), nullable=True),
        sa.Column("payment", sa.String(length=16), nullable=False),
        sa.Column("county", sa.String(length=80), nullable=False),
        sa.Column("city", sa.String(length=120), nullable=False),
        sa.Column("customer_key", sa.String(length=64), nullable=False),
        sa.Column("repeat_customer", sa.Boolean(), nullable=False),
        sa.Column("sku", sa.String(length=80), nullable=False),
        sa.Column("product", sa.String(length=300), nullable=False),
        sa.Column("value_minor", types.Key, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("status_text", sa.String(length=300), nullable=False),
        sa.Column("status_at", types.UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("outcome_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("scanned_on", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("reversed_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('delivered', 'refused', 'lost')", name=op.f("ck_parcels_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_parcels_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["connections.id"], name=op.f("fk_parcels_shop_id_connections")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcels")),
        sa.UniqueConstraint(
            "order_id", "tracking_key", name=op.f("uq_parcels_order_id_tracking_key")
        ),
    )
    op.create_index(op.f("ix_parcels_order_id"), "parcels", ["order_id"], unique=False)
    op.create_index(
        "ix_parcels_shipped_on_courier", "parcels", ["shipped_on", "courier"], unique=False
    )
    op.create_index(op.f("ix_parcels_shop_id"), "parcels", ["shop_id"], unique=False)
    op.create_index(op.f("ix_parcels_tracking_key"), "parcels", ["tracking_key"], unique=False)
    op.create_table(
        "pile_orders",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("pile_id", types.Key, nullable=False),
        sa.Column("order_id", types.Key, nullable=False),
        sa.Column("added_at", types.UtcDateTime(), nullable=False),
        sa.Column("included", sa.Boolean(), nullable=False),
        sa.Column("restock", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("staff_note", sa.String(length=255), nullable=False),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.Column("refund", sa.Boolean(), nullable=False),
        sa.Column("document", sa.String(length=16), nullable=False),
        sa.Column("condition", sa.String(length=24), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("accept_partial", sa.Boolean(), nullable=False),
        sa.Column("cancel_fulfillments", sa.Boolean(), nullable=False),
        sa.Column("removed_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_pile_orders_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["pile_id"], ["piles.id"], name=op.f("fk_pile_orders_pile_id_piles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pile_orders")),
        sa.UniqueConstraint("pile_id", "order_id", name=op.f("uq_pile_orders_pile_id_order_id")),
    )
    op.create_index(op.f("ix_pile_orders_order_id"), "pile_orders", ["order_id"], unique=False)
    op.create_index(op.f("ix_pile_orders_pile_id"), "pile_orders", ["pile_id"], unique=False)
    op.create_table(
        "reversals",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("order_id", types.Key, nullable=False),
        sa.Column("run_id", types.Key, nullable=True),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("options", types.Json, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("wake_at", types.UtcDateTime(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("dispatched", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("restocked", sa.Boolean(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("started_at", types.UtcDateTime(), nullable=True),
        sa.Column("finished_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'working', 'waiting', 'needs_person', 'done', 'stopped')",
            name=op.f("ck_reversals_state"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_reversals_order_id_orders")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_reversals_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reversals")),
        sa.UniqueConstraint("order_id", name=op.f("uq_reversals_order_id")),
    )
    op.create_index("ix_reversals_dispatched", "reversals", ["dispatched"], unique=False)
    op.create_index(op.f("ix_reversals_run_id"), "reversals", ["run_id"], unique=False)
    op.create_index("ix_reversals_run_id_state", "reversals", ["run_id", "state"], unique=False)
    op.create_index("ix_reversals_state", "reversals", ["state"], unique=False)
    op.create_table(
        "aliases",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("code_key", sa.String(length=80), nullable=False),
        sa.Column("parcel_id", types.Key, nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcels.id"], name=op.f("fk_aliases_parcel_id_parcels")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aliases")),
        sa.UniqueConstraint("code_key", "parcel_id", name=op.f("uq_aliases_code_key_parcel_id")),
    )
    op.create_index(op.f("ix_aliases_code_key"), "aliases", ["code_key"], unique=False)
    op.create_index(op.f("ix_aliases_parcel_id"), "aliases", ["parcel_id"], unique=False)
    op.create_table(
        "effects",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("reversal_id", types.Key, nullable=False),
        sa.Column("connection_id", types.Key, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("slot", sa.String(length=24), nullable=False),
        sa.Column("target", sa.String(length=160), nullable=False),
        sa.Column("invoice_id", types.Key, nullable=True),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("sent_at", types.UtcDateTime(), nullable=True),
        sa.Column("marked", sa.String(length=160), nullable=False),
        sa.Column("wait_seconds", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("evidence", types.Json, nullable=True),
        sa.Column("result", types.Json, nullable=True),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('cancel', 'storno', 'annul', 'fulfillment_cancel', 'tag')",
            name=op.f("ck_effects_kind"),
        ),
        sa.CheckConstraint(
            "slot IN ('cancel', 'document', 'fulfillment', 'tag')", name=op.f("ck_effects_slot")
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'sent', 'unknown', 'confirmed', 'refused', 'held')",
            name=op.f("ck_effects_state"),
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_effects_connection_id_connections")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_effects_invoice_id_invoices")
        ),
        sa.ForeignKeyConstraint(
            ["reversal_id"], ["reversals.id"], name=op.f("fk_effects_reversal_id_reversals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_effects")),
        sa.UniqueConstraint(
            "connection_id", "slot", "target", name=op.f("uq_effects_connection_id_slot_target")
        ),
    )
    op.create_index(op.f("ix_effects_connection_id"), "effects", ["connection_id"], unique=False)
    op.create_index(op.f("ix_effects_invoice_id"), "effects", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_effects_reversal_id"), "effects", ["reversal_id"], unique=False)
    op.create_index("ix_effects_state", "effects", ["state"], unique=False)
    op.create_table(
        "scans",
        sa.Column("id", types.Key, autoincrement=True, nullable=False),
        sa.Column("pile_id", types.Key, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=400), nullable=False),
        sa.Column("code_key", sa.String(length=400), nullable=False),
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("corners", types.Json, nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("matched_by", sa.String(length=24), nullable=False),
        sa.Column("order_id", types.Key, nullable=True),
        sa.Column("parcel_id", types.Key, nullable=True),
        sa.Column("candidates", types.Json, nullable=True),
        sa.Column("undone_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('matched', 'ambiguous', 'unmatched')", name=op.f("ck_scans_outcome")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_scans_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcels.id"], name=op.f("fk_scans_parcel_id_parcels")
        ),
        sa.ForeignKeyConstraint(["pile_id"], ["piles.id"], name=op.f("fk_scans_pile_id_piles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scans")),
        sa.UniqueConstraint("pile_id", "key", name=op.f("uq_scans_pile_id_key")),
    )
    op.create_index(op.f("ix_scans_order_id"), "scans", ["order_id"], unique=False)
    op.create_index(op.f("ix_scans_parcel_id"), "scans", ["parcel_id"], unique=False)
    op.create_index(op.f("ix_scans_pile_id"), "scans", ["pile_id"], unique=False)
    op.create_index("ix_scans_pile_id_code_key", "scans", ["pile_id", "code_key"], unique=False)
    # ### end Alembic commands ###
