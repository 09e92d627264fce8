"""Connections, orders and parcels, preferences, and the audit trail."""

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
    """Make the tables, and the triggers that keep the audit trail append-only."""
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
    # ### end Alembic commands ###
